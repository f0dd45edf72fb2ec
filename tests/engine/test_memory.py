"""As many cases at a time as cores and memory allow."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from energyplus.engines.machine import TYPICAL_CASE_BYTES, default_slots, usable_cores, usable_memory_bytes
from energyplus.engines.memory import MemoryBudget

GB = 1024**3

WriteMachine = Callable[..., Path]


@pytest.fixture
def write_machine(tmp_path: Path) -> WriteMachine:
    """Writes the files by which the kernel tells of memory and control groups."""

    def write(files: dict[str, str], cgroup: str = "0::/", available_kb: int = 8 * 1024**2) -> Path:
        everything = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {available_kb} kB\n", "proc/self/cgroup": cgroup}
        for name, text in (everything | {f"sys/fs/cgroup/{name}": text for name, text in files.items()}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def test_without_limits_the_machine_counts(write_machine: WriteMachine) -> None:
    root = write_machine({"memory.max": "max", "cpu.max": "max 100000"})
    assert usable_memory_bytes(root) == 8 * GB
    assert usable_cores(root) == len(os.sched_getaffinity(0))


def test_a_container_counts_with_what_it_has_left(write_machine: WriteMachine) -> None:
    used = {"a/memory.current": str(GB), "a/memory.stat": f"inactive_file {GB // 2}\nactive_file 7\n"}
    root = write_machine({"a/memory.max": str(2 * GB), "a/cpu.max": "50000 100000", **used}, "0::/a/b\n")
    assert usable_memory_bytes(root) == 3 * GB // 2
    assert usable_cores(root) == 1


def test_control_groups_of_the_first_version_count_too(write_machine: WriteMachine) -> None:
    files = {
        "memory/a/memory.limit_in_bytes": str(GB),
        "memory/a/memory.usage_in_bytes": "0",
        "memory/memory.limit_in_bytes": str(2**63 - 4096),
        "cpu/a/cpu.cfs_quota_us": "100000",
        "cpu/a/cpu.cfs_period_us": "100000",
        "cpu/cpu.cfs_quota_us": "-1",
        "cpu/cpu.cfs_period_us": "100000",
    }
    root = write_machine(files, "4:memory:/a\n3:cpu,cpuacct:/a\n0::/\n")
    assert usable_memory_bytes(root) == GB
    assert usable_cores(root) == 1


def test_a_machine_without_control_groups_has_its_memory(write_machine: WriteMachine) -> None:
    root = write_machine({})
    (root / "proc/self/cgroup").unlink()
    assert usable_memory_bytes(root) == 8 * GB


def test_there_is_always_a_slot_and_never_one_without_a_core() -> None:
    assert 1 <= default_slots() <= len(os.sched_getaffinity(0))
    assert usable_memory_bytes() > TYPICAL_CASE_BYTES


def test_cases_wait_until_there_is_room() -> None:
    budget, entered = MemoryBudget(10), Event()
    order: list[str] = []

    def run(name: str, need: int, until: Event | None = None) -> None:
        with budget.reserve(need, lambda: False):
            order.append(name)
            entered.set()
            if until:
                until.wait(30)
        order.append(f"{name} ends")

    first_may_end = Event()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(run, "first", 8, first_may_end)
        entered.wait(30)
        run("small", 2)
        large = pool.submit(run, "large", 3)
        assert not large.done()
        first_may_end.set()
        first.result(30)
        large.result(30)
    assert order[:3] == ["first", "small", "small ends"]
    assert order.index("large") > order.index("small ends")
    assert budget.reserved_bytes == 0


def test_a_case_that_needs_more_than_everything_runs_alone() -> None:
    budget = MemoryBudget(10)
    with budget.reserve(100, lambda: False):
        assert budget.reserved_bytes == 100
        with budget.reserve(1, lambda: True):  # told to stop while it waits
            assert budget.reserved_bytes == 100


def test_an_unmeasured_model_counts_as_a_typical_one() -> None:
    budget = MemoryBudget(0)
    with budget.reserve(None, lambda: False):
        assert budget.reserved_bytes == TYPICAL_CASE_BYTES


def test_room_is_given_back_when_a_case_raises() -> None:
    budget = MemoryBudget(10)
    with pytest.raises(RuntimeError), budget.reserve(10, lambda: False):
        raise RuntimeError
    assert budget.reserved_bytes == 0
