"""Child processes that inherit nothing, do not outlive their parent and are killed whole: the engine, descriptions."""

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from energyplus.errors import EngineError

_POLL_MS = 100
_PR_SET_PDEATHSIG = 1
_PARENT = "CASEFARM_PARENT"

Cause = Literal["ended", "stopped", "timed_out"]
"""How a child came to its end: by itself, because it was told to, or because it ran out of time."""

_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class ChildEnd:
    """How a child ended.

    Attributes:
        cause: by itself, because it was told to, or because it ran out of time.
        exit_code: its exit status, None when a signal ended it.
        signal_name: "SIGSEGV" and the like, None when it exited.
        wall_s: from its start to its end, s.
        cpu_s: processor time, user and system, s.
        peak_memory_bytes: largest resident memory, bytes; of an executed child not less than its parent's (Linux).
    """

    cause: Cause
    exit_code: int | None
    signal_name: str | None
    wall_s: float
    cpu_s: float | None = None
    peak_memory_bytes: int | None = None

    @classmethod
    def of_wait_status(
        cls, cause: Cause, status: int, wall_s: float, cpu_s: float, peak_memory_bytes: int
    ) -> "ChildEnd":
        """The end of a process that the kernel reports with `status`, as `os.wait4` gives it."""
        code = os.waitstatus_to_exitcode(status)
        return cls(
            cause=cause,
            exit_code=code if code >= 0 else None,
            signal_name=_signal_name(-code) if code < 0 else None,
            wall_s=wall_s,
            cpu_s=cpu_s,
            peak_memory_bytes=peak_memory_bytes,
        )


def child_environment(temporary: Path | None = None) -> dict[str, str]:
    """The whole environment of a child: nothing of the parent's but what Python needs to find this package.

    Secrets in the parent's environment must not be readable by a stranger's model.

    Args:
        temporary: where the child may put temporary files.
    """
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        _PARENT: str(os.getpid()),
    }
    return environment | ({"TMPDIR": str(temporary)} if temporary else {})


def supervise_child(
    command: Sequence[str],
    run_folder: Path,
    console: Path,
    timeout_s: float,
    should_stop: Callable[[], bool],
) -> ChildEnd:
    """Run a command in a process group of its own until it ends, is stopped or runs out of time.

    Call it from the thread that waits: the kernel kills the child when the thread that started it goes.

    Args:
        command: what to execute.
        run_folder: its working directory and place for temporary files.
        console: the file that gets its standard output and error.
        timeout_s: wall-clock limit, s.
        should_stop: asked every 0.1 s.

    Returns:
        How it ended. The process and all of its group are dead by then, also when `should_stop` raised.

    Raises:
        EngineError: the command cannot be started.
    """
    started = monotonic()
    try:
        with console.open("wb") as stream:
            process = subprocess.Popen(
                command,
                cwd=run_folder,
                env=child_environment(run_folder),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise EngineError(f"The engine's process cannot be started: {error}.") from error
    try:
        cause = _wait(process, started + timeout_s, should_stop)
    finally:
        # Before the leader is reaped, so that the group's number cannot have been given to another.
        _kill_group(process.pid)
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    return ChildEnd.of_wait_status(cause, status, monotonic() - started, cpu_s, usage.ru_maxrss * 1024)


def die_with_parent(parent: int | None = None) -> None:
    """In a child: ask the kernel to kill it when its parent goes, and go at once if that has happened already.

    Args:
        parent: the parent's process number; by default the one that `child_environment` has left.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    left = os.environ.pop(_PARENT, "")
    expected = parent if parent is not None else int(left) if left else None
    if expected is not None and os.getppid() != expected:
        sys.exit("The parent process is gone.")


def _wait(process: "subprocess.Popen[bytes]", deadline: float, should_stop: Callable[[], bool]) -> Cause:
    descriptor = os.pidfd_open(process.pid)
    try:
        return wait_for(descriptor, deadline, should_stop)
    finally:
        os.close(descriptor)


def wait_for(descriptor: int, deadline: float, should_stop: Callable[[], bool]) -> Cause:
    """Wait until a descriptor that tells of a child's end is readable, or the child is to be ended.

    Args:
        descriptor: a pidfd, or a socket.
        deadline: on the monotonic clock, s.
        should_stop: asked every 0.1 s.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while not poll.poll(_POLL_MS):
        if should_stop():
            return "stopped"
        if monotonic() >= deadline:
            return "timed_out"
    # A run that was told to stop counts as stopped even when it came to its end meanwhile.
    return "stopped" if should_stop() else "ended"


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
