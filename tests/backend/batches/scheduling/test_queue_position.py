"""Where a batch stands in the queue, when it is expected to begin, and what changing its priority does."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from batches import tasks
from batches.dispatch import claim_misplaced_shards, claim_shards
from batches.models import Batch, Case, RunSample, Shard
from batches.scheduling.levels import HIGH, LOW, NORMAL
from batches.scheduling.queue_position import QueuePosition, find_position, forget_look
from batches.scheduling.slots import count_slots, report_slots
from batches.states import CaseState

QueueBatch = Callable[..., Batch]


@pytest.fixture(autouse=True)
def _look_anew() -> Iterator[None]:
    """Let no test see what another has looked at."""
    forget_look()
    yield
    forget_look()


def see(batch: Batch) -> QueuePosition | None:
    """Where a batch stands now."""
    forget_look()
    return find_position(Batch.objects.get(pk=batch.pk))


def begin_cases(batch: Batch, count: int) -> None:
    """Let workers hold a batch's first cases."""
    cases = Case.objects.filter(batch=batch, index__lt=count)
    cases.update(state=CaseState.RUNNING, leased_until=timezone.now() + timedelta(minutes=5))


def test_a_batch_alone_begins_next(user: User, queue_batch: QueueBatch) -> None:
    found = see(queue_batch(user, 50))
    assert found is not None
    assert (found.position, found.cases_ahead) == (1, 0)
    assert found.expected_start_at is not None


def test_a_batch_that_has_begun_is_in_no_queue(user: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(user, 50)
    claim_shards()
    begin_cases(batch, 1)
    assert see(batch) is None


def test_own_batches_are_ahead_in_full_and_those_of_others_in_turns(
    user: User, other_user: User, queue_batch: QueueBatch
) -> None:
    first, second, theirs = queue_batch(user, 30), queue_batch(user, 30), queue_batch(other_user, 500)
    assert (see(first).cases_ahead, see(theirs).cases_ahead) == (1, 1)  # type: ignore[union-attr]
    assert see(second).cases_ahead == 30 + 31  # type: ignore[union-attr]
    assert see(second).position == 3  # type: ignore[union-attr]


def test_what_is_more_urgent_is_ahead_in_full(user: User, other_user: User, queue_batch: QueueBatch) -> None:
    low = queue_batch(user, 30, priority="low")
    queue_batch(other_user, 500)
    assert see(low).cases_ahead == 500  # type: ignore[union-attr]


def test_the_start_follows_from_what_the_runs_ahead_take(user: User, other_user: User, queue_batch: QueueBatch) -> None:
    """Ten slots, all at work, 2 s a case: 99 cases ahead and a slot to wait for take 20 s."""
    report_slots("one@here", 10)
    busy = queue_batch(other_user, 109)
    claim_shards()
    begin_cases(busy, 10)
    low = queue_batch(user, 5, priority="low")
    assert see(low).expected_start_at is None  # type: ignore[union-attr]
    RunSample.objects.create(
        batch_id=busy.pk,
        shard=0,
        model_sha256="0" * 64,
        run_period=busy.study["run_period"],
        days=365,
        keep_full=False,
        run_s=[1.0, 3.0],
        stored_bytes=[],
    )
    found = see(low)
    assert found is not None
    assert found.cases_ahead == 99
    assert found.expected_start_at is not None
    assert abs((found.expected_start_at - timezone.now()).total_seconds() - 20) < 3


def test_a_list_of_batches_asks_no_more_questions_for_more_that_wait(
    user: User, api: APIClient, queue_batch: QueueBatch
) -> None:
    def count_questions() -> int:
        forget_look()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            rows = api.get("/api/batches/").json()["results"]
        assert all(row["queue"]["position"] for row in rows)
        return len(asked)

    queue_batch(user, 50)
    few = count_questions()
    for _ in range(9):
        queue_batch(user, 50)
    assert count_questions() <= few


def test_slots_are_those_that_workers_report(settings: object, db: None) -> None:
    assert count_slots() == settings.CASEFARM_SLOTS  # type: ignore[attr-defined]
    report_slots("one@here", 4)
    report_slots("two@there", 6)
    report_slots("one@here", 4)
    assert count_slots() == 10


def test_slots_are_this_machine_s_where_the_broker_does_not_answer(settings: object, db: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert count_slots() == settings.CASEFARM_SLOTS  # type: ignore[attr-defined]


def test_a_changed_priority_moves_what_waits_in_the_broker(user: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(user, 50)
    claim_shards()
    for priority, level, epoch in (("high", HIGH, 2), ("low", LOW, 3), ("normal", NORMAL, 4)):
        Batch.objects.filter(pk=batch.pk).update(priority=priority)
        assert [(shard.level, shard.epoch) for shard in claim_misplaced_shards(batch.pk)] == [(level, epoch)]
        assert claim_misplaced_shards(batch.pk) == []


def test_an_owner_changes_the_priority_of_an_active_batch(
    user: User, api: APIClient, queue_batch: QueueBatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    batch = queue_batch(user, 20)
    claim_shards()
    sent: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.apply_priority, "delay", sent.append)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            response = api.patch(f"/api/batches/{batch.pk}/", {"priority": "high"})
    assert (response.status_code, response.json()["priority"]) == (200, "high")
    assert sent == [str(batch.pk)]
    Batch.objects.filter(pk=batch.pk).update(state="completed")
    refused = api.patch(f"/api/batches/{batch.pk}/", {"priority": "low"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "priority")
    assert Shard.objects.get(batch=batch).level is not None
