"""The database as a file: pg_dump out of one snapshot, pg_restore into an empty database. Called by this room.

The programs are those that came with the embedded server, or those on the PATH where they are newer.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.db import connection, transaction

from backups.errors import ToolError
from casefarm.errors import LocalStackError
from casefarm.local.postgres import find_binaries

# Log-ins are signed with the secret key of the farm they were made on, which is not backed up.
LEFT_OUT = ("django_session",)


@contextmanager
def hold_snapshot() -> Iterator[str]:
    """Give the name of a snapshot that this session and pg_dump both read from until the block ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def server_version() -> int:
    """Return the major version of the database server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


@cache
def find_program(name: str, version: int) -> Path:
    """Return a program of PostgreSQL that can speak to a server of this major version.

    Raises:
        ToolError: there is none, or an older one only.
    """
    found: list[tuple[int, Path]] = []
    try:
        candidates = [find_binaries() / name]
    except LocalStackError:
        candidates = []
    if on_path := shutil.which(name):
        candidates.append(Path(on_path))
    for program in candidates:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
        if match := re.search(r"(\d+)", told):
            found.append((int(match.group(1)), program))
    fitting = [entry for entry in found if entry[0] >= version]
    if fitting:
        return min(fitting)[1]
    have = ", ".join(f"{program} of version {number}" for number, program in found) or "none"
    raise ToolError(f"The database is PostgreSQL {version}; {name} of that version is needed, found {have}.")


def dump_database(snapshot: str, target: Path) -> None:
    """Write the database as it is in a snapshot.

    Raises:
        ToolError: pg_dump failed.
    """
    options = ["--format=custom", "--compress=3", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    options += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    run_program("pg_dump", [*options, f"--file={target}"])


def load_database(source: Path) -> None:
    """Put a dump in place of whatever the database holds: all of it, or nothing.

    Raises:
        ToolError: pg_restore failed; the database is empty then.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    run_program("pg_restore", [*options, f"--dbname={connection.settings_dict['NAME']}", str(source)])
    connection.close()


def run_program(name: str, arguments: list[str]) -> None:
    """Run a program of PostgreSQL on this service's database; its password is in its environment, not in its arguments.

    Raises:
        ToolError: it failed; with its last line.
    """
    database = connection.settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    told = {variable: str(database[key]) for key, variable in names.items() if database[key]}
    program = find_program(name, server_version())
    done = subprocess.run(
        [str(program), *arguments], env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["(no message)"]
        raise ToolError(f"{name} failed: {lines[0]}")
