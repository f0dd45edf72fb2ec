"""One study for each feature of the language, on a real model: submitted over HTTP, simulated, read from its table."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

Rows = list[dict[str, Any]]
LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
EQUIPMENT = {"class": "ElectricEquipment", "object": "*", "field": "Watts per Floor Area"}
INSULATION = {"class": "Material", "object": "Metal Building Semi-Cond Wall Insulation", "field": "Thickness"}
BASE: dict[str, Any] = {"model": "warehouse", "weather": "chicago", "run_period": {"start": "01-14", "end": "01-14"}}


def lighting(**spread: Any) -> dict[str, Any]:
    return {"name": "lighting", "target": LIGHTS, **spread}


def sampled(**spread: Any) -> dict[str, Any]:
    return {"parameters": [lighting(**spread)], "design": {"method": "random", "samples": 3, "seed": 5}}


def rises(rows: Rows, metric: str, parameter: str) -> bool:
    """Tell whether a metric rises strictly with a parameter."""
    ordered = sorted(rows, key=lambda row: row[parameter])
    return all(a[metric] < b[metric] for a, b in pairwise(ordered))


def follows_lighting(low: float, high: float) -> Callable[[Rows], bool]:
    """Check that what was drawn lies within its ends, and that the engine simulated just that."""

    def check(rows: Rows) -> bool:
        ratios = {round(row["interior_lighting_kwh"] / row["lighting"], 9) for row in rows}
        return len(ratios) == 1 and all(low <= row["lighting"] <= high for row in rows)

    return check


FEATURES: dict[str, tuple[dict[str, Any], int, Callable[[Rows], bool]]] = {
    "set": ({"parameters": [lighting(values=[5, 10])]}, 2, follows_lighting(5, 10)),
    "scale": (
        {"parameters": [lighting(values=[0.5, 1.0], change="scale")]},
        2,
        lambda rows: (
            abs(rows[0]["interior_lighting_kwh"] / rows[1]["interior_lighting_kwh"] - 0.5) < 1e-9
            if rows[0]["lighting"] == 0.5
            else abs(rows[1]["interior_lighting_kwh"] / rows[0]["interior_lighting_kwh"] - 0.5) < 1e-9
        ),
    ),
    "add": (
        {"parameters": [lighting(values=[0, 2], change="add")]},
        2,
        lambda rows: rises(rows, "interior_lighting_kwh", "lighting"),
    ),
    "several targets in one parameter": (
        {"parameters": [{"name": "loads", "target": [LIGHTS, EQUIPMENT], "values": [4, 8], "unit": "W/m2"}]},
        2,
        lambda rows: rises(rows, "interior_lighting_kwh", "loads") and rises(rows, "interior_equipment_kwh", "loads"),
    ),
    "a schedule's value by position": (
        {
            "parameters": [
                {
                    "name": "always",
                    "target": {"class": "Schedule:Compact", "object": "ALWAYS_ON", "field": 6},
                    "values": [0.5, 1.0],
                }
            ]
        },
        2,
        lambda rows: len({row["total_site_energy_kwh"] for row in rows}) == 2,
    ),
    "vertices": (
        {
            "parameters": [
                {
                    "name": "sill",
                    "target": {
                        "class": "BuildingSurface:Detailed",
                        "object": "BulkStorage_Ceiling",
                        "field": "Vertex 1 Z-coordinate",
                    },
                    "change": "add",
                    "values": [0, 0.5],
                    "unit": "m",
                }
            ]
        },
        2,
        lambda rows: len({row["total_site_energy_kwh"] for row in rows}) == 2,
    ),
    "names of constructions": (
        {
            "parameters": [
                {
                    "name": "wall",
                    "target": {
                        "class": "BuildingSurface:Detailed",
                        "object": "BulkStorage_Wall_*",
                        "field": "Construction Name",
                    },
                    "values": ["Metal Bldg Semi-Cond Ext Wall", "int-walls"],
                }
            ]
        },
        2,
        lambda rows: len({row["heating_kwh"] for row in rows}) == 2,
    ),
    "uniform": (sampled(uniform=[4, 9]), 3, follows_lighting(4, 9)),
    "loguniform": (sampled(loguniform=[1, 100]), 3, follows_lighting(1, 100)),
    "normal": (sampled(normal={"mean": 10, "sd": 1}), 3, follows_lighting(3, 17)),
    "truncated normal": (
        sampled(truncated_normal={"mean": 10, "sd": 5, "low": 9, "high": 11}),
        3,
        follows_lighting(9, 11),
    ),
    "triangular": (sampled(triangular={"low": 5, "mode": 6, "high": 9}), 3, follows_lighting(5, 9)),
    "integer": (sampled(integer=[4, 9]), 3, lambda rows: all(row["lighting"] == int(row["lighting"]) for row in rows)),
    "choice with weights": (sampled(choice=[5, 8], weights=[1, 3]), 3, follows_lighting(5, 8)),
    "several weathers": (
        {"weather": ["chicago", "miami"]},
        2,
        lambda rows: len({row["heating_kwh"] for row in rows}) == 2,
    ),
    "several models": (
        {
            "model": ["warehouse", "small_office"],
            "parameters": [
                lighting(values=[8]),
                {"name": "wall", "target": {**INSULATION, "optional_in": "small_office"}, "values": [0.1]},
            ],
        },
        2,
        lambda rows: {row["model"] for row in rows} == {"warehouse", "small_office"},
    ),
    "linked": (
        {
            "parameters": [
                lighting(values=[4, 8]),
                {"name": "equipment", "target": EQUIPMENT, "values": [1, 2]},
            ],
            "linked": [["lighting", "equipment"]],
        },
        2,
        lambda rows: {(row["lighting"], row["equipment"]) for row in rows} == {(4, 1), (8, 2)},
    ),
    "derived": (
        {
            "parameters": [
                lighting(values=[4, 8]),
                {"name": "equipment", "target": EQUIPMENT, "derived": "lighting / 2"},
            ]
        },
        2,
        lambda rows: (
            all(row["equipment"] == row["lighting"] / 2 for row in rows)
            and rises(rows, "interior_equipment_kwh", "equipment")
        ),
    ),
    "constraints": (
        {"parameters": [lighting(values=[4, 6, 8])], "constraints": ["lighting != 6"]},
        2,
        lambda rows: {row["lighting"] for row in rows} == {4, 8},
    ),
    "run period as a measure": (
        {"parameters": [{"name": "days", "measure": "run_period", "values": ["01-14 to 01-14", "01-14 to 01-15"]}]},
        2,
        lambda rows: len({row["interior_lighting_kwh"] for row in rows}) == 2,
    ),
    "several measures in one study": (
        {
            "parameters": [
                {"name": "turn", "measure": "rotate", "values": [90]},
                {"name": "lpd", "measure": "lighting_power_density", "values": [4, 8]},
            ]
        },
        2,
        lambda rows: rises(rows, "interior_lighting_kwh", "lpd"),
    ),
    "a grid of a divided range": (
        {"parameters": [lighting(uniform=[4, 8])], "design": {"method": "grid", "levels": 3}},
        3,
        lambda rows: {row["lighting"] for row in rows} == {4, 6, 8},
    ),
    "a centred latin hypercube": (
        {"parameters": [lighting(uniform=[4, 8])], "design": {"method": "lhs", "samples": 4, "centred": True}},
        4,
        lambda rows: {row["lighting"] for row in rows} == {4.5, 5.5, 6.5, 7.5},
    ),
    "a maximin latin hypercube": (
        {
            "parameters": [lighting(uniform=[4, 8]), {"name": "equipment", "target": EQUIPMENT, "uniform": [1, 5]}],
            "design": {"method": "lhs", "samples": 4, "optimise": "maximin"},
        },
        4,
        lambda rows: {int(row["lighting"]) for row in rows} == {4, 5, 6, 7},
    ),
    "sobol": (
        {"parameters": [lighting(uniform=[4, 8])], "design": {"method": "sobol", "samples": 4}},
        4,
        lambda rows: {int(row["lighting"]) for row in rows} == {4, 5, 6, 7},
    ),
    "halton": (
        {"parameters": [lighting(uniform=[4, 8])], "design": {"method": "halton", "samples": 4}},
        4,
        follows_lighting(4, 8),
    ),
    "morris": (
        {
            "parameters": [lighting(uniform=[4, 8]), {"name": "equipment", "target": EQUIPMENT, "uniform": [1, 5]}],
            "design": {"method": "morris", "trajectories": 1},
        },
        3,
        follows_lighting(4, 8),
    ),
    "saltelli": (
        {
            "parameters": [lighting(uniform=[4, 8]), {"name": "equipment", "target": EQUIPMENT, "uniform": [1, 5]}],
            "design": {"method": "saltelli", "samples": 1},
        },
        4,
        follows_lighting(4, 8),
    ),
    "one at a time": (
        {
            "parameters": [
                lighting(values=[4, 8]),
                {"name": "equipment", "target": EQUIPMENT, "values": [1, 5]},
            ],
            "design": {"method": "one_at_a_time"},
            "baseline": True,
        },
        4,
        lambda rows: all((row["lighting"] is None) != (row["equipment"] is None) for row in rows),
    ),
    "a table": (
        {
            "parameters": [{"name": "lighting", "target": LIGHTS}],
            "design": {"method": "table", "rows": [{"lighting": 7}, {"lighting": 3}]},
        },
        2,
        lambda rows: [row["lighting"] for row in rows] == [7, 3],
    ),
}


@pytest.fixture(scope="module")
def receipts(farm: Farm) -> dict[str, dict[str, Any]]:
    """Submit them all, so that the workers always have something to do."""
    return {name: farm.submit({**BASE, **study, "name": name}) for name, (study, _, _) in FEATURES.items()}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_study_of_each_feature_gives_the_table_that_it_means(
    farm: Farm, receipts: dict[str, dict[str, Any]], feature: str
) -> None:
    _, case_count, means = FEATURES[feature]
    receipt = receipts[feature]
    assert receipt["case_count"] == case_count

    ended = farm.wait_for_end(receipt["id"])
    assert (ended["state"], ended["counts"]["failed"]) == ("completed", 0), ended
    rows = [row for row in farm.rows(receipt["id"]) if row["case"] >= 0]
    assert [row["case"] for row in rows] == list(range(case_count))
    assert means(rows), rows
