"""Metrics of a run: out of eplusout.sql, with the units that stand in it, come named numbers for outcomes and tables.

Energies are the run-period meters, in J at full precision, over exactly 3.6e6 J/kWh. What no meter holds comes from the
engine's summary tables, which every case asks for unrounded and unconverted (`energyplus.outputs`): areas, hours with
unmet set-points (occupied ones, as in the annual summary) and source energy. Over design days the meters are summed and
source energy, which the engine then reports as 0, is null. A fuel or end use the model has no meter for is null, not 0.
Versions before 25.2 round what stands in their summary tables to two decimals, whatever they are asked for.
"""

import math
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from energyplus.errors import ResultsError
from energyplus.results.diagnostics import Diagnostics

MetricValue = float | int | None

FUELS = {
    "electricity": "Electricity",
    "natural_gas": "NaturalGas",
    "gasoline": "Gasoline",
    "diesel": "Diesel",
    "coal": "Coal",
    "fuel_oil_no_1": "FuelOilNo1",
    "fuel_oil_no_2": "FuelOilNo2",
    "propane": "Propane",
    "other_fuel_1": "OtherFuel1",
    "other_fuel_2": "OtherFuel2",
    "district_cooling": "DistrictCooling",
    "district_heating_water": "DistrictHeatingWater",
    "district_heating_steam": "DistrictHeatingSteam",
}
"""Fuels of the engine's annual summary, by their names here: the first part of meters like "Electricity:Facility"."""

END_USES = {
    "heating": "Heating",
    "cooling": "Cooling",
    "interior_lighting": "InteriorLights",
    "exterior_lighting": "ExteriorLights",
    "interior_equipment": "InteriorEquipment",
    "exterior_equipment": "ExteriorEquipment",
    "fans": "Fans",
    "pumps": "Pumps",
    "heat_rejection": "HeatRejection",
    "humidification": "Humidifier",
    "heat_recovery": "HeatRecovery",
    "water_systems": "WaterSystems",
    "refrigeration": "Refrigeration",
    "generators": "Cogeneration",
}
"""End uses of the annual summary, by their names here: the first part of meters like "Heating:Electricity"."""

GENERATION_METERS = {
    "electricity_produced": "ElectricityProduced",
    "electricity_net": "ElectricityNet",
    "electricity_purchased": "ElectricityPurchased",
    "electricity_sold": "ElectricitySurplusSold",
}
"""Meters of models that generate electricity, likewise; bought and sold are told apart time step by time step."""

FORMER_NAMES = {
    "Gas": "NaturalGas",  # before 9.4, as the next two
    "FuelOil#1": "FuelOilNo1",
    "FuelOil#2": "FuelOilNo2",
    "DistrictHeating": "DistrictHeatingWater",  # before 23.2, as the next one
    "Steam": "DistrictHeatingSteam",
}
"""What older versions call fuels in the names of their meters; without it their energy would miss from every sum."""

_JOULES = {"J": 1.0, "kJ": 1e3, "MJ": 1e6, "GJ": 1e9, "Wh": 3.6e3, "kWh": 3.6e6}
_JOULES_PER_KWH = 3.6e6
# EnvironmentType of a weather run; else of the design days. Rows of HVAC sizing simulations are of other types.
_WEATHER_RUN, _DESIGN_DAYS = (3, 3), (1, 2)
_SUMMARY, _DEMAND_SUMMARY = "AnnualBuildingUtilityPerformanceSummary", "DemandEndUseComponentsSummary"


@dataclass(frozen=True)
class Metric:
    """A metric that every case has a column for.

    Attributes:
        label: how people read it.
        unit: of its values, "" for a count.
        description: what it is and where it comes from.
    """

    label: str
    unit: str
    description: str


