"""Construction sets as plain data, bills and U-factors."""

import json

import pytest

from energyplus.measures.constructions import BillItem, Construction, ConstructionSet, Glazing, Layer, total_bill

BRICK = Layer("Brick", "material", "Rough", 0.24, 0.8, 1700.0, 1000.0, None, 0.9, 0.65, 0.65)
GAP = Layer("Gap", "air_gap", resistance_m2k_w=0.18)
WALL = Construction("Wall", "exterior_wall", (BRICK, GAP, BRICK), cost_per_m2=120.0, source="me")
WINDOW = Construction("Window", "window", glazing=Glazing(1.1, 0.5, None), service_life_years=30.0)
SET = ConstructionSet("mine", "My set", "EUR", (WALL, WINDOW))


def test_a_set_survives_being_written_as_json() -> None:
    assert ConstructionSet.from_json(json.loads(json.dumps(SET.to_json()))) == SET


def test_names_are_found_in_any_letter_case_and_only_of_the_kind() -> None:
    assert SET.find("WALL") == WALL
    assert SET.find("wall", "exterior_wall") == WALL
    assert SET.find("wall", "roof") is None
    assert SET.list_kind("window") == (WINDOW,)


@pytest.mark.parametrize(
    ("kind", "u_factor"),
    [
        ("exterior_wall", 1 / (0.13 + 0.3 + 0.18 + 0.3 + 0.04)),
        ("roof", 1 / (0.10 + 0.78 + 0.04)),
        ("ground_floor", None),
    ],
)
def test_the_u_factor_has_the_films_of_iso_6946(kind: str, u_factor: float | None) -> None:
    construction = Construction("Any", kind, (BRICK, GAP, BRICK))  # type: ignore[arg-type]
    assert construction.u_factor_w_m2k == pytest.approx(u_factor)


def test_a_window_has_the_u_factor_of_its_glazing() -> None:
    assert WINDOW.u_factor_w_m2k == 1.1


def line(cost: float | None, carbon: float | None) -> BillItem:
    return BillItem("Something", 1.0, cost, "EUR", carbon, None)


def test_a_bill_is_summed_by_cost_and_carbon() -> None:
    assert total_bill([line(10.0, 1.0), line(5.5, -3.0)], "EUR") == {
        "investment_cost_eur": 15.5,
        "embodied_carbon_kgco2e": -2.0,
    }


def test_one_unknown_line_makes_the_sum_unknown_and_an_empty_bill_is_nothing() -> None:
    assert total_bill([line(10.0, None), line(None, 1.0)], "USD") == {
        "investment_cost_usd": None,
        "embodied_carbon_kgco2e": None,
    }
    assert total_bill([line(10.0, None)], "EUR")["investment_cost_eur"] == 10.0
    assert total_bill([], "EUR") == {"investment_cost_eur": 0.0, "embodied_carbon_kgco2e": 0.0}
