"""Results and a valuation → savings: each case against the baseline of its own weather, where that is sound."""

import csv
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.cases.bills import bill_metrics, price_case
from batches.models import Batch, Case
from batches.plans import plan_of
from energyplus.bundled import find_bundled_file, list_bundled_models
from energyplus.measures.constructions import Construction, ConstructionSet, Layer
from energyplus.models.description import describe_model
from library.judging import keep_description
from studies.designs.points import CasePoint
from tests.backend.batches.conftest import STUDY
from tests.backend.batches.finished_batches import finish, make_series, read_body, read_rows, record

pytestmark = pytest.mark.django_db(transaction=True)

FLAT = {"currency": "EUR", "tariffs": {"electricity": {"flat": 0.5}, "natural_gas": {"flat": 0.1}}}
CARBON = {"emission_factors": {"electricity": {"flat": 0.4}, "natural_gas": {"flat": 0.2}}}
LIFE = {"life_cycle": {"period_years": 2, "discount_rate": 0.25}}
GAS_KWH = {"chicago": 400.0, "miami": 40.0}


def report(point: CasePoint) -> dict[str, Any]:
    """Electricity in proportion to the lighting, 10 in the model itself; gas by the weather alone."""
    electricity = 100.0 * float(point.values.get("lighting", 10.0))
    gas = GAS_KWH[point.weather]
    return {
        "electricity_kwh": electricity,
        "natural_gas_kwh": gas,
        "total_site_energy_kwh": electricity + gas,
        "interior_lighting_kwh": electricity / 2,
        "site_eui_kwh_m2": 1.0,
        "unmet_heating_hours": 3.0,
    }


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def batch(owner: User) -> Batch:
    """Eight cases and two baselines; the last shard is still open."""
    return finish(record(owner, STUDY), report)


def address(batch: Batch, what: str = "savings") -> str:
    return f"/api/batches/{batch.pk}/{what}/"


def test_every_case_is_paired_with_the_baseline_of_its_weather(batch: Batch, owner_api: APIClient) -> None:
    rows = read_rows(owner_api, address(batch))
    assert [row["case"] for row in rows] == list(range(-2, 8))
    assert {(row["weather"], row["baseline"]) for row in rows} == {("chicago", -2), ("miami", -1)}
    for row in rows:
        saved = 1000.0 - 100 * (row["lighting"] or 10.0)
        assert row["saved_site_energy_kwh"] == row["saved_electricity_kwh"] == saved
        assert row["saved_interior_lighting_kwh"] == saved / 2
        assert row["saved_natural_gas_kwh"] == 0
        assert row["saved_site_energy_percent"] == pytest.approx(100 * saved / (1000 + GAS_KWH[row["weather"]]))
        assert row["saved_heating_kwh"] is None
        assert row["reason"] is None
        assert row["period"] == "annual"
    assert not any("eui" in name or "unmet" in name for name in rows[0])


def test_costs_and_emissions_by_a_valuation_that_is_sent_along(batch: Batch, owner_api: APIClient) -> None:
    for row in read_rows(owner_api, address(batch), {**FLAT, **CARBON}):
        electricity, gas = 100 * (row["lighting"] or 10.0), GAS_KWH[row["weather"]]
        assert row["cost_eur"] == pytest.approx(0.5 * electricity + 0.1 * gas)
        assert row["cost_electricity_eur"] == pytest.approx(0.5 * electricity)
        assert row["saved_cost_eur"] == pytest.approx(0.5 * (1000 - electricity))
        assert row["emissions_kgco2e"] == pytest.approx(0.4 * electricity + 0.2 * gas)
        assert row["saved_emissions_kgco2e"] == pytest.approx(0.4 * (1000 - electricity))
        assert row["saved_emissions_percent"] == pytest.approx(
            100 * 0.4 * (1000 - electricity) / (0.4 * 1000 + 0.2 * gas)
        )
        assert "simple_payback_years" not in row  # nothing is known of what was spent
    batch.refresh_from_db()
    assert batch.valuation is None


def test_baselines_against_themselves_save_nothing(batch: Batch, owner_api: APIClient) -> None:
    baselines = [row for row in read_rows(owner_api, address(batch), {**FLAT, **CARBON, **LIFE}) if row["case"] < 0]
    assert len(baselines) == 2
    for row in baselines:
        saved = {name: value for name, value in row.items() if name.startswith("saved_") and value is not None}
        assert len(saved) > 8
        assert set(saved.values()) == {0.0}