METRICS: Mapping[str, Metric] = {
    "total_site_energy_kwh": Metric("Total site energy", "kWh", "All fuels together, from their facility meters."),
    "total_source_energy_kwh": Metric(
        "Total source energy", "kWh", "From the annual summary, with the model's own site-to-source factors."
    ),
    "site_eui_kwh_m2": Metric("Site energy use intensity", "kWh/m2", "Total site energy over the total building area."),
    "conditioned_area_m2": Metric("Conditioned area", "m2", "Net conditioned building area of the annual summary."),
    "total_area_m2": Metric("Total area", "m2", "Total building area of the annual summary."),
    "electricity_kwh": Metric(
        "Electricity", "kWh", "Used in the building, whoever generates it (Electricity:Facility)."
    ),
    "natural_gas_kwh": Metric("Natural gas", "kWh", "Facility meter."),
    "district_heating_kwh": Metric("District heating", "kWh", "Facility meters of water and steam together."),
    "district_cooling_kwh": Metric("District cooling", "kWh", "Facility meter."),
    "heating_kwh": Metric("Heating", "kWh", "End use, all fuels together."),
    "cooling_kwh": Metric("Cooling", "kWh", "End use, all fuels together."),
    "interior_lighting_kwh": Metric("Interior lighting", "kWh", "End use, all fuels together."),
    "interior_equipment_kwh": Metric("Interior equipment", "kWh", "End use, all fuels together."),
    "fans_kwh": Metric("Fans", "kWh", "End use, all fuels together."),
    "pumps_kwh": Metric("Pumps", "kWh", "End use, all fuels together."),
    "water_systems_kwh": Metric("Water systems", "kWh", "End use, all fuels together."),
    "peak_electricity_w": Metric(
        "Peak electricity", "W", "Largest mean power of one time step (Electricity:Facility)."
    ),
    "unmet_heating_hours": Metric("Unmet heating hours", "h", "Occupied hours below the set-point in any zone."),
    "unmet_cooling_hours": Metric("Unmet cooling hours", "h", "Occupied hours above the set-point in any zone."),
    "warnings": Metric("Warnings", "", "Of the engine, by its own count."),
    "severe_errors": Metric("Severe errors", "", "Of the engine, by its own count."),
    "simulation_s": Metric("Simulation time", "s", "Wall-clock time of the engine's process."),
}
"""The standard metrics in the order of the columns; those of further fuels and end uses come as models have them."""

RUN_METRICS = ("warnings", "severe_errors", "simulation_s")
"""Metrics of the run itself: they say nothing of the building, and two runs of the same model may differ in them."""

_UNIT_SUFFIXES = {"_kwh_m2": "kWh/m2", "_kwh": "kWh", "_m2": "m2", "_w": "W", "_hours": "h", "_s": "s"}


def metric_unit(name: str) -> str:
    """The unit of a metric, standard or not: "kWh" for `heating_electricity_kwh`; "" for a count or an unknown name."""
    if name in METRICS:
        return METRICS[name].unit
    return next((unit for suffix, unit in _UNIT_SUFFIXES.items() if name.endswith(suffix)), "")


def metric_label(name: str) -> str:
    """How people read a metric, without its unit: "Heating: electricity" for `heating_electricity_kwh`."""
    if name in METRICS:
        return METRICS[name].label
    stem = next((name.removesuffix(suffix) for suffix in _UNIT_SUFFIXES if name.endswith(suffix)), name)
    for end_use in END_USES:
        if stem.startswith(f"{end_use}_") and stem.removeprefix(f"{end_use}_") in FUELS:
            return f"{_as_words(end_use)}: {_as_words(stem.removeprefix(f'{end_use}_')).lower()}"
    return _as_words(stem)


def missing_metrics(diagnostics: Diagnostics, simulation_s: float) -> dict[str, MetricValue]:
    """The metrics of a run without results: nulls and what the run itself tells."""
    return {**dict.fromkeys(METRICS), **_run_metrics(diagnostics, simulation_s)}


