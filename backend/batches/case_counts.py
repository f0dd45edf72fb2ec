"""How many cases are in which state: a batch's own counters for its finished shards, the shards' for the others.

A shard that is closed is folded into its batch, one that is opened anew is taken out again, each in the transaction
that changes its state. So showing a batch of any size reads its row and the shards that are at work. Called by
`aggregation` (fold), by whoever opens a finished shard anew (unfold: `case_rows`, retries) and by `queries`.

One order of locks holds wherever rows of a batch are changed: cases, then shards by number, then the batch. A shard
that is closed is locked while its part of the table is written, the batch for its last statement only. Who has to lock
the batch first – to hand out shards, to add cases, to open finished shards – changes meanwhile only shards that are
*not* dispatched, and says so in the condition of the update: nobody who waits for the batch holds one of those.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from batches.models import Batch, Shard
from batches.states import ShardState

FOLD = """
    UPDATE batches_batch AS batch
       SET closed_shards = closed_shards + 1,
           closed_succeeded = closed_succeeded + shard.succeeded,
           closed_suspect = closed_suspect + shard.suspect,
           closed_failed = closed_failed + shard.failed,
           closed_cancelled = closed_cancelled + shard.cancelled,
           closed_cached = closed_cached + shard.cached,
           closed_bytes = closed_bytes + shard.stored_bytes,
           metric_names = CASE WHEN batch.metric_names @> shard.metric_names THEN batch.metric_names ELSE (
               SELECT jsonb_agg(DISTINCT found.name)
                 FROM jsonb_array_elements(batch.metric_names || shard.metric_names) AS found (name)
           ) END
      FROM batches_shard AS shard
     WHERE batch.id = %(batch_id)s AND shard.batch_id = %(batch_id)s AND shard.number = %(number)s
"""
UNFOLD = """
    WITH opened AS (
        UPDATE batches_shard SET state = %(pending)s, epoch = epoch + 1
         WHERE batch_id = %(batch_id)s AND number = %(number)s AND state = %(finished)s
        RETURNING *
    )
    UPDATE batches_batch AS batch
       SET closed_shards = closed_shards - 1,
           closed_succeeded = closed_succeeded - opened.succeeded,
           closed_suspect = closed_suspect - opened.suspect,
           closed_failed = closed_failed - opened.failed,
           closed_cancelled = closed_cancelled - opened.cancelled,
           closed_cached = closed_cached - opened.cached,
           closed_bytes = closed_bytes - opened.stored_bytes
      FROM opened WHERE batch.id = opened.batch_id
"""
# One statement, thus one moment: between two a shard might close and be counted twice, or not at all. A shard that
# has never been handed out has an epoch of 0 and nothing to count.
TALLY = """
    SELECT batch.id,
           batch.closed_succeeded + at_work.succeeded, batch.closed_failed + at_work.failed,
           batch.closed_cancelled + at_work.cancelled, batch.closed_suspect + at_work.suspect,
           batch.closed_cached + at_work.cached, at_work.running
      FROM batches_batch AS batch CROSS JOIN LATERAL (
          SELECT coalesce(sum(shard.succeeded), 0) AS succeeded, coalesce(sum(shard.failed), 0) AS failed,
                 coalesce(sum(shard.cancelled), 0) AS cancelled, coalesce(sum(shard.suspect), 0) AS suspect,
                 coalesce(sum(shard.cached), 0) AS cached,
                 coalesce(sum(CASE WHEN shard.state = 'dispatched' THEN (
                     SELECT count(*) FROM batches_case AS held
                      WHERE held.batch_id = shard.batch_id AND held."index" >= shard.first_index
                        AND held."index" < shard.first_index + shard.size
                        AND held.state = 'running' AND held.leased_until >= now()
                 ) END), 0) AS running
            FROM batches_shard AS shard
           WHERE shard.batch_id = batch.id AND shard.epoch > 0 AND shard.state <> 'finished'
      ) AS at_work
     WHERE batch.id = ANY(%s)
"""


@dataclass(frozen=True)
class Tally:
    """What is counted of a batch at one moment.

    Attributes:
        succeeded: cases with this outcome, likewise the next two.
        suspect: among the succeeded, as are the cached.
        running: cases that a living attempt holds.
    """

    succeeded: int
    failed: int
    cancelled: int
    suspect: int
    cached: int
    running: int


def fold_shard(shard: Shard) -> None:
    """Add a shard that is finished, and says so in its row, to the counters of its batch.

    Call it once, last in the transaction that made the shard finished: the batch is locked until that ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOLD, {"batch_id": shard.batch_id, "number": shard.number})


def unfold_shard(shard: Shard) -> bool:
    """Open a finished shard anew: pending, under an epoch of its own, and out of its batch's counters.

    Call it in a transaction that has locked the batch's row. The shard keeps its counters; who makes cases of it
    pending again takes those off. The names of its metrics stay with the batch: a column too many holds no wrong
    number.

    Returns:
        False where the shard is not finished; nothing is changed then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            UNFOLD,
            {
                "batch_id": shard.batch_id,
                "number": shard.number,
                "pending": ShardState.PENDING,
                "finished": ShardState.FINISHED,
            },
        )
        return bool(cursor.rowcount)


def tally_batches(batches: Iterable[Batch]) -> dict[UUID, Tally]:
    """Return what is counted of batches, by their ids; one that has been deleted meanwhile is left out."""
    ids: Collection[UUID] = [batch.pk for batch in batches]
    with connection.cursor() as cursor:
        cursor.execute(TALLY, [list(ids)])
        return {batch_id: Tally(*(int(number) for number in numbers)) for batch_id, *numbers in cursor.fetchall()}
