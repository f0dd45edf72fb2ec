"""Removes files of old batches and known cases, by age and by total size, and whole batches on demand.

Of a batch the result table stays; only files of cases go. A batch that is at work or that its owner keeps is never
touched. Known cases belong to nobody and go when they were not used for long. Called by
`operations.remove_old_outputs` and by `api.py`.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from batches import storage
from batches.database import from_now
from batches.errors import StillActiveError
from batches.models import Batch, Case, Diagnosis, KnownCase, OutputAddition
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES
from library import storage as library_storage

log = logging.getLogger(__name__)

GIGABYTE = 10**9
LONGEST_WRITE_S = 86_400  # between a folder's making and its row's, and between a claim's last sign of life and its end


@dataclass(frozen=True)
class RemovalReport:
    """What a clean-up removed: batches whose files went, known cases, folders without a row, and bytes in all."""

    batches: int
    known_cases: int
    orphans: int
    freed_bytes: int


def remove_old_outputs() -> RemovalReport:
    """Remove the files of batches older than CASEFARM_KEEP_DAYS, then of the oldest until CASEFARM_KEEP_GB is met.

    Known cases that were not used for so long go likewise, then the longest unused until CASEFARM_CASE_CACHE_GB is met.
    """
    aged = removable_batches().filter(finished_at__lt=timezone.now() - timedelta(days=settings.CASEFARM_KEEP_DAYS))
    freed = [remove_outputs(batch) for batch in aged]
    sizes = [(batch, storage.measure_case_files(batch.pk)) for batch in removable_batches()]
    excess = sum(size for _, size in sizes) - settings.CASEFARM_KEEP_GB * GIGABYTE
    for batch, size in sizes:
        if excess <= 0:
            break
        freed.append(remove_outputs(batch))
        excess -= size
    forgotten = remove_unused_cases()
    orphans = [*list_orphan_folders(), *list_orphans_of_known_cases()]
    for folder in orphans:
        storage.remove_folder(folder)
    report = RemovalReport(len(freed), len(forgotten), len(orphans), sum(freed) + sum(forgotten))
    log.info("removed files of %d batches, %d known cases and %d orphan folders, %d bytes", *vars(report).values())
    return report


def remove_unused_cases() -> list[int]:
    """Forget the known cases that were not used for long, and the longest unused beyond the room there is for them.

    Returns:
        The size of each in bytes. Of files that batches share the room is only free when those are gone, too.
    """
    KnownCase.objects.filter(outcome__isnull=True, leased_until__lt=from_now(-LONGEST_WRITE_S)).delete()
    known = KnownCase.objects.exclude(outcome__isnull=True).order_by("last_used_at")
    aged = known.filter(last_used_at__lt=timezone.now() - timedelta(days=settings.CASEFARM_KEEP_DAYS))
    sizes = [forget_row(row) for row in aged]
    excess = (known.aggregate(total=Sum("size_bytes"))["total"] or 0) - settings.CASEFARM_CASE_CACHE_GB * GIGABYTE
    for row in known.iterator():
        if excess <= 0:
            break
        excess -= row.size_bytes
        sizes.append(forget_row(row))
    return sizes


def forget_row(row: KnownCase) -> int:
    """Remove a known case, the row before the files; return its size in bytes."""
    KnownCase.objects.filter(key=row.key, holder=row.holder).delete()
    if row.holder:
        storage.remove_folder(storage.known_case_folder(row.key, row.holder))
    return row.size_bytes


def list_orphans_of_known_cases() -> Iterator[Path]:
    """Yield folders of known cases that no row names, once nobody can be about to name them."""
    for folder in storage.known_cases_folder().glob("*/*"):
        if not library_storage.is_older(folder, timedelta(seconds=LONGEST_WRITE_S)):
            continue
        try:
            key, holder = storage.read_known_folder(folder)
        except ValueError:  # left half-written by a killed process
            yield folder
            continue
        if not KnownCase.objects.filter(key=key, holder=holder).exists():
            yield folder


def removable_batches() -> QuerySet[Batch]:
    """Return ended batches whose files are still there and that nobody keeps or reads, oldest first."""
    ended = Batch.objects.exclude(state__in=ACTIVE_BATCH_STATES).filter(keep=False, outputs_removed_at=None)
    read = OutputAddition.objects.filter(batch_id=OuterRef("pk"), state__in=OPEN_ADDITION_STATES)
    return ended.exclude(Exists(read)).order_by("finished_at")


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
