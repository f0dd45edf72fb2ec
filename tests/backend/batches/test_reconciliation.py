"""What lost its message is found in the real broker and sent again, by one of many, and never what only has to wait."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis, RedisError

from batches import messages, reconciliation, tasks
from batches.aggregation import fail_batch
from batches.cancellation import cancel_batch, cancel_pending_cases
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import list_open_indices
from batches.expansion import expand_batch
from batches.messages import Work
from batches.models import Batch, Case, ReconcilerAction, Shard
from batches.states import BatchState, CaseState, ShardState, Verdict

CASE, TURN = "batches.simulate_case", "batches.dispatch_shards"


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The broker, empty; no worker runs."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
        messages.notice_loss()
        yield client
        client.flushall()


@pytest.fixture(autouse=True)
def quick_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what has no message looked at a second time at once, and nobody wait long for workers that there are not."""
    monkeypatch.setattr(messages, "SECOND_LOOK_AFTER_S", 0)
    monkeypatch.setattr(messages, "ANSWER_TIMEOUT_S", 0.05)


@pytest.fixture
def batch(make_batch: Callable[..., Batch], broker: Redis) -> Batch:
    """A running batch of 10 cases whose first two shards are marked as dispatched; nothing has been sent."""
    batch = make_batch()
    expand_batch(batch.pk)
    for number in (0, 1):
        batch.shards.filter(number=number).update(state=ShardState.DISPATCHED, epoch=1)
    batch.refresh_from_db()
    return batch


def end_lease(batch: Batch, index: int) -> None:
    Case.objects.filter(batch_id=batch.pk, index=index).update(leased_until="2020-01-01T00:00:00Z")


def finish(batch: Batch, index: int, epoch: int = 1) -> None:
    attempt = claim_case(batch.pk, index, epoch)
    assert attempt
    finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {}))


def sent_cases(broker: Redis) -> list[tuple[int, int]]:
    """Return index and epoch of every message of a case, and take the messages away."""
    found = [arguments[1:] for task, arguments in messages.list_queued(broker) if task == CASE]
    take_messages(broker)
    return sorted(found)


def sent_tasks(broker: Redis) -> list[str]:
    """Return the names of all messages, but that of the turn each round ends with, and take them away."""
    found = [task for task, _ in messages.list_queued(broker) if task != TURN]
    take_messages(broker)
    return sorted(found)


def take_messages(broker: Redis) -> None:
    """Lose every message that waits; what else the broker holds stays."""
    for key in broker.scan_iter():
        if broker.type(key) == b"list":
            broker.delete(key)


def reconcile_twice() -> None:
    tasks.reconcile_batches()
    tasks.reconcile_batches()


@pytest.mark.parametrize("shard", [0, 1])
def test_a_shard_whose_messages_were_never_sent_is_sent(batch: Batch, broker: Redis, shard: int) -> None:
    tasks.send_shard(batch.shards.get(number=1 - shard))
    reconcile_twice()
    indices = list(batch.shards.get(number=shard).indices)
    assert [index for index, _ in sent_cases(broker) if index in indices] == indices


def test_one_lost_case_is_sent_again_while_its_shard_goes_on(batch: Batch, broker: Redis) -> None:
    shard = batch.shards.get(number=0)
    tasks.send_shard(batch.shards.get(number=1))
    tasks.send_cases(shard, [-2, 1])
    assert claim_case(batch.pk, -1, 1)  # at work
    reconcile_twice()
    reconcile_twice()
    queued = [arguments[1] for task, arguments in messages.list_queued(broker) if task == CASE]
    assert sorted(queued) == [-2, 0, 1, 2, 3, 4, 5]
    shard.refresh_from_db()
    assert shard.epoch == 1


def test_cases_that_wait_are_never_taken_for_lost_however_long(batch: Batch, broker: Redis) -> None:
    for number in (0, 1):
        tasks.send_shard(batch.shards.get(number=number))
    Shard.objects.update(last_progress_at="2020-01-01T00:00:00Z")
    before = sorted(messages.list_queued(broker))
    reconcile_twice()
    assert sorted(found for found in messages.list_queued(broker) if found[0] != TURN) == before


