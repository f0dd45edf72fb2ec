"""Time series of a run: out of eplusout.sql come the meters and variables that were asked for, in long form in Arrow.

A row says what was true over an interval that ends at `interval_end`. The engine works in the standard time of the site
all year round: it never leaves out or repeats an hour, whatever daylight saving its schedules follow. Which offset from
UTC that is it says in its own summary (the weather file's, unless the model keeps its Site:Location); the caller's is
taken only where the summary does not tell.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from energyplus.errors import ResultsError
from energyplus.outputs import Frequency, OutputRequest
from energyplus.results.clock import ENVIRONMENT_TYPES, Clock, fetch_records, read_clock

VALUES_PER_PASS = 1_000_000
"""Values in memory at a time, about; a single series may be longer."""

_WORD = pa.dictionary(pa.int32(), pa.string())
SERIES_SCHEMA = pa.schema(
    [
        pa.field("kind", _WORD),  # "meter" or "variable"
        pa.field("name", _WORD),
        pa.field("key", _WORD),  # whose variable, as the engine writes it; "" for a meter
        pa.field("unit", _WORD),
        pa.field("frequency", _WORD),
        pa.field("environment", _WORD),  # the engine's name of the run period or design day
        pa.field("environment_type", _WORD),
        pa.field("interval_end", pa.timestamp("ms", tz="UTC")),  # whole seconds; Parquet knows no coarser unit
        pa.field("interval_end_local", pa.timestamp("ms")),  # standard time of the site
        pa.field("utc_offset_h", pa.float64()),
        pa.field("interval_min", pa.int32()),
        pa.field("value", pa.float64()),  # mean of the interval, or its sum (meters, energies); NaN is null
    ]
)
"""The columns of every table here: one row per series and interval, series by series, each by time."""

_FREQUENCIES: dict[str, Frequency] = {
    "Zone Timestep": "timestep",
    "Hourly": "hourly",
    "Daily": "daily",
    "Monthly": "monthly",
    "Run Period": "run_period",
}


@dataclass(frozen=True)
class _Series:
    index: int
    kind: Literal["meter", "variable"]
    name: str
    key: str
    unit: str
    frequency: Frequency
    length: int

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.kind, self.name.casefold(), self.frequency, self.key.casefold()


def read_timeseries(path: Path, requests: Sequence[OutputRequest], weather_utc_offset_h: float = 0.0) -> pa.Table:
    """Read the series that were asked for.

    Args:
        path: eplusout.sql of a finished run.
        requests: what was asked for; anything else the engine reported is left out.
        weather_utc_offset_h: standard time of the weather file minus UTC, h; for a run whose summary does not tell.

    Returns:
        A table of `SERIES_SCHEMA`, without rows where nothing was asked for or reported.

    Raises:
        ResultsError: the file cannot be read.
    """
    return pa.concat_tables([SERIES_SCHEMA.empty_table(), *stream_timeseries(path, requests, weather_utc_offset_h)])


def list_reported(path: Path) -> tuple[OutputRequest, ...]:
    """Return what could have been asked for to get each series that a run reported, asked for or not.

    Args:
        path: eplusout.sql of a finished run.

    Raises:
        ResultsError: the file cannot be read.
    """
    try:
        with _open(path) as database:
            found = _find_series(database, None)
    except sqlite3.Error as error:
        raise ResultsError(f"The time series of {path.name} cannot be read: {error}.") from error
    return tuple(OutputRequest(entry.kind, entry.name, entry.frequency, entry.key or "*") for entry in found)


def stream_timeseries(
    path: Path,
    requests: Sequence[OutputRequest],
    weather_utc_offset_h: float = 0.0,
    without: Sequence[OutputRequest] = (),
) -> Iterator[pa.Table]:
    """Yield what `read_timeseries` returns in tables of about `VALUES_PER_PASS` rows, each of whole series.

    Args:
        path, requests, weather_utc_offset_h: as there.
        without: what was read before: series of these requests are left out.
    """
    if not requests:
        return
    try:
        with _open(path) as database:
            known = {entry.index for entry in _find_series(database, without)} if without else frozenset()
            series = [entry for entry in _find_series(database, requests) if entry.index not in known]
            if series:
                clock = read_clock(database)
                environments = _read_environments(database)
                offset_h = _read_utc_offset(database, weather_utc_offset_h)
                for part in _group_series(series):
                    yield _make_table(part, _read_values(database, part), clock, environments, offset_h)
    except (sqlite3.Error, KeyError, ValueError) as error:
        raise ResultsError(f"The time series of {path.name} cannot be read: {error}.") from error


def _open(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True))


def write_timeseries(tables: Iterable[pa.Table], path: Path) -> pa.Table:
    """Write series to a Parquet file (zstd), table by table.

    Returns:
        One row per series, with `kind`, `name`, `key`, `frequency` alone: what was written.
    """
    written = [_list_identities(SERIES_SCHEMA.empty_table())]
    with pq.ParquetWriter(path, SERIES_SCHEMA, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
            written.append(_list_identities(table))
    return pa.concat_tables(written)


def find_unreported(table: pa.Table, requests: Iterable[OutputRequest]) -> tuple[OutputRequest, ...]:
    """Tell which requests the engine answered with nothing, as it does, but for a warning, where it knows no such name.

    Args:
        table: from `read_timeseries` or `write_timeseries`.
        requests: what was asked for.
    """
    rows = _list_identities(table).to_pylist()
    series = [(row["kind"], row["name"].casefold(), row["frequency"], row["key"].casefold()) for row in rows]
    reported = {*series, *((*found[:3], "*") for found in series)}
    return tuple(request for request in requests if request.identity not in reported)


def describe_unreported(request: OutputRequest) -> str:
    """Say that an output was asked for and not reported, for the people who read a case's reasons."""
    key = "" if request.key == "*" else f" of {request.key}"
    return (
        f"asked-for output {request.name}{key} ({request.frequency}) was not reported: this model has no such"
        f" {request.kind}, or not under that name"
    )


