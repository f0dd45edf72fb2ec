"""How much the files of cases take, from counters: nobody walks a million folders to learn it.

A case counts what it has kept on its shard when its outcome is published, a shard that is closed is counted in its
batch. What a case took over from a known one is counted with the known case. Called by `plan` and by quotas.
"""

from django.db.models import (
    Case,
    ExpressionWrapper,
    F,
    OuterRef,
    PositiveBigIntegerField,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from batches import storage
from batches.models import Batch, Shard
from batches.states import OPEN_SHARD_STATES


def with_stored_bytes(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return batches with `stored_bytes`: of the files that their cases keep, in bytes; 0 once those were removed."""
    at_work = Shard.objects.filter(batch_id=OuterRef("pk"), epoch__gt=0, state__in=OPEN_SHARD_STATES)
    total = at_work.order_by().values("batch_id").annotate(stored=Sum("stored_bytes")).values("stored")
    size = PositiveBigIntegerField()
    counted = ExpressionWrapper(F("closed_bytes") + Coalesce(Subquery(total, output_field=size), 0), output_field=size)
    return batches.annotate(
        stored_bytes=Case(When(outputs_removed_at=None, then=counted), default=0, output_field=size)
    )


def sum_stored_bytes(batches: QuerySet[Batch]) -> int:
    """Return what the files of some batches' cases take together, in bytes."""
    return int(with_stored_bytes(batches).aggregate(total=Sum("stored_bytes"))["total"] or 0)


def sum_by_owner() -> dict[int, int]:
    """Return what each owner's batches take, in bytes, by the owner's id."""
    existing = with_stored_bytes(Batch.objects.filter(deleted_at=None)).order_by()
    rows = existing.values("owner_id").annotate(sum_of_bytes=Sum("stored_bytes"))
    return {row["owner_id"]: int(row["sum_of_bytes"] or 0) for row in rows}


def measure_uncounted(batch: Batch) -> int:
    """Return the size in bytes of the files of a batch from before there were counters: of its folder as it lies."""
    return storage.measure_case_files(batch.pk)
