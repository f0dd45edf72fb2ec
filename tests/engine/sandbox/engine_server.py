"""The real engine, loaded once and forked per run: a JSON line in, a sealed run, a JSON line out.

An executable of the tests of the sandbox; it stays as small as the sandbox allows, and is not how the farm runs cases.
"""

import json
import os
import select
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energyplus.sandbox import SandboxPolicy, enter_sandbox


@dataclass(frozen=True)
class Run:
    """What to run, and how: `user` is taken on before the sandbox is entered where it is given."""

    model: str
    weather: str
    folder: str
    sealed: bool = True
    user: int | None = None
    cpu_s: int = 30
    memory_bytes: int = 4 << 30
    largest_file_bytes: int = 1 << 30
    timeout_s: float = 60
    options: tuple[str, ...] = ()


def _in_the_child(api: Any, state: Any, run: Run) -> int:
    os.setpgid(0, 0)
    os.chdir(run.folder)
    console = os.open("console.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for descriptor in (1, 2):
        os.dup2(console, descriptor)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    if run.user is not None:
        os.setgroups([])
        os.setgid(run.user)
        os.setuid(run.user)
    if run.sealed:
        readable = (Path(run.model), Path(run.weather))
        enter_sandbox(SandboxPolicy(readable, (Path(run.folder),), run.cpu_s, run.memory_bytes, run.largest_file_bytes))
    api.runtime.set_console_output_status(state, False)
    return int(api.runtime.run_energyplus(state, ["-d", ".", "-w", run.weather, *run.options, run.model]))


def _wait(child: int, timeout_s: float) -> dict[str, Any]:
    ended = os.pidfd_open(child)
    timed_out = not select.select([ended], [], [], timeout_s)[0]
    os.close(ended)
    os.killpg(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    cpu_s = used.ru_utime + used.ru_stime
    return {"status": os.waitstatus_to_exitcode(status), "timed_out": timed_out, "cpu_s": cpu_s}


def _main() -> None:
    from pyenergyplus.api import EnergyPlusAPI

    api = EnergyPlusAPI()
    state = api.state_manager.new_state()
    for line in sys.stdin:
        run = Run(**json.loads(line))
        child = os.fork()
        if child == 0:
            status = 70
            try:
                status = _in_the_child(api, state, run)
            finally:
                os._exit(status)
        os.setpgid(child, child)  # whichever of the two is first
        sys.stdout.write(json.dumps(_wait(child, run.timeout_s)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
