"""Keeps the processes of a farm running and hits them one by one: what a supervisor is to a farm, and a fault to it.

Enters: `ProcessPlan`s. Leaves: processes that end with this one; which of them were hit, and how often they started.
Called by `harness`, from the main thread: the kernel ties a child's life to the thread that started it.
"""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from casefarm.local.processes import kill_group, start_process, stop_process
from casefarm.local.supervisor import ProcessPlan

# As a service manager waits that does not give up; that of `casefarm up` waits longer after every failure in a row,
# which two hundred kills in a row would be for it.
RESTART_PAUSE_S = 1.0


@dataclass
class Part:
    """One process of a farm."""

    plan: ProcessPlan
    process: "subprocess.Popen[bytes]"
    starts: int = 1
    ended_at: float | None = None
    frozen: list[psutil.Process] = field(default_factory=list)


class Parts:
    """Stands where a farm has its supervisor; restarts what ends a second later, whoever ended it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, Part] = {}

    def start(self, plan: ProcessPlan) -> None:
        """Start a process and keep it running from now on."""
        self._parts[plan.name] = Part(plan, self._launch(plan))

    def tend(self) -> None:
        """Restart what has ended."""
        now = time.monotonic()
        for part in self._parts.values():
            if part.ended_at is None and part.process.poll() is not None:
                kill_group(part.process.pid)
                part.ended_at = now
            if part.ended_at is not None and now - part.ended_at > RESTART_PAUSE_S:
                part.process, part.ended_at = self._launch(part.plan), None
                part.starts += 1

    def stop(self) -> None:
        """Stop all, the last started first."""
        for name in list(self._parts):
            self.thaw(name)
        running = list(reversed(self._parts.values()))
        for part in running:
            if part.process.poll() is None:
                part.process.send_signal(part.plan.stop_signal)
        for part in running:
            stop_process(part.process, part.plan.stop_signal, part.plan.stop_timeout_s)
            kill_group(part.process.pid)
        self._parts.clear()

    def change(self, name: str, **settings: str) -> None:
        """Have a part run with other settings from now on."""
        plan = self._parts[name].plan
        self.remove(name)
        self.start(replace(plan, environment={**plan.environment, **settings}))

    def restore(self, name: str, plan: ProcessPlan) -> None:
        """Have a part run as at first."""
        self.remove(name)
        self.start(plan)

    def plan_of(self, name: str) -> ProcessPlan:
        """Return how a part is started."""
        return self._parts[name].plan

    def count_starts(self) -> int:
        """Return how often parts were started."""
        return sum(part.starts for part in self._parts.values())

    def remove(self, name: str) -> None:
        """Stop a process for good."""
        self.thaw(name)
        part = self._parts.pop(name)
        stop_process(part.process, part.plan.stop_signal, part.plan.stop_timeout_s)
        kill_group(part.process.pid)

    def names(self) -> list[str]:
        """Return the names of all parts."""
        return list(self._parts)

    def log_of(self, name: str) -> Path:
        """Return where a part's output goes."""
        return self._parts[name].plan.log

    def is_running(self, name: str) -> bool:
        """Return whether a part runs now."""
        return self._parts[name].process.poll() is None

    def kill(self, name: str | None = None) -> None:
        """Kill one part with SIGKILL, its children left to find out by themselves; all at once without a name.

        A hanging one is let go on right after: the kernel does not half restart a machine either.
        """
        for part in self._parts.values() if name is None else [self._parts[name]]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(part.process.pid, signal.SIGKILL)
            self.thaw(part.plan.name)

    def freeze(self, name: str) -> None:
        """Stop a part and all its descendants as a machine that hangs would (SIGSTOP)."""
        part = self._parts[name]
        with contextlib.suppress(psutil.NoSuchProcess):  # it may just have ended
            head = psutil.Process(part.process.pid)
            part.frozen = [head, *head.children(recursive=True)]
        for process in part.frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self, name: str) -> None:
        """Let a frozen part go on (SIGCONT); does nothing to another one."""
        part = self._parts[name]
        for process in part.frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        part.frozen = []

    def descendants_of(self, name: str) -> list[psutil.Process]:
        """Return the processes that a part has started, and theirs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self._parts[name].process.pid).children(recursive=True)
        return []

    def _launch(self, plan: ProcessPlan) -> "subprocess.Popen[bytes]":
        return start_process(list(plan.argv), folder=self._folder, log=plan.log, environment=plan.environment)
