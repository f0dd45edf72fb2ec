"""Documents → valuations: whole and typed, or refused with every mistake, its path and what would be accepted."""

import re
from pathlib import Path
from typing import Any

import pytest

from studies.economics.carriers import CARRIERS
from studies.economics.definition import LifeCycle, Rate, RateWindow, Tariff, Valuation
from studies.economics.reading import InvalidValuation, read_valuation
from studies.reading import read_document

WEEK = [
    {"name": "peak", "rate": 0.3, "days": "weekdays", "from": 7, "to": 22},
    {"name": "night", "rate": 0.2, "days": "weekdays", "from": 22, "to": 7},
    {"name": "weekend", "rate": 0.1, "days": "weekends"},
]
WHOLE = {
    "currency": "EUR",
    "tariffs": {
        "electricity": {
            "time_of_use": WEEK,
            "standing_charge_per_month": 12.5,
            "demand_charge": {"per_kw_month": 8.0, "interval_min": 15},
            "export": {"flat": 0.08},
            "change_per_year": 0.02,
        },
        "natural_gas": {"flat": 0.07},
        "district_heating": {"monthly": [0.1] * 12},
    },
    "emission_factors": {"electricity": {"flat": 0.35, "change_per_year": -0.03}, "natural_gas": {"flat": 0.2}},
    "holidays": ["01-01", "12-25"],
    "life_cycle": {"period_years": 30, "discount_rate": 0.03},
}


def test_a_whole_valuation_is_read_and_survives_being_stored() -> None:
    valuation = read_valuation(WHOLE)
    assert valuation.tariffs["electricity"].time_of_use is not None
    assert Valuation.model_validate(valuation.model_dump(mode="json")) == valuation
    assert read_valuation(valuation.model_dump(mode="json")) == valuation


def tariff(**keys: Any) -> dict[str, Any]:
    return {"currency": "EUR", "tariffs": {"electricity": keys}}


