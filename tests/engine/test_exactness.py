"""Metrics equal the engine's own HTML tables: every bundled model once, every bundled city, every fuel, generation."""

import os
import re
from pathlib import Path

import pytest

from energyplus.models.building_model import BuildingModel
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for
from tests.engine.exactness import FUELS, MODELS, WEATHERS, Comparison, Pair, compare, examine_pairs, examine_text

pytestmark = pytest.mark.engine

ONE_DAY = RunPeriod("period", (1, 14), (1, 14))
"""A winter day: it is cold in Boulder and warm in Miami."""

PAIRS: list[Pair] = [(model, list(WEATHERS)[n % len(WEATHERS)]) for n, model in enumerate(MODELS)]

EQUIPMENT = """
Exterior:FuelEquipment,
  Use of {fuel},
  {fuel},
  Always at work,
  {watts};
"""
GENERATION = """
Schedule:Constant,
  Always at work,
  ,
  1;

Generator:PVWatts,
  Panels,
  5,
  {watts},
  Standard,
  FixedOpenRack,
  0.14,
  TiltAzimuth,
  20,
  180;

ElectricLoadCenter:Inverter:PVWatts,
  Inverter,
  1.10,
  0.96;

ElectricLoadCenter:Generators,
  Generators,
  Panels,
  Generator:PVWatts,
  {watts};

ElectricLoadCenter:Distribution,
  Load centre,
  Generators,
  Baseload,
  ,
  ,
  ,
  DirectCurrentWithInverter,
  Inverter;
"""


@pytest.fixture(scope="module")
def comparisons() -> dict[Pair, Comparison]:
    """Every bundled model under one city, run as many at a time as there are cores."""
    return dict(examine_pairs(PAIRS, ONE_DAY, os.cpu_count() or 1))


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_metric_equals_what_the_engine_prints(pair: Pair, comparisons: dict[Pair, Comparison]) -> None:
    found = comparisons[pair]
    assert found.mismatches == []
    assert found.compared >= 20
    assert found.nulls >= 100


def test_the_pairs_know_all_cities_heating_cooling_and_models_that_are_partly_conditioned(
    comparisons: dict[Pair, Comparison],
) -> None:
    assert {weather for _, weather in comparisons} == set(WEATHERS)
    metrics = [found.metrics for found in comparisons.values()]
    for name in ("heating_kwh", "cooling_kwh", "refrigeration_kwh", "water_systems_kwh", "exterior_lighting_kwh"):
        assert sum((found.get(name) or 0) > 0 for found in metrics) > 1, name
    for name in ("exterior_equipment_kwh", "heat_rejection_kwh", "unmet_heating_hours", "unmet_cooling_hours"):
        assert any((found.get(name) or 0) > 0 for found in metrics), name
    assert any(found["conditioned_area_m2"] != found["total_area_m2"] for found in metrics)


@pytest.fixture(scope="module")
def rich_text() -> str:
    """A warehouse that uses every fuel the engine knows and generates more electricity than it needs by day."""
    text = BuildingModel.read(MODELS["warehouse"]).render(ask_for([], ONE_DAY))
    kinds = [EQUIPMENT.format(fuel=fuel, watts=1000 + 111 * n) for n, fuel in enumerate(meter for _, _, meter in FUELS)]
    return text + GENERATION.format(watts=80_000) + "".join(kinds)


def test_every_fuel_and_what_is_generated_on_the_site_agree(rich_text: str, tmp_path: Path) -> None:
    found = examine_text(rich_text, WEATHERS["miami"], ONE_DAY, tmp_path)
    assert found.mismatches == []
    metrics = found.metrics
    fuels = [name for name, _, _ in FUELS]
    assert all((metrics[f"{fuel}_kwh"] or 0) > 0 for fuel in fuels)
    water, steam = metrics["district_heating_water_kwh"], metrics["district_heating_steam_kwh"]
    assert metrics["district_heating_kwh"] == pytest.approx(water + steam, rel=1e-15)  # type: ignore[operator]
    assert water != steam
    assert metrics["electricity_net_kwh"] == pytest.approx(
        metrics["electricity_kwh"] - metrics["electricity_produced_kwh"]  # type: ignore[operator]
    )


def test_the_report_for_people_agrees_within_its_rounding(rich_text: str, tmp_path: Path) -> None:
    found = examine_text(rich_text, WEATHERS["miami"], ONE_DAY, tmp_path, is_rounded=True)
    assert found.mismatches == []
    assert re.search(r"> +\d+\.\d\d<", (tmp_path / "eplustbl.htm").read_text("utf-8", "replace"))


def test_a_wrong_number_and_a_wrong_null_would_be_noticed(rich_text: str, tmp_path: Path) -> None:
    metrics = examine_text(rich_text, WEATHERS["miami"], ONE_DAY, tmp_path).metrics
    coal = metrics["coal_kwh"]
    assert coal
    wrong = {**metrics, "coal_kwh": coal * (1 + 1e-9), "diesel_kwh": None, "heat_recovery_kwh": 0.0}
    mismatches = compare(wrong, tmp_path).mismatches
    assert {mismatch.split()[0] for mismatch in mismatches} == {"coal_kwh", "diesel_kwh", "heat_recovery_kwh"}
