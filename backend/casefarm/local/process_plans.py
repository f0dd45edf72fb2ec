"""The command lines of a farm's own processes: web service, workers, beat. Called by `stack` and `worker`.

Enters: a home, its environment and a name for its workers. Leaves: `ProcessPlan`s for a `Supervisor`.
"""

import signal
import sys
from collections.abc import Mapping
from hashlib import sha256

from casefarm.local.home import Home
from casefarm.local.supervisor import ProcessPlan

PYTHON = (sys.executable, "-P", "-m")
CELERY = (*PYTHON, "celery", "-A", "config")
WORKER = (*CELERY, "worker", "--pool", "threads", "--loglevel", "INFO", "--without-gossip", "--without-mingle")


def name_farm(home: Home) -> str:
    """Return what tells the workers of this home from those of another one on the same machine."""
    return sha256(str(home.path).encode()).hexdigest()[:8]


def plan_simulation_worker(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the worker that runs the cases is started, with CASEFARM_SLOTS cases at a time."""
    name = f"simulations-{name_farm(home)}@%h"
    argv = (*WORKER, "-n", name, "-c", environment["CASEFARM_SLOTS"], "-Q", "simulations")
    return _plan_worker("simulation-worker", argv, home, environment)


def plan_maintenance_worker(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the worker of every other stage and of the housekeeping is started."""
    argv = (*WORKER, "-n", f"maintenance-{name_farm(home)}@%h", "-c", "2", "-Q", "aggregation,maintenance")
    return _plan_worker("maintenance-worker", argv, home, environment)


def plan_web(home: Home, environment: Mapping[str, str], port: int, host: str = "127.0.0.1") -> ProcessPlan:
    """Return how the web service is started."""
    address = ("--host", host, "--port", str(port))
    argv = (*PYTHON, "uvicorn", "config.asgi:application", *address)
    argv += ("--timeout-graceful-shutdown", "3", "--no-access-log")
    return ProcessPlan("web", argv, home.logs / "web.log", environment)


def plan_beat(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the scheduler is started."""
    argv = (*CELERY, "beat", "--pidfile", "", "--loglevel", "INFO")
    return ProcessPlan("beat", argv, home.logs / "beat.log", environment)


def _plan_worker(name: str, argv: tuple[str, ...], home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    # Told SIGTERM a worker waits for its simulations; SIGQUIT hands their messages back to the broker at once.
    return ProcessPlan(name, argv, home.logs / f"{name}.log", environment, stop_signal=signal.SIGQUIT)
