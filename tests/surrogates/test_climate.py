"""The climate of the bundled weather files is the one that was measured with the yardstick."""

import csv
from pathlib import Path

import pytest

from energyplus.bundled import list_bundled_weather
from energyplus.climate import describe_climate
from tests.surrogates.yardstick import FILE

COLUMNS = {
    "hdd18": "heating_degree_days_18c",
    "cdd18": "cooling_degree_days_18c",
    "ghi": "global_horizontal_kwh_m2",
    "tmean": "mean_dry_bulb_c",
    "dpmean": "mean_dew_point_c",
    "wind": "mean_wind_speed_m_s",
}


def test_degree_days_irradiation_and_means_are_those_of_the_yardstick() -> None:
    paths = {file.path.stem: file.path for file in list_bundled_weather()}
    with FILE.open(encoding="utf-8", newline="") as file:
        measured = {row["weather"]: row for row in csv.DictReader(file)}
    assert len(measured) == 8
    for weather, row in measured.items():
        climate = describe_climate(paths[weather])
        for column, name in COLUMNS.items():
            assert getattr(climate, name) == pytest.approx(float(row[column]), rel=1e-12), (weather, name)
        assert climate.cold_dry_bulb_c < climate.mean_dry_bulb_c < climate.hot_dry_bulb_c
        assert set(climate.features) == set(COLUMNS.values())


def test_what_is_missing_is_left_out(tmp_path: Path) -> None:
    source = list_bundled_weather()[0].path
    lines = source.read_text(encoding="latin-1").splitlines()
    whole = describe_climate(source)
    row = lines[8 + 4000].split(",")
    lines[8 + 4000] = ",".join([*row[:6], "99.9", *row[7:]])
    gappy = tmp_path / "gappy.epw"
    gappy.write_text("\n".join(lines), encoding="utf-8")
    assert describe_climate(gappy).mean_dry_bulb_c == pytest.approx(whole.mean_dry_bulb_c, abs=0.01)
    assert describe_climate(gappy).mean_dry_bulb_c != whole.mean_dry_bulb_c
