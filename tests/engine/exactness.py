"""Every metric of a run against the engine's own HTML tables, read by a parser that knows nothing of how they are made.

Called by the tests with a few pairs of model and weather, and by `make exactness` with all of them.

A metric agrees when it equals what is printed: with the engine's rounding switched off, as here, to 12 digits (what is
left is the order in which numbers are added); with it, within half a unit of the last printed digit. The tables print
a zero for every fuel and end use; whether a zero is a meter's or nobody's tells the engine's list of meters
(eplusout.mdd): where there is none, the metric must be null, and where there is one it must not.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic

from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for

UNITS = {"GJ": 1e9 / 3.6e6, "MJ/m2": 1e6 / 3.6e6, "m2": 1.0, "Hours": 1.0, "W": 1.0}
"""By what a printed number is multiplied to be in the unit of its metric: kWh, kWh/m2, m2, h, W."""

# The name here, the heading in the tables, the name in meters.
FUELS = (
    ("electricity", "Electricity", "Electricity"),
    ("natural_gas", "Natural Gas", "NaturalGas"),
    ("gasoline", "Gasoline", "Gasoline"),
    ("diesel", "Diesel", "Diesel"),
    ("coal", "Coal", "Coal"),
    ("fuel_oil_no_1", "Fuel Oil No 1", "FuelOilNo1"),
    ("fuel_oil_no_2", "Fuel Oil No 2", "FuelOilNo2"),
    ("propane", "Propane", "Propane"),
    ("other_fuel_1", "Other Fuel 1", "OtherFuel1"),
    ("other_fuel_2", "Other Fuel 2", "OtherFuel2"),
    ("district_cooling", "District Cooling", "DistrictCooling"),
    ("district_heating_water", "District Heating Water", "DistrictHeatingWater"),
    ("district_heating_steam", "District Heating Steam", "DistrictHeatingSteam"),
)
USES = (
    ("heating", "Heating", "Heating"),
    ("cooling", "Cooling", "Cooling"),
    ("interior_lighting", "Interior Lighting", "InteriorLights"),
    ("exterior_lighting", "Exterior Lighting", "ExteriorLights"),
    ("interior_equipment", "Interior Equipment", "InteriorEquipment"),
    ("exterior_equipment", "Exterior Equipment", "ExteriorEquipment"),
    ("fans", "Fans", "Fans"),
    ("pumps", "Pumps", "Pumps"),
    ("heat_rejection", "Heat Rejection", "HeatRejection"),
    ("humidification", "Humidification", "Humidifier"),
    ("heat_recovery", "Heat Recovery", "HeatRecovery"),
    ("water_systems", "Water Systems", "WaterSystems"),
    ("refrigeration", "Refrigeration", "Refrigeration"),
    ("generators", "Generators", "Cogeneration"),
)
ANNUAL = "Annual Building Utility Performance Summary_Entire Facility_"
DEMAND = "Demand End Use Components Summary_Entire Facility_End Uses"
ALWAYS = (
    ("total_site_energy_kwh", "Site and Source Energy", "Total Site Energy", "Total Energy"),
    ("total_source_energy_kwh", "Site and Source Energy", "Total Source Energy", "Total Energy"),
    ("site_eui_kwh_m2", "Site and Source Energy", "Total Site Energy", "Energy Per Total Building Area"),
    ("total_area_m2", "Building Area", "Total Building Area", "Area"),
    ("conditioned_area_m2", "Building Area", "Net Conditioned Building Area", "Area"),
    (
        "unmet_heating_hours",
        "Comfort and Setpoint Not Met Summary",
        "Time Setpoint Not Met During Occupied Heating",
        "Facility",
    ),
    (
        "unmet_cooling_hours",
        "Comfort and Setpoint Not Met Summary",
        "Time Setpoint Not Met During Occupied Cooling",
        "Facility",
    ),
)
# Of models that generate: the meter that must exist, and where the engine prints it.
GENERATED = (
    ("electricity_produced_kwh", "ElectricityProduced:Facility", "Total On-Site Electric Sources"),
    ("electricity_net_kwh", "ElectricityProduced:Facility", "Net Electricity From Utility"),
    ("electricity_purchased_kwh", "ElectricityProduced:Facility", "Electricity Coming From Utility"),
    ("electricity_sold_kwh", "ElectricityProduced:Facility", "Surplus Electricity Going To Utility"),
)

Cell = tuple[str, str]
Tables = dict[str, dict[tuple[str, str], Cell]]


class TableParser(HTMLParser):
    """Reads the tables of an eplustbl.htm: by full name the cells, by row and heading, as text and unit."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = {}
        self._name = ""
        self._rows: list[list[str]] = []
        self._in_cell = False

    def handle_comment(self, data: str) -> None:
        if data.strip().startswith("FullName:"):
            self._name = data.strip().removeprefix("FullName:")

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag == "td" and self._rows:
            self._rows[-1].append("")
            self._in_cell = True

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False
        elif tag == "table" and self._name:
            self.tables[self._name] = dict(_label_cells(self._rows))
            self._name = ""


