"""What a case takes of this machine: room on its disks, and memory. Asked by `execution.py`, which runs cases.

Too little of either is never a case's fault: it waits, and nothing is counted against it.
"""

import errno
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from batches.models import ModelNeed
from energyplus.engines.engine import SimulationJob
from energyplus.engines.memory import machine_budget
from energyplus.errors import DiskFullError
from energyplus.results.outcome import SimulationOutcome
from filestore.operations import StorageUnavailableError

LOOK_EVERY_S = 1.0
_room_until: dict[tuple[Any, ...], float] = {}  # of this process: until when there was room


def find_full_disk() -> str | None:
    """Return what is wrong with a disk that has less than `CASEFARM_LEAST_FREE_MB` left; None where all have more."""
    kept = "CASEFARM_CACHE" if settings.CASEFARM_STORAGE else "CASEFARM_FILES"  # of files on their way, with S3
    for setting in ("CASEFARM_SCRATCH", kept):
        folder = Path(getattr(settings, setting))
        folder.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free / 1e6
        if free_mb < settings.CASEFARM_LEAST_FREE_MB:
            return f"{setting}: {free_mb:.0f} MB free, {settings.CASEFARM_LEAST_FREE_MB} MB are needed; cases wait"
    return None


def require_room() -> None:
    """Do nothing as long as the disks have room for a case; they are looked at once a second, not for every case.

    Raises:
        DiskFullError: one has not.
    """
    asked = (settings.CASEFARM_SCRATCH, settings.CASEFARM_FILES, settings.CASEFARM_LEAST_FREE_MB)
    if monotonic() < _room_until.get(asked, 0.0):
        return
    problem = find_full_disk()
    if problem:
        raise DiskFullError(problem)
    _room_until[asked] = monotonic() + LOOK_EVERY_S


def is_disk_full(error: Exception) -> bool:
    """Return whether an error says that a disk, or the bucket, is full."""
    return isinstance(error, DiskFullError) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def has_to_wait(error: Exception) -> bool:
    """Return whether a case only has to wait: for room, or for a file store that does not answer."""
    return is_disk_full(error) or isinstance(error, StorageUnavailableError)


def reserve_memory(job: SimulationJob, should_stop: Callable[[], bool]) -> AbstractContextManager[None]:
    """Return a context that is entered when there is memory for the job, or nobody wants it any more."""
    return machine_budget().reserve(job.expected_memory_bytes, should_stop)


@lru_cache(maxsize=256)
def _known_need(sha256: str) -> list[int]:
    """What this process knows of a model's need, as a list of one number or none; the table is asked once."""
    return list(ModelNeed.objects.filter(sha256=sha256).values_list("peak_memory_bytes", flat=True))


def expect_memory(sha256: str) -> int | None:
    """Return the resident memory in bytes that runs of a model have needed at most; None before the first."""
    known = _known_need(sha256)
    return max(known) if known else None


def record_need(sha256: str, outcome: SimulationOutcome) -> None:
    """Remember what a run of a model needed, where that is more than is known. Writes a row of `ModelNeed` then."""
    peak = outcome.peak_memory_bytes
    if peak is None or peak <= (expect_memory(sha256) or 0):
        return
    ModelNeed.objects.bulk_create([ModelNeed(sha256=sha256, peak_memory_bytes=peak)], ignore_conflicts=True)
    ModelNeed.objects.filter(sha256=sha256, peak_memory_bytes__lt=peak).update(peak_memory_bytes=peak)
    _known_need(sha256)[:] = [peak]
