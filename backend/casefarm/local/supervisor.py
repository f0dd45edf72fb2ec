"""Keeps the processes of a farm on one machine running: starts them, restarts what ends, stops all in order.

Enters: `ProcessPlan`s. Leaves: processes that end with this one, even if it is killed. Called by `stack`, from its main
thread: the kernel ties a child's life to the thread that started it.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from casefarm.errors import LocalStackError
from casefarm.local.processes import is_alive, kill_group, read_log_tail, start_process, stop_process

RESTART_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
SETTLED_S = 60.0
LOG_LIMIT_BYTES = 10 * 1024 * 1024
EX_CONFIG = 78


@dataclass(frozen=True)
class ProcessPlan:
    """How one process is run: its name, command, log and environment, and how it is asked to stop."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 8.0


@dataclass
class _Running:
    plan: ProcessPlan
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    next_start_at: float = 0.0


class Supervisor:
    """Runs `ProcessPlan`s in one folder. `tend()` must be called several times a second."""

    def __init__(
        self, folder: Path, say: Callable[[str], None], remember: Callable[[list[dict[str, float]]], None]
    ) -> None:
        self._folder = folder
        self._say = say
        self._remember = remember
        self._running: list[_Running] = []

    def start(self, plan: ProcessPlan) -> None:
        """Start a process and keep it running from now on."""
        if plan.log.is_file() and plan.log.stat().st_size > LOG_LIMIT_BYTES:
            plan.log.replace(plan.log.with_name(f"{plan.log.name}.1"))
        running = _Running(plan)
        self._running.append(running)
        self._launch(running)

    def tend(self) -> None:
        """Restart what has ended, after a pause that grows with every failure.

        Raises:
            LocalStackError: when a process refuses its settings; starting it again would not help.
        """
        now = time.monotonic()
        for running in self._running:
            if running.process is None:
                if now >= running.next_start_at:
                    self._launch(running)
            elif running.process.poll() is not None:
                self._note_end(running, now)

    def stop(self) -> None:
        """Stop all, the last started first; a process that does not listen is killed with its group."""
        for running in reversed(self._running):
            if running.process is not None and running.process.poll() is None:
                running.process.send_signal(running.plan.stop_signal)
        for running in reversed(self._running):
            if running.process is not None:
                stop_process(running.process, running.plan.stop_signal, running.plan.stop_timeout_s)
                kill_group(running.process.pid)
        self._running.clear()
        self._remember([])

    def kill(self) -> None:
        """Kill all at once."""
        for running in self._running:
            if running.process is not None:
                kill_group(running.process.pid)

    def _launch(self, running: _Running) -> None:
        plan = running.plan
        running.started_at = time.monotonic()
        running.process = start_process(
            list(plan.argv), folder=self._folder, log=plan.log, environment=plan.environment
        )
        self._remember([identify(each.process.pid) for each in self._running if each.process is not None])

    def _note_end(self, running: _Running, now: float) -> None:
        if running.process is None:
            return
        plan, status = running.plan, running.process.returncode
        kill_group(running.process.pid)
        running.process = None
        if status == EX_CONFIG:
            raise LocalStackError(read_log_tail(plan.log, lines=1).removeprefix("casefarm: "))
        running.failures = 0 if now - running.started_at > SETTLED_S else running.failures + 1
        pause = RESTART_PAUSES_S[min(running.failures, len(RESTART_PAUSES_S) - 1)]
        running.next_start_at = now + pause
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self._say(
            f"{plan.name} {how}; starting it again in {pause:g} s; {plan.log} ends with: {read_log_tail(plan.log)}"
        )


def identify(pid: int) -> dict[str, float]:
    """Return a process's number and start time, which together name it for good."""
    try:
        return {"pid": pid, "started_at": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "started_at": 0.0}


def end_leftovers(remembered: list[dict[str, float]]) -> int:
    """Kill the processes that a killed run left behind, with their groups; return how many there were."""
    left = [entry for entry in remembered if is_alive(int(entry["pid"]), entry["started_at"])]
    for entry in left:
        kill_group(int(entry["pid"]))
    return len(left)
