"""Attempts at a case: claimed, leased, handed back, made final – each by a conditional update checked for one row.

An attempt's number fences its writes: a late one, or one that has lost its case, changes nothing. For `execution`.
"""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from batches.database import execute_quickly, from_now, quick_transaction
from batches.live import notices
from batches.models import Case, Diagnosis, Shard
from batches.plans import load_plan
from batches.states import ACTIVE_BATCH_STATES, CaseState, Verdict

LEASE_S = 15
SIGN_OF_LIFE_S = 3

CLAIM = """
    UPDATE batches_case
       SET state = 'running', attempt = attempt + 1, started_at = now(),
           leased_until = now() + %(lease_s)s * interval '1 second'
     WHERE batch_id = %(batch_id)s AND "index" = %(index)s
       AND (state = 'pending' OR (state = 'running' AND leased_until < now()))
       AND EXISTS (
           SELECT FROM batches_shard AS shard JOIN batches_batch AS batch ON batch.id = shard.batch_id
            WHERE shard.batch_id = %(batch_id)s AND shard.number = %(shard)s AND shard.epoch = %(epoch)s
              AND shard.state = 'dispatched' AND batch.state = ANY(%(active)s)
       )
    RETURNING attempt
"""
FINISH = """
    WITH held AS (
        UPDATE batches_case
           SET state = %(state)s, verdict = %(verdict)s, metrics = %(metrics)s::jsonb, cached = %(cached)s,
               finished_at = now(), leased_until = NULL
         WHERE batch_id = %(batch_id)s AND "index" = %(index)s AND attempt = %(number)s AND state = 'running'
           AND (%(state)s = 'cancelled' OR EXISTS (
               SELECT FROM batches_batch AS batch WHERE batch.id = %(batch_id)s AND batch.state = ANY(%(active)s)
           ))
        RETURNING true
    ), counted AS (
        UPDATE batches_shard
           SET succeeded = succeeded + (%(counter)s = 'succeeded')::int,
               failed = failed + (%(counter)s = 'failed')::int,
               cancelled = cancelled + (%(counter)s = 'cancelled')::int,
               suspect = suspect + (%(verdict)s IS NOT DISTINCT FROM 'suspect')::int,
               cached = cached + %(cached)s::int,
               stored_bytes = stored_bytes + %(stored_bytes)s,
               last_progress_at = now()
         WHERE batch_id = %(batch_id)s AND number = %(shard)s AND EXISTS (SELECT FROM held)
    ), used AS (
        UPDATE batches_knowncase SET hits = hits + 1, last_used_at = now()
         WHERE key = %(key)s AND EXISTS (SELECT FROM held)
    )
    SELECT * FROM held
"""


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
    claimed = execute_quickly(
        CLAIM,
        {
            "batch_id": batch_id,
            "index": index,
            "shard": load_plan(batch_id).shard_of(index),
            "epoch": epoch,
            "active": list(ACTIVE_BATCH_STATES),
            "lease_s": LEASE_S,
        },
    )
    return Attempt(batch_id, index, claimed[0][0]) if claimed else None


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
    stored_bytes: int = 0,
) -> bool:
    """Write a case's final row, its shard's counters and its diagnosis. Returns whether that could be done.

    It cannot where the attempt has lost its case, nor where the batch has ended, unless the case is cancelled with it.
    With `known_key` the outcome was taken over from the known case with this key, which is counted there, too.
    `stored_bytes` is what the case has kept, for the shard to count; a case that keeps no files adds nothing.
    """
    with quick_transaction() if why else nullcontext():
        held = execute_quickly(
            FINISH,
            {
                **vars(attempt),
                "shard": shard,
                "state": state,
                "verdict": verdict,
                "metrics": None if metrics is None else json.dumps(metrics),
                "cached": known_key is not None,
                "key": known_key,
                "stored_bytes": stored_bytes,
                "counter": counter,
                "active": list(ACTIVE_BATCH_STATES),
            },
        )
        if held and why is not None:
            why.batch_id, why.index = attempt.batch_id, attempt.index
            why.save(force_insert=True)
    if held:
        notices.tell_change(attempt.batch_id)
    return bool(held)


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
