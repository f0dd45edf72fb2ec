"""Stage 3: which shards of a batch may go to the workers now. Called by the task `dispatch_shards`."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from batches.models import Batch, Case, Shard
from batches.states import FINAL_CASE_STATES, BatchState, ShardState


def claim_shards(batch_id: UUID) -> list[Shard]:
    """Mark the next shards of a running batch as dispatched, as many as its window has room for, and return them.

    The window W = max(2, ⌈2·slots/K⌉ + 1), with K cases per shard, keeps every slot busy while a shard closes and
    the broker small whatever the size of the batch.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.state != BatchState.RUNNING:
            return []
        in_flight = batch.shards.filter(state=ShardState.DISPATCHED).count()
        room = max(0, window_size(batch.shard_size) - in_flight)
        numbers = list(batch.shards.filter(state=ShardState.PENDING).values_list("number", flat=True)[:room])
        chosen = batch.shards.filter(number__in=numbers)
        chosen.update(state=ShardState.DISPATCHED, epoch=F("epoch") + 1, last_progress_at=Now())
        return list(chosen)


def window_size(shard_size: int) -> int:
    """Return how many shards of a batch may be with the broker at a time."""
    return max(2, -(-2 * settings.CASEFARM_SLOTS // shard_size) + 1)


def list_open_indices(shard: Shard) -> list[int]:
    """Return the indices of a shard's cases that are not final yet: the header of its chord."""
    cases = Case.objects.filter(batch_id=shard.batch_id, index__in=shard.indices)
    return list(cases.exclude(state__in=FINAL_CASE_STATES).values_list("index", flat=True))
