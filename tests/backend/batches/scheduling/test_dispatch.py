"""Which shards a dispatch marks and where they go; what two dispatchers at once do; how waiting batches age."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count
from pytest_django import Settings
from redis import Redis

from batches import broker, tasks
from batches.dispatch import claim_outgrown_shards, claim_shards
from batches.models import Batch, OwnerShare, Shard
from batches.scheduling.levels import FAST, HIGH, LOW, NORMAL
from batches.states import BatchState, Priority, ShardState

from .conftest import move_back

QueueBatch = Callable[..., Batch]


@pytest.fixture
def other(db: None) -> User:
    """Another owner."""
    return User.objects.create_user("other")


def levels_of(batch: Batch) -> set[int | None]:
    """The levels of a batch's shards in the broker."""
    return set(batch.shards.filter(state=ShardState.DISPATCHED).values_list("level", flat=True))


def test_a_claim_says_lane_and_level_and_gives_a_new_epoch(owner: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(owner, 40, shard_size=10)
    (first, *_) = claimed = claim_shards()
    assert {shard.batch_id for shard in claimed} == {batch.pk}
    assert (first.epoch, first.lane, first.level, first.state) == (1, 0, NORMAL, ShardState.DISPATCHED)


def test_batches_that_do_not_run_get_no_turn(owner: User, queue_batch: QueueBatch) -> None:
    for state in (BatchState.QUEUED, BatchState.EXPANDING, BatchState.CANCELLED, BatchState.COMPLETED):
        batch = queue_batch(owner, 20)
        Batch.objects.filter(pk=batch.pk).update(state=state)
    assert claim_shards() == []


def test_owners_wait_in_lanes_of_their_own(owner: User, other: User, queue_batch: QueueBatch) -> None:
    mine, theirs = queue_batch(owner, 600), queue_batch(other, 600)
    lanes = {shard.batch_id: shard.lane for shard in claim_shards()}
    assert lanes[mine.pk] != lanes[theirs.pk]


def test_priority_is_the_level_in_the_broker(owner: User, queue_batch: QueueBatch) -> None:
    wanted = {Priority.LOW: LOW, Priority.NORMAL: NORMAL, Priority.HIGH: HIGH}
    batches = {priority: queue_batch(User.objects.create_user(priority), 50, priority=priority) for priority in wanted}
    claim_shards()
    assert {priority: levels_of(batch) for priority, batch in batches.items()} == {
        priority: {level} for priority, level in wanted.items()
    }


def test_a_small_batch_goes_by_the_fast_lane_although_its_owner_has_his_window_full(
    owner: User, queue_batch: QueueBatch
) -> None:
    queue_batch(owner, 5_000)
    claim_shards()
    small = queue_batch(owner, 3)
    assert [(shard.batch_id, shard.level) for shard in claim_shards()] == [(small.pk, FAST)]


def test_a_search_gets_no_turn_before_its_first_generation(owner: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(owner, 8)
    batch.study["design"] = {"method": "nsga2", "population": 8, "generations": 50}
    batch.case_count = 0
    batch.save()
    assert claim_shards() == []
    Batch.objects.filter(pk=batch.pk).update(case_count=8)
    assert len(claim_shards()) == 1


@pytest.mark.parametrize("state", [BatchState.FAILED, BatchState.CANCELLED])
def test_what_ended_batches_have_with_the_broker_takes_no_room_of_their_owner(
    state: BatchState, owner: User, queue_batch: QueueBatch
) -> None:
    ended = queue_batch(owner, 5_000)
    claim_shards()
    Batch.objects.filter(pk=ended.pk).update(state=state)
    waiting = queue_batch(owner, 5_000)
    assert {shard.batch_id for shard in claim_shards()} == {waiting.pk}


def test_a_search_of_small_generations_is_no_small_batch(owner: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(owner, 8)
    batch.study["design"] = {"method": "nsga2", "population": 8, "generations": 50}
    batch.save()
    claim_shards()
    assert levels_of(batch) == {NORMAL}


def test_a_batch_grows_more_urgent_with_every_half_hour_that_it_waits_but_never_beyond_high(
    owner: User, queue_batch: QueueBatch
) -> None:
    for minutes, level in ((29, LOW), (31, NORMAL), (61, HIGH), (1_000, HIGH)):
        Batch.objects.all().delete()
        OwnerShare.objects.all().delete()
        batch = queue_batch(owner, 50, priority=Priority.LOW)
        move_back("batches_batch", "waiting_since", minutes, id=batch.pk)
        claim_shards()
        assert levels_of(batch) == {level}, minutes


def test_batches_behind_others_of_their_owner_do_not_age_while_those_have_turns(
    owner: User, queue_batch: QueueBatch
) -> None:
    queue_batch(owner, 600)
    claim_shards()
    behind = queue_batch(owner, 600)
    move_back("batches_batch", "waiting_since", 500, id=behind.pk)
    Shard.objects.exclude(batch=behind).update(state=ShardState.FINISHED)
    claim_shards()
    assert levels_of(behind) == {NORMAL}


def test_shards_that_wait_in_the_broker_are_sent_again_once_for_each_level(
    owner: User, queue_batch: QueueBatch
) -> None:
    batch = queue_batch(owner, 50, priority=Priority.LOW)
    (shard,) = claim_shards()
    assert claim_outgrown_shards() == []
    for waited, level, epoch in ((31, NORMAL, 2), (31, HIGH, 3)):
        move_back("batches_batch", "waiting_since", waited, id=batch.pk)
        move_back("batches_ownershare", "low_turn_at", waited, owner_id=owner.pk)
        assert [(found.level, found.epoch) for found in claim_outgrown_shards()] == [(level, epoch)]
        assert claim_outgrown_shards() == []
    move_back("batches_batch", "waiting_since", 500, id=batch.pk)
    assert claim_outgrown_shards() == []
    assert shard.lane == Shard.objects.get(pk=shard.pk).lane


def test_a_batch_with_a_case_at_work_does_not_wait(owner: User, queue_batch: QueueBatch) -> None:
    batch = queue_batch(owner, 50, priority=Priority.LOW)
    claim_shards()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE batches_case SET state = 'running', leased_until = now() + interval '1 minute'"
            ' WHERE batch_id = %s AND "index" = 7',
            [batch.pk],
        )
    move_back("batches_batch", "waiting_since", 100, id=batch.pk)
    move_back("batches_ownershare", "low_turn_at", 100, owner_id=owner.pk)
    assert claim_outgrown_shards() == []


@pytest.mark.django_db(transaction=True)
def test_dispatchers_at_once_claim_no_shard_twice_and_leave_none_behind(
    owner: User, other: User, queue_batch: QueueBatch
) -> None:
    batches = [queue_batch(one, 40, shard_size=10) for one in (owner, other) * 3]

    def dispatch(_: int) -> list[Any]:
        try:
            return [shard.pk for shard in claim_shards()]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        claims = [pk for found in pool.map(dispatch, range(12)) for pk in found]
    assert len(claims) == len(set(claims))
    assert claim_shards() == []
    dispatched = Shard.objects.filter(state=ShardState.DISPATCHED)
    assert set(dispatched.values_list("pk", flat=True)) == set(claims)
    assert set(dispatched.values_list("epoch", flat=True)) == {1}
    assert {batch.owner_id for batch in batches} == set(dispatched.values_list("batch__owner_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_another_decides_sees_what_came_meanwhile(owner: User, queue_batch: QueueBatch) -> None:
    """A dispatch that began before a batch was there, and ended after it: the batch's own dispatch is not lost."""
    from batches.dispatch import TURN_LOCK

    with ThreadPoolExecutor(1) as pool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [TURN_LOCK])
        try:
            waiting = pool.submit(lambda: (claim_shards(), connection.close())[0])
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            batch = queue_batch(owner, 20)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN_LOCK])
        assert {shard.batch_id for shard in waiting.result(30)} == {batch.pk}


def test_two_hundred_users_with_five_batches_each_leave_the_broker_small(
    settings: Settings, queue_batch: QueueBatch, owner: User
) -> None:
    """5,000 cases of 1,000 batches wait: what lies in Redis stays within its bound, and every user has his turn."""
    settings.CASEFARM_QUEUE_CASES, settings.CASEFARM_FAST_LANE_CASES = 1_250, 0  # normal work may fill eight tenths
    template = queue_batch(owner, 5, shard_size=5)
    template.delete()
    people = User.objects.bulk_create(User(username=f"user-{number}") for number in range(200))
    copy_batch(template, people * 5)
    with Redis.from_url(settings.REDIS_URL) as redis:
        before = redis.info("memory")["used_memory"]
        tasks.dispatch_shards()
        waiting = broker.count_waiting_cases()
        used = redis.info("memory")["used_memory"] - before
    assert waiting == 200 * 5
    assert used < 2_500 * waiting
    served = Shard.objects.filter(state=ShardState.DISPATCHED).values("batch__owner").annotate(found=Count("number"))
    assert {found["found"] for found in served} == {1}
    assert len(served) == 200
    tasks.dispatch_shards()
    assert broker.count_waiting_cases() == waiting


def copy_batch(template: Batch, owners: list[User]) -> None:
    """Record a batch like another one for each of some owners, with its rows."""
    names = [
        field.attname for field in Batch._meta.concrete_fields if field.attname not in ("id", "task_id", "owner_id")
    ]
    values = {name: getattr(template, name) for name in names}
    batches = Batch.objects.bulk_create(Batch(owner=one, **values) for one in owners)
    Shard.objects.bulk_create(Shard(batch=batch, number=0, first_index=0, size=batch.case_count) for batch in batches)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO batches_case (batch_id, "index") SELECT id, place FROM batches_batch,'
            " generate_series(0, case_count - 1) AS place"
        )
