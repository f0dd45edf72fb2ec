"""Where a batch's files lie. Stages and API ask here for paths; nobody else joins them.

`CASEFARM_FILES/batches/<batch>/cases/<shard>/<index>/<attempt>/` holds what a case kept, one folder per attempt, so
that a late attempt can never write over a published one; `…/table/part-<shard>.parquet` a shard's part of the table,
`…/timeseries/part-<shard>.parquet` the time series of its cases, which go when the files of cases go. Outputs that were
added to a batch lie in files of their own, and in parts of their own with all that was there before.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

SHARD_FOLDER = "{:06d}"
ADDED_SERIES = "timeseries-added-"


def batch_folder(batch_id: UUID) -> Path:
    """Return the folder of everything a batch keeps."""
    return Path(settings.CASEFARM_FILES) / "batches" / str(batch_id)


def roots() -> tuple[Path, Path]:
    """Return the folders that hold a folder per batch: what is kept, and the run folders."""
    return Path(settings.CASEFARM_FILES) / "batches", Path(settings.CASEFARM_SCRATCH)


def case_folder(batch_id: UUID, shard: int, index: int, attempt: int) -> Path:
    """Return the folder of the files that one attempt at a case kept."""
    return batch_folder(batch_id) / "cases" / SHARD_FOLDER.format(shard) / str(index) / str(attempt)


def part_path(batch_id: UUID, shard: int) -> Path:
    """Return the Parquet file of a shard's part of the result table."""
    return batch_folder(batch_id) / "table" / f"part-{SHARD_FOLDER.format(shard)}.parquet"


def series_part_path(batch_id: UUID, shard: int, additions: int = 0) -> Path:
    """Return the Parquet file of the time series of a shard's cases, with those of the first additions."""
    added = f"-{additions}" if additions else ""
    return batch_folder(batch_id) / "timeseries" / f"part-{SHARD_FOLDER.format(shard)}{added}.parquet"


def added_series_path(folder: Path, addition: int) -> Path:
    """Return the Parquet file with the time series that the n-th addition brought to a case."""
    return folder / f"{ADDED_SERIES}{addition}.parquet"


def is_unfinished_series(name: str, additions: int) -> bool:
    """Return whether a file of a case is of an addition that has not become part of its batch."""
    number = name.removeprefix(ADDED_SERIES).removesuffix(".parquet")
    return name.startswith(ADDED_SERIES) and (not number.isdigit() or int(number) > additions)


def known_cases_folder() -> Path:
    """Return the folder of the files of known cases, which belong to no batch."""
    return Path(settings.CASEFARM_FILES) / "known"


def known_case_folder(key: str, holder: UUID) -> Path:
    """Return the folder of what a known case keeps: of one run, so that a later one never writes over it."""
    return known_cases_folder() / key[:2] / f"{key}-{holder}"


def read_known_folder(folder: Path) -> tuple[str, UUID]:
    """Return the key and the holder that `known_case_folder` made a folder's name of.

    Raises:
        ValueError: it did not.
    """
    key, _, holder = folder.name.partition("-")
    return key, UUID(holder)


@contextmanager
def open_scratch(batch_id: UUID, index: int, attempt: int) -> Iterator[Path]:
    """Give an empty run folder for one attempt, removed afterwards."""
    folder = scratch_folder(batch_id) / f"{index}-{attempt}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch_folder(batch_id: UUID) -> Path:
    """Return the folder of a batch's run folders."""
    return Path(settings.CASEFARM_SCRATCH) / str(batch_id)


def remove_folder(folder: Path) -> None:
    """Remove the files of one attempt."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_shard_files(batch_id: UUID, shard: int) -> None:
    """Remove the files of a shard's cases; nothing happens where they are gone."""
    remove_folder(batch_folder(batch_id) / "cases" / SHARD_FOLDER.format(shard))


def remove_case_files(batch_id: UUID) -> None:
    """Remove the files of all cases of a batch, their time series among them; its table stays."""
    for folder in _case_roots(batch_id):
        shutil.rmtree(folder, ignore_errors=True)


def remove_batch_files(batch_id: UUID) -> None:
    """Remove everything a batch keeps."""
    shutil.rmtree(batch_folder(batch_id), ignore_errors=True)
    shutil.rmtree(scratch_folder(batch_id), ignore_errors=True)


def measure_case_files(batch_id: UUID) -> int:
    """Return the size of the files of all cases of a batch, in bytes; of a file that others share, its share."""
    paths = (path for folder in _case_roots(batch_id) for path in folder.rglob("*"))
    found = (path.stat() for path in paths if path.is_file())
    return sum(stat.st_size // stat.st_nlink for stat in found)


def _case_roots(batch_id: UUID) -> tuple[Path, Path]:
    return batch_folder(batch_id) / "cases", batch_folder(batch_id) / "timeseries"
