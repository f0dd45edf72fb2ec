"""The embedded PostgreSQL and Valkey: started, killed, started again, as this user and as `nobody`."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from casefarm.local import identity
from casefarm.local.ports import find_free_port
from casefarm.local.postgres import PostgresServer
from casefarm.local.processes import is_alive, wait_until
from casefarm.local.services import throw_away_services
from casefarm.local.valkey import ValkeyServer

pytestmark = pytest.mark.stack
SERVICES = [sys.executable, "-m", "casefarm.local.services", "--"]


@pytest.fixture
def postgres(tmp_path):
    server = PostgresServer(tmp_path / "postgres", fallback=tmp_path / "fallback")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path):
    server = ValkeyServer(tmp_path / "valkey", fallback=tmp_path / "fallback")
    server.start()
    yield server
    server.stop()


def query(url, statement):
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def kill(server):
    server.process.kill()
    server.process.wait()


def test_throw_away_servers_answer_and_leave_nothing():
    with throw_away_services() as settings:
        home = Path(settings["CASEFARM_HOME"]).parent
        assert query(settings["DATABASE_URL"], "SELECT 1") == (1,)
        with redis.from_url(settings["REDIS_URL"]) as client:
            assert client.ping()
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    assert not home.exists()


def test_a_command_gets_the_servers_and_gives_its_status():
    done = subprocess.run(
        [*SERVICES, "bash", "-c", 'echo "$DATABASE_URL $REDIS_URL"; exit 7'],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 7
    assert done.stdout.startswith("postgresql://casefarm:")
    assert "redis://:" in done.stdout


def test_killed_services_take_servers_command_and_folder_with_them():
    process = subprocess.Popen(
        [*SERVICES, "bash", "-c", 'echo "$CASEFARM_HOME"; exec sleep 600'], stdout=subprocess.PIPE, text=True
    )
    home = Path(process.stdout.readline().strip()).parent
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    process.stdout.close()

    assert len(children) >= 4
    assert wait_until(lambda: not any(is_alive(child.pid) for child in children), 20)
    assert wait_until(lambda: not home.exists(), 20)


def test_servers_listen_on_this_machine_only_and_want_their_password(postgres, valkey):
    for server in (postgres, valkey):
        listening = [each.laddr for each in psutil.net_connections("inet") if each.status == psutil.CONN_LISTEN]
        assert [address.ip for address in listening if address.port == server.port] == ["127.0.0.1"]
        assert (server.place.folder / "password").stat().st_mode & 0o777 == 0o600
        assert server.place.folder.stat().st_mode & 0o777 == 0o700

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        query(f"postgresql://casefarm:wrong@127.0.0.1:{postgres.port}/casefarm", "SELECT 1")
    with redis.Redis(port=valkey.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_killed_postgres_starts_again_on_its_port_with_its_data(postgres):
    query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    port = postgres.port
    kill(postgres)

    postgres.start(port)

    assert postgres.port == port
    assert query(postgres.url, "SELECT answer FROM kept") == (42,)


def test_a_pid_file_that_names_a_living_stranger_blocks_nothing(postgres):
    kill(postgres)
    pid_file = postgres.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")

    postgres.start(postgres.port)

    assert query(postgres.url, "SELECT 1") == (1,)


def test_a_postgres_left_behind_by_another_run_is_stopped_first(postgres):
    left = postgres.process
    query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    successor = PostgresServer(postgres.place.folder, fallback=postgres.place.folder)

    successor.start(postgres.port)

    assert left.wait(10) == 0
    assert query(successor.url, "SELECT answer FROM kept") == (42,)
    successor.stop()


def test_a_killed_valkey_starts_again_with_its_data(valkey):
    with redis.from_url(valkey.url) as client:
        client.set("kept", "42")
        client.execute_command("WAITAOF", 1, 0, 5000)
    kill(valkey)

    valkey.start(valkey.port)

    with redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"42"


def test_a_taken_port_is_replaced_by_another(postgres, tmp_path):
    valkey = ValkeyServer(tmp_path / "valkey", fallback=tmp_path / "fallback")

    valkey.start(postgres.port)

    assert valkey.port != postgres.port
    valkey.stop()


def test_an_interrupted_first_start_is_made_anew(tmp_path):
    (tmp_path / "postgres" / "data.partial" / "base").mkdir(parents=True)
    server = PostgresServer(tmp_path / "postgres", fallback=tmp_path / "fallback", durable=False)

    server.start(find_free_port())

    assert query(server.url, "SELECT 1") == (1,)
    server.stop()


def users_of_servers(folder: Path) -> set[tuple[str, str]]:
    """Return which servers work in `folder`, and who they run as; a backend may end while it is looked at."""
    users = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if Path(process.cwd()).is_relative_to(folder):
                users.add((process.name(), process.username()))
    return users


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_without_user_namespaces_runs_the_servers_as_nobody(monkeypatch):
    monkeypatch.setattr(identity, "NAMESPACE", ("false",))

    with throw_away_services() as settings:
        assert query(settings["DATABASE_URL"], "SELECT 1") == (1,)
        folder = Path(query(settings["DATABASE_URL"], "SHOW data_directory")[0])
        fallback = next(parent for parent in folder.parents if parent.name.startswith("casefarm-nobody-"))
        assert users_of_servers(fallback) == {("postgres", "nobody"), ("valkey-server", "nobody")}

    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_root_is_told_what_to_do_where_nothing_works(monkeypatch, tmp_path):
    monkeypatch.setattr(identity, "NAMESPACE", ("false",))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(identity.LocalStackError, match="run Casefarm as a normal user, or set DATABASE_URL"):
        PostgresServer(closed / "postgres", fallback=closed / "fallback")


def test_signals_reach_the_command(tmp_path):
    ready = tmp_path / "ready"
    script = f"trap 'exit 5' TERM; touch {ready}; while true; do read -r -t 1 <> <(:) || true; done"
    process = subprocess.Popen([*SERVICES, "bash", "-c", script])
    assert wait_until(ready.exists, 30)

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 5
