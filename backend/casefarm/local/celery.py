"""Celery's own tools beside a farm of one machine: `casefarm celery …` and Flower.

Enters: the home of a farm that runs. Leaves: a `celery` command with the farm's settings, the plan of Flower's process.
Called by `cli` and `stack`.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NoReturn

from casefarm.environment import find_home, read_environment
from casefarm.errors import CasefarmError, LocalStackError
from casefarm.local.home import Home
from casefarm.local.ports import find_free_port, is_port_free
from casefarm.local.process_plans import CELERY, complete_environment
from casefarm.local.supervisor import ProcessPlan

SERVERS = ("DATABASE_URL", "REDIS_URL")
FLOWER_PORT = 5555
FLOWER_USER = "local"


def remember_servers(home: Home, environment: Mapping[str, str]) -> None:
    """Keep where the servers of a farm answer, for `run_celery`; readable by its user only."""
    home.remember("servers", {name: environment[name] for name in SERVERS})


def run_celery(arguments: Sequence[str]) -> NoReturn:
    """Become `celery -A config ARGUMENTS` with the settings of the farm of CASEFARM_HOME, or of the environment.

    Raises:
        CasefarmError: neither says where the farm's servers are.
    """
    environment = read_environment()
    home = Home(find_home(environment))
    servers: dict[str, str] = home.recall("servers", {})
    settings = {**servers, **{name: value for name, value in environment.items() if value}}
    missing = [name for name in SERVERS if not settings.get(name)]
    if missing:
        raise CasefarmError(f"no farm has run in {home.path}: start it, or set {' and '.join(missing)}")
    command = [*CELERY, *arguments]
    os.execvpe(command[0], command, complete_environment(home, settings))  # noqa: S606 - no shell is wanted


def choose_flower_port(environment: Mapping[str, str]) -> int:
    """Return CASEFARM_FLOWER_PORT, else 5555 or the next free port.

    Raises:
        LocalStackError: the setting is no free port.
    """
    raw = environment.get("CASEFARM_FLOWER_PORT")
    if not raw:
        return FLOWER_PORT if is_port_free(FLOWER_PORT) else find_free_port(FLOWER_PORT + 1)
    if not raw.isdecimal() or not 0 < int(raw) < 65536 or not is_port_free(int(raw)):
        raise LocalStackError(f"setting CASEFARM_FLOWER_PORT: found {raw!r}; accepted: a port that nobody listens on")
    return int(raw)


def plan_flower(home: Home, environment: Mapping[str, str], port: int) -> ProcessPlan:
    """Return how Flower is started: on this machine only, with a password, which its arguments do not show."""
    argv = (*CELERY, "flower", "--address=127.0.0.1", f"--port={port}")
    login = f"{FLOWER_USER}:{read_flower_password(home)}"
    return ProcessPlan("flower", argv, home.logs / "flower.log", {**environment, "FLOWER_BASIC_AUTH": login})


def read_flower_password(home: Home) -> str:
    """Return the password of Flower's pages, made at the first start."""
    return home.keep_secret("flower-password")
