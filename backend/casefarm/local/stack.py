"""Starts and stops everything a farm on one machine needs: servers, preparation, web, workers, beat.

Enters: the environment and a home. Leaves: a service that answers on 127.0.0.1, and after `stop()` no process. Called
by `up`.
"""

import json
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from casefarm.environment import LOOPBACK, join_settings, read_listen, read_port
from casefarm.errors import LocalStackError
from casefarm.local.celery import choose_flower_port, plan_flower, remember_servers
from casefarm.local.home import Home
from casefarm.local.ports import find_free_port, is_port_free
from casefarm.local.postgres import PostgresServer
from casefarm.local.process_plans import (
    PYTHON,
    can_train,
    complete_environment,
    plan_beat,
    plan_maintenance_worker,
    plan_simulation_worker,
    plan_surrogate_worker,
    plan_web,
)
from casefarm.local.processes import wait_until
from casefarm.local.supervisor import ProcessPlan, Supervisor, end_leftovers
from casefarm.local.valkey import ValkeyServer

HEALTH_TIMEOUT_S = 90.0


class LocalStack:
    """A farm on one machine: `start()`, `tend()` several times a second, `stop()`.

    With CASEFARM_LISTEN its servers answer other machines, too, which join with what `join.env` in the home says.
    """

    def __init__(
        self, home: Home, environment: dict[str, str], say: Callable[[str], None], *, simulates: bool = True
    ) -> None:
        self.home = home
        self.environment = dict(environment)
        self.say = say
        self.simulates = simulates
        self.listen = read_listen(self.environment)
        self.user: dict[str, Any] = {}
        self.url = ""
        self.flower_url = ""
        self._servers: list[PostgresServer | ValkeyServer] = []
        self._supervisor = Supervisor(home.path, say, lambda processes: home.remember("processes", processes))

    def start(self) -> None:
        """Bring everything up; return when the health page says that service and workers are there.

        Raises:
            LocalStackError: with what did not start and what to do.
        """
        self.home.open()
        left = end_leftovers(self.home.recall("processes", []))
        if left:
            self.say(f"ended {left} processes that an earlier run had left behind")
        port = self._choose_web_port()
        self.url = f"http://{self.listen}:{port}"
        self.home.publish_url(self.url)
        self._start_servers()
        self.environment = complete_environment(self.home, self.environment)
        if self.listen != LOOPBACK:
            self.environment.setdefault("CASEFARM_ALLOWED_HOSTS", f"{LOOPBACK},localhost,{self.listen}")
            self.home.publish_join(join_settings(self.environment))
        self.user = self._prepare_service()
        remember_servers(self.home, self.environment)
        for plan in self._plan_processes(port):
            self._supervisor.start(plan)
        self._await_health()

    def tend(self) -> None:
        """Restart what has ended."""
        self._supervisor.tend()

    def stop(self) -> None:
        """Stop every process, the servers last, and give the home back. A farm that is not ours is left alone."""
        if not self.home.is_open:
            return
        self.home.announce_stop()
        self._supervisor.stop()
        while self._servers:
            self._servers.pop().stop()
        self.home.close()

    def kill(self) -> None:
        """Kill web, workers and beat at once; `stop` then has nothing to wait for."""
        self._supervisor.kill()

    def _choose_web_port(self) -> int:
        wanted = read_port(self.environment)
        if wanted and not is_port_free(wanted):
            raise LocalStackError(
                f"port {wanted} of 127.0.0.1 is taken by another program: set CASEFARM_PORT to a free one, "
                f"for example CASEFARM_PORT={find_free_port(wanted + 1)}"
            )
        return wanted or find_free_port()

    def _start_servers(self) -> None:
        fallback = Path("/var/lib/casefarm") / sha256(str(self.home.path).encode()).hexdigest()[:16]
        ports: dict[str, int] = self.home.recall("ports", {})
        if not self.environment.get("DATABASE_URL"):
            postgres = PostgresServer(self.home.path / "postgres", fallback=fallback, listen=self.listen)
            self._servers.append(postgres)
            postgres.start(ports.get("postgres"))
            self.environment["DATABASE_URL"] = postgres.url
            ports["postgres"] = postgres.port
            self.say(f"PostgreSQL answers on {self.listen}:{postgres.port}")
        if not self.environment.get("REDIS_URL"):
            valkey = ValkeyServer(self.home.path / "valkey", fallback=fallback, listen=self.listen)
            self._servers.append(valkey)
            valkey.start(ports.get("valkey"))
            self.environment["REDIS_URL"] = valkey.url
            ports["valkey"] = valkey.port
            self.say(f"Valkey answers on {self.listen}:{valkey.port}")
        self.home.remember("ports", ports)

    def _prepare_service(self) -> dict[str, Any]:
        """Migrate, load the bundled library, make the local user, all in one process; return the user."""
        log = self.home.logs / "prepare.log"
        with log.open("wb") as errors:
            done = subprocess.run(
                [*PYTHON, "django", "prepare_service"],
                cwd=self.home.path,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                check=False,
            )
        if done.returncode != 0:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["(no message)"]
            raise LocalStackError(f"{lines[-1].removeprefix('casefarm: ')} (the whole log: {log})")
        user: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
        return user

    def _plan_processes(self, port: int) -> list[ProcessPlan]:
        simulating = [plan_simulation_worker(self.home, self.environment)] if self.simulates else []
        return [
            *simulating,
            plan_maintenance_worker(self.home, self.environment),
            *([plan_surrogate_worker(self.home, self.environment)] if can_train() else []),
            plan_web(self.home, self.environment, port, self.listen),
            plan_beat(self.home, self.environment),
            *self._plan_flower(),
        ]

    def _plan_flower(self) -> list[ProcessPlan]:
        if not self.environment.get("CASEFARM_FLOWER"):
            return []
        if find_spec("flower") is None:
            raise LocalStackError("Flower is not installed: pip install 'casefarm[flower]', or leave --flower out")
        port = choose_flower_port(self.environment)
        self.flower_url = f"http://127.0.0.1:{port}"
        return [plan_flower(self.home, self.environment, port)]

    def _await_health(self) -> None:
        answer: dict[str, Any] = {}

        def is_healthy() -> bool:
            self.tend()
            try:
                response = httpx.get(f"{self.url}/api/health/", timeout=5, trust_env=False)
                answer.update(response.json())
            except (httpx.HTTPError, ValueError):
                return False
            return response.status_code == 200 and (not self.simulates or bool(answer.get("workers", {}).get("ok")))

        started = time.monotonic()
        if not wait_until(is_healthy, HEALTH_TIMEOUT_S, step_s=0.1):
            raise LocalStackError(
                f"the service was not healthy after {time.monotonic() - started:.0f} s: "
                f"{json.dumps(answer) if answer else 'no answer'}; logs are in {self.home.logs}"
            )