def test_a_kept_valuation_can_be_changed_without_touching_a_case(batch: Batch, owner_api: APIClient) -> None:
    before = list(Case.objects.filter(batch_id=batch.pk).values())
    totals = []
    for price in (0.1, 0.2):
        document = {"currency": "EUR", "tariffs": {"electricity": {"flat": price}, "natural_gas": {"flat": 0}}}
        assert owner_api.put(address(batch, "valuation"), document, format="json").status_code == 200
        totals.append(sum(row["cost_eur"] for row in read_rows(owner_api, address(batch))))
    assert totals[1] == pytest.approx(2 * totals[0])
    assert list(Case.objects.filter(batch_id=batch.pk).values()) == before


def test_years_are_summed_by_hand(batch: Batch, owner_api: APIClient) -> None:
    gas = {"flat": 0.1, "change_per_year": 0.5}
    document = {"currency": "EUR", "tariffs": {"electricity": {"flat": 0.5}, "natural_gas": gas}, **CARBON, **LIFE}
    for row in read_rows(owner_api, address(batch), document):
        electricity, gas_kwh = 100 * (row["lighting"] or 10.0), GAS_KWH[row["weather"]]
        worth = 0.5 * electricity * (0.8 + 0.64) + 0.1 * gas_kwh * (1.5 * 0.8 + 2.25 * 0.64)
        assert row["life_cycle_energy_cost_eur"] == pytest.approx(worth)
        assert row["life_cycle_operational_kgco2e"] == pytest.approx(2 * row["emissions_kgco2e"])
        assert "life_cycle_cost_eur" not in row


def test_units_stand_in_the_names_and_in_the_parquet_file(batch: Batch, owner_api: APIClient) -> None:
    response = owner_api.post(f"{address(batch)}?as=parquet", {**FLAT, **CARBON}, format="json")
    schema = pq.read_schema(io.BytesIO(read_body(response)))

    def unit(name: str) -> str | None:
        return ((schema.field(name).metadata or {}).get(b"unit") or b"").decode() or None

    assert unit("cost_natural_gas_eur") == "EUR"
    assert unit("saved_emissions_kgco2e") == "kgCO2e"
    assert unit("saved_site_energy_percent") == "%"
    assert unit("saved_electricity_kwh") == "kWh"
    assert unit("reason") is unit("lighting") is unit("baseline") is None


def test_the_same_rows_come_as_csv_json_and_parquet(batch: Batch, owner_api: APIClient) -> None:
    owner_api.put(address(batch, "valuation"), FLAT, format="json")
    rows = read_rows(owner_api, address(batch))
    assert json.loads(read_body(owner_api.get(f"{address(batch)}?as=json"))) == rows
    lines = list(csv.DictReader(io.StringIO(read_body(owner_api.get(address(batch))).decode())))
    assert [float(line["saved_cost_eur"]) for line in lines] == [row["saved_cost_eur"] for row in rows]
    assert {line["saved_heating_kwh"] for line in lines} == {""}


def test_a_batch_without_a_baseline_says_what_to_add_and_still_has_costs(owner: User, owner_api: APIClient) -> None:
    batch = finish(record(owner, {**STUDY, "baseline": False}), report)
    response = owner_api.get(address(batch))
    assert response.status_code == 409
    assert "`baseline: true`" in response.json()["detail"]
    assert owner_api.get(address(batch, "costs")).status_code == 409
    rows = read_rows(owner_api, address(batch, "costs"), FLAT)
    assert [row["cost_electricity_eur"] for row in rows] == [50.0 * row["lighting"] for row in rows]
    assert not any(name.startswith("saved") or name == "baseline" for name in rows[0])


@pytest.mark.parametrize(("fate", "words"), [(None, "case -2, has failed"), ({"suspect": True}, "case -2, is suspect")])
def test_nothing_is_saved_against_an_unsound_baseline(
    owner: User, owner_api: APIClient, fate: dict[str, Any] | None, words: str
) -> None:
    def spoil(point: CasePoint) -> dict[str, Any] | None:
        if point.index != -2:
            return report(point)
        return None if fate is None else {**report(point), **fate}

    batch = finish(record(owner, STUDY), spoil)
    rows = read_rows(owner_api, address(batch), FLAT)
    for row in rows:
        if row["weather"] == "chicago":
            assert row["saved_site_energy_kwh"] is row["saved_cost_eur"] is row["saved_cost_percent"] is None
            assert words in row["reason"]
            assert (row["cost_eur"] is None) == (row["case"] == -2 and fate is None)
        else:
            assert row["saved_cost_eur"] == pytest.approx(50 * (10 - (row["lighting"] or 10.0)))
            assert row["reason"] is None


