"""`casefarm up` in a temporary home: started, stopped, killed, started again; real servers, web, workers and beat."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from casefarm.local.processes import is_alive, wait_until

pytestmark = pytest.mark.stack
DROPPED = {"DATABASE_URL", "REDIS_URL", "CASEFARM_SECRET_KEY", "CASEFARM_URL", "CASEFARM_TOKEN"}
START_S = 120
STOP_S = 60


class Up:
    """One run of `casefarm up` without a sample."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        self.settings = {name: value for name, value in os.environ.items() if name not in DROPPED}
        self.settings |= {"CASEFARM_HOME": str(home), "CASEFARM_PORT": "0", **settings}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casefarm.cli", "up", "--sample", ""],
                env=self.settings,
                cwd=home.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_served(self):
        assert wait_until(lambda: self.process.poll() is not None or "Ctrl-C stops it" in self.output, START_S, 0.1)
        assert self.process.poll() is None, self.output
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return self

    @property
    def output(self):
        return self.log.read_text()

    @property
    def url(self):
        return (self.home / "run" / "url").read_text().strip()

    def get(self, path):
        token = (self.home / "token").read_text().strip()
        return httpx.get(f"{self.url}{path}", headers={"Authorization": f"Token {token}"}, timeout=20)

    def everything_is_gone(self):
        return wait_until(lambda: not any(is_alive(child.pid) for child in self.children), 20)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_S)


@pytest.fixture
def start(tmp_path):
    """Give a function that runs `casefarm up` in one home; end what still runs."""
    runs = []

    def run(**settings):
        runs.append(Up(tmp_path / "home", **settings))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


def test_a_farm_serves_this_machine_only_and_stops_with_all_its_processes(start):
    farm = start().wait_until_served()

    health = farm.get("/api/health/")
    assert health.status_code == 200, health.text
    assert farm.get("/api/account/").json()["username"] == "local"
    ours = {farm.process.pid, *(child.pid for child in farm.children)}
    listening = {
        each.laddr.ip
        for each in psutil.net_connections("inet")
        if each.status == psutil.CONN_LISTEN and each.pid in ours
    }
    assert listening == {"127.0.0.1"}
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in secrets_of(farm.home)} == {
        "token": "0o600",
        "local-user.json": "0o600",
        "secret-key": "0o600",
        "home": "0o700",
    }

    second = start()
    assert second.process.wait(30) == 1
    assert f"a farm already runs in {farm.home}, at {farm.url}" in second.output
    assert farm.get("/api/health/").status_code == 200

    farm.process.send_signal(signal.SIGINT)
    assert farm.process.wait(STOP_S) == 0
    assert farm.everything_is_gone()


def test_a_killed_farm_leaves_nothing_and_the_next_finds_everything(start):
    killed = start().wait_until_served()
    token = (killed.home / "token").read_text()
    models = killed.get("/api/models/").json()["results"]
    killed.process.kill()
    killed.process.wait()
    assert killed.everything_is_gone()

    following = start().wait_until_served()

    assert (following.home / "token").read_text() == token
    assert following.get("/api/models/").json()["results"] == models
    web = next(child for child in following.children if "uvicorn" in " ".join(child.cmdline()))
    web.kill()
    assert wait_until(lambda: "web was ended by SIGKILL; starting it again" in following.output, 10)
    assert wait_until(lambda: answers(following), 60, 0.1)
    following.process.send_signal(signal.SIGHUP)
    assert following.process.wait(STOP_S) == 0
    assert following.everything_is_gone()


def test_a_taken_web_port_is_refused_by_the_name_of_its_setting(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        farm = start(CASEFARM_PORT=str(port))

        assert farm.process.wait(30) == 1
    assert f"port {port} of 127.0.0.1 is taken by another program: set CASEFARM_PORT" in farm.output
    assert "Traceback" not in farm.output


def test_a_wrong_setting_is_refused_in_one_line(start):
    farm = start(CASEFARM_SHARD_SIZE="many")

    assert farm.process.wait(60) == 1
    assert "setting CASEFARM_SHARD_SIZE: found 'many'; accepted: a whole number" in farm.output
    assert "Traceback" not in farm.output


def test_a_start_that_is_interrupted_leaves_nothing(start):
    farm = start()
    assert wait_until(lambda: "Valkey answers" in farm.output, START_S)
    children = psutil.Process(farm.process.pid).children(recursive=True)

    farm.process.terminate()

    assert farm.process.wait(STOP_S) == 0
    assert wait_until(lambda: not any(is_alive(child.pid) for child in children), 20)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_home_is_left_alone(start, tmp_path):
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 65534, 65534)

    farm = start()

    assert farm.process.wait(30) == 1
    assert "belongs to user nobody: run Casefarm as that user" in farm.output
    assert list((tmp_path / "home").iterdir()) == []


def secrets_of(home):
    return [home, *(home / name for name in ("token", "local-user.json", "secret-key"))]


def answers(farm):
    try:
        return farm.get("/api/health/").status_code == 200
    except httpx.HTTPError:
        return False
