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
        (8, 2, "2", "line 8: .*one period"),
        (8, 3, "7", "line 8: found '7'; accepted: records per hour that divide 60"),
        (9, 7, "warm", "line 9: found 'warm'; accepted: a number in column 7"),
        (100, 7, "nan", "line 100: found 'nan'; accepted: a number"),
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
