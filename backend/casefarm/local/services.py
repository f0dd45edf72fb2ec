"""Runs a command with a throw-away PostgreSQL and Valkey: `python -m casefarm.local.services -- COMMAND …`.

Enters: a command. Leaves: its exit status; servers and their temporary folder are gone afterwards, also when this
process is killed. Called by `make test` and by developers; tests use `throw_away_services`.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from casefarm.errors import CasefarmError
from casefarm.local.identity import DIRECT
from casefarm.local.postgres import PostgresServer
from casefarm.local.valkey import ValkeyServer

JANITOR = Path(__file__).with_name("janitor.py")


@contextlib.contextmanager
def temporary_folders() -> Iterator[tuple[Path, Path]]:
    """Give two temporary folders (mode 0700) that are removed afterwards, even if this process is killed."""
    folders = Path(tempfile.mkdtemp(prefix="casefarm-")), Path(tempfile.mkdtemp(prefix="casefarm-nobody-"))
    janitor = subprocess.Popen(
        [sys.executable, "-I", "-S", str(JANITOR), *map(str, folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    try:
        yield folders
    finally:
        if janitor.stdin:
            janitor.stdin.close()
        janitor.wait()


@contextlib.contextmanager
def throw_away_services() -> Iterator[dict[str, str]]:
    """Give the settings of a throw-away PostgreSQL and Valkey, as environment variables; stop both afterwards.

    Raises:
        LocalStackError: when a server does not come up.
    """
    with temporary_folders() as (home, fallback), contextlib.ExitStack() as servers:
        postgres = PostgresServer(home / "postgres", fallback=fallback, durable=False)
        servers.callback(postgres.stop)
        postgres.start()
        valkey = ValkeyServer(home / "valkey", fallback=fallback)
        servers.callback(valkey.stop)
        valkey.start()
        (home / "home").mkdir(mode=0o700)
        yield {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "CASEFARM_HOME": str(home / "home"),
            "CASEFARM_SECRET_KEY": secrets.token_urlsafe(48),
        }


def run_command(argv: list[str], settings: dict[str, str]) -> int:
    """Run a command in the foreground with `settings` in its environment; return its exit status as a shell would.

    SIGTERM and SIGHUP are passed on; Ctrl-C reaches the command through the terminal.
    """
    process = subprocess.Popen(DIRECT.command(argv, signal.SIGTERM), env={**os.environ, **settings})

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    previous = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    previous[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        status = process.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run it."""
    argv = sys.argv[1:] if arguments is None else arguments
    if argv[:1] == ["--"]:
        argv = argv[1:]
    if not argv:
        print("usage: python -m casefarm.local.services -- COMMAND [ARGUMENT…]", file=sys.stderr)
        return 2
    try:
        with throw_away_services() as settings:
            return run_command(argv, settings)
    except CasefarmError as error:
        print(f"casefarm: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
