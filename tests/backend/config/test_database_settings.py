"""The settings of the database: as many connections as cases at work need, on a machine of any size."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("slots", "connections"), [("2", "16"), ("64", "68")])
def test_a_worker_of_many_slots_may_hold_a_connection_for_each(slots: str, connections: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from config import settings as s; print(s.DATABASES['default']['OPTIONS'])"],
        env={**os.environ, "CASEFARM_SLOTS": slots, "CASEFARM_DATABASE_POOL": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"'max_size': {connections}" in found.stdout


def test_what_the_url_says_of_the_connection_is_kept() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from config import settings as s; print(s.DATABASES['default']['OPTIONS'])"],
        env={**os.environ, "DATABASE_URL": "postgres://farm:secret@db.example.org/farm?sslmode=verify-full"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'sslmode': 'verify-full'" in found.stdout
    assert "'keepalives_idle': 10" in found.stdout