MISTAKES: list[tuple[str, Any, str, str]] = [
    ("no mapping", 3, "", "Write a valuation as a mapping"),
    ("nothing to value", {"currency": "EUR"}, "", "at least one tariff or one emission factor"),
    ("no currency", {"tariffs": {"electricity": {"flat": 1}}}, "currency", "Write the `currency`"),
    ("an unknown currency", {**tariff(flat=1), "currency": "EUO"}, "currency", "ISO 4217"),
    ("an unknown key", {**tariff(flat=1), "tarifs": {}}, "tarifs", "did you mean `tariffs`"),
    ("no mapping of carriers", {"currency": "EUR", "tariffs": [1]}, "tariffs", "mapping of energy carriers"),
    ("an unknown carrier", {"currency": "EUR", "tariffs": {"gas": {"flat": 1}}}, "tariffs.gas", "carrier `gas`"),
    ("a bare number", {"currency": "EUR", "tariffs": {"coal": 0.1}}, "tariffs.coal", "Write {flat: 0.1}."),
    ("a bare text", {"currency": "EUR", "tariffs": {"coal": "cheap"}}, "tariffs.coal", "says what a kWh is worth"),
    ("no rate", tariff(standing_charge_per_month=3), "tariffs.electricity", "one of the three"),
    ("two rates", tariff(flat=1, monthly=[1] * 12), "tariffs.electricity", "one of the three"),
    ("a negative price", tariff(flat=-0.1), "tariffs.electricity.flat", "at least 0"),
    ("a text for a price", tariff(flat="0.1 EUR"), "tariffs.electricity.flat", "Write a number."),
    ("eleven months", tariff(monthly=[1] * 11), "tariffs.electricity.monthly", "at least 12"),
    ("thirteen months", tariff(monthly=[1] * 13), "tariffs.electricity.monthly", "at most 12"),
    ("a wrong month's price", tariff(monthly=[1] * 11 + ["x"]), "tariffs.electricity.monthly[11]", "Write a number."),
    ("windows that are none", tariff(time_of_use={}), "tariffs.electricity.time_of_use", "list of windows"),
    ("a window without a rate", tariff(time_of_use=[{"days": "all"}]), "tariffs.electricity.time_of_use[0].rate",
     "missing"),
    ("an unknown day", tariff(time_of_use=[{"rate": 1, "days": "weekday"}]), "tariffs.electricity.time_of_use[0].days",
     "Did you mean `weekdays`?"),
    ("an empty window", tariff(time_of_use=[{"rate": 1, "from": 7, "to": 7}]), "tariffs.electricity.time_of_use[0]",
     "different hours"),
    ("the hour 25", tariff(time_of_use=[{"rate": 1, "to": 25}]), "tariffs.electricity.time_of_use[0].to", "at most 24"),
    ("half an hour", tariff(time_of_use=[{"rate": 1, "from": 7.5}]), "tariffs.electricity.time_of_use[0].from",
     "whole number"),
    ("a gap", tariff(time_of_use=WEEK[:2]), "tariffs.electricity.time_of_use", "Jan–Dec, Sat–Sun, 0–24 h"),
    ("an overlap", tariff(time_of_use=[*WEEK, {"rate": 1, "days": "sundays", "months": [1, 2, 4], "from": 3, "to": 5}]),
     "tariffs.electricity.time_of_use[3]", "Jan–Feb, Apr, Sun, 3–5 h"),
    ("a 10-minute peak", tariff(flat=1, demand_charge={"per_kw_month": 1, "interval_min": 10}),
     "tariffs.electricity.demand_charge.interval_min", "accepted words"),
    ("a peak that is no mapping", tariff(flat=1, demand_charge=9), "tariffs.electricity.demand_charge", "mapping"),
    ("sold gas", {"currency": "EUR", "tariffs": {"natural_gas": {"flat": 1, "export": {"flat": 1}}}},
     "tariffs.natural_gas.export", "only electricity is sold"),
    ("a broken export", tariff(flat=1, export={"flat": "x"}), "tariffs.electricity.export.flat", "Write a number."),
    ("heat twice", {"emission_factors": {"district_heating": {"flat": 1}, "district_heating_steam": {"flat": 1}}},
     "emission_factors.district_heating_steam", "count twice"),
    ("a standing charge of emissions", {"emission_factors": {"coal": {"flat": 1, "standing_charge_per_month": 1}}},
     "emission_factors.coal.standing_charge_per_month", "There is no key"),
    ("no discount rate", {**tariff(flat=1), "life_cycle": {"period_years": 30}}, "life_cycle.discount_rate", "missing"),
    ("half a year", {**tariff(flat=1), "life_cycle": {"period_years": 0.5, "discount_rate": 0}},
     "life_cycle.period_years", "whole number"),
    ("percent for a share", {**tariff(flat=1), "life_cycle": {"period_years": 30, "discount_rate": 3}},
     "life_cycle.discount_rate", "at most 1"),
    ("a rate that no sum survives", {**tariff(flat=1), "life_cycle": {"period_years": 30, "discount_rate": -0.9999}},
     "life_cycle.discount_rate", "at least -0.5"),
    ("an amount that is no number any more", tariff(flat=1e300), "tariffs.electricity.flat", "at most"),
    ("a date for a holiday", {**tariff(flat=1), "holidays": ["2024-12-25"]}, "holidays[0]", "without leap day"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_where_it_stands(document: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidValuation) as refusal:
        read_valuation(document)
    (problem,) = refusal.value.problems
    assert problem.path == path
    assert words in problem.message
    assert problem.accepted


DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "valuation.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "count-savings.md").read_text(encoding="utf-8")
EXAMPLES = [
    example
    for example in re.findall(r"^```yaml\n(.*?)^```$", REFERENCE + HOW_TO, re.DOTALL | re.MULTILINE)
    if "currency:" in example
]


@pytest.mark.parametrize("example", EXAMPLES, ids=["reference", "how-to"])
def test_an_example_of_the_documentation_is_accepted(example: str) -> None:
    valuation = read_valuation(read_document(example))
    assert valuation.tariffs
    assert valuation.emission_factors
    assert valuation.life_cycle


@pytest.mark.parametrize("part", [Valuation, Rate, RateWindow, Tariff, LifeCycle])
def test_every_key_is_in_the_reference(part: type[Valuation]) -> None:
    rows = [line.split("|")[1] for line in REFERENCE.splitlines() if line.startswith("|")]
    for name, info in part.model_fields.items():
        assert any(f"`{info.alias or name}`" in row for row in rows), name


def test_every_carrier_is_in_the_reference() -> None:
    assert [name for name in CARRIERS if f"`{name}`" not in REFERENCE] == []


def test_every_mistake_is_told_at_once() -> None:
    documents = {
        "currency": "EUR",
        "tariffs": {"electricity": {"flat": -1}, "gas": {"flat": 1}, "coal": {"time_of_use": WEEK[1:]}},
        "emission_factors": {"electricity": {"monthly": [1]}},
        "life_cycle": {"period_years": 0},
    }
    with pytest.raises(InvalidValuation) as refusal:
        read_valuation(documents)
    assert {problem.path for problem in refusal.value.problems} == {
        "tariffs.electricity.flat",
        "tariffs.gas",
        "tariffs.coal.time_of_use",
        "emission_factors.electricity.monthly",
        "life_cycle.period_years",
        "life_cycle.discount_rate",
    }