def test_messages_of_every_priority_are_seen(batch: Batch, broker: Redis) -> None:
    for priority, index in ((0, 0), (3, 1), (6, 2), (9, 3)):
        tasks.simulate_case.apply_async((str(batch.pk), index, 1), priority=priority)
    assert sorted(arguments[1] for _, arguments in messages.list_queued(broker)) == [0, 1, 2, 3]


def test_a_case_whose_worker_vanished_is_sent_at_the_first_look(
    batch: Batch, broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "SECOND_LOOK_AFTER_S", 5)
    for number in (0, 1):
        tasks.send_shard(batch.shards.get(number=number))
    sent_cases(broker)
    assert claim_case(batch.pk, 0, 1)
    end_lease(batch, 0)
    tasks.reconcile_batches()
    assert sent_cases(broker) == [(0, 1)]


def test_a_case_with_a_living_lease_is_left_alone(batch: Batch, broker: Redis) -> None:
    for index in range(-2, 6):
        assert claim_case(batch.pk, index, 1)
    reconcile_twice()
    assert sent_cases(broker) == []


def test_an_emptied_broker_has_everything_sent_at_once_under_new_epochs(batch: Batch, broker: Redis) -> None:
    for number in (0, 1):
        tasks.send_shard(batch.shards.get(number=number))
    finish(batch, 0)
    broker.flushall()
    tasks.reconcile_batches()
    assert [index for index, epoch in sent_cases(broker) if epoch == 2] == [-2, -1, 1, 2, 3, 4, 5]
    assert claim_case(batch.pk, 1, 1) is None
    assert claim_case(batch.pk, 1, 2)
    assert ReconcilerAction.objects.get(kind="resent_shards").count == 2


@pytest.mark.parametrize(
    ("state", "task"),
    [
        (BatchState.QUEUED, "batches.expand_batch"),
        (BatchState.EXPANDING, "batches.expand_batch"),
        (BatchState.AGGREGATING, "batches.finish_batch"),
    ],
)
def test_the_lost_message_of_a_stage_is_sent_again_once(batch: Batch, broker: Redis, state: str, task: str) -> None:
    Batch.objects.update(state=state)
    reconcile_twice()
    assert sent_tasks(broker) == [task]


def test_a_chord_that_never_fired_has_its_shard_closed(batch: Batch, broker: Redis) -> None:
    for index in batch.shards.get(number=0).indices:
        finish(batch, index)
    tasks.send_shard(batch.shards.get(number=1))
    reconcile_twice()
    assert ("batches.finish_shard", (str(batch.pk), 0, 1)) in list(messages.list_queued(broker))


def test_a_batch_all_of_whose_shards_are_finished_goes_on(batch: Batch, broker: Redis) -> None:
    batch.shards.update(state=ShardState.FINISHED)
    reconcile_twice()
    assert sent_tasks(broker) == ["batches.continue_batch"]


def test_every_round_ends_with_a_turn(batch: Batch, broker: Redis) -> None:
    tasks.reconcile_batches()
    assert (TURN, ()) in list(messages.list_queued(broker))


def test_a_half_cancelled_batch_is_cancelled_to_the_end(batch: Batch, broker: Redis) -> None:
    assert claim_case(batch.pk, 0, 1)
    cancel_batch(batch=batch)
    end_lease(batch, 0)
    reconcile_twice()
    assert "batches.cancel_pending_cases" in sent_tasks(broker)
    cancel_pending_cases(batch.pk)
    assert set(Case.objects.values_list("state", flat=True)) == {"cancelled"}
    assert reconciliation.list_half_cancelled_batches() == []


def test_a_batch_that_was_cancelled_before_anything_began_is_found_too(batch: Batch, broker: Redis) -> None:
    batch.shards.update(state=ShardState.PENDING, epoch=0)
    cancel_batch(batch=batch)
    assert reconciliation.list_half_cancelled_batches() == [(str(batch.pk),)]
    cancel_pending_cases(batch.pk)
    assert reconciliation.list_half_cancelled_batches() == []


