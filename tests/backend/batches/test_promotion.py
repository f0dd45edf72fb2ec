"""Points of one's own become cases: checked like rows of a table study, each mistake with its place in the request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.case_rows import write_missing_rows
from batches.models import Batch
from batches.plans import plan_of
from batches.results.findings import no_change
from batches.states import BatchState
from batches.submission import submit_batch
from library.models import StoredModel, StoredWeather
from tests.backend.batches.finished_batches import close_shards

pytestmark = [pytest.mark.usefixtures("small_library"), pytest.mark.django_db(transaction=True)]

STUDY: dict[str, Any] = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 1.0],
        },
        {"name": "north", "measure": "rotate", "derived": "90 * lighting"},
    ],
    "constraints": ["lighting < 2"],
}


@pytest.fixture
def submit(owner: User) -> Callable[..., Batch]:
    """Records a study as a batch that has completed."""

    def make(**changes: Any) -> Batch:
        batch = submit_batch(user=owner, document={**STUDY, **changes})
        write_missing_rows(batch)
        close_shards(batch)
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
        batch.refresh_from_db()
        return batch

    return make


@pytest.fixture
def extend(owner: User, log_in: Callable[[User], APIClient]) -> Callable[..., Any]:
    """Asks for rows more and returns the answer."""
    api = log_in(owner)
    return lambda batch, *rows: api.post(f"/api/batches/{batch.pk}/extend/", {"rows": list(rows)}, format="json")


def test_a_row_becomes_a_case_with_its_derived_values(submit: Callable[..., Batch], extend: Callable[..., Any]) -> None:
    batch = submit()
    answer = extend(batch, {"lighting": 0.75, "weather": "miami"})
    assert (answer.status_code, answer.json()["case_count"], answer.json()["state"]) == (202, 5, "expanding")
    batch.refresh_from_db()
    point = plan_of(batch).points[4]
    assert (point.weather, point.values) == ("miami", {"lighting": 0.75, "north": 67.5})


@pytest.mark.parametrize(
    ("row", "path", "words"),
    [
        ({"weather": "chicago"}, "rows[0].lighting", "Write a value for `lighting`"),
        ({"lighting": 0.7}, "rows[0].weather", "Write a value for `weather`"),
        ({"lighting": 0.7, "weather": "boston"}, "rows[0].weather", "one of the study's own"),
        ({"lighting": 0.7, "weather": "miami", "north": 1}, "rows[0].north", "expression gives the value"),
        ({"lighting": 0.7, "weather": "miami", "roof": 1}, "rows[0].roof", "no parameter `roof`"),
        ({"lighting": -1.0, "weather": "miami"}, "rows[0].lighting", "at least 0"),
        ({"lighting": "bright", "weather": "miami"}, "rows[0].lighting", "number"),
        ({"lighting": True, "weather": "miami"}, "rows[0].lighting", "number"),
        ({"lighting": 2.5, "weather": "miami"}, "rows[0]", "constraints"),
        ("bright", "rows[0]", "mapping"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(
    submit: Callable[..., Batch], extend: Callable[..., Any], row: Any, path: str, words: str
) -> None:
    batch = submit()
    answer = extend(batch, row)
    assert answer.status_code == 400, answer.content
    messages = {error["path"]: error["message"] for error in answer.json()["errors"]}
    assert words in messages[path]
    batch.refresh_from_db()
    assert (batch.state, batch.extensions) == (BatchState.COMPLETED, [])


def test_every_mistake_is_told_at_once(submit: Callable[..., Batch], extend: Callable[..., Any]) -> None:
    answer = extend(submit(), {"lighting": 0.7, "weather": "boston"}, {"lighting": -1.0, "weather": "miami"})
    assert [error["path"] for error in answer.json()["errors"]] == ["rows[0].weather", "rows[1].lighting"]


def test_rows_are_checked_against_what_the_references_meant(
    submit: Callable[..., Batch], extend: Callable[..., Any]
) -> None:
    batch = submit()
    StoredModel.objects.all().delete()
    StoredWeather.objects.all().delete()
    assert extend(batch, {"lighting": 0.7, "weather": "miami"}).status_code == 202


def test_a_parameter_that_changed_nothing_may_do_so_in_a_row(
    submit: Callable[..., Batch], extend: Callable[..., Any]
) -> None:
    parameters = [{**STUDY["parameters"][0], "values": [1.0]}, {"name": "north", "measure": "rotate", "values": [90]}]
    idle = submit(parameters=parameters, constraints=[])
    assert [found["parameter"] for found in idle.findings] == ["lighting"]
    still = submit(parameters=parameters, constraints=[])
    extend(idle, {"lighting": 0.5, "north": 90, "weather": "miami"})
    extend(still, {"lighting": 1.0, "north": 45, "weather": "miami"})
    idle.refresh_from_db()
    still.refresh_from_db()
    assert idle.findings == []
    assert [found["kind"] for found in still.findings] == [no_change("lighting", "")["kind"]]


def test_samples_go_on_with_the_sequence(
    submit: Callable[..., Batch], owner: User, log_in: Callable[[User], APIClient]
) -> None:
    sobol = {"method": "sobol", "samples": 6, "seed": 1}
    parameters = [{**STUDY["parameters"][0], "values": None, "uniform": [0.5, 1.5]}]
    small = submit(parameters=parameters, design=sobol)
    large = submit(parameters=parameters, design={**sobol, "samples": 10})
    api = log_in(owner)
    assert api.post(f"/api/batches/{small.pk}/extend/", {"samples": 4}, format="json").status_code == 202
    small.refresh_from_db()
    assert list(plan_of(small).points) == list(plan_of(large).points)


@pytest.mark.parametrize(
    "design", [{"method": "lhs", "samples": 4}, {"method": "grid"}, {"method": "one_at_a_time"}], ids=str
)
def test_a_design_that_is_complete_takes_rows_alone(
    submit: Callable[..., Batch], owner: User, log_in: Callable[[User], APIClient], design: dict[str, Any]
) -> None:
    batch = submit(design=design, constraints=[])
    answer = log_in(owner).post(f"/api/batches/{batch.pk}/extend/", {"samples": 4}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["accepted"]) == (400, ["rows"])
