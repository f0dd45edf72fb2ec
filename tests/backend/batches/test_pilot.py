"""A pilot runs the first cases of a study: they are cases of the study to the last byte of their models."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.cases.known_cases import make_key
from batches.cases.staging import make_recipe
from batches.models import Batch
from batches.plans import make_plan
from batches.previews.pilot import make_pilot
from batches.submission import examine, pin_inputs
from studies.checks.examination import ExaminedStudy

pytestmark = [pytest.mark.usefixtures("small_library"), pytest.mark.django_db(transaction=True)]

LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "run_period": {"start": "01-14", "end": "01-14"},
    "parameters": [
        {"name": "lighting", "target": LIGHTS, "change": "scale", "uniform": [0.5, 1.5]},
        {"name": "north", "measure": "rotate", "derived": "90 * lighting"},
    ],
    "design": {"method": "sobol", "samples": 64, "seed": 3},
    "constraints": ["lighting < 1.4"],
}


def list_keys(examined: ExaminedStudy, count: int) -> list[str]:
    plan = make_plan(examined.study, pin_inputs(examined), 100)
    return [make_key(make_recipe(plan, index)) for index in range(count)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"design": {"method": "lhs", "samples": 10}},
        {"design": {"method": "morris", "trajectories": 4}, "constraints": []},
        {
            "parameters": [{**STUDY["parameters"][0], "uniform": None, "choice": [0.5, 1.0], "weights": [1, 3]}],
            "design": {"method": "random", "samples": 9},
            "constraints": [],
        },
        {"outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}], "keep": "full"},
    ],
    ids=["sobol", "lhs", "morris", "choice", "outputs"],
)
def test_the_cases_of_a_pilot_are_the_first_of_the_study(owner: User, changes: dict[str, Any]) -> None:
    examined = examine(owner, {**STUDY, **changes})
    pilot = examine(owner, make_pilot(examined, 3))
    assert (pilot.points.case_count, pilot.points.baseline_count) == (3, 0)
    assert pilot.study.name == "Pilot: Lighting"
    assert list_keys(pilot, 3) == list_keys(examined, 3)


def test_a_pilot_of_one_parameter_at_a_time_has_cases_that_vary_the_same(owner: User) -> None:
    parameters = [
        {**STUDY["parameters"][0], "uniform": None, "values": [0.5, 0.6, 0.7]},
        {"name": "north", "measure": "rotate", "values": [10, 20]},
    ]
    document = {**STUDY, "parameters": parameters, "design": {"method": "one_at_a_time"}, "constraints": []}
    examined = examine(owner, document)
    pilot = examine(owner, make_pilot(examined, 2))
    assert len(pilot.study.parameters) == 1
    assert set(list_keys(pilot, pilot.points.case_count)) <= set(list_keys(examined, examined.points.case_count))


def test_a_small_study_is_run_as_a_whole(owner: User) -> None:
    examined = examine(owner, {**STUDY, "design": {"method": "sobol", "samples": 2}, "constraints": []})
    assert len(make_pilot(examined, 50)["design"]["rows"]) == 2


@pytest.fixture
def api(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    return log_in(owner)


def test_a_pilot_is_submitted_as_a_batch_of_its_own(api: APIClient) -> None:
    answer = api.post("/api/batches/pilot/", {"study": STUDY, "cases": 4}, format="json")
    assert (answer.status_code, answer.json()["case_count"]) == (202, 4)
    assert Batch.objects.get().name == "Pilot: Lighting"


@pytest.mark.parametrize("cases", [0, 51, "3", 1.5, True, None])
def test_a_pilot_has_a_few_cases(api: APIClient, cases: Any) -> None:
    answer = api.post("/api/batches/pilot/", {"study": STUDY, "cases": cases}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "cases")


def test_a_pilot_of_a_wrong_study_is_refused_like_the_study(api: APIClient) -> None:
    wrong = {**STUDY, "weather": "chikago"}
    answer = api.post("/api/batches/pilot/", {"study": wrong}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "weather")
    assert not Batch.objects.exists()


def test_a_search_has_no_pilot(api: APIClient) -> None:
    design = {
        "method": "differential_evolution",
        "generations": 3,
        "population": 8,
        "objective": {"metric": "electricity_kwh"},
    }
    parameters = [STUDY["parameters"][0], {"name": "north", "measure": "rotate", "uniform": [0, 90]}]
    study = {**STUDY, "parameters": parameters, "weather": "miami", "design": design}
    answer = api.post("/api/batches/pilot/", {"study": study}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "design")
