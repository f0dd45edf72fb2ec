"""Back-up and restore of the farm of a home: finds or starts its database, calls the service's command. For the CLI.

A farm that runs is backed up as it runs; of one that stands still the database alone is started meanwhile. A restore
needs a farm that stands still. With DATABASE_URL set, that database is meant, and nothing is started.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from casefarm.environment import find_home, read_environment
from casefarm.errors import LocalStackError
from casefarm.local.home import Home
from casefarm.local.postgres import PostgresServer
from casefarm.local.process_plans import PYTHON, complete_environment

NO_BROKER = "redis://127.0.0.1:1/0"  # the settings want one; back-ups speak to the database and to the files alone
PREFIX = "CommandError: "


def make_backup(target: Path, *, case_files: bool) -> int:
    """Back the farm of CASEFARM_HOME up; return the exit status.

    Raises:
        CasefarmError: its database cannot be reached.
    """
    options = [] if case_files else ["--without-case-files"]
    with open_database(may_run=True) as (home, environment):
        return run_command(home, environment, ["back_up", str(target.resolve()), *options])


def restore_backup(source: Path) -> int:
    """Restore an archive into the farm of CASEFARM_HOME, which must be empty and stand still; return the exit status.

    Raises:
        CasefarmError: its database cannot be reached, or the farm runs.
    """
    with open_database(may_run=False) as (home, environment):
        return run_command(home, environment, ["restore_backup", str(source.resolve())])


def verify_backup(source: Path) -> int:
    """Read an archive through; return the exit status. Needs no farm."""
    environment = read_environment()
    home = Home(find_home(environment))
    settings = {
        **environment,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": environment.get("DATABASE_URL") or "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": environment.get("REDIS_URL") or NO_BROKER,
        "CASEFARM_SECRET_KEY": "verifying needs none",
    }
    return run_command(home, settings, ["verify_backup", str(source.resolve())], folder=Path.cwd())


@contextmanager
def open_database(*, may_run: bool) -> Iterator[tuple[Home, dict[str, str]]]:
    """Give the home and the environment of its farm's processes, with a database that answers.

    Args:
        may_run: whether the farm of this home may be running; else that is refused.

    Raises:
        LocalStackError: the database does not start, or the farm runs and must not.
    """
    environment = read_environment()
    environment["REDIS_URL"] = environment.get("REDIS_URL") or NO_BROKER
    home = Home(find_home(environment))
    if environment.get("DATABASE_URL"):
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield home, complete_environment(home, environment)
        return
    try:
        home.open()
    except LocalStackError:
        ports = home.recall("ports", {})
        if not may_run or "postgres" not in ports:
            raise
        running = find_server(home)
        running.port = ports["postgres"]
        yield home, complete_environment(home, {**environment, "DATABASE_URL": running.url})
        return
    try:
        server = find_server(home)
        server.start(home.recall("ports", {}).get("postgres"))
        try:
            yield home, complete_environment(home, {**environment, "DATABASE_URL": server.url})
        finally:
            server.stop()
    finally:
        home.close()


def find_server(home: Home) -> PostgresServer:
    """Return the server of a home, which may be running already."""
    fallback = Path("/var/lib/casefarm") / sha256(str(home.path).encode()).hexdigest()[:16]
    return PostgresServer(home.path / "postgres", fallback=fallback)


def run_command(home: Home, environment: dict[str, str], arguments: Sequence[str], folder: Path | None = None) -> int:
    """Run a command of the service in the foreground; its last words, where it fails, are told in our way."""
    done = subprocess.run(
        [*PYTHON, "django", *arguments],
        cwd=folder or home.path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        text = done.stderr.strip()
        print(f"casefarm: {text.removeprefix(PREFIX)}" if text.startswith(PREFIX) else text, file=sys.stderr)
    return done.returncode
