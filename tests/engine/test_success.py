"""Success must be earned: good runs, damaged one way at a time, are never believed."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from energyplus.results.diagnostics import read_diagnostics
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import find_failure, hash_kept_files
from energyplus.results.verdict import judge_outcome
from energyplus.run_period import RunPeriod
from tests.engine.cases import THREE_DAYS
from tests.engine.test_supervision import run_fake

pytestmark = pytest.mark.engine

Damage = Callable[[Path], object]


def change(name: str, before: str, after: str) -> Damage:
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(before, after))


def truncate(name: str, kept: float) -> Damage:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * kept)])

    return damage


def execute(statement: str) -> Damage:
    def damage(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "eplusout.sql")) as database, database:
            database.execute(statement)

    return damage


def replace_by_link(folder: Path) -> None:
    (folder / "eplusout.end").unlink()
    (folder / "eplusout.end").symlink_to("/etc/hostname")


def test_a_good_run_is_believed_and_every_kept_file_hashed(good_run: tuple[SimulationOutcome, Path]) -> None:
    outcome, folder = good_run
    assert (outcome.status, outcome.failure, outcome.exit_code) == ("succeeded", None, 0)
    assert set(outcome.files) == {"model.idf", "eplusout.err", "eplusout.sql", "eplustbl.htm", "eplusout.end"}
    assert outcome.files == hash_kept_files(folder)
    assert {path.name for path in folder.iterdir()} == set(outcome.files)
    assert judge_outcome(outcome).kind == "valid"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "eplusout.sql").unlink(), r"wrote no eplusout\.sql"),
        (lambda folder: (folder / "eplusout.err").unlink(), "does not say Completed Successfully"),
        (lambda folder: (folder / "eplusout.end").write_text(""), r"eplusout\.end is empty"),
        (replace_by_link, r"wrote no eplusout\.end"),
        (truncate("eplusout.err", 0.9), "does not say Completed Successfully"),
        (truncate("eplusout.sql", 0.5), "damaged|cannot be read"),
        (truncate("eplusout.sql", 0.0), r"eplusout\.sql is empty"),
        (execute("DELETE FROM Time WHERE Day = 16"), "ended on 01-15 instead of 01-16"),
        (execute("DELETE FROM Time"), "ended before its first day"),
        (execute("UPDATE Time SET Interval = 1440 WHERE IntervalType = 4"), "cover 1440 min instead of 4,320"),
        (execute("DROP TABLE ReportData"), "cannot be read"),
    ],
)
def test_a_damaged_run_is_not_believed(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path, damage: Damage, message: str
) -> None:
    shutil.copytree(good_run[1], tmp_path / "damaged")
    damage(tmp_path / "damaged")
    outcome = run_fake("copy", tmp_path, tmp_path / "damaged")
    assert outcome.status == "failed"
    assert outcome.failure is not None
    assert outcome.failure.kind == "incomplete"
    assert re.search(message, outcome.failure.message)
    assert outcome.metrics["electricity_kwh"] is None
    assert judge_outcome(outcome).kind == "failed"


def test_the_same_files_undamaged_are_believed_and_nothing_else_is_left(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    outcome = run_fake("copy", tmp_path, good_run[1])
    assert outcome.status == "succeeded"
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(outcome.files)


def test_files_of_an_earlier_attempt_do_not_pass_for_this_ones(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    shutil.copytree(good_run[1], tmp_path / "run")
    outcome = run_fake("nothing", tmp_path)
    assert outcome.status == "failed"
    assert set(outcome.files) == {"model.idf"}


def test_a_cancel_that_comes_at_the_very_end_is_still_a_cancel(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    left = tmp_path / "run" / "eplusout.audit"
    outcome = run_fake("copy", tmp_path, good_run[1], should_stop=left.exists)
    assert outcome.status == "cancelled"


def test_a_run_of_other_days_than_asked_for_is_not_believed(good_run: tuple[SimulationOutcome, Path]) -> None:
    diagnostics = read_diagnostics(good_run[1] / "eplusout.err")
    for run_period in (RunPeriod(), RunPeriod("design_days"), RunPeriod("period", (1, 13), (1, 16))):
        failure = find_failure(good_run[1], run_period, 0, diagnostics, None)
        assert failure is not None, run_period
    assert find_failure(good_run[1], THREE_DAYS, 0, diagnostics, None) is None


def test_a_file_at_its_size_limit_is_not_believed(good_run: tuple[SimulationOutcome, Path]) -> None:
    limit = (good_run[1] / "eplusout.sql").stat().st_size
    diagnostics = read_diagnostics(good_run[1] / "eplusout.err")
    failure = find_failure(good_run[1], THREE_DAYS, 0, diagnostics, limit)
    assert failure is not None
    assert f"eplusout.sql reached the limit of {limit:,} bytes" in failure.message


def test_severe_errors_with_exit_code_0_make_a_case_suspect(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    shutil.copytree(good_run[1], tmp_path / "severe")
    change("eplusout.err", "0 Severe Errors;", "2 Severe Errors;")(tmp_path / "severe")
    change("eplusout.err", "************* Beginning Simulation", "** Severe  ** It did not converge.")(
        tmp_path / "severe"
    )
    outcome = run_fake("copy", tmp_path, tmp_path / "severe")
    assert outcome.status == "succeeded"
    assert outcome.metrics["severe_errors"] == 2
    assert judge_outcome(outcome).kind == "suspect"
    assert judge_outcome(outcome).reasons == ("2 severe errors: It did not converge.",)
