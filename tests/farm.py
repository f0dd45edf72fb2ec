"""The whole farm for tests: `casefarm up` in a temporary home – real PostgreSQL, Valkey, web service, workers and beat.

Started once per test session, by the first test that asks for `farm`; spoken to over HTTP only.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.declared_programs import declare_all_programs
from tests.installed_energyplus import install_energyplus

START_LIMIT_S = 180
BATCH_LIMIT_S = 240
POLL_S = 0.1


@dataclass(frozen=True)
class Farm:
    """A running farm and its local user."""

    url: str
    home: Path
    http: httpx.Client
    username: str
    password: str

    def submit(self, study: dict[str, Any]) -> dict[str, Any]:
        """Submit a study and return the receipt."""
        response = self.http.post("/api/batches/", json=study)
        assert response.status_code == 202, response.text
        return response.json()

    def show(self, batch_id: str) -> dict[str, Any]:
        """Return a batch."""
        return self.http.get(f"/api/batches/{batch_id}/").raise_for_status().json()

    def wait_for_end(self, batch_id: str) -> dict[str, Any]:
        """Return a batch once its event stream says that it has ended."""
        with self.http.stream("GET", f"/api/batches/{batch_id}/events/", timeout=BATCH_LIMIT_S) as events:
            assert "event: end" in events.iter_lines()
        return self.show(batch_id)

    def wait_until(self, ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
        """Ask until the answer is the wanted one; fail with the last answer after a generous limit."""
        limit = monotonic() + BATCH_LIMIT_S
        while not wanted(answer := ask()):
            assert monotonic() < limit, f"still {answer}"
            pause()
        return answer

    def rows(self, batch_id: str) -> list[dict[str, Any]]:
        """Return the result table as rows."""
        return self.http.get(f"/api/batches/{batch_id}/results/", params={"as": "json"}).raise_for_status().json()


def pause() -> None:
    """Let others work for a tenth of a second between two questions."""
    import time

    time.sleep(POLL_S)


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Start the farm, give it, stop it."""
    with start_farm(tmp_path_factory.mktemp("farm")) as running:
        yield running


@contextmanager
def start_farm(home: Path, **more: str) -> Iterator[Farm]:
    """Start a farm in a folder, with more settings if need be; give it, stop it."""
    port = free_port()
    log = (home / "up.log").open("w")
    drop = {"DATABASE_URL", "REDIS_URL", "CASEFARM_SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
    settings = {name: value for name, value in os.environ.items() if name not in drop}
    settings |= {
        "CASEFARM_ENERGYPLUS": str(install_energyplus()),
        "CASEFARM_PROGRAMS": str(declare_all_programs(home / "programs")),
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "casefarm.cli", "up", "--sample", ""],
        env={**settings, "CASEFARM_HOME": str(home / "home"), "CASEFARM_PORT": str(port)},
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    try:
        running = wait_for_farm(process, home / "home", f"http://127.0.0.1:{port}", home / "up.log")
        with running.http:
            yield running
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def wait_for_farm(process: "subprocess.Popen[bytes]", home: Path, url: str, log: Path) -> Farm:
    """Return the farm once its health page says that web, workers, database and broker are there."""
    limit = monotonic() + START_LIMIT_S
    while True:
        assert process.poll() is None, log.read_text()
        assert monotonic() < limit, log.read_text()
        if is_healthy(url) and (home / "token").is_file():
            break
        pause()
    token = (home / "token").read_text().strip()
    user = json.loads((home / "local-user.json").read_text())
    http = httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=60)
    return Farm(url, home, http, user["username"], user["password"])


def is_healthy(url: str) -> bool:
    """Return whether the health page answers 200."""
    try:
        return httpx.get(f"{url}/api/health/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
