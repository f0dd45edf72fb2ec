"""The digest of results: equal for a run done again, another one for the smallest difference in what was computed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from energyplus.errors import ResultsError
from energyplus.models.building_model import BuildingModel
from energyplus.results.digest import digest_results, encode_value
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

SMALLEST = 5e-324


def change(folder: Path, good_run: tuple[SimulationOutcome, Path], statement: str, *values: object) -> Path:
    path = folder / "eplusout.sql"
    shutil.copyfile(good_run[1] / "eplusout.sql", path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, values)
    return path


@pytest.mark.engine
def test_a_run_done_again_has_the_same_digest(
    good_run: tuple[SimulationOutcome, Path], small_office: BuildingModel, simulate: Simulate, tmp_path: Path
) -> None:
    again = simulate(small_office.render(ask_for([], THREE_DAYS)), tmp_path)
    assert again.status == "succeeded"
    assert digest_results(tmp_path / "eplusout.sql") == digest_results(good_run[1] / "eplusout.sql")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE ReportData SET Value = Value * (1 + ?) WHERE ReportDataIndex = 5", 2.3e-16),
        ("UPDATE ReportExtendedData SET MaxValue = MaxValue + ? WHERE ReportExtendedDataIndex = 9", 1e-9),
        ("UPDATE ReportDataDictionary SET Units = ? WHERE Name = 'Electricity:Facility'", "kJ"),
        ("UPDATE TabularData SET Value = ? WHERE TabularDataIndex = 7", "0.01"),
        ("DELETE FROM ReportData WHERE ReportDataIndex = (SELECT max(ReportDataIndex) FROM ReportData) OR ?", 0),
    ],
)
def test_the_smallest_difference_gives_another_digest(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path, statement: str, value: object
) -> None:
    changed = change(tmp_path, good_run, statement, value)
    assert digest_results(changed) != digest_results(good_run[1] / "eplusout.sql")


VERSION_ROW = "(SELECT StringIndex FROM Strings WHERE Value = 'Program Version and Build')"


@pytest.mark.engine
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE Simulations SET TimeStamp = ?, EnergyPlusVersion = 'another'",
        f"UPDATE TabularData SET Value = ? WHERE RowNameIndex = {VERSION_ROW}",
    ],
)
def test_when_and_by_which_build_it_was_computed_does_not_count(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path, statement: str
) -> None:
    changed = change(tmp_path, good_run, statement, "YMD=2031.01.01 00:00")
    assert digest_results(changed) == digest_results(good_run[1] / "eplusout.sql")


def test_values_cannot_be_taken_for_others() -> None:
    values = [None, 0, 0.0, -0.0, SMALLEST, b"", b"0", b"i0;", 1, b"t1;"]
    assert len({encode_value(value) for value in values}) == len(values)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "eplusout.sql").write_text("not a database" * 100)
    with pytest.raises(ResultsError, match=r"eplusout\.sql cannot be read"):
        digest_results(tmp_path / "eplusout.sql")
