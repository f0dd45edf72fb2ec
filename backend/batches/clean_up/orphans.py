"""Finds folders that no row names: what killed workers and interrupted removals left. Called by `plan`.

A folder without a row may be about to get one, so that of a known case must be old; a batch has its row first.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from batches import storage
from batches.models import Batch, KnownCase
from filestore.operations import Key
from filestore.store import files

ASKED_AT_ONCE = 1_000  # folders, in one question to the database
Find = Callable[[Iterator[Key]], Iterator[Key]]
LONGEST_WRITE_S = 86_400  # between a folder's making and its row's, and between a claim's last sign of life and its end


_further: dict[Key, Find] = {}


def register_folders(root: Key, find: Find) -> None:
    """Have the folders below a root of a room above looked at, too; called once, when its app is ready.

    Args:
        root: in the store; each folder right below it belongs to a row.
        find: yields those of some folders, or of what is in them, that nobody needs.
    """
    _further[root] = find


def list_orphans() -> Iterator[Key | Path]:
    """Yield the folders of batches, of known cases and of rooms above that no row names."""
    yield from list_orphans_of_batches(storage.list_batch_folders())
    yield from list_orphans_of_known_cases(storage.list_known_folders())
    for root, find in _further.items():
        yield from find(files.list_folders(root))


def list_further(folder: Key) -> Iterator[Key] | None:
    """Yield a folder of a room above, or one in it, where nobody needs it; None where it is of no such room."""
    root = next((root for root in _further if folder.is_relative_to(root)), None)
    if root is None:
        return None
    top = root / folder.relative_to(root).parts[0]
    return (found for found in _further[root](iter([top])) if found == folder)


def list_orphans_of_batches(folders: Iterator[Key | Path]) -> Iterator[Key | Path]:
    """Yield those of the folders that are named like a batch there is no row of."""
    while block := list(islice(folders, ASKED_AT_ONCE)):
        ids = {folder: read_uuid(folder.name) for folder in block}
        wanted = [found for found in ids.values() if found]
        known = set(Batch.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        yield from (folder for folder, found in ids.items() if found and found not in known)


def list_orphans_of_known_cases(folders: Iterator[Key]) -> Iterator[Key]:
    """Yield those of the folders that no row names and that are old, also what a killed process left half-written."""
    while block := list(islice(folders, ASKED_AT_ONCE)):
        names = {folder: read_known(folder) for folder in block}
        keys = [found[0] for found in names.values() if found]
        known = set(KnownCase.objects.filter(key__in=keys).values_list("key", "holder"))
        for folder, found in names.items():
            if found not in known and is_old(folder):
                yield folder


def is_old(folder: Key) -> bool:
    """Return whether nobody can be about to name a folder; False where it is gone meanwhile."""
    written_at = files.find_written_at(folder)
    return written_at is not None and timezone.now() - written_at > timedelta(seconds=LONGEST_WRITE_S)


def read_known(folder: Key) -> tuple[str, UUID] | None:
    """Return key and holder that the folder of a known case is named by; None where it has another name."""
    try:
        return storage.read_known_folder(folder)
    except ValueError:
        return None


def read_uuid(name: str) -> UUID | None:
    """Return the id that a folder is named by; None where it has another name."""
    try:
        return UUID(name)
    except ValueError:
        return None
