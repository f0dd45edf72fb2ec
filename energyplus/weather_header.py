"""Checks the eight header lines of a weather file (EPW), which the engine trusts: their counts, dates and numbers.

The engine reserves memory by the counts and reads on past the end of a line; a third of carelessly edited files end it
by a signal. The layout is that of the engine's Auxiliary Programs guide, "EnergyPlus Weather File (EPW) Data
Dictionary". Called by `energyplus.weather`.
"""

import math
import re
from calendar import monthrange
from typing import Any, NoReturn

from energyplus.errors import WeatherError

HEADERS = (
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVINGS",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
)
_LONGEST_LINE = 20_000  # characters; the design conditions of the longest reference file have 700
_MOST_PERIODS = 50
_MOST_DEPTHS = 20
_MOST_HOLIDAYS = 366
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NUMBER = re.compile(r" *-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


def check_headers(lines: list[str]) -> tuple[dict[str, Any], int]:
    """Check the header lines.

    Args:
        lines: at least the first eight lines of the file.

    Returns:
        The parts of LOCATION (`WeatherDescription`'s first nine attributes), and the data rows per hour.

    Raises:
        WeatherError: names the line, what was found and what is accepted.
    """
    for number, (line, header) in enumerate(zip(lines, HEADERS, strict=False), start=1):
        # In capitals: of a line that begins with "data periods" the engine takes nothing, and ends by a signal.
        expect(line.partition(",")[0].rstrip() == header, number, line, f"a line that begins with {header}")
        expect(len(line) <= _LONGEST_LINE, number, line, f"a line of at most {_LONGEST_LINE:,} characters")
    location = parse_location(lines[0])
    expect("," in lines[1], 2, lines[1], "DESIGN CONDITIONS,number of conditions,…")
    _check_periods(_split(lines[2]))
    _check_ground(_split(lines[3]))
    _check_holidays(_split(lines[4]))
    return location, _parse_data_periods(_split(lines[7]))


def parse_location(line: str) -> dict[str, Any]:
    """The parts of a LOCATION line.

    Raises:
        WeatherError: it is none.
    """
    parts = _split(line)
    accepted = "LOCATION,city,region,country,source,WMO,latitude,longitude,time zone,elevation"
    expect(parts[0].upper() == "LOCATION" and len(parts) >= 10, 1, line, accepted)
    location: dict[str, Any] = dict(zip(("city", "region", "country", "source", "wmo"), parts[1:6], strict=True))
    limits = {"latitude_deg": 90.0, "longitude_deg": 180.0, "time_zone_h": 14.0, "elevation_m": 6000.0}
    for key, text, limit in zip(limits, parts[6:10], limits.values(), strict=True):
        value = read_number(text)
        expect(value is not None and abs(value) <= limit, 1, text, f"{key} as a number between ±{limit:g}")
        location[key] = value
    return location


def read_number(text: str) -> float | None:
    """A number as the engine reads one: no plus sign, no blank after it, ASCII digits; None for anything else."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def expect(condition: bool, line_number: int, found: str, accepted: str) -> None:
    """Refuse a file unless a condition holds."""
    if not condition:
        refuse(line_number, found, accepted)


def refuse(line_number: int, found: str, accepted: str) -> NoReturn:
    """Refuse a file for one of its lines."""
    raise WeatherError(f"line {line_number}: found {found[:80]!r}; accepted: {accepted}.")


def _split(line: str) -> list[str]:
    return [part.strip() for part in line.split(",")]


def _check_periods(parts: list[str]) -> None:
    what = "typical and extreme periods"
    for entry in _take_groups(parts, 1, 4, 3, (what, _MOST_PERIODS)):
        for date in entry[2:4]:
            expect(_is_date(date), 3, date, "a date such as 7/13 in each of the periods")


def _check_ground(parts: list[str]) -> None:
    for entry in _take_groups(parts, 1, 16, 4, ("depths of ground temperatures", _MOST_DEPTHS)):
        for position, text in enumerate(entry):
            may_be_blank = 1 <= position <= 3  # conductivity, density and specific heat of the soil
            value = read_number(text)
            expect(
                (value is not None and abs(value) < 1e6) or (may_be_blank and not text),
                4,
                text,
                "for each depth: depth, three numbers or blanks, 12 temperatures",
            )


def _check_holidays(parts: list[str]) -> None:
    accepted = "HOLIDAYS/DAYLIGHT SAVINGS,leap year (Yes or No),start and end of daylight saving,number of holidays,…"
    expect(len(parts) >= 5 and parts[1].casefold() in ("yes", "no"), 5, ",".join(parts), accepted)
    start, end = parts[2:4]
    for date in (start, end):
        expect(date == "0" or _is_date(date), 5, date, "0 or a date such as 3/8 or 2nd Sunday in March")
    expect((start == "0") == (end == "0"), 5, f"{start},{end}", "both a start and an end of daylight saving, or 0,0")
    for _name, date in _take_groups(parts, 4, 2, 5, ("holidays", _MOST_HOLIDAYS)):
        expect(_is_date(date), 5, date, "a date such as 12/25 for each holiday")


def _take_groups(parts: list[str], at: int, size: int, line_number: int, what: tuple[str, int]) -> list[list[str]]:
    """The groups of fields that follow a count, no fewer and no more than it says."""
    name, most = what
    text = parts[at] if at < len(parts) else ""
    count = int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
    expect(0 <= count <= most, line_number, text, f"the number of {name}, 0 to {most}")
    rest = parts[at + 1 :]
    while rest and not rest[-1] and len(rest) > count * size:
        rest.pop()  # spreadsheets leave commas at the end
    accepted = f"{count * size} fields for {count} {name}"
    expect(len(rest) == count * size, line_number, f"{len(rest)} fields after the number of {name}", accepted)
    return [rest[start : start + size] for start in range(0, len(rest), size)]


def _is_date(text: str) -> bool:
    numbers = re.fullmatch(r"([0-9]{1,2}) ?/ ?([0-9]{1,2})", text)
    if numbers:
        month, day = int(numbers[1]), int(numbers[2])
        return 1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]
    words = text.casefold().split()
    return (
        len(words) == 4
        and words[0] in ("1st", "2nd", "3rd", "4th", "last")
        and words[1] in _WEEKDAYS
        and words[2] == "in"
        and words[3] in _MONTHS
    )


def _parse_data_periods(parts: list[str]) -> int:
    line = ",".join(parts)
    expect(len(parts) >= 7 and parts[1] == "1", 8, line, "DATA PERIODS,1,records per hour,name,weekday,1/ 1,12/31")
    records = int(parts[2]) if re.fullmatch(r"[0-9]{1,2}", parts[2]) else 0
    expect(0 < records <= 60 and 60 % records == 0, 8, parts[2], "records per hour that divide 60, usually 1")
    expect(parts[4].casefold() in _WEEKDAYS, 8, parts[4], "the weekday of the first row, such as Sunday")
    first, last = (re.sub(r"\s", "", part) for part in parts[5:7])
    whole = re.fullmatch(r"0?1/0?1(/[0-9]{4})?", first) and re.fullmatch(r"12/31(/[0-9]{4})?", last)
    expect(whole is not None, 8, f"{parts[5]},{parts[6]}", "a whole year: 1/ 1,12/31")
    return records
