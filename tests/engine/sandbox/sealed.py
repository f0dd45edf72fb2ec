"""Does work in a forked, sealed child of the test, and brings back what came of it."""

import os
import pickle
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energyplus.sandbox import SandboxPolicy, enter_sandbox

NOBODY = 65534
GIB = 1 << 30


@dataclass(frozen=True)
class Ending:
    """How a child ended: its exit status, negative for a signal; what the work returned, or the error it raised."""

    status: int
    value: Any = None

    @property
    def signal_name(self) -> str:
        return signal.Signals(-self.status).name if self.status < 0 else ""


def policy_for(folder: Path, **changes: Any) -> SandboxPolicy:
    limits = {"cpu_s": 20, "memory_bytes": 4 * GIB, "largest_file_bytes": GIB}
    return SandboxPolicy(**({"readable": (), "writable": (folder,)} | limits | changes))


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def run_in_child(work: Callable[[], Any]) -> Ending:
    """Fork, work, and come back with the value or the error, which must be picklable."""
    answers, answer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        os.dup2(answer, 0)  # standard input is kept by the sandbox, and nobody reads it
        status = 70
        try:
            os.write(0, pickle.dumps(_attempt(work)))
            status = 0
        finally:
            os._exit(status)
    os.close(answer)
    with os.fdopen(answers, "rb") as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Ending(status, pickle.loads(said) if said else None)


def run_sealed(policy: SandboxPolicy, work: Callable[[], Any], *, as_nobody: bool = False) -> Ending:
    """Work in the first folder that may be written."""

    def enter_and_work() -> Any:
        os.chdir(policy.writable[0])
        if as_nobody:
            become_nobody()
        enter_sandbox(policy)
        return work()

    return run_in_child(enter_and_work)


def _attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
