"""`GET /api/workers/tasks/`."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core.cache import cache
from rest_framework.test import APIClient

from batches.models import Batch
from operations import workers
from tests.backend.operations.conftest import wait_for

TASKS = "/api/workers/tasks/"


@pytest.fixture
def batch(user: User) -> Batch:
    """A batch of `user`."""
    return Batch.objects.create(
        owner=user,
        name="batch",
        study={},
        inputs={},
        parameters=[],
        design_digest="0" * 64,
        case_count=10,
        baseline_count=0,
        shard_size=10,
    )


@pytest.fixture
def two_tasks_at_work(batch: Batch, worker_name: str, tmp_path: Path) -> Iterator[None]:
    """Have a worker do case 7 of `batch` and a case of a batch that is somebody else's."""
    flag = tmp_path / "flag"
    for batch_id, index in ((str(batch.pk), 7), (str(uuid.uuid4()), 8)):
        arguments = (batch_id, index, str(flag))
        current_app.send_task("batches.simulate_until_told", args=arguments, queue="simulations")
    wait_for(lambda: sum(len(answer["tasks"]) for answer in workers.ask_workers().values()) == 2)
    cache.delete(workers.CACHE_KEY)
    yield
    flag.touch()
    wait_for(lambda: not any(answer["tasks"] for answer in workers.ask_workers().values()))


@pytest.mark.stack
def test_people_see_the_tasks_of_their_own_batches(
    api: APIClient, other_api: APIClient, staff_api: APIClient, batch: Batch, worker_name: str, two_tasks_at_work: None
) -> None:
    mine = api.get(TASKS).json()
    assert mine["active"] == 2
    assert [(task["batch_id"], task["case_index"], task["worker"]) for task in mine["tasks"]] == [
        (str(batch.pk), 7, worker_name)
    ]
    assert mine["tasks"][0]["started_at"]
    assert other_api.get(TASKS).json() == {"active": 2, "tasks": []}
    assert {task["case_index"] for task in staff_api.get(TASKS).json()["tasks"]} == {7, 8}


def test_without_workers_nothing_runs(api: APIClient) -> None:
    assert api.get(TASKS).json()["tasks"] == []


def test_nobody_sees_nothing(anonymous_api: APIClient) -> None:
    assert anonymous_api.get(TASKS).status_code == 401
