"""The registry: every measure is found, described with units, and on the reference page."""

import re
from pathlib import Path

import pytest

from energyplus.measures.__main__ import render_page
from energyplus.measures.base import Measure, MeasureValue, describe_measure, touched
from energyplus.measures.registry import list_measures
from energyplus.models.draft import ModelDraft
from tests.engine.measures.box import BOX, apply, describe

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "measures.md"
NAMES = sorted(list_measures())
UNITS = {"1", "K", "deg", "W/W", "W/m2", "W/m2-K", "m2-K/W", "1/hr", "m3/s-m2"}


def test_the_measures_that_studies_were_promised_are_there() -> None:
    assert set(NAMES) >= {
        "assign_construction", "boiler_efficiency", "chiller_cop", "cooling_coil_cop", "cooling_setpoint",
        "equipment_power_density", "heating_coil_efficiency", "heating_setpoint", "infiltration_air_changes",
        "infiltration_per_area", "insulation_r_value", "lighting_power_density", "outdoor_air_rate", "overhangs",
        "rooftop_pv", "rotate", "run_period", "window_shgc", "window_to_wall_ratio", "window_u_factor",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_measure_is_a_file_of_its_name(name: str) -> None:
    module = type(list_measures()[name]).__module__
    assert module.rpartition(".")[2] == name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)


@pytest.mark.parametrize("name", NAMES)
def test_a_measure_says_what_it_does_what_its_values_are_and_what_its_arguments_mean(name: str) -> None:
    measure: Measure[object] = list_measures()[name]  # type: ignore[type-var]
    described = describe_measure(measure)
    assert len(described["description"]) > 100
    assert described["value"]["description"].endswith(".")
    assert described["value"]["example"] is not None
    assert measure.value.find_fault(described["value"]["example"]) is None
    if described["value"]["kind"] == "number":
        assert described["value"]["unit"] in UNITS
    for argument, schema in described["arguments"].get("properties", {}).items():
        assert schema.get("description", "").endswith("."), argument
    assert described["arguments"]["additionalProperties"] is False


def test_the_reference_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), (
        "run `python -m energyplus.measures > docs/reference/measures.md`"
    )


@pytest.mark.parametrize(
    ("value", "found", "message"),
    [
        (MeasureValue("number", "x", "K", minimum=0), -1, "Write a number that is at least 0 K."),
        (MeasureValue("number", "x", "1", exclusive_maximum=1), 1, "Write a number that is less than 1."),
        (MeasureValue("number", "x", "K"), "warm", "Write a number without quotes."),
        (MeasureValue("choice", "x", choices=("a", "b")), "c", "Write one of the words that the measure takes."),
        (MeasureValue("text", "x"), 3, "Write a text."),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_what_is_accepted(
    value: MeasureValue, found: object, message: str
) -> None:
    fault = value.find_fault(found)  # type: ignore[arg-type]
    assert fault is not None
    assert fault[0] == message
    assert fault[1]


def test_choices_are_taken_in_any_letter_case() -> None:
    assert MeasureValue("choice", "x", choices=("As Is",)).find_fault("as is") is None


def test_what_a_measure_touches_is_told_by_object_and_field() -> None:
    description = describe(BOX)
    draft = ModelDraft(description)
    apply(draft, "rotate", 10)
    apply(draft, "overhangs", 0.5)
    draft.remove(draft.objects("FenestrationSurface:Detailed")[2])
    found = [
        (entry.class_name, entry.object, entry.fields, entry.how) for entry in touched(draft.conclude(), description)
    ]
    assert found == [
        ("Building", "Box", ("North Axis",), "edited"),
        ("Shading:Overhang:Projection", "Right Overhang", (), "added"),
        ("Shading:Overhang:Projection", "Left Overhang", (), "added"),
        ("FenestrationSurface:Detailed", "Entrance", (), "removed"),
    ]
