"""The command lines of a farm's own processes: web service, workers, beat. Called by `stack` and `worker`.

Enters: a home, its environment and a name for its workers. Leaves: `ProcessPlan`s for a `Supervisor`.
"""

import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec

from casefarm.local.home import Home
from casefarm.local.supervisor import ProcessPlan
from energyplus.engines.machine import default_slots

PYTHON = (sys.executable, "-P", "-m")
CELERY = (*PYTHON, "celery", "-A", "config")
WORKER = (*CELERY, "worker", "--pool", "threads", "--loglevel", "INFO", "--without-gossip", "--without-mingle")

DRAIN_S = 30  # the default of CASEFARM_DRAIN_S
ENDING_S = 15  # what a worker takes beside the cases that it finishes


def name_farm(home: Home) -> str:
    """Return what tells the workers of this home from those of another one on the same machine."""
    return sha256(str(home.path).encode()).hexdigest()[:8]


def complete_environment(home: Home, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a farm's processes: `environment` with what it does not say."""
    complete = {
        **environment,
        "CASEFARM_HOME": str(home.path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    # The farm's processes are as many as the cores: threads of linear algebra would only wait for each other.
    complete.setdefault("OPENBLAS_NUM_THREADS", "1")
    complete["CASEFARM_SECRET_KEY"] = complete.get("CASEFARM_SECRET_KEY") or home.keep_secret("secret-key")
    complete["CASEFARM_SLOTS"] = complete.get("CASEFARM_SLOTS") or str(default_slots())
    return complete


def plan_simulation_worker(home: Home, environment: Mapping[str, str], *, drains: bool = False) -> ProcessPlan:
    """Return how the worker that runs the cases is started, with CASEFARM_SLOTS cases at a time.

    Args:
        home: whose worker it is.
        environment: of the process.
        drains: whether it finishes its cases when it is told to stop, or hands them back at once.
    """
    name = f"simulations-{name_farm(home)}@%h"
    argv = (*WORKER, *tell_events(environment), "-n", name, "-c", environment["CASEFARM_SLOTS"], "-Q", "simulations")
    plan = _plan_worker("simulation-worker", argv, home, environment)
    if not drains:
        return plan
    patience_s = float(environment.get("CASEFARM_DRAIN_S") or DRAIN_S) + ENDING_S
    return replace(plan, stop_signal=signal.SIGTERM, stop_timeout_s=patience_s)


def plan_maintenance_worker(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the worker of every other stage and of the housekeeping is started."""
    name = f"maintenance-{name_farm(home)}@%h"
    argv = (*WORKER, *tell_events(environment), "-n", name, "-c", "2", "-Q", "aggregation,maintenance")
    return _plan_worker("maintenance-worker", argv, home, environment)


def plan_surrogate_worker(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the worker of surrogates is started: it does a training, an errand and a prediction at a time.

    It imports torch with its first task. It hands back what it trains when it is told to stop.
    """
    name = f"surrogates-{name_farm(home)}@%h"
    argv = (*WORKER, *tell_events(environment), "-n", name, "-c", "3", "-Q", "surrogates")
    return replace(_plan_worker("surrogate-worker", argv, home, environment), stop_signal=signal.SIGTERM)


def can_train() -> bool:
    """Return whether what surrogates are trained with is installed, without importing it: that takes a second."""
    return find_spec("torch") is not None


def tell_events(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the option by which workers tell of every task, where somebody listens; it costs four messages a case."""
    return ("--task-events",) if environment.get("CASEFARM_FLOWER") else ()


def plan_web(home: Home, environment: Mapping[str, str], port: int, host: str = "127.0.0.1") -> ProcessPlan:
    """Return how the web service is started."""
    address = ("--host", host, "--port", str(port))
    argv: tuple[str, ...] = (*PYTHON, "uvicorn", "config.asgi:application", *address)
    argv += ("--timeout-graceful-shutdown", "3", "--no-access-log")
    return ProcessPlan("web", argv, home.logs / "web.log", environment)


def plan_beat(home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    """Return how the scheduler is started."""
    argv = (*CELERY, "beat", "--pidfile", "", "--loglevel", "INFO")
    return ProcessPlan("beat", argv, home.logs / "beat.log", environment)


def _plan_worker(name: str, argv: tuple[str, ...], home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    # Told SIGTERM a worker finishes its cases first; SIGQUIT hands them back at once.
    return ProcessPlan(name, argv, home.logs / f"{name}.log", environment, stop_signal=signal.SIGQUIT)
