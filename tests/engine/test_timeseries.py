"""Series read from SQLite, against the engine's own text file, the weather file's rows and timestamps set by hand."""

import datetime as dt
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.outputs import SERIES_FILE, Frequency, OutputRequest
from energyplus.results import timeseries
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.timeseries import SERIES_SCHEMA, find_unreported, read_timeseries, write_timeseries
from energyplus.results.verdict import judge_outcome
from energyplus.run_period import RunPeriod
from energyplus.weather import read_time_zone_h
from tests.engine.cases import ask_for

pytestmark = pytest.mark.engine

Run = Callable[..., tuple[SimulationOutcome, Path]]
# Daylight saving begins on the second day in this model: the engine's clock does not move.
MARCH = RunPeriod("period", (3, 11), (3, 13))
ELECTRICITY, TEMPERATURE, DRY_BULB = (
    "Electricity:Facility",
    "Zone Mean Air Temperature",
    "Site Outdoor Air Drybulb Temperature",
)
EVERY: tuple[Frequency, ...] = ("timestep", "hourly", "daily", "monthly", "run_period")
ASKED = (
    *(OutputRequest("meter", ELECTRICITY, frequency) for frequency in EVERY),
    *(OutputRequest("variable", TEMPERATURE, frequency) for frequency in ("hourly", "monthly")),
    OutputRequest("variable", "Zone Air System Sensible Heating Rate", "timestep", "core_zn"),
    OutputRequest("variable", DRY_BULB, "timestep"),
)
UNKNOWN = (
    OutputRequest("variable", "Zone Mean Air Temprature", "daily"),
    OutputRequest("variable", TEMPERATURE, "daily", "Cellar"),
    OutputRequest("meter", "Heating:Coal", "monthly"),
)


