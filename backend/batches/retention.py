"""Removes the files of old batches, by age and by total size, and whole batches on demand.

The result table stays; only files of cases go. A batch that is at work or that its owner keeps is never touched. Called
by `operations.remove_old_outputs` and by `api.py`.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from batches import storage
from batches.errors import StillActiveError
from batches.models import Batch, Case, Diagnosis
from batches.states import ACTIVE_BATCH_STATES

log = logging.getLogger(__name__)

GIGABYTE = 10**9


@dataclass(frozen=True)
class RemovalReport:
    """What a clean-up removed: batches whose files went, folders without a batch, and bytes in all."""

    batches: int
    orphans: int
    freed_bytes: int


def remove_old_outputs() -> RemovalReport:
    """Remove the files of batches older than CASEFARM_KEEP_DAYS, then of the oldest until CASEFARM_KEEP_GB is met."""
    aged = removable_batches().filter(finished_at__lt=timezone.now() - timedelta(days=settings.CASEFARM_KEEP_DAYS))
    freed = [remove_outputs(batch) for batch in aged]
    sizes = [(batch, storage.measure_case_files(batch.pk)) for batch in removable_batches()]
    excess = sum(size for _, size in sizes) - settings.CASEFARM_KEEP_GB * GIGABYTE
    for batch, size in sizes:
        if excess <= 0:
            break
        freed.append(remove_outputs(batch))
        excess -= size
    orphans = list(list_orphan_folders())
    for folder in orphans:
        storage.remove_folder(folder)
    report = RemovalReport(len(freed), len(orphans), sum(freed))
    log.info("removed files of %d batches and %d orphan folders, %d bytes", *vars(report).values())
    return report


def removable_batches() -> QuerySet[Batch]:
    """Return ended batches whose files are still there and that nobody keeps, oldest first."""
    ended = Batch.objects.exclude(state__in=ACTIVE_BATCH_STATES).filter(keep=False, outputs_removed_at=None)
    return ended.order_by("finished_at")


def remove_outputs(batch: Batch) -> int:
    """Remove the files of a batch's cases and return how many bytes that freed; nothing if it is kept meanwhile."""
    size = storage.measure_case_files(batch.pk)
    if not removable_batches().filter(pk=batch.pk).update(outputs_removed_at=Now()):
        return 0
    storage.remove_case_files(batch.pk)
    return size


def list_orphan_folders() -> Iterator[Path]:
    """Yield folders of batches that have no row any more."""
    for root in storage.roots():
        for folder in root.glob("*-*-*-*-*"):
            if not Batch.objects.filter(pk=UUID(folder.name)).exists():
                yield folder


def delete_batch(*, batch: Batch) -> None:
    """Delete a batch with all its rows and files.

    Raises:
        StillActiveError: it is at work; cancel it first.
    """
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        if row.state in ACTIVE_BATCH_STATES:
            raise StillActiveError(f"The batch is {row.state}; cancel it before deleting it.")
        Case.objects.filter(batch_id=row.pk).delete()
        Diagnosis.objects.filter(batch_id=row.pk).delete()
        row.delete()
        transaction.on_commit(lambda: storage.remove_batch_files(batch.pk))
