"""A farm on several hosts, as an administrator sets it up: a head with database, broker, files and web, and workers."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx

from tests.farm import pause
from tests.machines.network import Host

log = logging.getLogger(__name__)

CASEFARM = [sys.executable, "-P", "-m", "casefarm.cli"]
START_LIMIT_S = 120
RUN_LIMIT_S = 120
PORT = 8000
PRIVATE = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "CASEFARM_")


def bare_environment() -> dict[str, str]:
    """Return the environment of this process without what says of a farm."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}


@dataclass(frozen=True)
class SpreadFarm:
    """A farm whose head runs; workers join it."""

    head: Host
    http: httpx.Client
    token: str

    def join(self, host: Host) -> None:
        """Have a host join, with a copy of the file that the head has written."""
        copy = host.disk / "join.env"
        copy.write_text((self.head.disk / "home" / "join.env").read_text())
        settings = {**bare_environment(), "CASEFARM_HOME": str(host.disk / "home"), "CASEFARM_SLOTS": "1"}
        host.start([*CASEFARM, "worker", "--join", str(copy)], settings, "worker.log")

    def show(self, batch_id: str) -> dict[str, Any]:
        """Return a batch."""
        return self.http.get(f"/api/batches/{batch_id}/").raise_for_status().json()

    def find_case_at(self, host: Host, batch_id: str) -> int | None:
        """Return a case that a host runs now."""
        tasks = self.http.get("/api/workers/tasks/").raise_for_status().json()["tasks"]
        cases = [
            task["case_index"]
            for task in tasks
            if task["worker"].endswith(f"@{host.name}") and task["batch_id"] == batch_id
        ]
        return next((index for index in cases if index is not None), None)

    def list_hosts(self) -> set[str]:
        """Return the names of the hosts whose workers answer."""
        workers = self.http.get("/api/workers/").raise_for_status().json()["workers"]
        return {worker["name"].partition("@")[2] for worker in workers}

    def case_state(self, batch_id: str, index: int) -> str:
        """Return the state of a case."""
        return self.http.get(f"/api/batches/{batch_id}/cases/{index}/").raise_for_status().json()["state"]

    def wait_for(self, what: str, ask: Any, limit_s: float = RUN_LIMIT_S) -> Any:
        """Return the first answer that is something; fail with the logs after a generous limit."""
        ends_at = monotonic() + limit_s
        while (answer := ask()) in (None, False):
            assert monotonic() < ends_at, f"{what} did not happen; {self.read_logs()}"
            pause()
        log.info("%s: yes", what)
        return answer

    def rows(self, batch_id: str) -> list[dict[str, Any]]:
        """Return the result table as rows."""
        return self.http.get(f"/api/batches/{batch_id}/results/", params={"as": "json"}).raise_for_status().json()

    def read_logs(self) -> str:
        """Return the ends of all logs of the head."""
        paths = [self.head.disk / "up.log", *sorted((self.head.disk / "home" / "logs").glob("*.log"))]
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in paths)


@contextmanager
def run_head(head: Host, storage: Mapping[str, str]) -> Iterator[SpreadFarm]:
    """Start a farm without workers of its own on a host; give it once it serves."""
    settings = {
        **bare_environment(),
        **storage,
        "CASEFARM_HOME": str(head.disk / "home"),
        "CASEFARM_LISTEN": head.address,
        "CASEFARM_PORT": str(PORT),
    }
    process = head.start([*CASEFARM, "up", "--sample", "", "--no-simulate"], settings, "up.log")
    log = head.disk / "up.log"
    limit = monotonic() + START_LIMIT_S
    while "Ctrl-C stops it" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert monotonic() < limit, log.read_text()
        pause()
    token = (head.disk / "home" / "token").read_text().strip()
    url = f"http://{head.address}:{PORT}"
    with httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=30) as http:
        yield SpreadFarm(head, http, token)
