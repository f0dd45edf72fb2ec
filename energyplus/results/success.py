"""Whether a run really succeeded: every condition a run folder must meet before its numbers are believed.

The engine returns 0 after a cancel, on a full disk and on a truncated file, and SQLite's own `Completed` flag is false
even for good runs; so nothing here takes the engine's word alone. Called by `energyplus.engines.engine`.
"""

import hashlib
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from energyplus.outputs import KEPT_FILES, WITNESS_VARIABLE
from energyplus.results.diagnostics import Diagnostics
from energyplus.run_period import RunPeriod, expected_minutes

_WEATHER_RUN, _SIZING_DAYS = 3, (1, 2)
_NEEDED_FILES = ("eplusout.err", "eplusout.sql", "eplustbl.htm", "eplusout.end")


@dataclass(frozen=True)
class Failure:
    """Why a case has no numbers.

    Attributes:
        kind: "fatal" (the engine said so), "crash" (it died of a signal), "memory" (it needed more than it may have),
            "disk" (it wrote more than any case may), "timeout", "cancelled", "incomplete" (it said success, but its
            files do not bear that out), "results" (they cannot be read), "model" (no case could be made), "start" (the
            child could not begin).
        message: one or a few sentences: what happened, the engine's first fatal line, what to do.
    """

    kind: str
    message: str


def find_failure(
    run_folder: Path, run_period: RunPeriod, exit_code: int, diagnostics: Diagnostics, largest_file_bytes: int | None
) -> Failure | None:
    """Look for the first condition of success that does not hold.

    Args:
        run_folder: where the engine wrote.
        run_period: what it was to simulate.
        exit_code: of the child.
        diagnostics: of its .err file.
        largest_file_bytes: the limit on any one file under which it ran, bytes; None where there was none.

    Returns:
        The failure, or None when all conditions hold.
    """
    if diagnostics.fatal or (exit_code != 0 and diagnostics.severe):
        return Failure("fatal", diagnostics.first_line or "The engine stopped with a fatal error.")
    for reason in _unmet_conditions(run_folder, run_period, exit_code, diagnostics, largest_file_bytes):
        return Failure("incomplete", reason)
    return None


def hash_kept_files(run_folder: Path) -> dict[str, str]:
    """The sha256 of every file that is kept, by name; links and other oddities are left out."""
    return {name: _hash_file(run_folder / name) for name in KEPT_FILES if is_regular_file(run_folder / name)}


def hash_all_files(run_folder: Path) -> dict[str, str]:
    """The sha256 of every regular file of a run folder, by name; links, folders and other oddities are left out."""
    return {path.name: _hash_file(path) for path in sorted(run_folder.iterdir()) if is_regular_file(path)}


def is_regular_file(path: Path) -> bool:
    """Whether the path is a plain file itself, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _unmet_conditions(
    run_folder: Path, run_period: RunPeriod, exit_code: int, diagnostics: Diagnostics, largest_file_bytes: int | None
) -> Iterator[str]:
    if exit_code != 0:
        yield f"The engine ended with exit code {exit_code} and gave no reason in eplusout.err."
    if not diagnostics.completed:
        yield "The last line of eplusout.err does not say Completed Successfully."
    for name in _NEEDED_FILES:
        if not is_regular_file(run_folder / name):
            yield f"The engine wrote no {name}."
        elif (run_folder / name).stat().st_size == 0:
            yield f"{name} is empty."
    for path in sorted(run_folder.iterdir()) if largest_file_bytes else ():
        if is_regular_file(path) and path.stat().st_size >= (largest_file_bytes or 0):
            yield f"{path.name} reached the limit of {largest_file_bytes:,} bytes; ask for fewer outputs."
    yield from _unmet_in_sqlite(run_folder / "eplusout.sql", run_period)


def _unmet_in_sqlite(path: Path, run_period: RunPeriod) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            check = database.execute("PRAGMA quick_check(1)").fetchone()
            if check is None or check[0] != "ok":
                yield "eplusout.sql is damaged: SQLite's quick_check does not pass."
                return
            if run_period.kind == "design_days":
                yield from _unmet_in_design_days(database)
            else:
                yield from _unmet_in_weather_run(database, run_period)
    except sqlite3.Error as error:
        yield f"eplusout.sql cannot be read: {error}."


def _unmet_in_weather_run(database: sqlite3.Connection, run_period: RunPeriod) -> Iterator[str]:
    days = database.execute(
        "SELECT Time.Month, Time.Day FROM ReportData JOIN Time USING (TimeIndex)"
        " JOIN EnvironmentPeriods USING (EnvironmentPeriodIndex)"
        " JOIN ReportDataDictionary USING (ReportDataDictionaryIndex)"
        " WHERE EnvironmentType = ? AND ReportDataDictionary.Name = ? AND ReportingFrequency = 'Daily'"
        " ORDER BY ReportDataIndex",
        (_WEATHER_RUN, WITNESS_VARIABLE),
    ).fetchall()
    last = days[-1] if days else None
    accepted = {run_period.last_day, (2, 28)} if run_period.last_day == (2, 29) else {run_period.last_day}
    if last not in accepted:
        reached = f"on {last[0]:02}-{last[1]:02}" if last else "before its first day"
        wanted = f"{run_period.last_day[0]:02}-{run_period.last_day[1]:02}"
        yield f"The simulation ended {reached} instead of {wanted}."
    lengths = {length for (length,) in _run_period_lengths(database, (_WEATHER_RUN, _WEATHER_RUN))}
    expected = {expected_minutes(run_period, is_leap=is_leap) for is_leap in (False, True)}
    if len(lengths) != 1 or not lengths <= expected:
        yield f"The run-period meters cover {', '.join(map(str, lengths)) or 'no'} min instead of {min(expected):,}."


def _unmet_in_design_days(database: sqlite3.Connection) -> Iterator[str]:
    begun = database.execute(
        "SELECT count(*) FROM EnvironmentPeriods WHERE EnvironmentType IN (?, ?)", _SIZING_DAYS
    ).fetchone()[0]
    finished = len(_run_period_lengths(database, _SIZING_DAYS))
    if begun == 0 or finished != begun:
        yield f"Of {begun} design days the engine finished {finished}; the model needs SizingPeriod objects."


def _run_period_lengths(database: sqlite3.Connection, environment_types: tuple[int, int]) -> list[tuple[int]]:
    return database.execute(
        "SELECT Time.Interval FROM Time JOIN EnvironmentPeriods USING (EnvironmentPeriodIndex)"
        " WHERE Time.IntervalType = 4 AND EnvironmentType IN (?, ?)",
        environment_types,
    ).fetchall()


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