def _label_cells(rows: list[list[str]]) -> Iterator[tuple[tuple[str, str], Cell]]:
    headings = [re.fullmatch(r"(.*?)(?:\s*\[(.*)\])?", heading.strip()) for heading in rows[0]]
    for label, *cells in (row for row in rows[1:] if row):
        for heading, cell in zip(headings[1:], cells, strict=False):
            assert heading is not None
            yield (label.strip(), heading[1]), (cell.strip(), heading[2] or "")


def read_tables(path: Path) -> Tables:
    """Read the tables of an eplustbl.htm."""
    parser = TableParser()
    parser.feed(path.read_text("utf-8", "replace"))
    return parser.tables


def read_meter_names(path: Path) -> set[str]:
    """Read which meters a model has from an eplusout.mdd."""
    return set(re.findall(r"^Zone,Meter,([^\[]+?) \[", path.read_text("utf-8", "replace"), re.MULTILINE))


@dataclass(frozen=True)
class Expectation:
    """What a metric must be: the sum of some cells; null if it needs a meter and the model has none of those.

    Without any of its meters zero must be printed, unless the metric is only for models that generate.
    """

    metric: str
    cells: tuple[Cell, ...]
    meters: tuple[str, ...] = ()
    is_of_generation: bool = False


def list_expectations(tables: Tables) -> Iterator[Expectation]:
    """Yield every metric that the tables tell of."""
    uses = tables[f"{ANNUAL}End Uses"]
    assert {row for row, _ in uses} - {""} == {row for _, row, _ in USES} | {"Total End Uses"}
    assert {column for _, column in uses} == {column for _, column, _ in FUELS} | {"Water"}
    for name, table, row, column in ALWAYS:
        yield Expectation(name, (tables[f"{ANNUAL}{table}"][row, column],))
    yield Expectation(
        "peak_electricity_w", (tables[DEMAND]["Total End Uses", "Electricity"],), ("Electricity:Facility",)
    )
    for fuel, column, meter in FUELS:
        yield Expectation(f"{fuel}_kwh", (uses["Total End Uses", column],), (f"{meter}:Facility",))
    heat = [(column, f"{meter}:Facility") for name, column, meter in FUELS if name.startswith("district_heating")]
    cells = tuple(uses["Total End Uses", column] for column, _ in heat)
    yield Expectation("district_heating_kwh", cells, tuple(meter for _, meter in heat))
    for use, row, prefix in USES:
        per_fuel = [(fuel, uses[row, column], f"{prefix}:{meter}") for fuel, column, meter in FUELS]
        for fuel, cell, meter in per_fuel:
            yield Expectation(f"{use}_{fuel}_kwh", (cell,), (meter,))
        meters = tuple(meter for _, _, meter in per_fuel)
        yield Expectation(f"{use}_kwh", tuple(cell for _, cell, _ in per_fuel), meters)
    for name, meter, row in GENERATED:
        yield Expectation(name, (tables[f"{ANNUAL}Electric Loads Satisfied"][row, "Electricity"],), (meter,), True)


