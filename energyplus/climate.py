"""What a weather file means for a building, in a few numbers: an EPW goes in, a `Climate` comes out.

A surrogate learns from these in place of a city's name, so that it can tell climates between those it has seen. Called
by the room of surrogates for each weather file of a training, once.
"""

import csv
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from energyplus.errors import WeatherError
from energyplus.weather_header import HEADERS

BASE_C = 18.0
HOURS_A_DAY = 24
# Column of the file, and what stands for "missing" there: EnergyPlus, Auxiliary Programs, "EPW Data Dictionary".
DRY_BULB, DEW_POINT, GLOBAL_HORIZONTAL, WIND_SPEED = (6, 99.9), (7, 99.9), (13, 9999.0), (21, 999.0)


@dataclass(frozen=True)
class Climate:
    """The year of a weather file; values that are missing in it are left out.

    Attributes:
        heating_degree_days_18c: sum over the days of what the daily mean dry bulb lies below 18 C, K·d (ASHRAE Handbook
            Fundamentals 2021, chapter 14, "Degree-days": from daily means).
        cooling_degree_days_18c: likewise above 18 C, K·d.
        global_horizontal_kwh_m2: global horizontal irradiation of the year, kWh/m2.
        mean_dry_bulb_c: C.
        mean_dew_point_c: C.
        mean_wind_speed_m_s: m/s.
        cold_dry_bulb_c: exceeded in 99 % of the hours, C.
        hot_dry_bulb_c: exceeded in 1 % of the hours, C.
    """

    heating_degree_days_18c: float
    cooling_degree_days_18c: float
    global_horizontal_kwh_m2: float
    mean_dry_bulb_c: float
    mean_dew_point_c: float
    mean_wind_speed_m_s: float
    cold_dry_bulb_c: float
    hot_dry_bulb_c: float

    @property
    def features(self) -> dict[str, float]:
        """The numbers that tell loads of buildings apart; the extremes say little that the others do not."""
        told = asdict(self)
        return {name: told[name] for name in told if name not in ("cold_dry_bulb_c", "hot_dry_bulb_c")}


def describe_climate(path: Path) -> Climate:
    """Return what the year of a weather file is like.

    Args:
        path: an EPW file that the library has taken in: its rows are a whole year of hours, or of shorter intervals.

    Raises:
        WeatherError: a quantity is missing all year.
    """
    columns = _read_columns(path, (DRY_BULB, DEW_POINT, GLOBAL_HORIZONTAL, WIND_SPEED))
    dry_bulb, dew_point, irradiance, wind = (_known(values, path) for values in columns)
    rows_a_day = HOURS_A_DAY * max(1, round(len(columns[0]) / 8_760))
    daily = np.nanmean(columns[0].reshape(-1, rows_a_day), axis=1)
    daily = daily[np.isfinite(daily)]
    cold, hot = np.percentile(dry_bulb, (1, 99))
    return Climate(
        heating_degree_days_18c=float(np.maximum(BASE_C - daily, 0).sum()),
        cooling_degree_days_18c=float(np.maximum(daily - BASE_C, 0).sum()),
        # Of intervals shorter than an hour the file gives the mean of each, in Wh/m2 of an hour.
        global_horizontal_kwh_m2=float(irradiance.mean() * len(columns[0]) * HOURS_A_DAY / rows_a_day / 1_000),
        mean_dry_bulb_c=float(dry_bulb.mean()),
        mean_dew_point_c=float(dew_point.mean()),
        mean_wind_speed_m_s=float(wind.mean()),
        cold_dry_bulb_c=float(cold),
        hot_dry_bulb_c=float(hot),
    )


def _read_columns(path: Path, wanted: tuple[tuple[int, float], ...]) -> list[NDArray[np.float64]]:
    """Return columns as (rows,), float64, NaN where the file says that a value is missing."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = [row for row in islice(csv.reader(file), len(HEADERS), None) if row]
    columns = [np.array([row[place] for row in rows], np.float64) for place, _ in wanted]
    return [np.where(values >= missing, np.nan, values) for values, (_, missing) in zip(columns, wanted, strict=True)]


def _known(values: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    known = values[np.isfinite(values)]
    if not known.size:
        raise WeatherError(f"{path.name}: a quantity that its climate is told by is missing in every hour of the year.")
    return known
