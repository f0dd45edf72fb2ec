"""Stage 2: study → Shard and Case rows. Called by the task `expand_batch`."""

from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from batches.models import Batch, Shard
from batches.states import BatchState, CaseState

SHARDS_PER_INSERT = 1000


def expand_batch(batch_id: UUID) -> bool:
    """Write the rows of a batch, all or none, and set it running.

    Returns:
        False where another message has done it already or the batch was cancelled meanwhile; nothing is written then.
    """
    claimed = Batch.objects.filter(pk=batch_id, state__in=(BatchState.QUEUED, BatchState.EXPANDING))
    if not claimed.update(state=BatchState.EXPANDING):
        return False
    with transaction.atomic():
        # The row is locked while the rows are written, so a second message waits here and then finds it running.
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.state != BatchState.EXPANDING:
            return False
        write_shards(batch)
        write_cases(batch)
        Batch.objects.filter(pk=batch_id).update(state=BatchState.RUNNING, started_at=Now())
    return True


def write_shards(batch: Batch) -> None:
    """Cut the batch's cases into shards, baselines first."""
    last = batch.case_count
    starts = range(-batch.baseline_count, last, batch.shard_size)
    shards = (
        Shard(batch=batch, number=number, first_index=start, size=min(batch.shard_size, last - start))
        for number, start in enumerate(starts)
    )
    Shard.objects.bulk_create(shards, batch_size=SHARDS_PER_INSERT)


def write_cases(batch: Batch) -> None:
    """Write one row per case. The database counts them out by itself: a case is no more than its index."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO batches_case (batch_id, "index", state, attempt)'
            " SELECT %s, position, %s, 0 FROM generate_series(%s::int, %s::int) AS position",
            [batch.pk, CaseState.PENDING, -batch.baseline_count, batch.case_count - 1],
        )
