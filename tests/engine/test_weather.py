"""Weather files are checked to their last line."""

import json
from pathlib import Path

import pytest

from energyplus.errors import WeatherError
from energyplus.weather import describe_weather


@pytest.fixture(scope="module")
def chicago(weathers: dict[str, Path]) -> list[str]:
    return weathers["chicago"].read_text().splitlines()


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "here.epw"
    path.write_text("\n".join(lines) + "\n")
    return path


def edited(lines: list[str], number: int, column: int, value: str) -> list[str]:
    parts = lines[number - 1].split(",")
    parts[column - 1] = value
    return [*lines[: number - 1], ",".join(parts), *lines[number:]]


def test_a_bundled_file_says_where_it_is_and_what_its_year_is_like(weathers: dict[str, Path]) -> None:
    found = describe_weather(weathers["chicago"])
    assert (found.city, found.region, found.country, found.wmo) == ("Chicago Ohare Intl Ap", "IL", "USA", "725300")
    assert (found.latitude_deg, found.longitude_deg, found.time_zone_h, found.elevation_m) == (
        41.98,
        -87.92,
        -6.0,
        201.0,
    )
    assert (found.rows, found.records_per_hour) == (8760, 1)
    assert found.minimum_dry_bulb_c < found.mean_dry_bulb_c < found.maximum_dry_bulb_c
    assert found.heating_degree_days_18c > describe_weather(weathers["miami"]).heating_degree_days_18c
    assert json.loads(json.dumps(found.to_json()))["city"] == found.city


def test_every_bundled_file_is_accepted(weathers: dict[str, Path]) -> None:
    assert {describe_weather(path).rows for path in weathers.values()} == {8760}


def test_a_leap_year_is_accepted(chicago: list[str], tmp_path: Path) -> None:
    last = 8 + (31 + 28) * 24
    leap = [row.replace(",2,28,", ",2,29,", 1) for row in chicago[last - 24 : last]]
    assert describe_weather(write(tmp_path, [*chicago[:last], *leap, *chicago[last:]])).rows == 8784


@pytest.mark.parametrize(
    ("number", "column", "value", "message"),
    [
        (1, 1, "PLACE", "line 1: found 'PLACE,"),
        (1, 7, "95", "line 1: found '95'; accepted: latitude_deg as a number between ±90"),
        (4, 1, "SOIL", "line 4: .*GROUND TEMPERATURES"),
        (1, 8, "+12", "line 1: .*longitude_deg as a number"),
        (2, 1, "DESIGN", "line 2: .*DESIGN CONDITIONS"),
        (3, 2, "7", r"line 3: found '24 fields .*'; accepted: 28 fields for 7 typical"),
        (3, 2, "999999", "line 3: found '999999'; accepted: the number of typical and extreme periods, 0 to 50"),
        (3, 5, "13/1", "line 3: found '13/1'; accepted: a date"),
        (4, 2, "-1", "line 4: found '-1'; accepted: the number of depths"),
        (4, 2, "2", "line 4: found '48 fields .*'; accepted: 32 fields for 2 depths"),
        (4, 12, "cold", "line 4: found 'cold'"),
        (5, 2, "maybe", "line 5: .*leap year"),
        (5, 3, "2/30", "line 5: found '2/30'; accepted: 0 or a date"),
        (5, 3, "3/8", "line 5: .*both a start and an end"),
        (5, 5, "1", "line 5: .*2 fields for 1 holidays"),
        (8, 1, "data periods", "line 8: .*begins with DATA PERIODS"),
        (8, 2, "2", "line 8: .*DATA PERIODS,1,records per hour"),
        (8, 5, "Funday", "line 8: found 'Funday'; accepted: the weekday"),
        (8, 7, "6/30", "line 8: .*a whole year"),
        (8, 3, "7", "line 8: found '7'; accepted: records per hour that divide 60"),
        (9, 7, "warm", "line 9: found 'warm'; accepted: a number in column 7"),
        (100, 7, "nan", "line 100: found 'nan'; accepted: a number"),
        (100, 7, "1_0", "line 100: found '1_0'; accepted: a number"),
        (100, 11, "+3", "line 100: found '\\+3'; accepted: a number"),
        (100, 11, "3 ", "line 100: found '3 '; accepted: a number in column 11, without blanks after it"),
        (100, 11, "١", "line 100: found '١'; accepted: a number"),
        (100, 30, "1e300", "line 100: found '1e300'; accepted: a number"),
        (100, 34, "rain", "line 100: found 'rain'; accepted: a number in column 34"),
        (100, 1, "-5", "line 100: .*year, month"),
        (100, 5, "99", "line 100: .*minute"),
        (100, 13, "-1", "line 100: .*infrared radiation"),
        (100, 7, "85", "line 100: found '85'; accepted: dry-bulb temperature, C from -90 to 70 in column 7"),
        (100, 10, "-1", "station pressure"),
        (8768, 22, "41", "line 8768: found '41'; accepted: wind speed"),
        (200, 4, "7", "line 200: .*rows in order"),
        (200, 2, "x", "line 200: .*rows in order"),
    ],
)
def test_a_wrong_line_is_named_with_what_was_found_and_what_is_accepted(
    chicago: list[str], tmp_path: Path, number: int, column: int, value: str, message: str
) -> None:
    with pytest.raises(WeatherError, match=rf"here\.epw: .*{message}"):
        describe_weather(write(tmp_path, edited(chicago, number, column, value)))


def test_other_spellings_of_the_same_are_accepted(chicago: list[str], tmp_path: Path) -> None:
    holidays = "HOLIDAYS/DAYLIGHT SAVINGS,Yes,2nd Sunday in March,1st Sunday in November,2,A,12/25,B,Last Monday in May"
    rows = [",".join(row.split(",")[:32]) for row in chicago[8:]]
    lines = [*chicago[:4], holidays, *chicago[5:8], *rows, "", " "]
    (tmp_path / "a.epw").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert describe_weather(tmp_path / "a.epw").rows == 8760
    assert describe_weather(write(tmp_path, edited(chicago, 100, 11, "  1E+2"))).rows == 8760
    assert describe_weather(write(tmp_path, edited(chicago, 100, 33, ""))).rows == 8760


def test_what_only_python_takes_for_a_line_end_is_none(chicago: list[str], tmp_path: Path) -> None:
    lines = [*chicago[:5], chicago[5] + "\x0cand\x85more\u2028", *chicago[6:]]
    assert describe_weather(write(tmp_path, lines)).rows == 8760
    with pytest.raises(WeatherError, match="not a text file"):
        describe_weather(write(tmp_path, [*chicago[:5], chicago[5] + "\0", *chicago[6:]]))


def test_a_missing_value_is_accepted_as_such(chicago: list[str], tmp_path: Path) -> None:
    assert describe_weather(write(tmp_path, edited(chicago, 100, 7, "99.9"))).maximum_dry_bulb_c < 50


def test_rows_must_make_a_year(chicago: list[str], tmp_path: Path) -> None:
    with pytest.raises(WeatherError, match="found 8,759 data rows; accepted: 8,760"):
        describe_weather(write(tmp_path, chicago[:-1]))
    with pytest.raises(WeatherError, match="found 2 lines"):
        describe_weather(write(tmp_path, chicago[:2]))
    with pytest.raises(WeatherError, match="found '3 columns'; accepted: at least 32"):
        describe_weather(write(tmp_path, [*chicago[:-1], "1986,12,31"]))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeatherError, match=r"none\.epw: the weather file cannot be read"):
        describe_weather(tmp_path / "none.epw")
