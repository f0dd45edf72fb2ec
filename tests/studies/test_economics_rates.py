"""Rates times energy: sums by hand for a year of 2017, laws that hold for any rate, what is refused case by case."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.outputs import OutputRequest
from studies.economics.charges import count_costs, count_emissions
from studies.economics.definition import DAY_WORDS
from studies.economics.flows import plan_series
from studies.economics.loads import read_loads, tally_energy
from studies.economics.reading import read_valuation
from tests.studies.economics_cases import ELECTRICITY, YEAR_HOURS, make_basis, make_rows

ONES = np.ones(YEAR_HOURS)
# A year of hours that are all different, so that no two can be mixed up.
RISING = np.random.default_rng(1).uniform(0.1, 9.0, YEAR_HOURS)
WEEK = [
    {"rate": 0.3, "days": "weekdays", "from": 7, "to": 22},
    {"rate": 0.2, "days": "weekdays", "from": 22, "to": 7},
    {"rate": 0.1, "days": "weekends"},
]
MONTH_HOURS = [24 * days for days in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)]
SOLD = "ElectricitySurplusSold:Facility"
PURCHASED = "ElectricityPurchased:Facility"


def tariffs(**by_carrier: object) -> dict[str, object]:
    return {"currency": "EUR", "tariffs": by_carrier}


def cost(electricity: object, kwh: np.ndarray = ONES, **metrics: float) -> float:
    basis = make_basis(tariffs(electricity=electricity), {ELECTRICITY: kwh}, metrics)
    return float(count_costs(read_valuation(tariffs(electricity=electricity)), basis).total[0])


def test_a_flat_price_is_a_product() -> None:
    assert cost({"flat": 0.25}) == pytest.approx(2190.0, rel=1e-12)


def test_standing_charges_are_of_twelve_months() -> None:
    assert cost({"flat": 0.0, "standing_charge_per_month": 10}) == 120


def test_monthly_prices_by_hand() -> None:
    prices = [n / 100 for n in range(1, 13)]
    by_hand = sum(price * hours for price, hours in zip(prices, MONTH_HOURS, strict=True))
    assert cost({"monthly": prices}) == pytest.approx(by_hand, rel=1e-12)


def test_weekday_and_weekend_hours_of_2017_by_hand() -> None:
    # 2017 began on a Sunday: 53 Sundays, 52 Saturdays, 260 weekdays.
    assert cost({"time_of_use": WEEK}) == pytest.approx(0.3 * 260 * 15 + 0.2 * 260 * 9 + 0.1 * 105 * 24, rel=1e-12)


def test_windows_hour_by_hour_as_a_calendar_has_them() -> None:
    total = 0.0
    for hour, kwh in enumerate(RISING):
        start = dt.datetime(2017, 1, 1) + dt.timedelta(hours=hour)  # noqa: DTZ001 - the site's own clock
        weekend = start.weekday() >= 5
        total += kwh * (0.1 if weekend else 0.3 if 7 <= start.hour < 22 else 0.2)
    assert cost({"time_of_use": WEEK}, RISING) == pytest.approx(total, rel=1e-12)


def test_an_hour_belongs_to_where_it_begins() -> None:
    hour = np.zeros(YEAR_HOURS)
    hour[24 + 6] = 1  # Monday, 06:00 to 07:00, which ends as the peak begins
    assert cost({"time_of_use": WEEK}, hour) == pytest.approx(0.2)
    hour[24 + 6], hour[24 + 7] = 0, 1
    assert cost({"time_of_use": WEEK}, hour) == pytest.approx(0.3)
    hour[24 + 7], hour[-1] = 0, 1  # ends in 2018, and is of December 2017, a Sunday
    assert cost({"time_of_use": WEEK}, hour) == pytest.approx(0.1)
    assert cost({"monthly": [0] * 11 + [5]}, hour) == pytest.approx(5)


def test_a_holiday_counts_as_a_sunday() -> None:
    valuation = {**tariffs(electricity={"time_of_use": WEEK}), "holidays": ["01-02", "12-25"]}  # two Mondays
    found = count_costs(read_valuation(valuation), make_basis(valuation, {ELECTRICITY: ONES}))
    moved = 2 * (15 * 0.3 + 9 * 0.2 - 24 * 0.1)
    assert float(found.total[0]) == pytest.approx(1890 - moved, rel=1e-12)


def test_a_demand_charge_is_for_the_highest_mean_power_of_each_month() -> None:
    kwh = np.ones(YEAR_HOURS * 4) / 4
    kwh[100] = 5.0  # kWh in 15 min: 20 kW, in January
    kwh[-1] = 3.0  # 12 kW, in December
    electricity = {"flat": 0, "demand_charge": {"per_kw_month": 2.0, "interval_min": 15}}
    valuation = read_valuation(tariffs(electricity=electricity))
    basis = make_basis(valuation, {ELECTRICITY: kwh}, step_min=15, frequency="timestep")
    assert float(count_costs(valuation, basis).total[0]) == pytest.approx(2 * (20 + 12 + 10 * 1))
    hourly = read_valuation(
        tariffs(electricity={**electricity, "demand_charge": {"per_kw_month": 2.0, "interval_min": 60}})
    )
    basis = make_basis(hourly, {ELECTRICITY: kwh}, step_min=15, frequency="timestep")
    assert float(count_costs(hourly, basis).total[0]) == pytest.approx(2 * (5.75 + 3.75 + 10))


def test_steps_that_make_up_no_interval_have_no_peak() -> None:
    electricity = {"flat": 0, "demand_charge": {"per_kw_month": 2.0, "interval_min": 15}}
    valuation = read_valuation(tariffs(electricity=electricity))
    basis = make_basis(valuation, {ELECTRICITY: np.ones(YEAR_HOURS * 6)}, step_min=10, frequency="timestep")
    assert np.isnan(count_costs(valuation, basis).total[0])
    assert basis.reasons.join() == ["the series of electricity do not tell its peaks in such intervals"]


@given(price=st.floats(0, 10), kwh=st.lists(st.floats(0, 1e6), min_size=24, max_size=24))
@settings(max_examples=25, deadline=None)
def test_a_flat_price_written_as_windows_or_months_costs_the_same(price: float, kwh: list[float]) -> None:
    energy = np.tile(np.array(kwh), 365)
    flat = cost({"flat": price}, energy)
    halves = [{"rate": price, "to": 11}, {"rate": price, "from": 11}]
    assert cost({"monthly": [price] * 12}, energy) == pytest.approx(flat, rel=1e-9)
    assert cost({"time_of_use": halves}, energy) == pytest.approx(flat, rel=1e-9)
    # The same once more through the series: a window that differs, but in which nothing is used.
    energy.reshape(365, 24)[:, 3] = 0
    windows = [{"rate": price, "from": 4, "to": 3}, {"rate": price + 1, "from": 3, "to": 4}]
    assert cost({"time_of_use": windows}, energy) == pytest.approx(cost({"flat": price}, energy), rel=1e-9)


@given(prices=st.lists(st.floats(0, 10), min_size=12, max_size=12))
@settings(max_examples=25, deadline=None)
def test_monthly_prices_written_as_windows_cost_the_same(prices: list[float]) -> None:
    windows = [
        {"rate": price, "months": [month], "days": days}
        for month, price in enumerate(prices, start=1)
        for days in ("weekdays", "weekends")
    ]
    assert cost({"time_of_use": windows}, RISING) == pytest.approx(cost({"monthly": prices}, RISING), rel=1e-9)


@given(st.lists(st.floats(0, 5), min_size=7, max_size=7), st.integers(1, 23))
@settings(max_examples=25, deadline=None)
def test_costs_add_up_over_parts_of_the_energy(rates: list[float], border: int) -> None:
    words = [word for word in DAY_WORDS if word not in ("all", "weekdays", "weekends")]
    windows = [
        {"rate": rate + late, "days": word, "from": border if late else 0, "to": 24 if late else border}
        for rate, word in zip(rates, words, strict=True)
        for late in (0, 1)
    ]
    early = RISING * (np.arange(YEAR_HOURS) % 24 < border)
    total = cost({"time_of_use": windows}, RISING)
    parts = cost({"time_of_use": windows}, early) + cost({"time_of_use": windows}, RISING - early)
    assert total == pytest.approx(parts, rel=1e-9)


def test_emissions_follow_the_same_rules() -> None:
    valuation = {"emission_factors": {"electricity": {"time_of_use": WEEK}}}
    found = count_emissions(read_valuation(valuation), make_basis(valuation, {ELECTRICITY: ONES}))
    assert float(found.total[0]) == pytest.approx(1890)
    assert set(found.by_carrier) == {"electricity"}


def test_a_carrier_without_a_tariff_leaves_no_cost_but_a_reason() -> None:
    valuation = read_valuation(tariffs(electricity={"flat": 0.25}))
    basis = make_basis(valuation, {ELECTRICITY: ONES}, {"coal_kwh": 3.0, "diesel_kwh": 0.0})
    found = count_costs(valuation, basis)
    assert np.isnan(found.total[0])
    assert float(found.by_carrier["electricity"][0]) == pytest.approx(2190)
    assert basis.reasons.join() == ["it uses coal, which has no tariff"]


def test_a_carrier_that_the_model_has_no_meter_of_costs_nothing_and_no_standing_charge() -> None:
    valuation = read_valuation(
        tariffs(electricity={"flat": 0.25}, natural_gas={"monthly": [1] * 11 + [2], "standing_charge_per_month": 9})
    )
    basis = make_basis(valuation, {ELECTRICITY: ONES})
    found = count_costs(valuation, basis)
    assert np.isnan(found.by_carrier["natural_gas"][0])
    assert float(found.total[0]) == pytest.approx(2190)
    assert basis.reasons.join() == [None]


def test_without_any_meter_there_is_no_cost() -> None:
    valuation = read_valuation(tariffs(electricity={"flat": 0.25}))
    assert np.isnan(count_costs(valuation, make_basis(valuation, {}, {"electricity_kwh": np.nan})).total[0])


def test_heat_from_water_and_steam_is_one_carrier() -> None:
    water, steam = "DistrictHeatingWater:Facility", "DistrictHeatingSteam:Facility"
    valuation = read_valuation(tariffs(district_heating={"monthly": [float(n) for n in range(12)]}))
    basis = make_basis(
        valuation,
        {water: ONES, steam: 2 * ONES},
        {
            "district_heating_kwh": 3.0 * YEAR_HOURS,
            "district_heating_water_kwh": 1.0,
            "district_heating_steam_kwh": 2.0,
        },
    )
    by_hand = 3 * sum(month * hours for month, hours in enumerate(MONTH_HOURS))
    assert float(count_costs(valuation, basis).total[0]) == pytest.approx(by_hand)


GENERATES = {"electricity_produced_kwh": 500.0, "electricity_sold_kwh": 100.0}


def test_a_case_that_generates_pays_for_what_it_buys_and_is_paid_for_what_it_sells() -> None:
    valuation = read_valuation(tariffs(electricity={"flat": 0.3, "export": {"flat": 0.1}}))
    metrics = {**GENERATES, "electricity_kwh": 1400.0, "electricity_purchased_kwh": 1000.0}
    assert float(count_costs(valuation, make_basis(valuation, {}, metrics)).total[0]) == pytest.approx(300 - 10)


def test_sold_electricity_without_a_price_is_a_reason_and_no_zero() -> None:
    valuation = read_valuation(tariffs(electricity={"flat": 0.3}))
    metrics = {**GENERATES, "electricity_kwh": 1400.0, "electricity_purchased_kwh": 1000.0}
    basis = make_basis(valuation, {}, metrics)
    assert np.isnan(count_costs(valuation, basis).total[0])
    assert "tariffs.electricity.export" in str(basis.reasons.join()[0])


def test_windows_of_a_case_that_generates_go_by_what_it_buys_and_sells() -> None:
    export = [{"rate": 0.05, "to": 12}, {"rate": 0.15, "from": 12}]
    valuation = read_valuation(tariffs(electricity={"time_of_use": WEEK, "export": {"time_of_use": export}}))
    bought, sold = RISING, RISING[::-1] / 10
    metrics = {
        "electricity_kwh": 1.0,
        "electricity_produced_kwh": 1.0,
        "electricity_purchased_kwh": float(bought.sum()),
        "electricity_sold_kwh": float(sold.sum()),
    }
    morning = np.arange(YEAR_HOURS) % 24 < 12
    by_hand = cost({"time_of_use": WEEK}, bought) - 0.05 * sold[morning].sum() - 0.15 * sold[~morning].sum()
    basis = make_basis(valuation, {PURCHASED: bought, SOLD: sold}, metrics)
    assert float(count_costs(valuation, basis).total[0]) == pytest.approx(by_hand, rel=1e-12)
    # What it uses is not what it buys: without series of that there is no cost.
    basis = make_basis(valuation, {ELECTRICITY: bought, SOLD: sold}, metrics)
    assert np.isnan(count_costs(valuation, basis).total[0])


def test_a_series_that_lacks_an_hour_is_not_counted() -> None:
    valuation = read_valuation(tariffs(electricity={"time_of_use": WEEK}))
    basis = make_basis(valuation, {ELECTRICITY: RISING[1:]}, {"electricity_kwh": float(RISING.sum())})
    assert np.isnan(count_costs(valuation, basis).total[0])
    assert "do not sum up to its metric" in str(basis.reasons.join()[0])


def test_peaks_of_a_series_that_is_not_the_whole_are_not_charged() -> None:
    valuation = read_valuation(
        tariffs(electricity={"flat": 1, "demand_charge": {"per_kw_month": 1, "interval_min": 60}})
    )
    basis = make_basis(valuation, {ELECTRICITY: RISING[1:]}, {"electricity_kwh": float(RISING.sum())})
    assert np.isnan(count_costs(valuation, basis).total[0])
    assert "do not sum up to its metric" in str(basis.reasons.join()[0])


def test_peaks_without_a_series_are_a_reason_and_nothing_where_nothing_is_used() -> None:
    gas = {"flat": 1, "demand_charge": {"per_kw_month": 1, "interval_min": 60}}
    valuation = read_valuation(tariffs(electricity={"flat": 0}, natural_gas=gas))
    unused = make_basis(valuation, {ELECTRICITY: ONES}, {"natural_gas_kwh": 0.0})
    assert float(count_costs(valuation, unused).total[0]) == 0.0
    used = make_basis(valuation, {ELECTRICITY: ONES}, {"natural_gas_kwh": 5.0})
    assert np.isnan(count_costs(valuation, used).total[0])
    assert used.reasons.join() == ["there are no series of natural gas that tell its peaks"]


def test_a_meter_that_two_carriers_need_is_read_once_at_the_finer_frequency() -> None:
    meter = "DistrictHeatingWater:Facility"
    night = [{"rate": 1, "from": 0, "to": 1}, {"rate": 0, "from": 1, "to": 24}]
    document = {
        **tariffs(district_heating={"time_of_use": night}),
        "emission_factors": {"district_heating_water": {"monthly": [1] * 11 + [2]}},
    }
    asked = [OutputRequest("meter", meter, frequency) for frequency in ("hourly", "monthly")]
    (need,) = plan_series(read_valuation(document), asked).needs
    assert (need.meter, need.frequency) == (meter, "hourly")


def test_the_coarsest_series_that_tells_rates_apart_is_asked_for() -> None:
    def frequency(electricity: object) -> list[str]:
        plan = plan_series(read_valuation(tariffs(electricity=electricity)), [])
        return [entry[1] for entry in plan.missing.get("electricity", ())]

    assert frequency({"flat": 1}) == []
    assert frequency({"monthly": [1] * 12}) == []
    assert frequency({"monthly": [1] * 11 + [2]}) == ["monthly"]
    assert frequency({"time_of_use": [{"rate": 1, "days": "weekdays"}, {"rate": 2, "days": "weekends"}]}) == ["daily"]
    assert frequency({"time_of_use": WEEK}) == ["hourly"]
    assert frequency({"flat": 1, "demand_charge": {"per_kw_month": 1, "interval_min": 60}}) == ["hourly"]
    assert frequency({"flat": 1, "demand_charge": {"per_kw_month": 1, "interval_min": 30}}) == ["timestep"]


def test_a_finer_series_does_and_former_names_of_meters_are_known() -> None:
    valuation = read_valuation(tariffs(natural_gas={"monthly": [1] * 11 + [2]}))
    plan = plan_series(valuation, [OutputRequest("meter", "gas:facility", "hourly")])
    assert [(need.meter, need.frequency) for need in plan.needs] == [("NaturalGas:Facility", "hourly")]
    assert not plan.missing
    loads = read_loads([make_rows(3, "Gas:Facility", ONES)], plan.needs, frozenset())
    assert loads[3, "NaturalGas:Facility"].energy_kwh.sum() == pytest.approx(YEAR_HOURS)


def test_series_are_the_same_however_they_are_cut() -> None:
    plan = plan_series(
        read_valuation(tariffs(electricity={"time_of_use": WEEK})), [OutputRequest("meter", ELECTRICITY, "hourly")]
    )
    rows = [make_rows(case, ELECTRICITY, RISING[: 100 * case]) for case in (1, 2, 3)]
    whole = read_loads(rows, plan.needs, frozenset())
    cut = read_loads((row.slice(at, 37) for row in rows for at in range(0, row.num_rows, 37)), plan.needs, frozenset())
    assert whole.keys() == cut.keys()
    for key, load in whole.items():
        np.testing.assert_array_equal(load.energy_kwh, cut[key].energy_kwh)


def test_a_leap_day_is_a_day_of_its_february() -> None:
    minutes = np.array([(dt.datetime(2024, 2, 29, 13) - dt.datetime(1970, 1, 1)).days * 1440 + 13 * 60])  # noqa: DTZ001
    tally = tally_energy(minutes, np.array([2.0]))
    assert np.argwhere(tally).tolist() == [[1, 3, 13]]  # February, a Thursday, at 13