def _list_identities(table: pa.Table) -> pa.Table:
    columns = ["kind", "name", "key", "frequency"]
    plain = table.select(columns).cast(pa.schema([(name, pa.string()) for name in columns]))
    return plain.group_by(columns).aggregate([])


def _find_series(database: sqlite3.Connection, requests: Sequence[OutputRequest] | None) -> list[_Series]:
    """The series that requests mean, or all where there are none; each once."""
    asked = {request.identity for request in requests or ()}
    lengths = dict(
        database.execute("SELECT ReportDataDictionaryIndex, count(*) FROM ReportData GROUP BY 1 ORDER BY 1").fetchall()
    )
    found: dict[tuple[str, str, str, str], _Series] = {}
    rows = database.execute(
        "SELECT ReportDataDictionaryIndex, IsMeter, Name, coalesce(KeyValue, ''), coalesce(Units, ''),"
        " ReportingFrequency FROM ReportDataDictionary ORDER BY 1"
    )
    for index, is_meter, name, key, unit, words in rows:
        frequency = _FREQUENCIES.get(words)
        if frequency is None or index not in lengths:
            continue
        series = _Series(index, "meter" if is_meter else "variable", name, key, unit, frequency, lengths[index])
        if requests is None or {series.identity, (*series.identity[:3], "*")} & asked:
            # a model that keeps its own requests may have the engine report a series twice
            found.setdefault(series.identity, series)
    return list(found.values())


def _group_series(series: Iterable[_Series]) -> Iterator[list[_Series]]:
    group: list[_Series] = []
    size = 0
    for entry in series:
        if group and size + entry.length > VALUES_PER_PASS:
            yield group
            group, size = [], 0
        group.append(entry)
        size += entry.length
    if group:
        yield group


def _read_environments(database: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    rows = database.execute("SELECT EnvironmentPeriodIndex, EnvironmentName, EnvironmentType FROM EnvironmentPeriods")
    return {index: (name, ENVIRONMENT_TYPES[kind]) for index, name, kind in rows if kind in ENVIRONMENT_TYPES}


def _read_utc_offset(database: sqlite3.Connection, otherwise: float) -> float:
    """The engine's own answer, which heeds Site:Location where the model keeps it."""
    found = database.execute(
        "SELECT Value FROM TabularDataWithStrings WHERE ReportName = 'InputVerificationandResultsSummary'"
        " AND TableName = 'General' AND RowName = 'Time Zone'"
    ).fetchone()
    return float(found[0]) if found and (found[0] or "").strip() else otherwise


def _read_values(database: sqlite3.Connection, series: Sequence[_Series]) -> npt.NDArray[Any]:
    """Records of series, time and value, as they stand in the file: by time."""
    chosen = ",".join(str(entry.index) for entry in series)
    cursor = database.execute(
        "SELECT ReportDataDictionaryIndex, TimeIndex, Value FROM ReportData"  # noqa: S608 - whole numbers of our own
        f" WHERE ReportDataDictionaryIndex IN ({chosen})"
    )
    return fetch_records(cursor, np.dtype([("series", np.int64), ("time", np.int64), ("value", np.float64)]))


def _make_table(
    series: Sequence[_Series],
    values: npt.NDArray[Any],
    clock: Clock,
    environments: dict[int, tuple[str, str]],
    utc_offset_h: float,
) -> pa.Table:
    at = np.searchsorted(clock.indices, values["time"])
    at[at == len(clock.indices)] = 0
    known = clock.indices[at] == values["time"] if len(clock.indices) else np.zeros(len(values), dtype=bool)
    values, at = values[known], at[known]  # without days of warm-up and runs that only size equipment
    numbers = np.array([entry.index for entry in series])
    which = np.searchsorted(numbers, values["series"])
    order = np.argsort(which, kind="stable")
    which, at, numbers_read = which[order], at[order], values["value"][order]
    ends_s = clock.ends[at] * 60
    names = sorted(environments)
    environment = np.searchsorted(np.array(names), clock.environments[at])
    shift_s = round(utc_offset_h * 3600)
    columns = [
        *(_encode([getattr(entry, what) for entry in series], which) for what in ("kind", "name", "key", "unit")),
        _encode([entry.frequency for entry in series], which),
        _encode([environments[name][0] for name in names], environment),
        _encode([environments[name][1] for name in names], environment),
        pa.array((ends_s - shift_s) * 1000, pa.int64()).cast(SERIES_SCHEMA.field("interval_end").type),
        pa.array(ends_s * 1000, pa.int64()).cast(SERIES_SCHEMA.field("interval_end_local").type),
        pa.array(np.full(len(at), utc_offset_h)),
        pa.array(clock.lengths[at]),
        pa.array(numbers_read, from_pandas=True),  # NaN → null
    ]
    return pa.table(columns, schema=SERIES_SCHEMA)


def _encode(words: Sequence[str], positions: npt.NDArray[np.int64]) -> pa.DictionaryArray:
    """Words by position as a dictionary column; a word of several series stands once."""
    distinct = list(dict.fromkeys(words))
    codes = np.array([distinct.index(word) for word in words], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes[positions]), pa.array(distinct, pa.string()))