@dataclass
class Comparison:
    """What came of comparing one run: its metrics, how many agree, how many are null, and what does not agree."""

    metrics: Mapping[str, float | int | None] = field(default_factory=dict)
    compared: int = 0
    nulls: int = 0
    mismatches: list[str] = field(default_factory=list)
    seconds: float = 0.0


def compare(metrics: Mapping[str, float | int | None], folder: Path, *, is_rounded: bool = False) -> Comparison:
    """Compare the metrics of a run with the tables and the list of meters in its folder."""
    meters = read_meter_names(folder / "eplusout.mdd")
    result = Comparison(metrics)
    for expected in list_expectations(read_tables(folder / "eplustbl.htm")):
        value = metrics.get(expected.metric)
        has_meter = not expected.meters or any(meter in meters for meter in expected.meters)
        is_zero = expected.is_of_generation or not any(float(text) for text, _ in expected.cells)
        if value is None and not has_meter and is_zero:
            result.nulls += 1
        elif value is None or not has_meter:
            result.mismatches.append(
                f"{expected.metric} is {value}, meters {expected.meters}, printed {expected.cells}"
            )
        else:
            result.compared += 1
            printed = sum(float(text) * UNITS[unit] for text, unit in expected.cells)
            if abs(value - printed) > _tolerance(expected.cells, printed, is_rounded=is_rounded):
                result.mismatches.append(f"{expected.metric} is {value!r}, printed {printed!r} from {expected.cells}")
    return result


def _tolerance(cells: Iterable[Cell], printed: float, *, is_rounded: bool) -> float:
    arithmetic = 1e-12 * abs(printed) + 1e-12
    if not is_rounded:
        return arithmetic
    halves = (0.5 * 10.0 ** int(Decimal(text).as_tuple().exponent) * UNITS[unit] for text, unit in cells)
    return sum(halves) + arithmetic


def ask_for_everything(text: str, *, is_rounded: bool = False) -> str:
    """Change a case's text so that the engine lists its meters and, unless rounded is asked for, prints all digits."""
    if not is_rounded:
        text, count = re.subn(r"Yes(;\s*!- Format Numeric Values\n)", r"No\1", text)
        assert count == 1
    text, count = re.subn(r"No(,\s*!- Output (?:MDD|RDD)\n)", r"Yes\1", text)
    assert count == 2
    return f"{text}\nOutput:VariableDictionary,\n  Regular;\n"


def examine_text(
    text: str, weather: Path, run_period: RunPeriod, folder: Path, *, is_rounded: bool = False
) -> Comparison:
    """Run a case's text on the real engine and compare."""
    began = monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.idf").write_text(ask_for_everything(text, is_rounded=is_rounded), encoding="utf-8")
    job = SimulationJob(folder / "model.idf", weather, folder, run_period, timeout_s=3600, keep_full=True)
    outcome = ENGINE.simulate(job, lambda: False)
    if outcome.failure is not None:
        return Comparison(mismatches=[f"the run failed: {outcome.failure.message}"])
    result = compare(outcome.metrics, folder, is_rounded=is_rounded)
    result.seconds = monotonic() - began
    return result


ENGINE = PipEngine()
MODELS = {entry.alias: entry.path for entry in list_bundled_models()}
WEATHERS = {entry.alias: entry.path for entry in list_bundled_weather()}

Pair = tuple[str, str]


def examine_pairs(pairs: Sequence[Pair], run_period: RunPeriod, jobs: int) -> Iterator[tuple[Pair, Comparison]]:
    """Run and compare models under weather files, several at a time; in the order of the pairs."""
    texts = {
        alias: BuildingModel.read(MODELS[alias]).render(ask_for([], run_period))
        for alias in {model for model, _ in pairs}
    }

    def examine(pair: Pair) -> Comparison:
        with tempfile.TemporaryDirectory(prefix="exactness-") as folder:
            return examine_text(texts[pair[0]], WEATHERS[pair[1]], run_period, Path(folder))

    with ThreadPoolExecutor(jobs) as pool:
        yield from zip(pairs, pool.map(examine, pairs), strict=True)
