"""Claims, leases and fencing: one attempt holds a case, one outcome is published, counters equal rows."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from batches.cancellation import cancel_batch, cancel_pending_cases
from batches.cases.attempts import claim_case, finish_case, is_wanted, release_case
from batches.dispatch import claim_shards
from batches.errors import NotActiveError
from batches.execution import cancel_case, record_outcome
from batches.expansion import expand_batch
from batches.models import Batch, Case, Shard
from batches.queries import count_cases
from batches.states import BatchState, CaseState, Verdict
from energyplus.results.outcome import SimulationOutcome


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A running batch whose first two shards are dispatched under epoch 1."""
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards(batch.pk)
    batch.refresh_from_db()
    return batch


def end_lease(batch: Batch, index: int) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Case.objects.filter(batch_id=batch.pk, index=index).update(leased_until=past)


def test_the_window_bounds_what_is_dispatched(batch: Batch) -> None:
    assert [shard.state for shard in batch.shards.all()] == ["dispatched", "dispatched", "pending"]
    assert claim_shards(batch.pk) == []


def test_a_case_is_claimed_once(batch: Batch) -> None:
    attempt = claim_case(batch.pk, 0, 1)
    assert attempt
    assert attempt.number == 1
    assert claim_case(batch.pk, 0, 1) is None


def test_a_stale_epoch_claims_nothing(batch: Batch) -> None:
    assert claim_case(batch.pk, 0, 0) is None


def test_a_case_of_a_shard_that_is_not_dispatched_is_not_claimed(batch: Batch) -> None:
    assert claim_case(batch.pk, 7, 0) is None


def test_an_ended_lease_passes_to_the_next_attempt_and_the_late_one_publishes_nothing(batch: Batch) -> None:
    late = claim_case(batch.pk, 0, 1)
    assert late
    end_lease(batch, 0)
    attempt = claim_case(batch.pk, 0, 1)
    assert attempt
    assert attempt.number == 2
    assert not is_wanted(late)
    assert not finish_case(late, 0, CaseState.SUCCEEDED, "succeeded", verdict=Verdict.VALID, metrics={"a": 1})
    assert finish_case(attempt, 0, CaseState.SUCCEEDED, "succeeded", verdict=Verdict.VALID, metrics={"a": 2})
    assert Case.objects.get(pk=(batch.pk, 0)).metrics == {"a": 2}
    assert Shard.objects.get(pk=(batch.pk, 0)).succeeded == 1


def test_a_released_case_may_be_claimed_again(batch: Batch) -> None:
    attempt = claim_case(batch.pk, 0, 1)
    assert attempt
    release_case(attempt)
    again = claim_case(batch.pk, 0, 1)
    assert again
    assert again.number == 2


def test_counts_are_exact_before_during_and_after(batch: Batch) -> None:
    first, second = claim_case(batch.pk, -2, 1), claim_case(batch.pk, -1, 1)
    assert first
    assert second
    finish_case(first, 0, CaseState.FAILED, "failed", verdict=Verdict.FAILED)
    counts = count_cases(batch)
    assert (counts.pending, counts.running, counts.failed, counts.total) == (8, 1, 1, 10)


def test_cancelling_ends_pending_cases_and_leaves_finished_ones(batch: Batch) -> None:
    done, running = claim_case(batch.pk, 0, 1), claim_case(batch.pk, 1, 1)
    assert done
    assert running
    finish_case(done, 0, CaseState.SUCCEEDED, "succeeded", verdict=Verdict.VALID, metrics={})
    cancel_batch(batch=batch)
    told_at_once = count_cases(batch)
    cancel_pending_cases(batch.pk)
    counts = count_cases(batch)
    assert counts == told_at_once
    assert (counts.succeeded, counts.running, counts.cancelled, counts.pending) == (1, 1, 8, 0)
    assert not is_wanted(running)
    assert claim_case(batch.pk, 2, 1) is None
    assert finish_case(running, 0, CaseState.CANCELLED, "cancelled")
    assert count_cases(batch).cancelled == 9
    rows = Case.objects.filter(batch_id=batch.pk, state=CaseState.CANCELLED).count()
    assert rows == sum(shard.cancelled for shard in batch.shards.all()) == 9


def test_cancelling_twice_changes_nothing_and_an_ended_batch_refuses(batch: Batch) -> None:
    cancel_batch(batch=batch)
    cancel_batch(batch=batch)
    assert batch.state == BatchState.CANCELLED
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
    with pytest.raises(NotActiveError, match="completed"):
        cancel_batch(batch=batch)


def test_a_batch_cancelled_at_the_last_moment_gets_no_more_results(batch: Batch) -> None:
    attempt = claim_case(batch.pk, 0, 1)
    assert attempt
    cancel_batch(batch=batch)
    assert not finish_case(attempt, 0, CaseState.SUCCEEDED, "succeeded", verdict=Verdict.VALID, metrics={})
    cancel_case(attempt, 0)
    assert Case.objects.get(pk=(batch.pk, 0)).state == CaseState.CANCELLED
    assert (batch.shards.get(number=0).succeeded, batch.shards.get(number=0).cancelled) == (0, 1)


def test_a_success_that_comes_after_the_cancel_is_not_left_to_others(batch: Batch, tmp_path: Path) -> None:
    attempt = claim_case(batch.pk, 0, 1)
    assert attempt
    cancel_batch(batch=batch)
    assert record_outcome(attempt, SimulationOutcome("succeeded", {}), tmp_path) is None
    assert Case.objects.get(pk=(batch.pk, 0)).state == CaseState.CANCELLED
