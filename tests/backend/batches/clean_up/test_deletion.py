"""A deleted batch is gone at once; its rows and files go in steps that may be killed, and that block nobody."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.db.models import ProtectedError
from rest_framework.test import APIClient

from batches import storage
from batches.cases.attempts import Final
from batches.clean_up import removal
from batches.errors import NotExtensibleError, NotRetryableError, StillActiveError
from batches.expansion import expand_batch
from batches.growth import added_outputs, retries
from batches.growth.extension import refuse_unfinished
from batches.models import Batch, Case, Diagnosis, OutputAddition, RunSample, Shard
from batches.queries import find_used_files
from batches.states import AdditionState, BatchState, CaseState, Verdict
from tests.backend.batches.clean_up.conftest import days_ago
from tests.backend.stored import stored

MakeBatch = Callable[..., Batch]


@pytest.fixture
def cancelled(make_batch: MakeBatch) -> Batch:
    """A batch with rows of every kind, and files of its second shard and beside."""
    batch = make_batch()
    expand_batch(batch.pk)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED)
    Diagnosis.objects.create(batch_id=batch.pk, index=-1, kind="severe", message="a")
    Diagnosis.objects.create(batch_id=batch.pk, index=7, kind="severe", message="b")
    RunSample.objects.create(
        batch_id=batch.pk,
        shard=0,
        model_sha256="0" * 64,
        run_period={},
        days=1,
        keep_full=False,
        run_s=[],
        stored_bytes=[],
    )
    for key in (storage.case_folder(batch.pk, 1, 3, 1) / "eplusout.sql.zst", storage.part_path(batch.pk, 0)):
        path = stored(key)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"kept")
    batch.refresh_from_db()
    return batch


def count_rows(batch: Batch) -> list[int]:
    """Return how many rows a batch has left, by table."""
    tables: tuple[Any, ...] = (Diagnosis, Case, Shard, OutputAddition)
    return [model.objects.filter(batch_id=batch.pk).count() for model in tables] + [
        Batch.objects.filter(pk=batch.pk).count()
    ]


def test_deleting_a_batch_leaves_no_row_and_no_file_and_what_its_runs_took(cancelled: Batch) -> None:
    removal.delete_batch(batch=cancelled)
    removal.finish(cancelled.pk)
    assert count_rows(cancelled) == [0, 0, 0, 0, 0]
    assert not stored(storage.batch_folder(cancelled.pk)).exists()
    assert RunSample.objects.filter(batch_id=cancelled.pk).exists()


def test_a_batch_at_work_is_not_deleted(make_batch: MakeBatch) -> None:
    batch = make_batch(state=BatchState.RUNNING)
    with pytest.raises(StillActiveError, match="cancel it"):
        removal.delete_batch(batch=batch)
    batch.refresh_from_db()
    assert batch.deleted_at is None


def test_a_removal_may_be_killed_after_any_step_and_begins_anew(
    cancelled: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "ROWS_AT_ONCE", 3)
    removal.delete_batch(batch=cancelled)
    cancelled.refresh_from_db()
    steps = removal.count_steps(cancelled)
    assert steps == 3 + 1 + 4 + 1
    seen = []
    for killed_after in range(steps):
        for step in range(killed_after):  # what had been done before the worker was killed
            removal.take_step(cancelled, step)
        seen.append(count_rows(cancelled)[1])
        assert Batch.objects.filter(pk=cancelled.pk).exists()
    assert seen == [10, 10, 10, 10, 10, 7, 4, 1, 0]
    removal.finish(cancelled.pk)
    assert count_rows(cancelled) == [0, 0, 0, 0, 0]


def test_a_removal_whose_worker_died_is_found_by_the_reconciler(cancelled: Batch) -> None:
    removal.delete_batch(batch=cancelled)
    removal.take_step(cancelled, 0)
    Batch.objects.filter(pk=cancelled.pk).update(removal_alive_at=days_ago(1))
    ((batch_id, step),) = removal.list_stalled()
    assert (batch_id, step) == (str(cancelled.pk), 0)


def test_one_message_works_for_a_bounded_time_and_names_the_next_step(
    cancelled: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "MESSAGE_S", 0)
    removal.delete_batch(batch=cancelled)
    assert removal.go_on(cancelled.pk, 0) == removal.Further(1)
    assert removal.go_on(cancelled.pk, 1) == removal.Further(2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_remove_the_same_batch(cancelled: Batch) -> None:
    removal.delete_batch(batch=cancelled)
    found: list[Any] = []

    def second() -> None:
        try:
            found.append(removal.go_on(cancelled.pk, 0))
        finally:
            connection.close()

    with removal.claim_removal(cancelled.pk) as batch:
        assert batch is not None
        worker = threading.Thread(target=second)
        worker.start()
        worker.join()
    assert found == [None]
    assert count_rows(cancelled)[4] == 1


def test_nobody_sees_a_deleted_batch(
    cancelled: Batch, owner: User, log_in: Callable[[User], APIClient], make_batch: MakeBatch
) -> None:
    Batch.objects.filter(pk=cancelled.pk).update(
        inputs={"models": {"m": {"id": "11", "sha256": "1" * 64}}, "weathers": {}}
    )
    other = make_batch(state=BatchState.COMPLETED)
    addition = OutputAddition.objects.create(batch=cancelled, outputs=[], case_total=1)
    api, batch_id, task_id = log_in(owner), cancelled.pk, cancelled.task_id
    assert "11" in find_used_files().ids
    assert api.delete(f"/api/batches/{batch_id}/").status_code == 204
    assert [found["id"] for found in api.get("/api/batches/").json()["results"]] == [str(other.pk)]
    addresses = [
        *(f"/api/batches/{batch_id}/{what}" for what in ("", "cases/", "cases/0/", "events/", "results/", "columns/")),
        f"/api/batches/{batch_id}/timeseries/",
        f"/api/batches/{other.pk}/comparison/{batch_id}/",
        f"/api/batches/{batch_id}/comparison/{other.pk}/",
        f"/api/tasks/{task_id}/status/",
        f"/api/tasks/{addition.task_id}/status/",
        f"/api/simulation/{batch_id}/status/",
    ]
    assert {address: api.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)
    assert api.delete(f"/api/batches/{batch_id}/").status_code == 404
    assert api.post(f"/api/batches/{batch_id}/cancel/").status_code == 404
    assert api.patch(f"/api/batches/{batch_id}/", {"keep": True}).status_code == 404
    assert "11" not in find_used_files().ids
    addition.refresh_from_db()
    assert addition.state == AdditionState.CANCELLED


def test_a_batch_that_is_at_work_answers_conflict(make_batch: MakeBatch, owner: User, log_in: Any) -> None:
    batch = make_batch(state=BatchState.RUNNING)
    answer = log_in(owner).delete(f"/api/batches/{batch.pk}/")
    assert (answer.status_code, "cancel it" in answer.json()["detail"]) == (409, True)


def test_a_batch_that_was_deleted_a_moment_ago_neither_grows_nor_takes_outputs_nor_runs_again(cancelled: Batch) -> None:
    removal.delete_batch(batch=cancelled)
    cancelled.refresh_from_db()
    with pytest.raises(NotExtensibleError, match="deleted"):
        refuse_unfinished(cancelled)
    with pytest.raises(NotExtensibleError, match="deleted"):
        added_outputs.refuse_unready(cancelled)
    with pytest.raises(NotRetryableError, match="deleted"):
        retries.refuse_unable(cancelled)


def test_a_person_who_has_batches_is_not_deleted_with_a_million_rows(cancelled: Batch, owner: User) -> None:
    with pytest.raises(ProtectedError):
        owner.delete()
    removal.delete_batch(batch=cancelled)
    removal.finish(cancelled.pk)
    owner.delete()
    assert not User.objects.filter(username="owner").exists()


@pytest.mark.django_db(transaction=True)
def test_while_a_batch_is_deleted_the_cases_of_another_one_begin_and_end(
    cancelled: Batch, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of a removal is held open, before it commits, while another batch is worked on with no patience."""
    from batches.cases.attempts import claim_case, finish_case
    from batches.dispatch import list_open_indices

    other = make_batch()
    expand_batch(other.pk)
    Shard.objects.filter(batch=other).update(state="dispatched", epoch=1)
    removal.delete_batch(batch=cancelled)
    cancelled.refresh_from_db()
    indices = [index for shard in Shard.objects.filter(batch=other) for index in list_open_indices(shard)]
    finished = []
    for step in range(removal.count_steps(cancelled)):
        with transaction.atomic():
            removal.take_step(cancelled, step)
            finished.append(
                in_another_session(lambda index=indices[step]: work_on(other, index, claim_case, finish_case))
            )
    assert finished == [True] * removal.count_steps(cancelled)
    assert count_rows(cancelled) == [0, 0, 0, 0, 0]


def work_on(other: Batch, index: int, claim_case: Any, finish_case: Any) -> bool:
    """Show a batch, claim one of its cases and end it; any wait for a lock fails."""
    from batches.queries import count_cases

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        try:
            count_cases(Batch.objects.get(pk=other.pk))
            attempt = claim_case(other.pk, index, 1)
            return bool(finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {"a": 1})).case)
        finally:
            cursor.execute("RESET lock_timeout")  # whoever gets the connection from the pool next may wait


def in_another_session(work: Callable[[], Any]) -> Any:
    """Return what some work gives with a connection of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    worker = threading.Thread(target=run)
    worker.start()
    worker.join()
    return found[0] if found else None