@pytest.fixture(scope="module")
def run(weathers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs IDF text; gives the outcome and the run folder."""
    engine = PipEngine()

    def run_text(
        text: str,
        run_period: RunPeriod,
        outputs: tuple[OutputRequest, ...] = ASKED,
        weather: Path = weathers["chicago"],
        **more: Any,
    ) -> tuple[SimulationOutcome, Path]:
        folder = tmp_path_factory.mktemp("run")
        (folder / "model.idf").write_text(text)
        job = SimulationJob(folder / "model.idf", weather, folder, run_period, 120, outputs=outputs, **more)
        outcome = engine.simulate(job, lambda: False)
        assert outcome.failure is None
        return outcome, folder

    yield run_text
    engine.close()


@pytest.fixture(scope="module")
def march(run: Run, small_office: BuildingModel) -> tuple[SimulationOutcome, Path]:
    """Three days in March with every file of the engine."""
    outputs = (*ASKED, *UNKNOWN)
    return run(small_office.render(ask_for([], MARCH, outputs, keep_full=True)), MARCH, outputs, keep_full=True)


def at(text: str) -> dt.datetime:
    """A time on the site's own clock."""
    return dt.datetime.fromisoformat(text)


def read(folder: Path, *outputs: OutputRequest) -> list[dict[str, Any]]:
    return read_timeseries(folder / "eplusout.sql", outputs or ASKED).to_pylist()


def ends(rows: list[dict[str, Any]], name: str, frequency: str) -> list[dt.datetime]:
    return [row["interval_end_local"] for row in rows if (row["name"], row["frequency"]) == (name, frequency)]


def read_eso(path: Path) -> dict[tuple[str, str, str], list[tuple[str, float]]]:
    """Read the engine's text file: by key, name and frequency each value and its time as it stands there."""
    words = {
        "TimeStep": "timestep",
        "Hourly": "hourly",
        "Daily": "daily",
        "Monthly": "monthly",
        "RunPeriod": "run_period",
    }
    names: dict[int, tuple[str, str, str]] = {}
    found: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
    lines = iter(path.read_text().splitlines()[1:])
    for line in lines:
        if line.startswith("End of Data Dictionary"):
            break
        number, _, rest = line.partition(",")
        if int(number) > 6:
            what, _, remark = rest.partition("!")
            parts = what.split(",")[1:]
            key, name = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
            frequency = remark.split("[")[0].strip()
            names[int(number)] = key, name.split("[")[0].strip(), words.get(frequency, frequency)
    time = ""
    for line in lines:
        number, _, rest = line.partition(",")
        if not number.isdigit():
            break
        if int(number) <= 6:
            time = rest
        else:
            found[names[int(number)]].append((time, float(rest.split(",")[0])))
    return found


def end_of_eso_time(time: str, frequency: str) -> dt.datetime:
    """The end of an interval as the text file has it: day of simulation, month, day, saving, hour, minutes."""
    parts = time.replace(" ", "").split(",")
    if frequency in ("monthly", "run_period"):
        return at("2017-03-14")  # it tells no more than their days
    day = at(f"2017-{int(parts[1]):02}-{int(parts[2]):02}")
    if frequency == "daily":
        return day + dt.timedelta(days=1)
    return day + dt.timedelta(hours=int(parts[4]) - 1, minutes=float(parts[6]))


def test_every_value_and_time_equals_that_of_the_engines_text_file(march: tuple[SimulationOutcome, Path]) -> None:
    _, folder = march
    printed = read_eso(folder / "eplusout.eso")
    series = defaultdict(list)
    for row in read(folder):
        series[row["key"], row["name"], row["frequency"]].append((row["interval_end_local"], row["value"]))
    assert len(series) == 5 + 2 * 6 + 1 + 1
    for (key, name, frequency), rows in series.items():
        wanted = printed[key, name, frequency]
        assert rows == [(end_of_eso_time(time, frequency), value) for time, value in wanted], (key, name, frequency)


def test_the_clock_is_that_of_the_weather_file_all_through_daylight_saving(
    march: tuple[SimulationOutcome, Path], weathers: dict[str, Path]
) -> None:
    _, folder = march
    rows = [line.split(",") for line in weathers["chicago"].read_text().splitlines()[8:]]
    measured = {(int(row[1]), int(row[2]), int(row[3])): float(row[6]) for row in rows}
    on_the_hour = [row for row in read(folder, ASKED[-1]) if row["interval_end_local"].minute == 0]
    assert len(on_the_hour) == 72
    for row in on_the_hour:  # the engine reaches the weather file's value in the last step of its hour
        hour = row["interval_end_local"] - dt.timedelta(hours=1)
        assert row["value"] == pytest.approx(measured[hour.month, hour.day, hour.hour + 1], abs=1e-9)


def test_intervals_end_where_they_end_and_last_as_long_as_they_last(march: tuple[SimulationOutcome, Path]) -> None:
    rows = read(march[1])
    start = at("2017-03-11")
    for frequency, minutes in (("timestep", 10), ("hourly", 60), ("daily", 1440)):
        expected = [start + n * dt.timedelta(minutes=minutes) for n in range(1, 3 * 1440 // minutes + 1)]
        assert ends(rows, ELECTRICITY, frequency) == expected
        assert {row["interval_min"] for row in rows if row["frequency"] == frequency} == {minutes}
    for frequency in ("monthly", "run_period"):  # three days of March, not all of it
        assert ends(rows, ELECTRICITY, frequency) == [at("2017-03-14")]
        assert {row["interval_min"] for row in rows if row["frequency"] == frequency} == {3 * 1440}


def test_universal_time_is_six_hours_ahead_of_chicago(march: tuple[SimulationOutcome, Path]) -> None:
    first = read(march[1])[0]
    assert first["utc_offset_h"] == -6.0
    assert first["interval_end"].replace(tzinfo=None) - first["interval_end_local"] == dt.timedelta(hours=6)


def test_units_and_environment_are_the_engines_own(march: tuple[SimulationOutcome, Path]) -> None:
    told = {
        (row["kind"], row["name"], row["unit"], row["environment"], row["environment_type"]) for row in read(march[1])
    }
    assert told == {
        ("meter", ELECTRICITY, "J", "ANNUAL", "weather_run"),
        ("variable", TEMPERATURE, "C", "ANNUAL", "weather_run"),
        ("variable", DRY_BULB, "C", "ANNUAL", "weather_run"),
        ("variable", "Zone Air System Sensible Heating Rate", "W", "ANNUAL", "weather_run"),
    }


def test_what_the_engine_did_not_report_is_told_and_leaves_the_case_valid(
    march: tuple[SimulationOutcome, Path],
) -> None:
    outcome, folder = march
    verdict = judge_outcome(outcome)
    assert (verdict.kind, len(verdict.reasons)) == ("valid", 3)
    assert verdict.reasons[0] == (
        "asked-for output Zone Mean Air Temprature (daily) was not reported: this model has no such variable, or not"
        " under that name"
    )
    table = read_timeseries(folder / "eplusout.sql", (*ASKED, *UNKNOWN))
    assert find_unreported(table, (*ASKED, *UNKNOWN)) == UNKNOWN


def test_the_file_of_a_case_holds_the_same_table(march: tuple[SimulationOutcome, Path]) -> None:
    import pyarrow.parquet as pq

    written = pq.read_table(march[1] / SERIES_FILE)
    assert written.schema.equals(SERIES_SCHEMA)
    assert written.to_pylist() == read(march[1])


def test_only_what_was_asked_for_is_read_though_the_model_keeps_its_own_requests(
    march: tuple[SimulationOutcome, Path],
) -> None:
    assert {row["name"] for row in read(march[1], ASKED[0])} == {ELECTRICITY}
    assert read_timeseries(march[1] / "eplusout.sql", ()).equals(SERIES_SCHEMA.empty_table())


def test_small_passes_give_the_same_table(
    march: tuple[SimulationOutcome, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = read(march[1])
    monkeypatch.setattr(timeseries, "VALUES_PER_PASS", 100)
    tables = list(timeseries.stream_timeseries(march[1] / "eplusout.sql", ASKED))
    assert len(tables) > 5
    assert pa.concat_tables(tables).to_pylist() == whole
    assert write_timeseries(tables, tmp_path / SERIES_FILE).num_rows == 19


def test_a_run_over_the_new_year_goes_on_in_the_next(run: Run, small_office: BuildingModel) -> None:
    period = RunPeriod("period", (12, 30), (1, 2))
    _, folder = run(small_office.render(ask_for([], period, ASKED)), period)
    rows = read(folder)
    days = [at("2017-12-31"), *(at(f"2018-01-0{day}") for day in (1, 2, 3))]
    assert ends(rows, ELECTRICITY, "daily") == days
    assert ends(rows, ELECTRICITY, "monthly") == [at("2018-01-01"), at("2018-01-03")]
    assert ends(rows, ELECTRICITY, "run_period") == [at("2018-01-03")]
    hours = ends(rows, ELECTRICITY, "hourly")
    assert {later - earlier for earlier, later in pairwise(hours)} == {dt.timedelta(hours=1)}


def test_without_years_the_days_after_new_year_are_of_the_next(
    run: Run, small_office: BuildingModel, tmp_path: Path
) -> None:
    period = RunPeriod("period", (12, 30), (1, 2))
    _, folder = run(small_office.render(ask_for([], period, ASKED)), period)
    shutil.copy(folder / "eplusout.sql", tmp_path)
    with closing(sqlite3.connect(tmp_path / "eplusout.sql")) as database, database:
        database.execute("ALTER TABLE Time DROP COLUMN Year")
    assert ends(read(tmp_path), ELECTRICITY, "daily") == [
        at("2001-12-31"), *(at(f"2002-01-0{day}") for day in (1, 2, 3))
    ]  # fmt: skip


def test_a_leap_years_weather_has_its_leap_day(
    run: Run, small_office: BuildingModel, weathers: dict[str, Path], tmp_path: Path
) -> None:
    leap, period = make_leap_year(weathers["chicago"], tmp_path), RunPeriod("period", (2, 28), (3, 1))
    begin, end = (FieldEdit("RunPeriod", 0, index, "2024") for index in (3, 6))
    _, folder = run(small_office.render(ask_for([begin, end], period, ASKED)), period, weather=leap)
    rows = read(folder)
    assert ends(rows, ELECTRICITY, "daily") == [
        at("2024-02-29"),
        at("2024-03-01"),
        at("2024-03-02"),
    ]
    assert ends(rows, ELECTRICITY, "monthly") == [at("2024-03-01"), at("2024-03-02")]
    warm = [row for row in rows if row["name"] == DRY_BULB and row["value"] > 40.0]
    assert {row["interval_end_local"].date() for row in warm} >= {dt.date(2024, 2, 29)}
    assert min(row["interval_end_local"] for row in warm) > at("2024-02-29")


def make_leap_year(epw: Path, folder: Path) -> Path:
    """Give a weather file a 29 February: its day before, 50 K warmer."""
    lines = epw.read_text().splitlines()
    lines[4] = lines[4].replace("DAYLIGHT SAVINGS,No", "DAYLIGHT SAVINGS,Yes")
    day = [line.split(",") for line in lines if line.split(",")[1:3] == ["2", "28"]]
    added = [",".join([*row[:2], "29", *row[3:6], str(float(row[6]) + 50.0), *row[7:]]) for row in day]
    after = max(n for n, line in enumerate(lines) if line.split(",")[1:3] == ["2", "28"]) + 1
    path = folder / "leap.epw"
    path.write_text("\n".join([*lines[:after], *added, *lines[after:]]) + "\n")
    return path


def test_design_days_are_days_of_a_year_of_their_own(run: Run, small_office: BuildingModel) -> None:
    period = RunPeriod("design_days")
    _, folder = run(small_office.render(ask_for([], period, ASKED)), period)
    rows = [row for row in read(folder) if row["name"] == ELECTRICITY]
    assert {(row["environment"], row["environment_type"]) for row in rows} == {
        ("CHICAGO ANN HTG 99.6% CONDNS DB", "design_day"),
        ("CHICAGO ANN CLG .4% CONDNS WB=>MDB", "design_day"),
    }
    days = [at("2001-01-22"), at("2001-07-22")]
    for frequency in ("daily", "monthly", "run_period"):
        assert ends(rows, ELECTRICITY, frequency) == days
        assert {row["interval_min"] for row in rows if row["frequency"] == frequency} == {1440}
    hours = ends(rows, ELECTRICITY, "hourly")
    assert (hours[0], hours[23], hours[24], hours[47]) == (
        at("2001-01-21T01:00"), days[0], at("2001-07-21T01:00"), days[1]
    )  # fmt: skip


def test_sizing_days_of_the_weather_file_go_on_over_the_new_year(run: Run, small_office: BuildingModel) -> None:
    period = RunPeriod("design_days")
    days = "\nSizingPeriod:WeatherFileDays,Holidays,12,30,1,2,SummerDesignDay,No,No;\n"
    _, folder = run(small_office.render(ask_for([], period, ASKED)) + days, period)
    rows = [row for row in read(folder) if row["environment"] == "HOLIDAYS"]
    assert {row["environment_type"] for row in rows} == {"weather_days"}
    assert ends(rows, ELECTRICITY, "daily") == [at("2001-12-31"), *(at(f"2002-01-0{day}") for day in (1, 2, 3))]
    assert ends(rows, ELECTRICITY, "monthly") == [at("2002-01-01"), at("2002-01-03")]


def test_the_clock_is_the_weather_files_unless_the_model_keeps_its_site(
    run: Run, small_office: BuildingModel, weathers: dict[str, Path]
) -> None:
    period, asked = RunPeriod("period", (1, 1), (1, 1)), ASKED[1:2]
    keep = FieldEdit("Site:Location", 0, 5, "Yes")
    offsets = []
    for edits in ([], [keep]):
        _, folder = run(small_office.render(ask_for(edits, period, asked)), period, asked, weathers["san_francisco"])
        offsets.append(read(folder, *asked)[0]["utc_offset_h"])
    assert offsets == [-8.0, -6.0]
    assert read_time_zone_h(weathers["san_francisco"]) == -8.0


def test_a_value_that_is_no_number_is_null_and_a_summary_that_does_not_tell_is_stood_in_for(
    march: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    shutil.copy(march[1] / "eplusout.sql", tmp_path)
    with closing(sqlite3.connect(tmp_path / "eplusout.sql")) as database, database:
        database.execute("UPDATE ReportData SET Value = NULL WHERE ReportDataIndex % 2")
        # the view's rows are strings by number: blank them
        database.execute("UPDATE TabularData SET Value = ''")
    table = read_timeseries(tmp_path / "eplusout.sql", ASKED, weather_utc_offset_h=5.5)
    assert 0 < table["value"].null_count < table.num_rows
    assert set(table["utc_offset_h"].to_pylist()) == {5.5}
