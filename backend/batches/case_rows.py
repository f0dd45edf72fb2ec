"""Shard and Case rows of a batch: those that its points have and its rows lack. Called by `expansion` and `extension`.

A new batch has none of them; one that has grown has those from before. The last shard of these may have room: it is
opened again, so that a case's shard follows from its index alone.
"""

from django.db import connection

from batches.case_counts import unfold_shard
from batches.models import Batch, Shard
from batches.states import CaseState, ShardState

SHARDS_PER_INSERT = 1000


def write_missing_rows(batch: Batch) -> int:
    """Write the rows that a batch lacks; call it under the batch's lock. Safe to repeat.

    Returns:
        How many cases were written, baselines included.
    """
    last = batch.shards.order_by("-number").first()
    start = last.first_index + last.size if last else -batch.baseline_count
    if start >= batch.case_count:
        return 0
    opened = reopen_shard(last, batch) if last else start
    write_shards(batch, opened)
    write_cases(batch, start)
    return batch.case_count - start


def reopen_shard(shard: Shard, batch: Batch) -> int:
    """Give a batch's last shard more cases, up to its full size; return the index after its last one.

    A finished one is dispatched again, under an epoch of its own: its cases that are final stay as they are, and its
    parts of the tables are written anew when the others are. Readers take its cases from the database meanwhile.

    Raises:
        RuntimeError: the shard is at work; its new cases would never get a message.
    """
    end = min(shard.first_index + batch.shard_size, batch.case_count)
    if shard.size < end - shard.first_index:
        unfold_shard(shard)
        grown = Shard.objects.filter(pk=shard.pk, state=ShardState.PENDING)
        if not grown.update(size=end - shard.first_index):
            raise RuntimeError(f"Shard {shard.number} of {shard.batch_id} is at work: it takes no more cases now.")
    return end


def write_shards(batch: Batch, start: int) -> None:
    """Cut the batch's cases from `start`, the first of a shard, into shards."""
    last = batch.case_count
    shards = (
        Shard(
            batch=batch,
            number=batch.shard_of(first),
            first_index=first,
            size=min(batch.shard_size, last - first),
        )
        for first in range(start, last, batch.shard_size)
    )
    Shard.objects.bulk_create(shards, batch_size=SHARDS_PER_INSERT)


def write_cases(batch: Batch, start: int) -> None:
    """Write one row per case from `start`. The database counts them out by itself: a case is no more than its index."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO batches_case (batch_id, "index", state, attempt)'
            " SELECT %s, position, %s, 0 FROM generate_series(%s::int, %s::int) AS position",
            [batch.pk, CaseState.PENDING, start, batch.case_count - 1],
        )