def test_a_failed_case_has_no_numbers_and_the_others_keep_theirs(owner: User, owner_api: APIClient) -> None:
    batch = finish(record(owner, STUDY), lambda point: None if point.index == 3 else report(point))
    rows = {row["case"]: row for row in read_rows(owner_api, address(batch), FLAT)}
    assert rows[3]["cost_eur"] is rows[3]["saved_site_energy_kwh"] is None
    assert all(row["saved_cost_eur"] is not None for case, row in rows.items() if case != 3)


def test_an_unfinished_baseline_is_waited_for(owner: User, owner_api: APIClient) -> None:
    from batches.dispatch import claim_shards
    from batches.expansion import expand_batch
    from tests.backend.batches.finished_batches import finish_one

    batch = record(owner, STUDY)
    assert owner_api.get(address(batch)).status_code == 200  # no rows yet, and no error
    expand_batch(batch.pk)
    claim_shards()
    finish_one(batch, 0, report)
    rows = {row["case"]: row for row in read_rows(owner_api, address(batch), FLAT)}
    assert rows[0]["cost_eur"] is not None
    assert rows[0]["saved_cost_eur"] is None
    assert "has not finished" in rows[0]["reason"]


DAY_AND_NIGHT = {
    "currency": "EUR",
    "tariffs": {
        "electricity": {"time_of_use": [{"rate": 0.3, "from": 7, "to": 22}, {"rate": 0.2, "from": 22, "to": 7}]},
        "natural_gas": {"flat": 0},
    },
}
HOURS = np.arange(48.0)


def tell_hours(point: CasePoint) -> pa.Table:
    return make_series("Electricity:Facility", report(point)["electricity_kwh"] * HOURS / HOURS.sum())


@pytest.mark.parametrize("keeps_open", [False, True])
def test_windows_of_time_are_counted_from_series_of_closed_and_open_shards(
    owner: User, owner_api: APIClient, keeps_open: bool
) -> None:
    outputs = [{"meter": "Electricity:Facility", "frequency": "hourly"}]
    study = {**STUDY, "outputs": outputs, "run_period": {"start": "01-02", "end": "01-03"}}
    batch = finish(record(owner, study, shard_size=20 if keeps_open else 4), report, tell_hours)
    hours = HOURS % 24
    mean_price = np.where((hours >= 7) & (hours < 22), 0.3, 0.2) @ HOURS / HOURS.sum()
    rows = read_rows(owner_api, address(batch), DAY_AND_NIGHT)
    assert len(rows) == 10
    for row in rows:
        assert row["cost_eur"] == pytest.approx(mean_price * 100 * (row["lighting"] or 10.0), rel=1e-12)
        assert row["period"] == "01-02 to 01-03"


def test_a_case_without_its_series_has_no_cost_by_the_hour(owner: User, owner_api: APIClient) -> None:
    outputs = [{"meter": "Electricity:Facility", "frequency": "hourly"}]

    def tell_some(point: CasePoint) -> pa.Table:
        return tell_hours(point) if point.index != 1 else make_series("Gas:Facility", HOURS)

    batch = finish(record(owner, {**STUDY, "outputs": outputs}), report, tell_some)
    rows = {row["case"]: row for row in read_rows(owner_api, address(batch), DAY_AND_NIGHT)}
    assert rows[1]["cost_eur"] is None
    assert "hourly series of electricity" in rows[1]["reason"]
    assert rows[0]["cost_eur"] is not None


def test_cases_of_different_run_periods_are_not_compared(owner: User, owner_api: APIClient) -> None:
    varied = {"name": "span", "measure": "run_period", "values": ["annual", "01-01:01-31"]}
    batch = record(owner, {**STUDY, "parameters": [varied]})
    response = owner_api.get(address(batch))
    assert (response.status_code, "varies from case to case" in response.json()["detail"]) == (409, True)
    assert owner_api.post(address(batch, "costs"), FLAT, format="json").status_code == 409


def test_a_parameter_keeps_its_name_whatever_it_is(owner: User, owner_api: APIClient) -> None:
    named = {**STUDY["parameters"][0], "name": "period"}
    batch = finish(record(owner, {**STUDY, "parameters": [named]}), report)
    rows = [row for row in read_rows(owner_api, address(batch)) if row["case"] >= 0]
    assert {row["period"] for row in rows} == {5.0, 6.0, 7.0, 8.0}
    assert {row["period_"] for row in rows} == {"annual"}


