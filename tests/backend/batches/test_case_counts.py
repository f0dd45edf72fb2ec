"""A batch's counters equal its rows: while shards close at the same time, when they are opened anew, in a list."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from batches import aggregation, queries
from batches.case_counts import unfold_shard
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import claim_shards
from batches.expansion import expand_batch
from batches.models import Batch, Case, Shard
from batches.plans import forget_plans
from batches.states import CaseState, ShardState, Verdict


@pytest.fixture(autouse=True)
def fresh_plans() -> Iterator[None]:
    yield
    forget_plans()


def run(batch: Batch, index: int, *, failed: bool = False) -> None:
    """Have a case end as a worker records it: with a metric that only its shard has."""
    attempt = claim_case(batch.pk, index, Shard.objects.get(pk=(batch.pk, batch.shard_of(index))).epoch)
    assert attempt
    shard = batch.shard_of(index)
    if failed:
        assert finish_case(attempt, Final(CaseState.FAILED, Verdict.FAILED, {}))
        return
    metrics = {"all_kwh": 1.0, f"of_{shard}_kwh": 2.0}
    assert finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, metrics))


def check_counts(batch: Batch) -> None:
    """Compare what is told with the rows, in one moment of the database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        told = queries.count_cases(Batch.objects.get(pk=batch.pk))
        rows = Case.objects.filter(batch_id=batch.pk)
        found = {state: rows.filter(state=state).count() for state in CaseState.values}
    assert {state: getattr(told, state) for state in CaseState.values} == found


@pytest.mark.django_db(transaction=True)
def test_counts_equal_rows_while_shards_close_at_the_same_time(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(shard_size=2)
    expand_batch(batch.pk)
    batch.shards.update(state=ShardState.DISPATCHED, epoch=1)  # more at a time than the window of a batch so small
    shards = list(batch.shards.all())
    for shard in shards:
        for index in shard.indices:
            run(batch, index, failed=index % 3 == 0)
    barrier = Barrier(len(shards) + 1)

    def close(shard: Shard) -> bool:
        try:
            barrier.wait()
            return aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(shards)) as pool:
        closing = [pool.submit(close, shard) for shard in shards]
        barrier.wait()
        while not all(one.done() for one in closing):
            check_counts(batch)
        assert all(one.result() for one in closing)
    check_counts(batch)
    batch.refresh_from_db()
    assert (batch.closed_shards, batch.closed_succeeded, batch.closed_failed) == (5, 7, 3)
    assert sorted(batch.metric_names) == ["all_kwh", *(f"of_{number}_kwh" for number in range(5))]
    assert queries.list_metric_names(batch) == sorted(batch.metric_names)


def test_a_shard_that_is_closed_twice_counts_once(make_batch: Callable[..., Batch]) -> None:
    batch = begin(make_batch)
    for index in (-2, -1, 0, 1):
        run(batch, index)
    assert aggregation.aggregate_shard(batch.pk, 0, 1)
    assert not aggregation.aggregate_shard(batch.pk, 0, 1)
    batch.refresh_from_db()
    assert (batch.closed_shards, batch.closed_succeeded) == (1, 4)


def begin(make_batch: Callable[..., Batch]) -> Batch:
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards()
    return batch


def test_a_shard_that_is_opened_anew_counts_by_itself_until_it_closes_again(make_batch: Callable[..., Batch]) -> None:
    batch = begin(make_batch)
    for index in (-2, -1, 0, 1):
        run(batch, index, failed=index == 1)
    aggregation.aggregate_shard(batch.pk, 0, 1)
    shard = Shard.objects.get(pk=(batch.pk, 0))
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=batch.pk)
        assert unfold_shard(shard)
        assert not unfold_shard(shard)
    batch.refresh_from_db()
    assert (batch.closed_shards, batch.closed_succeeded, batch.closed_failed) == (0, 0, 0)
    counts = queries.count_cases(batch)
    assert (counts.succeeded, counts.failed, counts.pending) == (3, 1, 6)
    assert queries.list_metric_names(batch) == ["all_kwh", "of_0_kwh"]
    (again,) = claim_shards()
    assert aggregation.aggregate_shard(batch.pk, 0, again.epoch)
    batch.refresh_from_db()
    assert (batch.closed_shards, batch.closed_succeeded, batch.closed_failed) == (1, 3, 1)
    assert queries.count_cases(batch) == counts


def test_nothing_closed_by_a_transaction_that_fails_is_counted(make_batch: Callable[..., Batch]) -> None:
    batch = begin(make_batch)
    for index in (-2, -1, 0, 1):
        run(batch, index)
    with transaction.atomic():
        assert aggregation.aggregate_shard(batch.pk, 0, 1)
        transaction.set_rollback(True)
    batch.refresh_from_db()
    assert batch.closed_shards == 0
    assert queries.count_cases(batch).succeeded == 4


def test_a_list_of_batches_costs_as_many_questions_as_one_batch(
    make_batch: Callable[..., Batch], owner: User, log_in: Callable[[User], APIClient]
) -> None:
    api = log_in(owner)

    def count_questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get("/api/batches/").status_code == 200
        return len(asked)

    begin(make_batch)
    one = count_questions()
    for _ in range(5):
        begin(make_batch)
    assert count_questions() <= one  # what of the queue is remembered for a second costs none


@pytest.mark.django_db(transaction=True)
def test_a_batch_from_before_the_counters_has_them_filled_from_its_finished_shards(
    make_batch: Callable[..., Batch],
) -> None:
    batch = make_batch(shard_size=4)
    expand_batch(batch.pk)
    for _ in range(2):
        claim_shards()
    first, second, *_ = batch.shards.order_by("number")
    for index in first.indices:
        run(batch, index, failed=index == 1)
    assert aggregation.aggregate_shard(batch.pk, first.number, 1)
    run(batch, second.first_index)  # counts as at work, not as finished
    counters = [field.name for field in Batch._meta.get_fields() if field.name.startswith("closed_")]
    names = [*counters, "metric_names"]
    expected = Batch.objects.values(*names).get(pk=batch.pk)
    assert (expected["closed_shards"], expected["closed_failed"]) == (1, 1)
    Batch.objects.filter(pk=batch.pk).update(**dict.fromkeys(counters, 0), metric_names=[])
    fill = import_module("batches.migrations.0008_counters_of_finished_shards").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)
    assert Batch.objects.values(*names).get(pk=batch.pk) == expected
    check_counts(batch)
