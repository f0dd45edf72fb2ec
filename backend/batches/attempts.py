"""Attempts at a case: claimed, leased, handed back, made final – each by a conditional update checked for one row.

An attempt's number fences its writes: a late one, or one that has lost its case, changes nothing. For `execution`.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from batches.database import from_now, quick_transaction
from batches.models import Case, Diagnosis, KnownCase, Shard
from batches.plans import load_plan
from batches.states import ACTIVE_BATCH_STATES, CaseState, ShardState, Verdict

LEASE_S = 15
SIGN_OF_LIFE_S = 3


@dataclass(frozen=True)
class Attempt:
    """The right to run a case and to publish its outcome, until another attempt is begun."""

    batch_id: UUID
    index: int
    number: int

    def running_row(self) -> Any:
        """Return the case's row as a query that finds it only while this attempt holds it."""
        return Case.objects.filter(
            batch_id=self.batch_id, index=self.index, attempt=self.number, state=CaseState.RUNNING
        )


def claim_case(batch_id: UUID, index: int, epoch: int) -> Attempt | None:
    """Take a case that nobody holds: a pending one, or one whose lease has run out."""
    plan = load_plan(batch_id)
    current = Shard.objects.filter(
        batch_id=batch_id,
        number=plan.shard_of(index),
        epoch=epoch,
        state=ShardState.DISPATCHED,
        batch__state__in=ACTIVE_BATCH_STATES,
    )
    free = Q(state=CaseState.PENDING) | Q(state=CaseState.RUNNING, leased_until__lt=Now())
    with quick_transaction():
        if not current.exists():
            return None
        claimed = Case.objects.filter(free, batch_id=batch_id, index=index).update(
            state=CaseState.RUNNING, attempt=F("attempt") + 1, started_at=Now(), leased_until=from_now(LEASE_S)
        )
        if not claimed:
            return None
        return Attempt(batch_id, index, Case.objects.values_list("attempt", flat=True).get(pk=(batch_id, index)))


def is_wanted(attempt: Attempt) -> bool:
    """Return whether the attempt still holds its case and the batch is still active."""
    return bool(attempt.running_row().filter(batch__state__in=ACTIVE_BATCH_STATES).exists())


def renew_lease(attempt: Attempt) -> bool:
    """Put the end of the case's lease off. Returns whether the attempt still holds the case."""
    return bool(attempt.running_row().update(leased_until=from_now(LEASE_S)))


def finish_case(  # noqa: PLR0913 - one row's columns
    attempt: Attempt,
    shard: int,
    state: CaseState,
    counter: str,
    *,
    verdict: Verdict | None = None,
    metrics: dict[str, Any] | None = None,
    why: Diagnosis | None = None,
    known_key: str | None = None,
) -> bool:
    """Write a case's final row, its shard's counters and its diagnosis. Returns whether the attempt held the case.

    With `known_key` the outcome was taken over from the known case with this key, which is counted there, too.
    """
    counters = {counter: F(counter) + 1, "last_progress_at": Now()}
    if verdict == Verdict.SUSPECT:
        counters["suspect"] = F("suspect") + 1
    if known_key:
        counters["cached"] = F("cached") + 1
    with quick_transaction():
        held = attempt.running_row().update(
            state=state,
            verdict=verdict,
            metrics=metrics,
            cached=bool(known_key),
            finished_at=Now(),
            leased_until=None,
        )
        if not held:
            return False
        Shard.objects.filter(batch_id=attempt.batch_id, number=shard).update(**counters)
        if why is not None:
            why.batch_id, why.index = attempt.batch_id, attempt.index
            why.save(force_insert=True)
        if known_key:
            KnownCase.objects.filter(key=known_key).update(hits=F("hits") + 1, last_used_at=Now())
    return True


def release_case(attempt: Attempt) -> None:
    """Hand a case back after the farm, not the case, failed: it is pending again and may be claimed anew."""
    attempt.running_row().update(state=CaseState.PENDING, leased_until=None, started_at=None)


def return_case(attempt: Attempt) -> None:
    """Hand a case back that has to wait for an identical one: as if it had not been claimed.

    The number may be given to the next attempt: this one has written nothing under it. The shard shows a sign of life,
    or it would be taken for one whose messages are lost.
    """
    with quick_transaction():
        attempt.running_row().update(
            state=CaseState.PENDING, leased_until=None, started_at=None, attempt=F("attempt") - 1
        )
        number = load_plan(attempt.batch_id).shard_of(attempt.index)
        shard = Shard.objects.filter(batch_id=attempt.batch_id, number=number)
        shard.filter(last_progress_at__lt=from_now(-SIGN_OF_LIFE_S)).update(last_progress_at=Now())
