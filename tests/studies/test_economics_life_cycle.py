"""Sums over years by hand, and savings of arrays."""

import numpy as np
import pytest

from energyplus.measures.constructions import BillItem
from studies.economics.definition import LifeCycle
from studies.economics.life_cycle import count_replacements, sum_bill, sum_present_values, value_construction
from studies.economics.savings import find_paybacks, save_amounts, save_percents


def terms(**changes: object) -> LifeCycle:
    return LifeCycle.model_validate({"period_years": 30, "discount_rate": 0.05, **changes})


def test_present_values_of_yearly_costs_by_hand() -> None:
    assert sum_present_values(3, 0.10) == pytest.approx(1 / 1.1 + 1 / 1.21 + 1 / 1.331, rel=1e-14)
    assert sum_present_values(3, 0.10, 0.10) == pytest.approx(3)
    assert sum_present_values(2, 0.0, 0.5) == pytest.approx(1.5 + 2.25)
    # The closed form of an annuity: 30 years at 3 %.
    assert sum_present_values(30, 0.03) == pytest.approx((1 - 1.03**-30) / 0.03, rel=1e-12)


@pytest.mark.parametrize(
    ("life", "replacements"), [(30, 0), (50, 0), (20, 1), (15, 1), (14.9, 2), (10, 2), (7.5, 3), (1, 29)]
)
def test_a_construction_is_replaced_until_the_period_ends_and_not_at_its_end(life: float, replacements: int) -> None:
    assert count_replacements(life, 30) == replacements


def test_constructions_over_thirty_years_by_hand() -> None:
    assert value_construction(1000, 30, terms()) == pytest.approx(1000)
    assert value_construction(1000, 15, terms()) == pytest.approx(1000 + 1000 / 1.05**15)
    assert value_construction(1000, 20, terms()) == pytest.approx(1000 + 1000 / 1.05**20 - 500 / 1.05**30)
    assert value_construction(1000, 50, terms()) == pytest.approx(1000 - 400 / 1.05**30)
    assert value_construction(1000, 50, terms(residual_value="none")) == pytest.approx(1000)
    dearer = terms(construction_change_per_year=0.02)
    by_hand = 1000 + 1000 * (1.02 / 1.05) ** 20 - 500 * 1.02**20 / 1.05**30
    assert value_construction(1000, 20, dearer) == pytest.approx(by_hand)


def item(**changes: object) -> BillItem:
    known = {"what": "wall", "area_m2": 10.0, "cost": 1000.0, "currency": "EUR", "embodied_carbon_kgco2e": 50.0}
    return BillItem(**{**known, "service_life_years": 20.0, **changes})  # type: ignore[arg-type]


def test_a_bill_is_the_sum_of_its_lines_and_carbon_is_not_discounted() -> None:
    found = sum_bill([item(), item(service_life_years=30.0)], "EUR", terms())
    assert found.cost == pytest.approx(value_construction(1000, 20, terms()) + 1000)
    assert found.carbon_kgco2e == pytest.approx(50 * 2 + 50)
    assert found.reasons == ()


def test_nothing_put_in_is_nothing_spent() -> None:
    assert sum_bill([], "EUR", terms()) == sum_bill([], "USD", terms())
    assert (sum_bill([], "EUR", terms()).cost, sum_bill([], "EUR", terms()).carbon_kgco2e) == (0.0, 0.0)


def test_a_line_that_is_not_known_makes_the_sum_unknown() -> None:
    assert sum_bill([item(), item(cost=None)], "EUR", terms()).cost is None
    assert sum_bill([item(embodied_carbon_kgco2e=None)], "EUR", terms()).carbon_kgco2e is None
    lifeless = sum_bill([item(service_life_years=None)], "EUR", terms())
    assert (lifeless.cost, lifeless.carbon_kgco2e) == (None, None)
    assert "service life" in lifeless.reasons[0]
    foreign = sum_bill([item()], "USD", terms())
    assert (foreign.cost, foreign.carbon_kgco2e) == (None, 100)
    assert "EUR" in foreign.reasons[0]


def test_savings_of_a_baseline_against_itself_are_zero() -> None:
    amounts = np.array([0.0, 3.5, 1e9, np.nan])
    assert save_amounts(amounts, amounts).tolist()[:3] == [0, 0, 0]
    assert np.isnan(save_amounts(amounts, amounts)[3])
    np.testing.assert_array_equal(save_percents(amounts, amounts), [np.nan, 0, 0, np.nan])


def test_percents_and_paybacks_are_missing_where_they_mean_nothing() -> None:
    np.testing.assert_array_equal(save_percents(np.array([75.0, 5.0]), np.array([100.0, -5.0])), [25, np.nan])
    spent = np.array([1000.0, 1000.0, 0.0, np.nan, 1000.0])
    saved = np.array([100.0, -100.0, 100.0, 100.0, 0.0])
    np.testing.assert_array_equal(find_paybacks(spent, saved), [10, np.nan, 0, np.nan, np.nan])
