"""The clock of a run: out of the Time table of eplusout.sql come the ends and lengths of its intervals, for its series.

The engine counts hours to 24:00, which is 00:00 of the next day here. Of a monthly value it tells the month, whole even
where the run covers a part of it: here such an interval begins and ends with the run.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

YEARLESS_YEAR, YEARLESS_LEAP_YEAR = 2001, 2000
"""The years of days to which the engine gives none (design days): the second where 29 February is among them."""

ENVIRONMENT_TYPES = {1: "design_day", 2: "weather_days", 3: "weather_run"}
"""What is reported of, by the engine's number; runs that only size equipment have others."""

_DAILY, _MONTHLY, _RUN_PERIOD = 2, 3, 4
_FIRST_YEAR = 1000  # sizing periods count from year 0, and on to 1 over the new year
_MINUTES_PER_DAY = 24 * 60
_ROWS_PER_FETCH = 50_000

Minutes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clock:
    """What each TimeIndex means; arrays of one length, by TimeIndex.

    Attributes:
        indices: TimeIndex, rising.
        ends: end of the interval in local standard time, minutes since 1970.
        lengths: of the interval, min.
        environments: EnvironmentPeriodIndex.
    """

    indices: npt.NDArray[np.int64]
    ends: Minutes
    lengths: npt.NDArray[np.int32]
    environments: npt.NDArray[np.int64]


def read_clock(database: sqlite3.Connection) -> Clock:
    """Read the clock of a run; days of warm-up have no part in it."""
    columns = {row[1] for row in database.execute("PRAGMA table_info(Time)")}
    warmup = "AND coalesce(WarmupFlag, 0) = 0" if "WarmupFlag" in columns else ""
    kinds = ",".join(map(str, ENVIRONMENT_TYPES))
    cursor = database.execute(
        f"SELECT TimeIndex, {'Year' if 'Year' in columns else 'NULL'}, Month, Day, Hour, Minute, Interval,"  # noqa: S608
        " IntervalType, Time.EnvironmentPeriodIndex FROM Time JOIN EnvironmentPeriods USING (EnvironmentPeriodIndex)"
        f" WHERE EnvironmentType IN ({kinds}) {warmup} ORDER BY TimeIndex"
    )
    names = ("index", "year", "month", "day", "hour", "minute", "interval", "kind", "environment")
    table = fetch_records(cursor, np.dtype([(name, np.float64) for name in names]))
    rows = {name: np.nan_to_num(table[name]).astype(np.int64) for name in names}  # a run period has no date of its own
    starts, ends = _place_intervals(rows)
    return Clock(rows["index"], ends, (ends - starts).astype(np.int32), rows["environment"])


def _place_intervals(rows: dict[str, Minutes]) -> tuple[Minutes, Minutes]:
    """Starts and ends of intervals, minutes since 1970; of months and run periods only what was simulated."""
    environment, kind = rows["environment"], rows["kind"]
    months = (_fill_years(rows) - 1970) * 12 + np.maximum(rows["month"], 1) - 1
    ends = _start_of_month(months) + (rows["day"] - 1) * _MINUTES_PER_DAY + rows["hour"] * 60 + rows["minute"]
    starts = ends - rows["interval"]
    is_month, is_run = kind == _MONTHLY, kind == _RUN_PERIOD
    starts[is_month], ends[is_month] = _start_of_month(months[is_month]), _start_of_month(months[is_month] + 1)
    for number in np.unique(environment):
        here = environment == number
        days = here & (kind == _DAILY)  # every case reports by the day; shorter steps are rounded to minutes
        if not days.any():
            continue
        first, last = starts[days].min(), ends[days].max()
        starts[here & is_run], ends[here & is_run] = first, last
        clipped = here & is_month
        starts[clipped], ends[clipped] = np.maximum(starts[clipped], first), np.minimum(ends[clipped], last)
    return starts, ends


def _start_of_month(months: Minutes) -> Minutes:
    return months.astype("datetime64[M]").astype("datetime64[m]").astype(np.int64)


def _fill_years(rows: dict[str, Minutes]) -> Minutes:
    """Give days without a year one, and the days after a new year the next."""
    month, day, environment = rows["month"], rows["day"], rows["environment"]
    filled = rows["year"].copy()
    missing = (filled < _FIRST_YEAR) & (month > 0)
    for number in np.unique(environment[missing]):
        here = missing & (environment == number)
        has_leap_day = bool(np.any((month[here] == 2) & (day[here] == 29)))
        wraps = np.cumsum(np.diff(month[here], prepend=month[here][:1]) < 0)
        filled[here] = (YEARLESS_LEAP_YEAR if has_leap_day else YEARLESS_YEAR) + wraps
    return filled


def fetch_records(cursor: sqlite3.Cursor, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """All rows as records, in little memory besides; NULL, which is how SQLite keeps a NaN, becomes one."""
    chunks = [np.empty(0, dtype=kind)]
    while rows := cursor.fetchmany(_ROWS_PER_FETCH):
        chunks.append(np.array(rows, dtype=kind))
    return np.concatenate(chunks)