def read_metrics(path: Path, diagnostics: Diagnostics, simulation_s: float) -> dict[str, MetricValue]:
    """Read the metrics of a finished run.

    Args:
        path: its eplusout.sql.
        diagnostics: of its .err file.
        simulation_s: wall-clock time of the run, s.

    Returns:
        By name, every standard metric and those of further fuels and end uses that the model has.

    Raises:
        ResultsError: a table is missing, or a unit is not the one that is known for it.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            is_weather_run = _has_weather_run(database)
            environments = _WEATHER_RUN if is_weather_run else _DESIGN_DAYS
            found = _energy_metrics(_read_meters(database, environments))
            found |= _table_metrics(database, is_weather_run=is_weather_run)
            found["peak_electricity_w"] = _read_peak_w(database, environments)
    except sqlite3.Error as error:
        raise ResultsError(f"{path.name} cannot be read: {error}.") from error
    found["site_eui_kwh_m2"] = _divide(found["total_site_energy_kwh"], found["total_area_m2"])
    found |= _run_metrics(diagnostics, simulation_s)
    further = sorted(name for name in found if name not in METRICS and found[name] is not None)
    return {name: found.get(name) for name in (*METRICS, *further)}


def _run_metrics(diagnostics: Diagnostics, simulation_s: float) -> dict[str, MetricValue]:
    return {
        "warnings": diagnostics.warnings,
        "severe_errors": diagnostics.severe_errors,
        "simulation_s": round(simulation_s, 3),
    }


def _has_weather_run(database: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM EnvironmentPeriods WHERE EnvironmentType IN (?, ?)"
    return database.execute(query, _WEATHER_RUN).fetchone() is not None


def _read_meters(database: sqlite3.Connection, environments: tuple[int, int]) -> dict[str, float]:
    """Run-period meters by name, J, summed over the environments of these types (one, but for design days)."""
    rows = database.execute(
        "SELECT Name, Units, Value FROM ReportData JOIN ReportDataDictionary USING (ReportDataDictionaryIndex)"
        " JOIN Time USING (TimeIndex) JOIN EnvironmentPeriods USING (EnvironmentPeriodIndex)"
        " WHERE IsMeter = 1 AND ReportingFrequency = 'Run Period' AND EnvironmentType IN (?, ?)",
        environments,
    )
    known = {f"{meter}:Facility" for meter in (*FUELS.values(), *GENERATION_METERS.values())}
    known |= {f"{end_use}:{fuel}" for end_use in END_USES.values() for fuel in FUELS.values()}
    values: dict[str, list[float]] = {}
    for written, unit, value in rows:
        name = ":".join(FORMER_NAMES.get(part, part) for part in written.split(":"))
        if name in known:
            values.setdefault(name, []).append(_as_joules(value, unit, f"meter {name}"))
    return {name: math.fsum(parts) for name, parts in values.items()}


def _energy_metrics(joules: Mapping[str, float]) -> dict[str, MetricValue]:
    found: dict[str, MetricValue] = {}
    for fuel, fuel_meter in FUELS.items():
        found[f"{fuel}_kwh"] = _sum_kwh([joules.get(f"{fuel_meter}:Facility")])
    found["district_heating_kwh"] = _sum_kwh(
        joules.get(f"{FUELS[fuel]}:Facility") for fuel in ("district_heating_water", "district_heating_steam")
    )
    found["total_site_energy_kwh"] = _sum_kwh(joules.get(f"{meter}:Facility") for meter in FUELS.values())
    for end_use, end_use_meter in END_USES.items():
        per_fuel = {fuel: joules.get(f"{end_use_meter}:{meter}") for fuel, meter in FUELS.items()}
        found[f"{end_use}_kwh"] = _sum_kwh(per_fuel.values())
        found |= {f"{end_use}_{fuel}_kwh": _sum_kwh([value]) for fuel, value in per_fuel.items()}
    if "ElectricityProduced:Facility" in joules:
        found |= {
            f"{name}_kwh": _sum_kwh([joules.get(f"{meter}:Facility")]) for name, meter in GENERATION_METERS.items()
        }
    return found


def _read_peak_w(database: sqlite3.Connection, environments: tuple[int, int]) -> float | None:
    """The largest mean power of one zone time step, W: the meter keeps the largest energy of a step.

    In models that ask for HVAC sizing simulations the engine loses the extremes of meters and writes what it began to
    search with, a largest value below the smallest one. The table of demand components has the peak all the same, but
    only of weather runs.
    """
    steps = database.execute("SELECT NumTimestepsPerHour FROM Simulations").fetchone()
    rows = database.execute(
        "SELECT Units, MaxValue, MaxValue < MinValue FROM ReportExtendedData JOIN ReportData USING (ReportDataIndex)"
        " JOIN ReportDataDictionary USING (ReportDataDictionaryIndex)"
        " JOIN Time USING (TimeIndex) JOIN EnvironmentPeriods USING (EnvironmentPeriodIndex)"
        " WHERE Name = 'Electricity:Facility' AND IsMeter = 1 AND ReportingFrequency = 'Run Period'"
        " AND EnvironmentType IN (?, ?)",
        environments,
    ).fetchall()
    if any(is_lost for _, _, is_lost in rows):
        if environments != _WEATHER_RUN:
            return None
        return _read_in(database, "End Uses", "Total End Uses", "Electricity", ("W",), _DEMAND_SUMMARY)
    if not rows or not steps or not steps[0]:
        return None
    largest_j = max(_as_joules(value, unit, "peak of Electricity:Facility") for unit, value, _ in rows)
    return largest_j * int(steps[0]) / 3600.0


def _table_metrics(database: sqlite3.Connection, *, is_weather_run: bool) -> dict[str, MetricValue]:
    area, unmet = "Building Area", "Comfort and Setpoint Not Met Summary"
    source = None
    if is_weather_run:
        cell = _read_cell(database, "Site and Source Energy", "Total Source Energy", "Total Energy")
        source = cell and _as_joules(cell[0], cell[1], "Total Source Energy") / _JOULES_PER_KWH
    return {
        "total_source_energy_kwh": source,
        "total_area_m2": _read_in(database, area, "Total Building Area", "Area", ("m2",)),
        "conditioned_area_m2": _read_in(database, area, "Net Conditioned Building Area", "Area", ("m2",)),
        "unmet_heating_hours": _read_in(
            database, unmet, "Time Setpoint Not Met During Occupied Heating", "Facility", ("Hours", "hr")
        ),
        "unmet_cooling_hours": _read_in(
            database, unmet, "Time Setpoint Not Met During Occupied Cooling", "Facility", ("Hours", "hr")
        ),
    }


def _read_in(
    database: sqlite3.Connection,
    table: str,
    row: str,
    column: str,
    accepted_units: tuple[str, ...],
    report: str = _SUMMARY,
) -> float | None:
    cell = _read_cell(database, table, row, column, report)
    if cell is not None and cell[1] not in accepted_units:
        raise ResultsError(f"{row} is in {cell[1]!r}; known: {' or '.join(accepted_units)}.")
    return None if cell is None else cell[0]


def _read_cell(
    database: sqlite3.Connection, table: str, row: str, column: str, report: str = _SUMMARY
) -> tuple[float, str] | None:
    found = database.execute(
        "SELECT Value, Units FROM TabularDataWithStrings WHERE ReportName = ? AND ReportForString = 'Entire Facility'"
        " AND TableName = ? AND RowName = ? AND ColumnName = ?",
        (report, table, row, column),
    ).fetchone()
    if found is None or not (found[0] or "").strip():
        return None
    try:
        value = float(found[0])
    except ValueError as error:
        raise ResultsError(f"{row} is {found[0]!r}, not a number.") from error
    if not math.isfinite(value):
        raise ResultsError(f"{row} is {found[0]!r}, not a finite number.")
    return value, (found[1] or "").strip()


def _as_joules(value: float | None, unit: str, what: str) -> float:
    if unit not in _JOULES:
        raise ResultsError(f"The {what} is in {unit!r}; known: {', '.join(_JOULES)}.")
    if not isinstance(value, (int, float)) or not math.isfinite(value):  # SQLite keeps a NaN as NULL
        raise ResultsError(f"The {what} is {value}, not a finite number.")
    return value * _JOULES[unit]


def _sum_kwh(joules: Iterable[float | None]) -> float | None:
    known = [value for value in joules if value is not None]
    return math.fsum(known) / _JOULES_PER_KWH if known else None


def _divide(value: MetricValue, by: MetricValue) -> float | None:
    return value / by if value is not None and by else None


def _as_words(name: str) -> str:
    return name.replace("_", " ").capitalize()
