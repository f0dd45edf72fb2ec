"""Starts, watches and ends processes of the local stack. Called by the embedded servers and the supervisor."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from casefarm.errors import LocalStackError
from casefarm.local.identity import DIRECT, Identity


def start_process(
    argv: list[str],
    *,
    folder: Path,
    log: Path,
    identity: Identity = DIRECT,
    death_signal: signal.Signals = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in its own session, its output appended to `log`, tied to the life of this process.

    Call it from the main thread only: the kernel counts the end of the starting thread as the parent's death.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            identity.command(argv, death_signal),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def wait_until(condition: Callable[[], bool], timeout_s: float, step_s: float = 0.02) -> bool:
    """Return True as soon as `condition` holds, False when `timeout_s` passes before that."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step_s)
    return True


def stop_process(process: subprocess.Popen[bytes], first: signal.Signals, timeout_s: float) -> None:
    """End a process by `first`; after `timeout_s` kill its whole process group."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads, if there is one."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def is_alive(pid: int, started_at: float | None = None) -> bool:
    """Return whether process `pid` runs (a zombie does not) and, where given, started at `started_at`."""
    try:
        process = psutil.Process(pid)
        if started_at is not None and abs(process.create_time() - started_at) > 1.0:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def read_log_tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log as one line, for a message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return " | ".join(line.strip() for line in text.splitlines()[-lines:]) or "(empty log)"


def run_to_end(argv: list[str], *, folder: Path, identity: Identity, what: str, timeout_s: float = 120) -> None:
    """Run a short command to its end.

    Raises:
        LocalStackError: when it fails, with the end of its output.
    """
    done = subprocess.run(
        identity.command(argv, signal.SIGKILL),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode != 0:
        tail = " | ".join(done.stderr.decode(errors="replace").splitlines()[-5:])
        raise LocalStackError(f"{what} failed with status {done.returncode}: {tail}")
