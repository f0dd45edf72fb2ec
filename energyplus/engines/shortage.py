"""Whether a run failed for want of memory or disk: a failure goes in, the one to be told comes out, or the farm waits.

The engine does not say so by itself. Out of memory, it dies of SIGABRT or SIGSEGV, or ends with "std::bad_alloc" as if
that were a fault of the model; on a full disk it goes on and writes files that are too short.
"""

import shutil

from energyplus.engines.engine import SimulationJob
from energyplus.engines.run_folder import read_console
from energyplus.engines.supervision import ChildEnd
from energyplus.errors import DiskFullError
from energyplus.results.success import Failure, is_regular_file

LEAST_FREE_BYTES = 16 * 1024**2
"""A disk with less room than this is full: what one run writes at the least, bytes."""

MOST_WRITTEN_BYTES = 1024**3
"""A run that has filled a disk with more than this is to blame for it itself, bytes."""

_MEMORY_SIGNALS = ("SIGSEGV", "SIGBUS", "SIGABRT")
_NEARLY_ALL = 0.8
_BAD_ALLOC = "bad_alloc"


def blame_machine(failure: Failure, job: SimulationJob, end: ChildEnd) -> Failure:
    """Look behind a failure: was there too little memory or disk?

    Args:
        failure: as the run's files and its end tell it.
        job: what was run.
        end: how the engine's process ended.

    Returns:
        A failure of kind "memory" or "disk" that says which limit was met, else the one that was given.

    Raises:
        DiskFullError: the disk is full, and not by this run.
    """
    if failure.kind in ("cancelled", "timeout"):
        return failure
    if shutil.disk_usage(job.run_folder).free < LEAST_FREE_BYTES:
        return _explain_full_disk(job)
    if end.signal_name == "SIGKILL":
        peak = f" at {_in_mb(end.peak_memory_bytes)}" if end.peak_memory_bytes else ""
        message = f"The machine ran out of memory, and its kernel killed the run{peak}; use fewer slots."
        return Failure("memory", message)
    if any(_BAD_ALLOC in said for said in (failure.message, read_console(job.run_folder))) or _is_at_limit(job, end):
        limit = _in_mb(job.memory_limit_bytes)
        return Failure("memory", f"The run needed more memory than its limit of {limit}; simplify the model.")
    return failure


def _explain_full_disk(job: SimulationJob) -> Failure:
    written = sum(path.stat().st_size for path in job.run_folder.iterdir() if is_regular_file(path))
    if written > MOST_WRITTEN_BYTES:
        return Failure("disk", f"The run wrote {_in_mb(written)} and filled the disk; ask for fewer outputs.")
    raise DiskFullError(f"The disk of {job.run_folder.parent} is full; the case is tried again when there is room.")


def _is_at_limit(job: SimulationJob, end: ChildEnd) -> bool:
    # Under a limit on address space an allocation that nobody checks, or a stack that cannot grow, is a wild pointer.
    peak = end.peak_memory_bytes or 0
    return end.signal_name in _MEMORY_SIGNALS and peak > _NEARLY_ALL * job.memory_limit_bytes


def _in_mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
