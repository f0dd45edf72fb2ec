"""Checks a weather file (EPW) from first to last line and says where and what it is, for the library and studies."""

import calendar
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from energyplus.errors import WeatherError
from energyplus.weather_header import HEADERS, check_headers, parse_location, read_number, refuse

_FEWEST_COLUMNS = 32
_FIRST_NUMBER, _LAST_NUMBER = 6, 32
_LAST_READ = 35  # albedo and rain may be blank or left out; the engine reads no further
_LATEST_YEAR = 9999
_LARGEST = 1e9 - 1  # the weather codes, nine digits
# Column → (what it is, smallest, largest, the value that stands for "missing"), as in the engine's Auxiliary Programs
# guide, "EnergyPlus Weather File (EPW) Data Dictionary".
_LIMITS = {
    6: ("dry-bulb temperature, C", -90.0, 70.0, 99.9),
    7: ("dew-point temperature, C", -90.0, 70.0, 99.9),
    8: ("relative humidity, %", 0.0, 110.0, 999.0),
    9: ("station pressure, Pa", 31000.0, 120000.0, 999999.0),
    10: ("extraterrestrial horizontal radiation, Wh/m2", 0.0, 9999.0, 9999.0),
    11: ("extraterrestrial direct normal radiation, Wh/m2", 0.0, 9999.0, 9999.0),
    12: ("horizontal infrared radiation from the sky, Wh/m2", 0.0, 9999.0, 9999.0),
    13: ("global horizontal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    14: ("direct normal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    15: ("diffuse horizontal radiation, Wh/m2", 0.0, 2000.0, 9999.0),
    16: ("global horizontal illuminance, lx", 0.0, 999999.0, 999999.0),
    17: ("direct normal illuminance, lx", 0.0, 999999.0, 999999.0),
    18: ("diffuse horizontal illuminance, lx", 0.0, 999999.0, 999999.0),
    20: ("wind direction, deg", 0.0, 360.0, 999.0),
    21: ("wind speed, m/s", 0.0, 40.0, 999.0),
    22: ("total sky cover, tenths", 0.0, 99.0, 99.0),
    23: ("opaque sky cover, tenths", 0.0, 99.0, 99.0),
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
        location, records_per_hour = check_headers(lines)
        dry_bulbs = _parse_rows(lines[8:], records_per_hour)
        return WeatherDescription(
            **location,
            rows=len(lines) - len(HEADERS),
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
        return parse_location(stream.readline(4096).rstrip("\r\n"))


def _read_lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise WeatherError(
                f"{path.name}: it has more than {_LARGEST_BYTES:,} bytes; a year of hours has about 1.6 MB."
            )
        content = path.read_bytes()
    except OSError as error:
        raise WeatherError(f"{path.name}: the weather file cannot be read: {error.strerror}.") from error
    if b"\0" in content:
        raise WeatherError(f"{path.name}: this is not a text file; accepted: an EPW file.")
    # Only these end a line for the engine; Python knows a dozen others.
    lines = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) <= len(HEADERS):
        raise WeatherError(
            f"{path.name}: found {len(lines)} lines; accepted: an EPW file: 8 header lines and a row per hour."
        )
    return lines


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
        dry_bulbs.append(_parse_row(row.split(","), number + len(HEADERS) + 1, expected))
    return dry_bulbs


def _hours_of_year(*, is_leap: bool) -> Iterator[tuple[int, int, int]]:
    for month in range(1, 13):
        for day in range(1, calendar.monthrange(2024 if is_leap else 2023, month)[1] + 1):
            for hour in range(1, 25):
                yield month, day, hour


def _parse_row(parts: list[str], line_number: int, expected: tuple[int, int, int]) -> float:
    if len(parts) < _FEWEST_COLUMNS:
        refuse(line_number, f"{len(parts)} columns", f"at least {_FEWEST_COLUMNS}")
    stamp = [int(part) if part.lstrip(" ").isdecimal() and part.isascii() else -1 for part in parts[:5]]
    if tuple(stamp[1:4]) != expected or not 0 < stamp[0] <= _LATEST_YEAR or not 0 <= stamp[4] <= 60:
        wanted = "year, month {}, day {}, hour {}, minute, rows in order".format(*expected)
        refuse(line_number, ",".join(parts[:5]), wanted)
    numbers = parts[_FIRST_NUMBER:_LAST_NUMBER] + [part for part in parts[_LAST_NUMBER:_LAST_READ] if part.strip(" ")]
    try:
        values = [float(part) for part in numbers]
    except ValueError:
        values = []
    in_bounds = values and math.isfinite(sum(values)) and -_LARGEST <= min(values) <= max(values) <= _LARGEST
    if not in_bounds or _is_odd(",".join(numbers)):
        _check_numbers(parts, line_number)
    for column, (what, smallest, largest, missing) in _LIMITS.items():
        value = values[column - _FIRST_NUMBER]
        if not smallest <= value <= largest and value < missing:
            refuse(line_number, parts[column], f"{what} from {smallest:g} to {largest:g} in column {column + 1}")
    return values[0]


def _is_odd(text: str) -> bool:
    """Whether something stands between numbers that Python may take for a part of them and the engine does not."""
    return (
        not (text.isascii() and text.isprintable()) or any(mark in text for mark in ("_", "+", " ,")) or text[-1] == " "
    )


def _check_numbers(parts: list[str], line_number: int) -> None:
    for column, part in enumerate(parts[:_LAST_READ]):
        value = read_number(part)
        may_be_blank = column >= _LAST_NUMBER and not part.strip(" ")
        if column >= _FIRST_NUMBER and not may_be_blank and (value is None or abs(value) > _LARGEST):
            refuse(line_number, part, f"a number in column {column + 1}, without blanks after it")


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
