"""Optimisers that drive real cases: a program whose best input is known, and EnergyPlus."""

from typing import Any

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

DEGREE_DAYS: dict[str, Any] = {
    "name": "The best boiler",
    "engine": "executable:degree_days",
    "weather": "chicago",
    "parameters": [
        {"name": "heat_loss_w_k", "uniform": [100, 300]},
        {"name": "efficiency", "uniform": [0.7, 0.95]},
        {"name": "fuel", "values": ["oil", "gas"]},
    ],
    "design": {
        "method": "differential_evolution",
        "objective": {"metric": "heating_kwh"},
        "population": 8,
        "generations": 5,
        "seed": 1,
    },
}
WAREHOUSE: dict[str, Any] = {
    "name": "Roof and lights",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-14", "end": "01-14"},
    "baseline": True,
    "parameters": [
        {
            "name": "roof",
            "target": {"class": "Material", "object": "Metal Semi-Cond Roof*", "field": "Thickness"},
            "change": "scale",
            "values": [0.5, 1.0, 2.0],
        },
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 1.0],
        },
    ],
    "constraints": ["roof * lighting <= 1.5"],
    "design": {
        "method": "nsga2",
        "objectives": [{"metric": "heating_kwh"}, {"metric": "interior_lighting_kwh"}],
        "population": 4,
        "generations": 3,
        "seed": 2,
    },
}


def show_front(farm: Farm, batch_id: str) -> dict[str, Any]:
    return farm.http.get(f"/api/batches/{batch_id}/front/").raise_for_status().json()


def test_a_search_gets_better_from_generation_to_generation_and_costs_nothing_the_second_time(farm: Farm) -> None:
    batch = farm.submit(DEGREE_DAYS)
    ended = farm.wait_for_end(batch["id"])
    shown = show_front(farm, batch["id"])
    rows = farm.rows(batch["id"])

    assert ended["state"] == "completed"
    assert ended["counts"]["succeeded"] == len(rows) == shown["evaluated"] <= 40
    assert ended["progress"]["percent"] == 100
    assert shown["generation"] == 5
    (best,) = shown["front"]
    assert rows[best]["heating_kwh"] == min(row["heating_kwh"] for row in rows)
    by_generation = [
        min(point["objectives"]["heating_kwh"] for point in shown["points"] if point["generation"] <= number)
        for number in range(5)
    ]
    assert by_generation[-1] < by_generation[0]

    again = farm.submit({**DEGREE_DAYS, "name": "Once more"})
    repeated = farm.wait_for_end(again["id"])
    assert repeated["cached"] == repeated["counts"]["succeeded"] == len(rows)
    assert [row["heating_kwh"] for row in farm.rows(again["id"])] == [row["heating_kwh"] for row in rows]


def test_real_simulations_give_a_pareto_front_within_the_constraints(farm: Farm) -> None:
    batch = farm.submit(WAREHOUSE)
    ended = farm.wait_for_end(batch["id"])
    shown = show_front(farm, batch["id"])
    rows = {row["case"]: row for row in farm.rows(batch["id"])}

    assert ended["state"] == "completed", ended
    assert -1 in rows
    assert all(row["roof"] * row["lighting"] <= 1.5 for case, row in rows.items() if case >= 0)
    values = {case: (row["heating_kwh"], row["interior_lighting_kwh"]) for case, row in rows.items() if case >= 0}
    beaten = {
        case
        for case, (heating, lighting) in values.items()
        if any(a <= heating and b <= lighting and (a, b) != (heating, lighting) for a, b in values.values())
    }
    assert set(shown["front"]) == set(values) - beaten
    designs = [(row["roof"], row["lighting"]) for case, row in rows.items() if case >= 0]
    assert len(designs) == len(set(designs)) <= 5


def test_a_cancelled_search_chooses_no_more_cases(farm: Farm) -> None:
    design = {**DEGREE_DAYS["design"], "generations": 200, "seed": 7}
    batch = farm.submit({**DEGREE_DAYS, "name": "A long search", "design": design})
    farm.wait_until(lambda: show_front(farm, batch["id"])["generation"], lambda generation: generation >= 2)
    farm.http.post(f"/api/batches/{batch['id']}/cancel/").raise_for_status()

    ended = farm.wait_for_end(batch["id"])
    shown = show_front(farm, batch["id"])
    assert ended["state"] == "cancelled"
    assert shown["generation"] < 200
    assert farm.show(batch["id"])["case_count"] == ended["case_count"]
    farm.wait_until(lambda: farm.show(batch["id"])["progress"], lambda shown: shown["finished"] == shown["total"])
