"""What `casefarm worker` does: a machine joins a farm that runs elsewhere, works for it, and leaves in good order.

Enters: the addresses of the farm's database, broker and files in the environment. Leaves: an exit status; cases that
had begun are finished, or handed back to the other workers. Called by `cli`.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from casefarm.environment import find_home, parse_env_file, read_environment
from casefarm.errors import CasefarmError, LocalStackError
from casefarm.local.home import Home
from casefarm.local.process_plans import (
    DRAIN_S,
    PYTHON,
    complete_environment,
    plan_maintenance_worker,
    plan_simulation_worker,
)
from casefarm.local.processes import read_log_tail
from casefarm.local.supervisor import Supervisor
from casefarm.local.up import say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 0.2


class LeaveRequested(BaseException):
    """Somebody pressed Ctrl-C or sent a signal; like KeyboardInterrupt no error, and never to be swallowed."""


@dataclass(frozen=True)
class WorkerOptions:
    """What `casefarm worker` was asked for.

    Attributes:
        join: a file of settings that the farm has written, None where the environment has them.
        aggregates: whether this machine also closes shards and tidies up, as the farm's first machine does.
    """

    join: Path | None = None
    aggregates: bool = False


def run_worker(options: WorkerOptions) -> int:
    """Work for a farm until a signal; return the exit status.

    Raises:
        CasefarmError: it cannot join the farm; nothing is left running.
    """
    environment = {**read_environment(), **(read_join(options.join) if options.join else {})}
    refuse_missing_settings(environment)
    home = Home(find_home(environment))
    home.open()
    try:
        environment = complete_environment(home, environment)
        check_farm(home, environment)
        plans = [plan_simulation_worker(home, environment, drains=True)]
        plans += [plan_maintenance_worker(home, environment)] if options.aggregates else []
        supervisor = Supervisor(home.path, say, lambda processes: home.remember("processes", processes))
        with leave_on_signals():
            try:
                for plan in plans:
                    supervisor.start(plan)
                say(f"Works for the farm with {environment['CASEFARM_SLOTS']} slots – Ctrl-C stops it")
                while True:
                    supervisor.tend()
                    time.sleep(LOOK_EVERY_S)
            except LeaveRequested:
                say(f"\nLeaving: cases at work have {read_drain_s(environment):g} s to finish…")
            finally:
                supervisor.stop()
    finally:
        home.close()
    say("Left the farm.")
    return 0


def read_join(path: Path) -> dict[str, str]:
    """Return the settings in a farm's `join.env`.

    Raises:
        CasefarmError: the file cannot be read.
    """
    try:
        return parse_env_file(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CasefarmError(f"{path} cannot be read: {error.strerror}") from error


def refuse_missing_settings(environment: dict[str, str]) -> None:
    """Do nothing where the environment says where the farm is.

    Raises:
        CasefarmError: it does not.
    """
    for name, what in (("DATABASE_URL", "PostgreSQL"), ("REDIS_URL", "Redis")):
        if not environment.get(name):
            raise CasefarmError(f"setting {name}: found nothing; accepted: the URL of the farm's {what}")
    if not environment.get("CASEFARM_STORAGE") and not environment.get("CASEFARM_FILES"):
        raise CasefarmError(
            "settings CASEFARM_STORAGE and CASEFARM_FILES: found neither; a worker needs the files of the farm:"
            " set CASEFARM_STORAGE to its bucket, or CASEFARM_FILES to its folder on a shared disk"
        )


def check_farm(home: Home, environment: dict[str, str]) -> None:
    """Do nothing where database, broker and files answer and are of this release.

    Raises:
        LocalStackError: with what is wrong.
    """
    log = home.logs / "join.log"
    with log.open("wb") as errors:
        command = [*PYTHON, "django", "check_farm"]
        done = subprocess.run(
            command, cwd=home.path, env=environment, stdin=subprocess.DEVNULL, stderr=errors, stdout=errors, check=False
        )
    if done.returncode != 0:
        raise LocalStackError(f"{read_log_tail(log, lines=1).removeprefix('CommandError: ')} (the whole log: {log})")


def read_drain_s(environment: dict[str, str]) -> float:
    """Return how long cases at work may go on once the worker was told to leave, in seconds.

    Raises:
        CasefarmError: the setting is no number.
    """
    raw = environment.get("CASEFARM_DRAIN_S") or str(DRAIN_S)
    try:
        return float(raw)
    except ValueError:
        raise CasefarmError(f"setting CASEFARM_DRAIN_S: found {raw!r}; accepted: a number of seconds") from None


@contextmanager
def leave_on_signals() -> Iterator[None]:
    """Turn the first stop signal into `LeaveRequested` in the main thread; further ones change nothing."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise LeaveRequested

    for number in STOP_SIGNALS:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
