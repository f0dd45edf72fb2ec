"""The history of tasks: what is kept, that it never fails a task, and that administrators see it."""

import uuid
from datetime import timedelta

import pytest
from celery.signals import task_failure
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from batches import tasks as batch_tasks
from batches.models import Batch, Diagnosis
from operations import history, tasks
from operations.models import TaskRun, TaskState

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(user: User) -> Batch:
    """A batch with trouble."""
    numbers = {"case_count": 10, "baseline_count": 0, "shard_size": 10}
    batch = Batch.objects.create(
        owner=user, name="Envelope", study={}, inputs={}, parameters=[], design_digest="0" * 64, **numbers
    )
    Diagnosis.objects.create(batch=batch, index=3, kind="crash", message="the engine <crashed>")
    return batch


@pytest.fixture
def admin(admin_client: Client) -> Client:
    """A browser that is logged in as an administrator."""
    return admin_client


def test_a_task_that_succeeds_is_kept_with_what_it_was_about() -> None:
    tasks.remove_old_task_history.apply(task_id="one")
    run = TaskRun.objects.get(pk="one")
    assert (run.name, run.state, run.error) == ("operations.remove_old_task_history", TaskState.SUCCEEDED, "")
    assert run.started_at <= run.ended_at


def test_a_stage_is_found_by_its_batch(batch: Batch) -> None:
    batch_tasks.cancel_pending_cases.apply((str(batch.pk),), task_id="one")
    assert TaskRun.objects.get(batch_id=batch.pk).about == str(batch.pk)


def test_a_failure_is_kept_with_its_reason() -> None:
    missing = str(uuid.uuid4())
    batch_tasks.finish_batch.apply((missing,), task_id="one")
    run = TaskRun.objects.get(pk="one")
    assert run.state == TaskState.FAILED
    assert run.error == "DoesNotExist: Batch matching query does not exist."


def test_cases_and_what_beat_sends_every_few_seconds_leave_no_rows() -> None:
    tasks.record_heartbeat.apply()
    batch_tasks.simulate_case.apply((str(uuid.uuid4()), 0, 1))
    assert not TaskRun.objects.exists()


def test_a_heartbeat_that_fails_is_kept() -> None:
    task_failure.send(
        sender=tasks.record_heartbeat, task_id="one", exception=ValueError("no"), args=(), kwargs={}, traceback=None
    )
    assert TaskRun.objects.get().error == "ValueError: no"


def test_a_database_that_is_away_fails_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(TaskRun.objects, "update_or_create", fail)
    assert tasks.remove_old_task_history.apply().successful()
    assert not TaskRun.objects.exists()


def test_old_history_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    TaskRun.objects.create(task_id="old", name="a", worker="w", started_at="2020-01-01T00:00:00Z")
    TaskRun.objects.create(task_id="new", name="a", worker="w")
    assert history.remove_old_runs(older_than=timedelta(days=30)) == 1
    assert TaskRun.objects.get().pk == "new"


@pytest.mark.parametrize("page", ["operations/taskrun", "batches/batch", "batches/reconcileraction"])
def test_administrators_see_and_search_lists_and_change_nothing(admin: Client, batch: Batch, page: str) -> None:
    TaskRun.objects.create(task_id="one", name="batches.expand_batch", worker="w", batch_id=batch.pk)
    assert admin.get(f"/admin/{page}/").status_code == 200
    assert admin.get(f"/admin/{page}/", {"q": str(batch.pk)}).status_code == 200
    assert admin.get(f"/admin/{page}/add/").status_code == 403


def test_a_batch_tells_its_troubles_escaped(admin: Client, batch: Batch) -> None:
    page = admin.get(f"/admin/batches/batch/{batch.pk}/change/").content.decode()
    assert "case 3: crash: the engine &lt;crashed&gt;" in page


def test_the_list_of_tasks_counts_no_rows(admin: Client) -> None:
    TaskRun.objects.bulk_create([TaskRun(task_id=str(number), name="a", worker="w") for number in range(120)])
    with CaptureQueriesContext(connection) as asked:
        assert admin.get("/admin/operations/taskrun/").status_code == 200
    assert not any("COUNT(" in query["sql"] for query in asked.captured_queries)


def test_people_who_are_no_administrators_see_nothing(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/admin/operations/taskrun/").status_code == 302
