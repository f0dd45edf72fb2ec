"""The settings that name engines: a service with a wrong one does not start, and says why in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.declared_programs import declare_program
from tests.fakes.installed import make_folder


def start(**settings: str) -> "subprocess.CompletedProcess[str]":
    """Load the settings in a process of their own."""
    return subprocess.run(
        [sys.executable, "-c", "from config import settings as s; print(s.CASEFARM_ENERGYPLUS, s.CASEFARM_PROGRAMS)"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_usable_engines_are_taken(tmp_path: Path) -> None:
    first = make_folder(tmp_path / "one")
    second = make_folder(tmp_path / "two", idd="!IDD_Version 9.6.0\n")
    programs = declare_program(tmp_path)
    run = start(CASEFARM_ENERGYPLUS=f"{first}{os.pathsep}{second}{os.pathsep}", CASEFARM_PROGRAMS=str(programs))
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == f"{(first, second)} {programs}"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("CASEFARM_ENERGYPLUS", "no-such-folder: there is no such folder"),
        ("CASEFARM_PROGRAMS", "no-such-folder: it cannot be read as YAML"),
    ],
)
def test_a_wrong_one_refuses_to_start_with_one_line(tmp_path: Path, name: str, found: str) -> None:
    run = start(**{name: str(tmp_path / "no-such-folder")})
    assert run.returncode == 78
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"casefarm: setting {name}: found ")
    assert found in run.stderr
    assert "; accepted: " in run.stderr
