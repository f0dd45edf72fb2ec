"""Carries a plan out, item by item, each by a statement that finds it only while its rule still holds. For `reports`.

The files of a batch are only marked here, and go in the background (`removal`); everything else is small and goes at
once, the row before the files.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from batches import storage
from batches.clean_up import orphans
from batches.clean_up.plan import Item, removable_batches
from batches.database import from_now
from batches.models import Batch, KnownCase
from filestore.operations import Key
from library import services as library_services


def carry_out(item: Item) -> bool:
    """Remove what an item of a plan says; return False where somebody needs it by now, or has removed it.

    Rests as long as that took: cases that end write to the same disk.
    """
    began_at = monotonic()
    done = DEEDS[item.kind](item)
    sleep(monotonic() - began_at)
    return done


def mark_outputs(item: Item) -> bool:
    """Mark the files of a batch's cases as removed, unless it is at work, kept, read or gone by now, or ended anew.

    The row is locked first: whoever extends a batch, keeps it or adds outputs to it does the same.
    """
    with transaction.atomic():
        row = Batch.objects.select_for_update().filter(pk=UUID(item.id))
        if not row.exists():
            return False
        fresh = removable_batches().order_by().filter(pk=UUID(item.id), finished_at=item.since)
        return bool(fresh.exclude(files_read_until__gt=Now()).update(outputs_removed_at=Now(), removal_alive_at=Now()))


def forget_known_case(item: Item) -> bool:
    """Remove a known case that nobody has used since the plan was made."""
    known = KnownCase.objects.filter(key=item.id, outcome__isnull=False)
    row = known.first()
    if row is None or row.last_used_at != item.since:
        return False
    if not known.filter(holder=row.holder, last_used_at=row.last_used_at).delete()[0]:
        return False
    if row.holder:
        storage.remove_folder(storage.known_case_folder(row.key, row.holder))
    return True


def remove_orphan(item: Item) -> bool:
    """Remove a folder that no row names."""
    folder = storage.read_folder(item.id)
    found: Iterator[Key | Path]
    further = None if isinstance(folder, Path) else orphans.list_further(folder)
    if isinstance(folder, Path) or folder.parent == storage.BATCHES:
        found = orphans.list_orphans_of_batches(iter([folder]))
    elif further is not None:
        found = further
    else:
        found = orphans.list_orphans_of_known_cases(iter([folder]))
    for orphan in found:
        storage.remove_folder(orphan)
        return True
    return False


def remove_upload(item: Item) -> bool:
    """Remove an upload that still nobody uses."""
    older_than = timedelta(days=settings.CASEFARM_KEEP_UNUSED_UPLOADS_DAYS)
    for kind in library_services.KINDS:
        row = kind.objects.filter(pk=UUID(item.id)).first()
        if row is not None:
            return library_services.remove_unused_upload(row, older_than)
    return False


def remove_content(item: Item) -> bool:
    """Remove a content that still nobody means."""
    return library_services.remove_orphaned_content(item.id)


DEEDS: dict[str, Callable[[Item], bool]] = {
    "batch": mark_outputs,
    "known_case": forget_known_case,
    "folder": remove_orphan,
    "upload": remove_upload,
    "content": remove_content,
}


def remove_abandoned() -> None:
    """Remove what nobody ever names: claims of known cases whose worker is gone, remains of broken uploads."""
    KnownCase.objects.filter(outcome__isnull=True, leased_until__lt=from_now(-orphans.LONGEST_WRITE_S)).delete()
    library_services.remove_remains()