def test_a_batch_that_a_stage_failed_has_its_cases_made_final_and_its_stage_left_alone(
    batch: Batch, broker: Redis
) -> None:
    assert claim_case(batch.pk, 0, 1)
    fail_batch(batch.pk, "finish_shard failed: a mistake")
    end_lease(batch, 0)
    reconcile_twice()
    assert "batches.cancel_pending_cases" in sent_tasks(broker)
    cancel_pending_cases(batch.pk)
    assert set(Case.objects.values_list("state", flat=True)) == {"cancelled"}
    assert reconciliation.list_half_cancelled_batches() == []
    assert reconciliation.list_finished_shards() == []


def test_an_ended_batch_has_nothing_due(batch: Batch, broker: Redis) -> None:
    Batch.objects.update(state=BatchState.FAILED)
    reconcile_twice()
    assert sent_tasks(broker) == []


def at_once(times: int, work: Callable[[], Any]) -> list[Any]:
    """Do something several times at the same moment, as the reconcilers of several schedulers would."""
    start = Barrier(times, timeout=30)

    def do(_: int) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(do, range(times)))


def test_of_several_reconcilers_each_loss_is_seen_to_by_one(broker: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "list_held", lambda: (set(), set()))
    due = [Work(CASE, ("batch", index, 1)) for index in range(500)]
    claimed = [work for found in at_once(4, lambda: messages.claim_lost(due)) for work in found]
    assert sorted(work.arguments[1] for work in claimed) == list(range(500))


def test_of_several_reconcilers_one_sees_to_an_emptied_broker(broker: Redis) -> None:
    broker.flushall()
    assert sorted(at_once(4, messages.notice_loss)) == [False, False, False, True]


def test_a_message_of_a_release_that_had_other_arguments_fails_no_batch(batch: Batch) -> None:
    with pytest.raises(TypeError):
        tasks.finish_batch(str(batch.pk), "of another release")
    error = TypeError("takes 1 positional argument but 2 were given")
    tasks.finish_batch.on_failure(error, "id", (str(batch.pk), "of another release"), {}, None)
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


@pytest.mark.parametrize(
    "ask",
    [
        lambda nowhere: Redis.from_url(nowhere).ping(),
        lambda nowhere: Connection(nowhere).ensure_connection(max_retries=1, interval_start=0),  # as Celery sends
    ],
)
def test_a_broker_that_is_away_while_a_stage_sends_the_next_fails_no_batch(
    batch: Batch, ask: Callable[[str], object]
) -> None:
    with pytest.raises((RedisError, BrokerError)) as raised:
        ask("redis://127.0.0.1:1/0")
    tasks.finish_shard.on_failure(raised.value, "id", (str(batch.pk), 0, 1), {}, None)
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


def test_a_stage_that_fails_by_itself_still_fails_its_batch(batch: Batch) -> None:
    tasks.finish_batch.on_failure(TypeError("a mistake"), "id", (str(batch.pk),), {}, None)
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED


def test_what_a_worker_has_begun_covers_a_stage_and_not_a_lost_attempt() -> None:
    message = (CASE, ("batch", 1, 1))
    assert messages.is_held(Work(*message), begun={message}, waiting=set())
    assert not messages.is_held(Work(*message, is_begun=True), begun={message}, waiting=set())
    assert messages.is_held(Work(*message, is_begun=True), begun=set(), waiting={message})


def test_a_case_is_shown_with_its_batch_and_name(batch: Batch, broker: Redis) -> None:
    tasks.send_cases(batch.shards.select_related("batch").get(number=0), [1])
    key = next(key for key in broker.scan_iter("simulations*"))
    shown = json.loads(broker.lindex(key, 0))["headers"]["argsrepr"]
    assert shown == f"case 1 of {str(batch.pk)[:8]} (Lighting)"
    assert list_open_indices(batch.shards.get(number=1)) == [2, 3, 4, 5]


def test_every_task_that_may_be_lost_is_known_to_the_workers() -> None:
    assert {task.name for task, _ in tasks.UNFINISHED_WORK} <= set(current_app.tasks)
