"""A batch keeps a valuation: put, shown, changed and removed, or refused with what its cases would have to report."""

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from batches.models import Batch, Case
from studies.designs.points import CasePoint
from tests.backend.batches.conftest import STUDY
from tests.backend.batches.finished_batches import finish, record

pytestmark = pytest.mark.django_db(transaction=True)

FLAT = {"currency": "EUR", "tariffs": {"electricity": {"flat": 0.3}}}
DAY_AND_NIGHT = {"time_of_use": [{"rate": 0.3, "from": 7, "to": 22}, {"rate": 0.2, "from": 22, "to": 7}]}
HOURLY = {"outputs": [{"meter": "electricity:facility", "frequency": "hourly"}]}


def report(point: CasePoint) -> dict:
    return {"electricity_kwh": 10.0, "total_site_energy_kwh": 10.0, "natural_gas_kwh": None}


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(owner)
    return client


def address(batch: Batch) -> str:
    return f"/api/batches/{batch.pk}/valuation/"


def put(api: APIClient, batch: Batch, document: object) -> tuple[int, dict]:
    response = api.put(address(batch), document, format="json")
    return response.status_code, response.json()


def test_a_valuation_is_kept_shown_changed_and_removed(owner: User, owner_api: APIClient) -> None:
    batch = finish(record(owner, STUDY), report)
    assert owner_api.get(address(batch)).json() == {"valuation": None, "period": "annual", "series": []}
    status, kept = put(owner_api, batch, FLAT)
    assert (status, kept["valuation"]["tariffs"]["electricity"]["flat"]) == (200, 0.3)
    before = list(Case.objects.filter(batch_id=batch.pk).values_list("index", "state", "attempt"))
    put(owner_api, batch, {**FLAT, "currency": "USD"})
    assert owner_api.get(address(batch)).json()["valuation"]["currency"] == "USD"
    assert owner_api.delete(address(batch)).status_code == 204
    assert owner_api.get(address(batch)).json()["valuation"] is None
    assert list(Case.objects.filter(batch_id=batch.pk).values_list("index", "state", "attempt")) == before


def test_yaml_is_read_as_well(owner: User, owner_api: APIClient) -> None:
    batch = record(owner, STUDY)
    text = "currency: EUR\ntariffs:\n  electricity: {flat: 0.3}\n"
    assert owner_api.put(address(batch), text, content_type="application/yaml").status_code == 200


def test_a_broken_valuation_is_refused_with_every_mistake_and_nothing_is_kept(
    owner: User, owner_api: APIClient
) -> None:
    batch = record(owner, STUDY)
    status, problem = put(owner_api, batch, {"currency": "EU", "tariffs": {"gas": {"flat": -1}}})
    assert status == 400
    paths = {entry["path"] for entry in problem["errors"]}
    assert paths == {"currency", "tariffs.gas", "tariffs.gas.flat"}
    batch.refresh_from_db()
    assert batch.valuation is None


def test_rates_that_need_series_say_what_to_ask_for(owner: User, owner_api: APIClient) -> None:
    batch = finish(record(owner, STUDY), report)
    tariffs = {"electricity": DAY_AND_NIGHT, "natural_gas": {"monthly": [1.0] * 11 + [2.0]}}
    status, problem = put(owner_api, batch, {"currency": "EUR", "tariffs": tariffs})
    assert status == 409
    (entry,) = problem["errors"]  # no case uses gas: nothing is missing of it
    assert entry["path"] == "tariffs.electricity"
    assert entry["accepted"] == ["{meter: Electricity:Facility, frequency: hourly}"]


def test_series_that_are_there_are_told(owner: User, owner_api: APIClient) -> None:
    batch = record(owner, {**STUDY, **HOURLY})
    status, kept = put(owner_api, batch, {"currency": "EUR", "tariffs": {"electricity": DAY_AND_NIGHT}})
    assert (status, kept["series"]) == (200, [{"meter": "Electricity:Facility", "frequency": "hourly"}])


def test_series_that_were_removed_are_missed(owner: User, owner_api: APIClient) -> None:
    batch = record(owner, {**STUDY, **HOURLY}, outputs_removed_at=timezone.now())
    assert put(owner_api, batch, FLAT)[0] == 200
    status, problem = put(owner_api, batch, {"currency": "EUR", "tariffs": {"electricity": DAY_AND_NIGHT}})
    assert (status, "were removed" in problem["errors"][0]["message"]) == (409, True)


LIFE = {"life_cycle": {"period_years": 30, "discount_rate": 0.03}}
SPANS = [
    ("annual", "annual", True),
    ({"start": "01-01", "end": "12-31"}, "01-01 to 12-31", True),
    ({"start": "01-01", "end": "12-30"}, "01-01 to 12-30", False),
]


@pytest.mark.parametrize(("run_period", "text", "is_annual"), SPANS)
def test_years_are_summed_of_whole_years_only(
    owner: User, owner_api: APIClient, run_period: object, text: str, is_annual: bool
) -> None:
    batch = record(owner, {**STUDY, "run_period": run_period})
    status, answer = put(owner_api, batch, {**FLAT, **LIFE})
    assert status == (200 if is_annual else 409)
    if not is_annual:
        assert [entry["path"] for entry in answer["errors"]] == ["life_cycle"]
        assert text in answer["errors"][0]["message"]
    assert owner_api.get(address(batch)).json()["period"] == text


def test_design_days_have_no_cost(owner: User, owner_api: APIClient) -> None:
    batch = record(owner, {**STUDY, "run_period": "design_days"})
    status, problem = put(owner_api, batch, FLAT)
    assert (status, problem["errors"][0]["found"]) == (409, "design_days")


def test_nobody_knows_what_of_the_year_a_declared_program_simulates(owner: User, owner_api: APIClient) -> None:
    program = {"name": "dd", "label": "Degree days", "digest": "0", "metrics": {}}
    study = {"name": "Degree days", "engine": "executable:dd", "weather": "miami"}
    inputs = {"models": {}, "weathers": {"miami": {"id": "1", "sha256": "0", "name": "miami"}}, "program": program}
    batch = record(owner, study, inputs=inputs)
    assert put(owner_api, batch, FLAT)[1]["period"] == "what Degree days does"
    assert put(owner_api, batch, {**FLAT, **LIFE})[0] == 409


def test_another_users_valuation_is_not_found(owner: User, other_api: APIClient) -> None:
    batch = record(owner, STUDY)
    for call in (other_api.get, other_api.put, other_api.delete):
        assert call(address(batch)).status_code == 404


def test_months_count_where_they_are_simulated_whole(owner: User) -> None:
    from batches.analysis.valuation import find_span
    from batches.plans import plan_of

    def months(start: str, end: str) -> tuple[int, ...]:
        return find_span(plan_of(record(owner, {**STUDY, "run_period": {"start": start, "end": end}}))).whole_months

    assert months("01-01", "01-31") == (0,)
    assert months("01-02", "03-30") == (1,)
    assert months("01-15", "01-16") == ()
    assert months("02-01", "03-31") == (1, 2)
    assert np.array(months("01-01", "12-31")).tolist() == list(range(12))
