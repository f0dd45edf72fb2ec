"""Stopping a batch at any time. Called by `api.py`; workers notice by themselves (`execution.StopSign`)."""

from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from batches.errors import NotActiveError
from batches.live import notices
from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES, BatchState, CaseState


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
