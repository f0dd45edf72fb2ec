"""`python -m energyplus`, as typed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.engine


def run_command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "energyplus", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_metrics_are_printed_with_their_units_and_files_kept(tmp_path: Path) -> None:
    run = run_command("small_office", "chicago", "--run-period", "01-14:01-14", "--out", str(tmp_path / "out"))
    assert (run.returncode, run.stderr) == (0, "")
    lines = {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines()}
    assert lines["electricity_kwh"][1] == "kWh"
    assert lines["site_eui_kwh_m2"][1] == "kWh/m2"
    assert float(lines["total_area_m2"][0]) == pytest.approx(511.1574)
    assert (tmp_path / "out" / "eplusout.sql").exists()


def test_a_failed_run_says_why_and_exits_with_1(tmp_path: Path) -> None:
    model = tmp_path / "empty.idf"
    model.write_text("Version,25.2;\nZone,one;\n")
    run = run_command(str(model), "chicago", "--run-period", "design_days")
    assert run.returncode == 1
    assert "failed: " in run.stderr
    assert "Traceback" not in run.stderr


def test_an_unknown_alias_is_refused_with_the_known_ones() -> None:
    run = run_command("smal_office", "chicago")
    assert run.returncode == 1
    assert "smal_office: neither a file nor the alias" in run.stderr
    assert "small_office" in run.stderr


def test_an_unknown_run_period_is_refused() -> None:
    run = run_command("small_office", "chicago", "--run-period", "02-30:03-01")
    assert run.returncode == 2
    assert "there is no day 30 in month 2" in run.stderr
