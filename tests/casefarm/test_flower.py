"""Flower beside a farm of one machine: where it answers, and that nobody reads its password off a list of processes."""

import socket
from pathlib import Path

import pytest

from casefarm.errors import CasefarmError
from casefarm.local.celery import choose_flower_port, plan_flower, read_flower_password, run_celery
from casefarm.local.home import Home
from casefarm.local.process_plans import tell_events


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A farm's folder."""
    home = Home(tmp_path)
    home.run.mkdir()
    return home


def test_flower_answers_on_this_machine_only_and_keeps_its_password_out_of_its_arguments(home: Home) -> None:
    plan = plan_flower(home, {"A": "1"}, 5999)
    password = read_flower_password(home)
    assert "--address=127.0.0.1" in plan.argv
    assert "--port=5999" in plan.argv
    assert not any(password in argument for argument in plan.argv)
    assert plan.environment["FLOWER_BASIC_AUTH"] == f"local:{password}"
    assert (home.path / "flower-password").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_taken_is_refused_and_without_a_setting_another_is_found() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CasefarmError, match="CASEFARM_FLOWER_PORT"):
            choose_flower_port({"CASEFARM_FLOWER_PORT": str(port)})
    assert choose_flower_port({"CASEFARM_FLOWER_PORT": str(port)}) == port
    assert choose_flower_port({}) >= 5555


def test_workers_tell_of_their_tasks_only_where_flower_listens() -> None:
    assert tell_events({}) == ()
    assert tell_events({"CASEFARM_FLOWER": "1"}) == ("--task-events",)


def test_celery_without_a_farm_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEFARM_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(CasefarmError, match="set DATABASE_URL and REDIS_URL"):
        run_celery(["inspect", "active"])