def test_what_constructions_cost_is_paid_back(owner: User, owner_api: APIClient) -> None:
    def build(point: CasePoint) -> dict[str, Any]:
        spent = 0.0 if point.is_baseline else 1000.0
        return {**report(point), "investment_cost_eur": spent, "embodied_carbon_kgco2e": spent / 2}

    inputs = record(owner, STUDY).inputs | {
        "construction_sets": {"own": ConstructionSet("own", "Own", "EUR", ()).to_json()}
    }
    batch = finish(record(owner, STUDY, inputs=inputs), build)
    for row in read_rows(owner_api, address(batch), {**FLAT, **CARBON}):
        if row["case"] < 0:
            assert row["simple_payback_years"] is None
            continue
        assert row["simple_payback_years"] == pytest.approx(1000 / row["saved_cost_eur"])
        assert row["carbon_payback_years"] == pytest.approx(500 / row["saved_emissions_kgco2e"])
    assert "saved_investment_cost_eur" not in row


BOARD = Layer(
    "Board",
    "no_mass",
    "Rough",
    resistance_m2k_w=2.0,
    thermal_absorptance=0.9,
    solar_absorptance=0.7,
    visible_absorptance=0.7,
)
ROOFS = (
    Construction("Cheap", "roof", (BOARD,), None, 40.0, 10.0, 1.0),
    Construction("Lasting", "roof", (BOARD,), None, 90.0, 30.0, 4.0),
)


def test_constructions_are_replaced_and_what_is_left_of_them_counts(owner: User, owner_api: APIClient) -> None:
    keep_description("model warehouse", describe_model(find_bundled_file("warehouse", list_bundled_models())))
    study = {
        **STUDY,
        "parameters": [
            {
                "name": "roof",
                "measure": "assign_construction",
                "arguments": {"set": "own", "surfaces": "roofs"},
                "values": ["Cheap", "Lasting"],
            }
        ],
    }
    inputs = {
        **record(owner, STUDY).inputs,
        "construction_sets": {"own": ConstructionSet("own", "Own", "EUR", ROOFS).to_json()},
    }
    batch = record(owner, study, inputs=inputs)
    plan = plan_of(batch)

    def build(point: CasePoint) -> dict[str, Any]:
        return {**report(point), **bill_metrics(plan, price_case(plan, point.index))}

    rows = read_rows(owner_api, address(finish(batch, build)), {**FLAT, **CARBON, **LIFE})
    area = rows[-1]["investment_cost_eur"] / {"Cheap": 40, "Lasting": 90}[rows[-1]["roof"]]
    assert area > 1000
    for row in rows:
        # two years at 25 %: the cheap roof is bought again after one, the lasting one is half as good as new
        cost = {"Cheap": 40 * 1.8, "Lasting": 90 * (1 - 0.5 * 0.64), None: 0}[row["roof"]] * area
        carbon = {"Cheap": 20, "Lasting": 30, None: 0}[row["roof"]] * area
        assert row["reason"] is None
        assert row["life_cycle_construction_cost_eur"] == pytest.approx(cost)
        assert row["life_cycle_embodied_kgco2e"] == pytest.approx(carbon)
        assert row["life_cycle_cost_eur"] == pytest.approx(cost + row["life_cycle_energy_cost_eur"])
        assert row["life_cycle_kgco2e"] == pytest.approx(carbon + row["life_cycle_operational_kgco2e"])
        assert row["saved_life_cycle_cost_eur"] == pytest.approx(-cost)
        assert row["saved_life_cycle_kgco2e"] == pytest.approx(-carbon)
    foreign = read_rows(owner_api, address(batch), {**FLAT, "currency": "USD", **LIFE})
    assert {row["life_cycle_cost_usd"] for row in foreign if row["case"] >= 0} == {None}
    assert all("constructions cost EUR" in row["reason"] for row in foreign if row["case"] >= 0)


def test_anothers_savings_are_not_found_and_a_form_is_one_of_three(
    batch: Batch, owner_api: APIClient, other_api: APIClient
) -> None:
    for what in ("savings", "costs"):
        assert other_api.get(address(batch, what)).status_code == 404
        assert other_api.post(address(batch, what), FLAT, format="json").status_code == 404
    assert owner_api.get(f"{address(batch)}?as=xlsx").status_code == 400
    assert owner_api.post(address(batch), {"tariffs": 3}, format="json").status_code == 400
