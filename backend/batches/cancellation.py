"""Stopping a batch, or one case of it, at any time. Called by the API; workers notice it (`cases/keeper.py`)."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from batches.errors import NotActiveError
from batches.live import notices
from batches.models import Batch, Case
from batches.states import ACTIVE_BATCH_STATES, FINAL_CASE_STATES, BatchState, CaseState

# The shard of a case that has not been handed out counts nothing yet: an epoch above 0 says that it does now.
CANCEL_CASE = """
    WITH stopped AS (
        UPDATE batches_case SET state = 'cancelled', finished_at = now(), leased_until = NULL
         WHERE batch_id = %(batch_id)s AND "index" = %(index)s AND state IN ('pending', 'running')
           AND EXISTS (SELECT FROM batches_batch WHERE id = %(batch_id)s AND state = ANY(%(active)s))
        RETURNING true
    ), counted AS (
        UPDATE batches_shard
           SET cancelled = cancelled + 1, epoch = greatest(epoch, 1), last_progress_at = now()
         WHERE batch_id = %(batch_id)s AND number = %(shard)s AND EXISTS (SELECT FROM stopped)
    )
    SELECT FROM stopped
"""


def cancel_case(*, batch: Batch, case: Case) -> Case:
    """Cancel one case of an active batch: it does not begin any more, or its engine is killed. The others go on.

    Its message stays where it is: whoever takes it finds the case final, and the chord of its shard is complete.

    Returns:
        The case as it is now.

    Raises:
        NotActiveError: the case, or its batch, had ended by itself.
    """
    number = batch.shard_of(case.index)
    with connection.cursor() as cursor:
        place: dict[str, Any] = {
            "batch_id": batch.pk,
            "index": case.index,
            "shard": number,
            "active": list(ACTIVE_BATCH_STATES),
        }
        cursor.execute(CANCEL_CASE, place)
        is_cancelled = cursor.rowcount > 0
    case.refresh_from_db()
    if is_cancelled:
        notices.tell_change(batch.pk)
    elif case.state in FINAL_CASE_STATES and case.state != CaseState.CANCELLED:
        raise NotActiveError(f"Case {case.index} is {case.state}; only a pending or running case can be cancelled.")
    elif case.state != CaseState.CANCELLED:
        batch.refresh_from_db()
        raise NotActiveError(f"The batch is {batch.state}; only cases of an active batch can be cancelled.")
    return case


def cancel_batch(*, batch: Batch) -> None:
    """Cancel an active batch: from the moment this commits no case begins and every running engine is killed.

    Cases that are final keep their results. Cancelling a cancelled batch does nothing.

    Raises:
        NotActiveError: the batch had already ended by itself.
    """
    cancelled = Batch.objects.filter(pk=batch.pk, state__in=ACTIVE_BATCH_STATES).update(
        state=BatchState.CANCELLED, finished_at=Now()
    )
    notices.tell_change(batch.pk)
    batch.refresh_from_db()
    if not cancelled and batch.state != BatchState.CANCELLED:
        raise NotActiveError(f"The batch is {batch.state}; only an active batch can be cancelled.")


def cancel_pending_cases(batch_id: UUID) -> None:
    """Make the cases of a cancelled batch that nobody has begun final, and count them on their shards.

    What counts and lists tell does not wait for this (`queries.count_cases`, `tables.shown_state`).
    """
    batch = Batch.objects.get(pk=batch_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH stopped AS (
                UPDATE batches_case SET state = %s, finished_at = now()
                 WHERE batch_id = %s AND state = %s RETURNING "index"
            ), counted AS (
                SELECT ("index" + %s) / %s AS number, count(*) AS cases FROM stopped GROUP BY 1
            )
            UPDATE batches_shard SET cancelled = cancelled + counted.cases, last_progress_at = now()
              FROM counted WHERE batch_id = %s AND batches_shard.number = counted.number
            """,
            [
                CaseState.CANCELLED,
                batch_id,
                CaseState.PENDING,
                batch.baseline_count,
                batch.shard_size,
                batch_id,
            ],
        )
    notices.tell_change(batch_id)
