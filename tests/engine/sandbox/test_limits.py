"""The limits act: on processor time, memory, files and descriptors, in sealed and in trusted processes."""

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from energyplus.sandbox import SandboxPolicy, apply_limits
from tests.engine.sandbox.sealed import Ending, policy_for, run_in_child, run_sealed

MIB = 1 << 20


def run_trusted(policy: SandboxPolicy, work: Callable[[], Any]) -> Ending:
    def limit_and_work() -> Any:
        os.chdir(policy.writable[0])
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # of the test process; they count among the files that are open
        apply_limits(policy)
        return work()

    return run_in_child(limit_and_work)


either_mode = pytest.mark.parametrize("run", [run_sealed, run_trusted], ids=["sealed", "trusted"])
Run = Callable[[SandboxPolicy, Callable[[], Any]], Ending]


def burn() -> None:
    while True:
        pass


@either_mode
def test_processor_time_beyond_the_limit_ends_the_process(run: Run, tmp_path: Path) -> None:
    assert run(policy_for(tmp_path, cpu_s=1), burn).signal_name == "SIGXCPU"


@either_mode
def test_memory_beyond_the_limit_is_not_had(run: Run, tmp_path: Path) -> None:
    ending = run(policy_for(tmp_path, memory_bytes=1 << 30), lambda: len(bytearray(1 << 30)))
    assert isinstance(ending.value, MemoryError)


@either_mode
def test_a_file_that_would_grow_beyond_the_limit_ends_the_process(run: Run, tmp_path: Path) -> None:
    ending = run(policy_for(tmp_path, largest_file_bytes=MIB), lambda: Path("big").write_bytes(bytes(2 * MIB)))
    assert ending.signal_name == "SIGXFSZ"
    assert (tmp_path / "big").stat().st_size <= MIB


@either_mode
def test_more_files_than_the_limit_cannot_be_open(run: Run, tmp_path: Path) -> None:
    def open_many() -> int:
        opened = []
        try:
            while len(opened) < 100:
                opened.append(os.open("file", os.O_WRONLY | os.O_CREAT))
        except OSError:
            return opened[-1] + 1
        return -1

    assert run(policy_for(tmp_path, open_files=20), open_many).value == 20


@either_mode
def test_a_crash_leaves_no_core(run: Run, tmp_path: Path) -> None:
    ending = run(policy_for(tmp_path), lambda: resource.getrlimit(resource.RLIMIT_CORE))
    assert ending.value == (0, 0)


def test_a_limit_that_was_lower_before_stays(tmp_path: Path) -> None:
    def work() -> tuple[int, int]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))
        apply_limits(policy_for(tmp_path, open_files=64))
        return resource.getrlimit(resource.RLIMIT_NOFILE)

    assert run_in_child(work).value == (30, 30)
