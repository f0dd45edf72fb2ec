"""Where a batch's files lie. Stages and API ask here for keys of the farm's file store; nobody else joins them.

`batches/<batch>/cases/<shard>/<index>/<attempt>/` holds what a case kept, one folder per attempt, so
that a late attempt can never write over a published one; `…/table/part-<shard>.parquet` a shard's part of the table,
`…/timeseries/part-<shard>.parquet` the time series of its cases, which go when the files of cases go. Outputs that were
added to a batch lie in files of their own, and in parts of their own with all that was there before.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from filestore import folders
from filestore.operations import Key, StorageUnavailableError
from filestore.store import files

log = logging.getLogger(__name__)

BATCHES, KNOWN = Key("batches"), Key("known")
SHARD_FOLDER = "{:06d}"
ADDED_SERIES = "timeseries-added-"


def batch_folder(batch_id: UUID) -> Key:
    """Return the folder of everything a batch keeps."""
    return BATCHES / str(batch_id)


def list_batch_folders() -> Iterator[Key | Path]:
    """Yield what may be a batch's folder: those of the store, and the run folders of this machine."""
    yield from files.list_folders(BATCHES)
    yield from Path(settings.CASEFARM_SCRATCH).glob("*-*-*-*-*")


def read_folder(name: str) -> Key | Path:
    """Return the folder that was written down as `name`: a run folder's is absolute."""
    return Path(name) if name.startswith("/") else Key(name)


def case_folder(batch_id: UUID, shard: int, index: int, attempt: int) -> Key:
    """Return the folder of the files that one attempt at a case kept."""
    return Key(f"{BATCHES}/{batch_id}/cases/{shard:06d}/{index}/{attempt}")


def part_path(batch_id: UUID, shard: int) -> Key:
    """Return the Parquet file of a shard's part of the result table."""
    return batch_folder(batch_id) / "table" / f"part-{SHARD_FOLDER.format(shard)}.parquet"


def series_part_path(batch_id: UUID, shard: int, additions: int = 0) -> Key:
    """Return the Parquet file of the time series of a shard's cases, with those of the first additions."""
    added = f"-{additions}" if additions else ""
    return batch_folder(batch_id) / "timeseries" / f"part-{SHARD_FOLDER.format(shard)}{added}.parquet"


def added_series_path(folder: Key, addition: int) -> Key:
    """Return the Parquet file with the time series that the n-th addition brought to a case."""
    return folder / f"{ADDED_SERIES}{addition}.parquet"


def is_unfinished_series(name: str, additions: int) -> bool:
    """Return whether a file of a case is of an addition that has not become part of its batch."""
    number = name.removeprefix(ADDED_SERIES).removesuffix(".parquet")
    return name.startswith(ADDED_SERIES) and (not number.isdigit() or int(number) > additions)


def list_known_folders() -> Iterator[Key]:
    """Yield the folders of what known cases keep, which belong to no batch."""
    for folder in files.list_folders(KNOWN):
        yield from files.list_folders(folder)


def known_case_folder(key: str, holder: UUID) -> Key:
    """Return the folder of what a known case keeps: of one run, so that a later one never writes over it."""
    return Key(f"{KNOWN}/{key[:2]}/{key}-{holder}")


def read_known_folder(folder: Key) -> tuple[str, UUID]:
    """Return the key and the holder that `known_case_folder` made a folder's name of.

    Raises:
        ValueError: it did not.
    """
    key, _, holder = folder.name.partition("-")
    return key, UUID(holder)


@contextmanager
def open_scratch(batch_id: UUID, index: int, attempt: int) -> Iterator[Path]:
    """Give an empty run folder for one attempt, removed afterwards. It is locked: the kernel frees a dead worker's."""
    folder = Path(f"{settings.CASEFARM_SCRATCH}/{batch_id}/{index}-{attempt}")
    while True:
        folders.make_empty_folder(str(folder))
        lock = lock_folder(folder)
        if lock is not None:
            break
    try:
        yield folder
    finally:
        folders.remove_folder(str(folder))
        os.close(lock)


def lock_folder(folder: Path) -> int | None:
    """Lock a folder that nobody holds until its descriptor is closed; None where it is held, or gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # somebody sweeps it away in this moment
    os.close(descriptor)
    return None


def remove_abandoned_scratch() -> int:
    """Remove the run folders that workers of this machine left when they were killed; return how many there were."""
    removed = 0
    for folder in Path(settings.CASEFARM_SCRATCH).glob("*-*-*-*-*/*"):
        lock = lock_folder(folder) if folder.is_dir() else None
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            removed += 1
    return removed


def scratch_folder(batch_id: UUID) -> Path:
    """Return the folder of a batch's run folders."""
    return Path(settings.CASEFARM_SCRATCH) / str(batch_id)


def remove_folder(folder: Key | Path) -> None:
    """Remove a folder that nobody refers to; where the store does not answer, the clean-up will find it."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        files.remove(folder)
    except StorageUnavailableError as error:
        log.warning("%s is left to the clean-up: %s", folder, error)


def remove_shard_files(batch_id: UUID, shard: int) -> None:
    """Remove the files of a shard's cases; nothing happens where they are gone."""
    files.remove(batch_folder(batch_id) / "cases" / SHARD_FOLDER.format(shard))


def remove_other_attempts(target: Key) -> None:
    """Remove what other attempts at a case kept than the one with this folder, whose outcome is published."""
    for folder in files.list_folders(target.parent):
        if folder != target:
            remove_folder(folder)


def remove_case_files(batch_id: UUID) -> None:
    """Remove the files of all cases of a batch, their time series among them; its table stays."""
    for folder in _case_roots(batch_id):
        files.remove(folder)


def remove_batch_files(batch_id: UUID) -> None:
    """Remove everything a batch keeps."""
    files.remove(batch_folder(batch_id))
    shutil.rmtree(scratch_folder(batch_id), ignore_errors=True)


def measure_case_files(batch_id: UUID) -> int:
    """Return the size of the files of all cases of a batch, in bytes; of a file that others share, its share."""
    return sum(files.measure(folder) for folder in _case_roots(batch_id))


def _case_roots(batch_id: UUID) -> tuple[Key, Key]:
    return batch_folder(batch_id) / "cases", batch_folder(batch_id) / "timeseries"
