"""Checks a weather file (EPW) from first to last line and says where and what it is, for the library and studies."""

import calendar
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from energyplus.errors import WeatherError

_HEADERS = (
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVINGS",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
)
_FEWEST_COLUMNS = 32
_FIRST_NUMBER, _LAST_NUMBER = 6, 32
# Column → (what it is, smallest, largest, the value that stands for "missing"), as in the engine's Auxiliary Programs
# guide, "EnergyPlus Weather File (EPW) Data Dictionary".
_LIMITS = {
    6: ("dry-bulb temperature, C", -90.0, 70.0, 99.9),
    7: ("dew-point temperature, C", -90.0, 70.0, 99.9),
    8: ("relative humidity, %", 0.0, 110.0, 999.0),
    9: ("station pressure, Pa", 31000.0, 120000.0, 999999.0),
    13: ("global horizontal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    14: ("direct normal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    15: ("diffuse horizontal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    20: ("wind direction, deg", 0.0, 360.0, 999.0),
    21: ("wind speed, m/s", 0.0, 40.0, 999.0),
}
_LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class WeatherDescription:
    """What a weather file says of itself, and what its year is like.

    Attributes:
        city, region, country, source, wmo: as in its LOCATION line.
        latitude_deg, longitude_deg: north and east positive, deg.
        time_zone_h: offset from UTC, h.
        elevation_m: above sea level, m.
        rows: data rows, 8,760 or 8,784 per record of the hour.
        records_per_hour: data rows per hour.
        mean_dry_bulb_c, minimum_dry_bulb_c, maximum_dry_bulb_c: of the year, C; missing values left out.
        heating_degree_days_18c, cooling_degree_days_18c: from daily means, base 18 C, K·d.
    """

    city: str
    region: str
    country: str
    source: str
    wmo: str
    latitude_deg: float
    longitude_deg: float
    time_zone_h: float
    elevation_m: float
    rows: int
    records_per_hour: int
    mean_dry_bulb_c: float
    minimum_dry_bulb_c: float
    maximum_dry_bulb_c: float
    heating_degree_days_18c: float
    cooling_degree_days_18c: float

    def to_json(self) -> dict[str, Any]:
        """The description as a plain dict."""
        return asdict(self)


def describe_weather(path: Path) -> WeatherDescription:
    """Check a weather file from its first line to its last and describe it.

    Args:
        path: an EPW file of a whole year.

    Raises:
        WeatherError: names the line, what was found and what is accepted.
    """
    path = Path(path)
    lines = _read_lines(path)
    try:
        location = _parse_location(lines[0])
        for number, (line, header) in enumerate(zip(lines, _HEADERS, strict=False), start=1):
            _expect(line.split(",")[0].strip().upper() == header, number, line, f"a line that begins with {header}")
        records_per_hour = _parse_data_periods(lines[7])
        dry_bulbs = _parse_rows(lines[8:], records_per_hour)
        return WeatherDescription(
            **location,
            rows=len(lines) - len(_HEADERS),
            records_per_hour=records_per_hour,
            **_summarise(dry_bulbs, 24 * records_per_hour),
        )
    except WeatherError as error:
        raise WeatherError(f"{path.name}: {error}") from error


def read_place(path: Path) -> str:
    """The place a weather file is for, from its first line alone: "Chicago Ohare Intl Ap, IL, USA (TMY3)".

    Raises:
        WeatherError: its first line is no LOCATION line.
    """
    location = _read_location(path)
    place = ", ".join(location[key] for key in ("city", "region", "country") if location[key] not in ("", "-"))
    return f"{place} ({location['source']})"


def read_time_zone_h(path: Path) -> float:
    """Standard time of a weather file minus UTC, h, from its first line alone.

    Raises:
        WeatherError: its first line is no LOCATION line.
    """
    return float(_read_location(path)["time_zone_h"])


def _read_location(path: Path) -> dict[str, Any]:
    with Path(path).open(encoding="utf-8-sig", errors="replace") as stream:
        return _parse_location(stream.readline(4096).rstrip("\r\n"))


def _read_lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise WeatherError(
                f"{path.name}: it has more than {_LARGEST_BYTES:,} bytes; a year of hours has about 1.6 MB."
            )
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise WeatherError(f"{path.name}: the weather file cannot be read: {error.strerror}.") from error
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) <= len(_HEADERS):
        raise WeatherError(
            f"{path.name}: found {len(lines)} lines; accepted: an EPW file: 8 header lines and a row per hour."
        )
    return lines


def _expect(condition: bool, line_number: int, found: str, accepted: str) -> None:
    if not condition:
        _refuse(line_number, found, accepted)


def _refuse(line_number: int, found: str, accepted: str) -> NoReturn:
    raise WeatherError(f"line {line_number}: found {found[:80]!r}; accepted: {accepted}.")


def _parse_location(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split(",")]
    accepted = "LOCATION,city,region,country,source,WMO,latitude,longitude,time zone,elevation"
    _expect(parts[0].upper() == "LOCATION" and len(parts) >= 10, 1, line, accepted)
    location: dict[str, Any] = dict(zip(("city", "region", "country", "source", "wmo"), parts[1:6], strict=True))
    limits = {"latitude_deg": 90.0, "longitude_deg": 180.0, "time_zone_h": 14.0, "elevation_m": 6000.0}
    for key, text, limit in zip(limits, parts[6:10], limits.values(), strict=True):
        value = _as_number(text)
        _expect(value is not None and abs(value) <= limit, 1, text, f"{key} as a number between ±{limit:g}")
        location[key] = value
    return location


def _parse_data_periods(line: str) -> int:
    parts = [part.strip() for part in line.split(",")]
    _expect(len(parts) >= 3 and parts[1] == "1", 8, line, "DATA PERIODS with one period")
    records = int(parts[2]) if parts[2].isdecimal() else 0
    _expect(0 < records <= 60 and 60 % records == 0, 8, parts[2], "records per hour that divide 60, usually 1")
    return records


def _parse_rows(rows: list[str], records_per_hour: int) -> list[float]:
    hours = len(rows) // records_per_hour
    if hours * records_per_hour != len(rows) or hours not in (8760, 8784):
        raise WeatherError(
            f"found {len(rows):,} data rows; accepted: {8760 * records_per_hour:,} (a year) or"
            f" {8784 * records_per_hour:,} (a leap year)."
        )
    dry_bulbs = []
    expected_hours = _hours_of_year(is_leap=hours == 8784)
    for number, row in enumerate(rows):
        if number % records_per_hour == 0:
            expected = next(expected_hours)
        dry_bulbs.append(_parse_row(row.split(","), number + len(_HEADERS) + 1, expected))
    return dry_bulbs


def _hours_of_year(*, is_leap: bool) -> Iterator[tuple[int, int, int]]:
    for month in range(1, 13):
        for day in range(1, calendar.monthrange(2024 if is_leap else 2023, month)[1] + 1):
            for hour in range(1, 25):
                yield month, day, hour


def _parse_row(parts: list[str], line_number: int, expected: tuple[int, int, int]) -> float:
    if len(parts) < _FEWEST_COLUMNS:
        _refuse(line_number, f"{len(parts)} columns", f"at least {_FEWEST_COLUMNS}")
    try:
        month, day, hour = (int(part) for part in parts[1:4])
    except ValueError:
        month = day = hour = 0
    if (month, day, hour) != expected:
        wanted = "month {}, day {}, hour {}, rows in order".format(*expected)
        _refuse(line_number, ",".join(parts[:4]), wanted)
    for column in range(_FIRST_NUMBER, _LAST_NUMBER):
        value = _as_number(parts[column])
        if value is None:
            _refuse(line_number, parts[column], f"a number in column {column + 1}")
    for column, (what, smallest, largest, missing) in _LIMITS.items():
        value = float(parts[column])
        if not smallest <= value <= largest and value < missing:
            _expect(
                False, line_number, parts[column], f"{what} from {smallest:g} to {largest:g} in column {column + 1}"
            )
    return float(parts[6])


def _as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _summarise(dry_bulbs: list[float], records_per_day: int) -> dict[str, Any]:
    missing = _LIMITS[6][3]
    known = [value for value in dry_bulbs if value < missing]
    if not known:
        raise WeatherError("every dry-bulb temperature is missing; accepted: measured values.")
    days = [dry_bulbs[start : start + records_per_day] for start in range(0, len(dry_bulbs), records_per_day)]
    means = [sum(day) / len(day) for day in ([v for v in entries if v < missing] for entries in days) if day]
    return {
        "mean_dry_bulb_c": round(sum(known) / len(known), 2),
        "minimum_dry_bulb_c": min(known),
        "maximum_dry_bulb_c": max(known),
        "heating_degree_days_18c": round(sum(max(0.0, 18.0 - mean) for mean in means), 1),
        "cooling_degree_days_18c": round(sum(max(0.0, mean - 18.0) for mean in means), 1),
    }
