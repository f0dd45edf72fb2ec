"""Finds work that has lost its message: after a killed worker, an emptied broker, a restart. Called by beat's task.

The database is the truth and a message only a hint, so a shard that has stopped moving is simply sent again under a new
epoch; messages of older epochs do nothing. Doing so once too often costs a few empty messages and runs nothing twice.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from batches.cancellation import cancel_pending_cases
from batches.database import from_now
from batches.models import Batch, Case, Shard
from batches.states import BatchState, CaseState, ShardState

STALLED_AFTER_S = 10
# While messages of cases wait, a silent shard is more likely behind them than lost.
STALLED_IN_QUEUE_AFTER_S = 900


def claim_stalled_shards(*, queue_is_empty: bool) -> list[Shard]:
    """Give every dispatched shard without progress and without a leased case a new epoch, and return them."""
    quiet = Q(last_progress_at__lt=from_now(-(STALLED_AFTER_S if queue_is_empty else STALLED_IN_QUEUE_AFTER_S)))
    leased = Case.objects.filter(
        batch_id=OuterRef("batch_id"),
        index__gte=OuterRef("first_index"),
        index__lt=OuterRef("first_index") + OuterRef("size"),
        state=CaseState.RUNNING,
        leased_until__gte=Now(),
    )
    with transaction.atomic():
        stalled = list(
            Shard.objects.select_for_update(skip_locked=True)
            .filter(quiet, ~Exists(leased), state=ShardState.DISPATCHED)
            .order_by("batch_id", "number")
        )
        for shard in stalled:
            Shard.objects.filter(pk=shard.pk).update(epoch=F("epoch") + 1, last_progress_at=Now())
            shard.epoch += 1
    return stalled


def close_orphans_of_cancelled(shard: Shard) -> None:
    """Make the cases of a cancelled batch's shard final whose attempt died with its worker."""
    if not Batch.objects.filter(pk=shard.batch_id, state=BatchState.CANCELLED).exists():
        return
    dead = Case.objects.filter(
        batch_id=shard.batch_id, index__in=shard.indices, state=CaseState.RUNNING, leased_until__lt=Now()
    )
    dead.update(state=CaseState.PENDING, leased_until=None)
    cancel_pending_cases(shard.batch_id)


def list_unstarted_batches() -> list[UUID]:
    """Return batches that were recorded a while ago and whose first message never came."""
    waiting = Batch.objects.filter(state__in=(BatchState.QUEUED, BatchState.EXPANDING))
    return list(waiting.filter(created_at__lt=from_now(-STALLED_AFTER_S)).values_list("pk", flat=True))


def list_waiting_batches() -> list[UUID]:
    """Return running or aggregating batches with nothing dispatched: their next message was lost."""
    dispatched = Shard.objects.filter(batch_id=OuterRef("pk"), state=ShardState.DISPATCHED)
    active = Batch.objects.filter(state__in=(BatchState.RUNNING, BatchState.AGGREGATING))
    return list(active.filter(~Exists(dispatched)).values_list("pk", flat=True))


def is_aggregating(batch_id: UUID) -> bool:
    """Return whether a batch only waits to be closed."""
    return Batch.objects.filter(pk=batch_id, state=BatchState.AGGREGATING).exists()
