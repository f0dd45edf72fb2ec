"""The real engine works in the sandbox as it does outside: the same numbers, to the last digit, also for nobody."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from energyplus.models.building_model import BuildingModel
from energyplus.run_period import RunPeriod
from tests.engine.cases import THREE_DAYS, ask_for
from tests.engine.sandbox.engine_client import SealedEngine
from tests.engine.sandbox.engine_server import Run
from tests.engine.sandbox.sealed import NOBODY

pytestmark = pytest.mark.engine

TABLES = ("ReportData", "ReportDataDictionary", "Time", "TabularDataWithStrings", "Errors")


def numbers_of(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything the engine computed, exactly as SQLite holds it, without the minute at which it did."""
    with closing(sqlite3.connect(folder / "eplusout.sql")) as database:
        found = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    return {table: [tuple(map(forget_time, row)) for row in rows] for table, rows in found.items()}


def forget_time(value: object) -> object:
    """Return a value of a table; of the engine's version line what stands before the time."""
    return value.partition("YMD=")[0] if isinstance(value, str) else value


def run(engine: SealedEngine, model: Path, weather: Path, folder: Path, **how: object) -> int:
    folder.mkdir()
    folder.chmod(0o777)
    return engine.run(Run(str(model), str(weather), str(folder), **how)).status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("alias", "period"),
    [("small_office", THREE_DAYS), ("medium_office", RunPeriod("design_days"))],
    ids=["small-office", "medium-office"],
)
def test_the_numbers_inside_are_those_outside(
    alias: str,
    period: RunPeriod,
    sealed_engine: SealedEngine,
    open_folder: Path,
    models: dict[str, Path],
    weathers: dict[str, Path],
) -> None:
    model, weather = open_folder / "model.idf", open_folder / "weather.epw"
    model.write_text(BuildingModel.read(models[alias]).render(ask_for((), period)))
    copyfile(weathers["chicago"], weather)
    ways: dict[str, dict[str, object]] = {"outside": {"sealed": False}, "inside": {}}
    if os.getuid() == 0:
        ways["as nobody"] = {"user": NOBODY}
    for way, how in ways.items():
        assert run(sealed_engine, model, weather, open_folder / way, **how) == 0
    expected = numbers_of(open_folder / "outside")
    assert len(expected["TabularDataWithStrings"]) > 1000
    for way in ways:
        assert numbers_of(open_folder / way) == expected


def test_a_stock_model_with_all_its_outputs_runs_inside(
    sealed_engine: SealedEngine, tmp_path: Path, models: dict[str, Path], weathers: dict[str, Path]
) -> None:
    folder = tmp_path / "run"
    assert run(sealed_engine, models["warehouse"], weathers["chicago"], folder) == 0
    assert {"eplusout.eso", "eplustbl.htm", "eplusout.eio"} <= {path.name for path in folder.iterdir()}


def test_a_file_at_its_limit_ends_the_run_by_its_signal(
    sealed_engine: SealedEngine, tmp_path: Path, models: dict[str, Path], weathers: dict[str, Path]
) -> None:
    limits = {"largest_file_bytes": 100_000}
    status = run(sealed_engine, models["small_office"], weathers["chicago"], tmp_path / "run", **limits)
    assert status == -25  # SIGXFSZ


def test_memory_at_its_limit_does_not_make_a_success(
    sealed_engine: SealedEngine, tmp_path: Path, models: dict[str, Path], weathers: dict[str, Path]
) -> None:
    limits = {"memory_bytes": 128 << 20}
    assert run(sealed_engine, models["small_office"], weathers["chicago"], tmp_path / "run", **limits) != 0
