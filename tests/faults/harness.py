"""A whole farm whose parts can be hit: servers restarted and flushed, processes killed, frozen, given a wrong clock.

PostgreSQL, Valkey, web service, workers and schedulers are started as `casefarm up` starts them. What ends is
started again by `Parts`, as a service manager would; the servers only by whoever hits them. Whatever else gets the
farm going again after a fault is the farm's own doing. `tend()` must be called several times a second: every wait here
does.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import redis
from psycopg.rows import dict_row

from casefarm.local.home import Home
from casefarm.local.postgres import PostgresServer
from casefarm.local.process_plans import (
    PYTHON,
    plan_beat,
    plan_maintenance_worker,
    plan_simulation_worker,
    plan_web,
)
from casefarm.local.processes import is_alive
from casefarm.local.stack import LocalStack
from casefarm.local.supervisor import ProcessPlan
from casefarm.local.valkey import ValkeyServer
from tests.declared_programs import declare_dawdler
from tests.faults.parts import Parts

LIMIT_S = 240  # of a wait for what must come; its end fails the test
STEP_S = 0.05
DROPPED = {"DATABASE_URL", "REDIS_URL", "CASEFARM_SECRET_KEY", "DJANGO_SETTINGS_MODULE", "CASEFARM_HOME"}
FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"
WRONG_CLOCK = Path(__file__).with_name("wrong_clock")
ENDED = ("completed", "cancelled", "failed")


class FaultyFarm(LocalStack):
    """A farm in a folder of its own, with as many simulation workers as asked for."""

    def __init__(self, folder: Path, *, workers: int = 2, disk: Path | None = None, **settings: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
        environment |= {
            "CASEFARM_PORT": "0",
            "CASEFARM_PROGRAMS": str(declare_dawdler(folder / "programs")),
            "CASEFARM_SLOTS": "4",
            "CASEFARM_SHARD_SIZE": "25",
            "CASEFARM_LEAST_FREE_MB": "0",
            "CASEFARM_FILES": str((disk or folder / "home") / "files"),
            "CASEFARM_SCRATCH": str((disk or folder / "home") / "scratch"),
            **settings,
        }
        super().__init__(Home(folder / "home"), environment, lambda text: None)
        self.files, self.scratch = (Path(environment[f"CASEFARM_{name}"]) for name in ("FILES", "SCRATCH"))
        self.disk = disk  # of files and run folders, small; None where this user may not mount one
        self.worker_count = workers
        self.parts = Parts(self.home.path)
        self._supervisor: Any = self.parts
        self.http = httpx.Client()
        self.token = ""
        self.database_outages: list[tuple[float, float]] = []

    # --- the farm itself ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the farm up, and a client of its local user."""
        super().start()
        self.token = (self.home.path / "token").read_text(encoding="ascii").strip()
        self.http = self.client(self.token)

    def stop(self) -> None:
        """Stop everything."""
        self.http.close()
        super().stop()

    def client(self, token: str) -> httpx.Client:
        """Return a client of the API for the holder of a token."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Token {token}"}, timeout=60)

    def _plan_processes(self, port: int) -> list[ProcessPlan]:
        workers = [self.plan_worker(number) for number in range(1, self.worker_count + 1)]
        maintenance = plan_maintenance_worker(self.home, self.environment)
        web = plan_web(self.home, self.environment, port)
        return [*workers, maintenance, web, self.plan_scheduler(1)]

    def plan_worker(self, number: int, **settings: str) -> ProcessPlan:
        """Return how the simulation worker of a number is started, as on a machine of its own."""
        environment = {**self.environment, **settings}
        plan = plan_simulation_worker(self.home, environment)
        argv = tuple(part.replace("@%h", f"-{number}@%h") for part in plan.argv)
        return self._number(replace(plan, argv=argv), number)

    def plan_scheduler(self, number: int, **settings: str) -> ProcessPlan:
        """Return how the scheduler of a number is started."""
        return self._number(plan_beat(self.home, {**self.environment, **settings}), number)

    def _number(self, plan: ProcessPlan, number: int) -> ProcessPlan:
        name = f"{plan.name}-{number}"
        return replace(plan, name=name, log=self.home.logs / f"{name}.log")

    @property
    def simulation_workers(self) -> list[str]:
        """The names of the workers that run cases."""
        return [name for name in self.parts.names() if name.startswith("simulation-worker")]

    def make_users(self, count: int) -> list[str]:
        """Make users; return a token of each."""
        code = (
            "from django.contrib.auth.models import User\nfrom knox.models import AuthToken\nfrom uuid import uuid4\n"
            f"for _ in range({count}):\n"
            "    print(AuthToken.objects.create(User.objects.create_user(uuid4().hex[:20]))[1])\n"
        )
        return [line for line in self.run_command("shell", "--no-imports", "-c", code).splitlines() if line]

    def run_command(self, *arguments: str) -> str:
        """Run a command of the service with the farm's settings; return what it printed."""
        argv = [*PYTHON, "django", *arguments]
        done = subprocess.run(
            argv, env=self.environment, cwd=self.home.path, capture_output=True, text=True, check=True
        )
        return done.stdout

    # --- work ---------------------------------------------------------------------------------------------

    @contextmanager
    def act_as(self, token: str) -> Iterator[None]:
        """Ask as another user for a while."""
        own, self.http = self.http, self.client(token)
        try:
            yield
        finally:
            self.http.close()
            self.http = own

    def submit(self, study: dict[str, Any], http: httpx.Client | None = None) -> str:
        """Submit a study; return the batch's id."""
        answer = (http or self.http).post("/api/batches/", json=study)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def show(self, batch_id: str) -> dict[str, Any]:
        """Return a batch as the API shows it."""
        answer: dict[str, Any] = self.http.get(f"/api/batches/{batch_id}/").raise_for_status().json()
        return answer

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the farm's database."""
        with psycopg.connect(self.environment["DATABASE_URL"], row_factory=dict_row, connect_timeout=10) as connection:
            return connection.execute(sql, values).fetchall()

    @property
    def broker(self) -> "redis.Redis":
        """A client of the farm's Valkey."""
        return redis.Redis.from_url(self.environment["REDIS_URL"], decode_responses=True)

    # --- waiting ------------------------------------------------------------------------------------------

    def wait_until(self, condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> float:
        """Tend the farm until `condition` holds; return how long that took, in s.

        Raises:
            AssertionError: it did not come about within `limit_s`.
        """
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < limit_s, f"{what}: not within {limit_s:g} s"
            self.let_pass(STEP_S)
        return time.monotonic() - began

    def let_pass(self, seconds: float) -> None:
        """Let the farm work for a while."""
        until = time.monotonic() + seconds
        while True:
            self.tend()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, STEP_S))

    def wait_until_healthy(self) -> None:
        """Wait until the health page says that service and workers are there."""
        self._await_health()

    def wait_until_all_work(self) -> None:
        """Wait until every worker for cases answers."""

        def count_workers() -> int:
            workers = self.http.get("/api/workers/").raise_for_status().json()["workers"]
            return sum("simulations" in worker["queues"] for worker in workers)

        self.wait_until(lambda: count_workers() == self.worker_count, f"{self.worker_count} workers for cases")

    def wait_for_end(self, *batch_ids: str, limit_s: float = LIMIT_S) -> None:
        """Wait until batches have ended and no case of theirs is open."""
        self.wait_until(lambda: self._have_ended(batch_ids), f"the end of {len(batch_ids)} batches", limit_s)

    def _have_ended(self, batch_ids: tuple[str, ...]) -> bool:
        ids = list(batch_ids)
        open_batches = "SELECT count(*) AS n FROM batches_batch WHERE id = ANY(%s::uuid[]) AND NOT state = ANY(%s)"
        if self.query(open_batches, ids, list(ENDED))[0]["n"]:
            return False
        return not self.count_cases(ids, "pending", "running")

    def count_cases(self, batch_ids: list[str], *states: str) -> int:
        """Return how many cases of batches are in one of some states."""
        found = self.query(
            "SELECT count(*) AS n FROM batches_case WHERE batch_id = ANY(%s::uuid[]) AND state = ANY(%s)",
            batch_ids,
            list(states),
        )
        return int(found[0]["n"])

    # --- faults -------------------------------------------------------------------------------------------

    @property
    def _postgres(self) -> PostgresServer:
        return next(server for server in self._servers if isinstance(server, PostgresServer))

    @property
    def _valkey(self) -> ValkeyServer:
        return next(server for server in self._servers if isinstance(server, ValkeyServer))

    def restart_postgres(self, *, immediate: bool = False, down_s: float = 0.0) -> None:
        """End PostgreSQL – in order, or as in a crash – and start it again after a while."""
        server, began = self._postgres, time.time()
        assert server.process is not None
        server.process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        server.process.wait(30)
        self.let_pass(down_s)
        port = server.port
        server.start(port)
        assert server.port == port, "PostgreSQL's port was taken meanwhile"
        self.database_outages.append((began, time.time()))

    def restart_valkey(self, *, kill: bool = False, down_s: float = 0.0) -> None:
        """End Valkey – in order, or by SIGKILL – and start it again after a while."""
        server = self._valkey
        assert server.process is not None
        server.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        server.process.wait(30)
        self.let_pass(down_s)
        port = server.port
        server.start(port)
        assert server.port == port, "Valkey's port was taken meanwhile"

    def flush_valkey(self) -> None:
        """Empty the broker: every message, every result, every key is gone."""
        self.broker.flushall()

    def forget_known_cases(self) -> None:
        """Have every case run that is submitted from now on, known or not."""
        self.query("DELETE FROM batches_knowncase RETURNING key")
        shutil.rmtree(self.files / "known", ignore_errors=True)

    @contextmanager
    def fill_disk(self, free_kb: int) -> Iterator[None]:
        """Leave next to no room on the disk of files and run folders."""
        assert self.disk is not None
        ballast = self.disk / "ballast"
        try:
            with ballast.open("wb") as stream:
                while (room := shutil.disk_usage(self.disk).free - free_kb * 1024) > 0:
                    with suppress(OSError):  # cases take room meanwhile
                        os.posix_fallocate(stream.fileno(), ballast.stat().st_size, room)
            yield
        finally:
            ballast.unlink()

    # --- what runs ----------------------------------------------------------------------------------------

    def running_programs(self, batch_id: str = "") -> list[int]:
        """Return the process ids of engines and programs at work on cases: those in a run folder."""
        folder = str(self.scratch / batch_id)
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_in(entry, folder)]

    def kill_program(self, batch_id: str = "") -> bool:
        """Kill one engine or program at work, as the kernel does that is out of memory. Returns whether one was."""
        for pid in self.running_programs(batch_id):
            if is_alive(pid):
                psutil.Process(pid).kill()
                return True
        return False


def _is_in(process: Path, folder: str) -> bool:
    try:
        return str((process / "cwd").readlink()).startswith(folder)
    except OSError:  # it has ended, is a kernel's or a zombie
        return False


def shifted_clock(hours: int) -> dict[str, str]:
    """Return the environment of a process whose clock goes wrong by some hours, its stop-watches right."""
    found = sorted(Path("/").glob(FAKETIME.removeprefix("/")))
    assert found, "a wrong clock takes libfaketime: sudo apt install libfaketime"
    path = os.pathsep.join(filter(None, (str(WRONG_CLOCK), os.environ.get("PYTHONPATH"))))
    shifted = {"LD_PRELOAD": str(found[0]), "FAKETIME": f"{hours:+d}h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return {**shifted, "PYTHONPATH": path}


@contextmanager
def mount_disk(folder: Path, size_mb: int) -> Iterator[Path]:
    """Put a disk of its own at a folder.

    Raises:
        PermissionError: this user may not mount.
    """
    folder.mkdir(parents=True, exist_ok=True)
    argv = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "none", str(folder)]
    mounted = subprocess.run(argv, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise PermissionError(f"a disk of a test's own takes the right to mount one: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
