"""What this machine offers to cases: cores and memory of the machine or of the container, whichever is less."""

import os
from collections.abc import Iterator
from pathlib import Path

TYPICAL_CASE_BYTES = 400 * 1024**2
"""Resident memory of a run: 190 to 345 MB for the bundled reference models, and some room."""

_ROOT = Path("/")
_UNLIMITED_BYTES = 1 << 60


def default_slots() -> int:
    """How many cases at a time suit this machine: one per core, as long as each has the memory of a typical case."""
    return max(1, min(usable_cores(), usable_memory_bytes() // TYPICAL_CASE_BYTES))


def usable_cores(root: Path = _ROOT) -> int:
    """Cores this process may use: its affinity mask, and the processor quota of its control groups, rounded up.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    quotas = [_read_quota(folder) for folder in _groups(root, "cpu")]
    return max(1, min([len(os.sched_getaffinity(0)), *(-int(-quota // 1) for quota in quotas if quota)]))


def usable_memory_bytes(root: Path = _ROOT) -> int:
    """Memory that is not in use: what the kernel calls available, or what the control groups leave, bytes.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    found = [_read_available(root / "proc/meminfo")]
    for folder in _groups(root, "memory"):
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit, used = _read_number(folder / limit_name), _read_number(folder / used_name)
            if limit is not None and limit < _UNLIMITED_BYTES:
                found.append(max(0, limit - max(0, (used or 0) - _read_cache(folder))))
    return min(found)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control groups for a controller, innermost first, of version 2 and 1."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        base = root / "sys/fs/cgroup"
        if controllers and controller not in controllers.split(","):
            continue
        base = base / controller if controllers else base
        inside = Path(path.lstrip("/"))
        for part in (inside, *inside.parents):
            yield base / part


def _read_quota(folder: Path) -> float | None:
    try:  # version 2: "200000 100000", or "max 100000" where there is no quota
        quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        quota_us, period_us = _read_number(folder / "cpu.cfs_quota_us"), _read_number(folder / "cpu.cfs_period_us")
        return quota_us / period_us if quota_us and period_us and quota_us > 0 else None


def _read_available(path: Path) -> int:
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return _UNLIMITED_BYTES


def _read_cache(folder: Path) -> int:
    """File pages that the kernel would give back at once: they count as used, but are not."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
