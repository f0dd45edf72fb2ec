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
    can_train,
    complete_environment,
    plan_maintenance_worker,
    plan_simulation_worker,
    plan_surrogate_worker,
)
from casefarm.local.processes import read_log_tail
from casefarm.local.supervisor import ProcessPlan, Supervisor
from casefarm.local.up import say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 0.2
NO_TORCH = "torch is not installed on this machine: pip install 'casefarm[surrogate]'"


class LeaveRequested(BaseException):
    """Somebody pressed Ctrl-C or sent a signal; like KeyboardInterrupt no error, and never to be swallowed."""


@dataclass(frozen=True)
class WorkerOptions:
    """What `casefarm worker` was asked for.

    Attributes:
        join: a file of settings that the farm has written, None where the environment has them.
        aggregates: whether this machine also closes shards and tidies up, as the farm's first machine does.
        trains: whether it also trains and asks surrogates.
        simulates: whether it runs cases.
    """

    join: Path | None = None
    aggregates: bool = False
    trains: bool = False
    simulates: bool = True


def run_worker(options: WorkerOptions) -> int:
    """Work for a farm until a signal; return the exit status.

    Raises:
        CasefarmError: it cannot join the farm; nothing is left running.
    """
    refuse_idleness(options)
    environment = {**read_environment(), **(read_join(options.join) if options.join else {})}
    refuse_missing_settings(environment)
    home = Home(find_home(environment))
    home.open()
    try:
        environment = complete_environment(home, environment)
        check_farm(home, environment)
        plans = plan_processes(options, home, environment)
        supervisor = Supervisor(home.path, say, lambda processes: home.remember("processes", processes))
        with leave_on_signals():
            try:
                for plan in plans:
                    supervisor.start(plan)
                slots = f"{environment['CASEFARM_SLOTS']} slots" if options.simulates else "no slots"
                say(f"Works for the farm with {slots}{', trains surrogates' * options.trains} – Ctrl-C stops it")
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


def refuse_idleness(options: WorkerOptions) -> None:
    """Do nothing where there is something for the machine to do, and it has what that takes.

    Raises:
        CasefarmError: there is not, or it has not.
    """
    if options.trains and not can_train():
        raise CasefarmError(f"--surrogates: {NO_TORCH}")
    if not (options.simulates or options.aggregates or options.trains):
        raise CasefarmError("--no-simulate: a worker without cases needs --surrogates or --all")


def plan_processes(options: WorkerOptions, home: Home, environment: dict[str, str]) -> list[ProcessPlan]:
    """Return the processes that do what was asked for."""
    plans = [plan_simulation_worker(home, environment, drains=True)] if options.simulates else []
    plans += [plan_maintenance_worker(home, environment)] if options.aggregates else []
    plans += [plan_surrogate_worker(home, environment)] if options.trains else []
    return plans


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
