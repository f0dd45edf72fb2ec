"""The yardstick of surrogates: 192 annual runs of a warehouse in eight climates, for tests and `make bench-surrogates`.

tests/fixtures/warehouse-192.csv was made by EnergyPlus 25.2.0 with the bundled model RefBldgWarehouseNew2004_Chicago: a
scrambled Sobol' design over twelve parameters; rows whose `rc` is not 0 ended with a fatal error and are left out.
"""

import csv
from pathlib import Path

import numpy as np

from surrogates.emulator.inputs import InputColumn
from surrogates.emulator.training import Table

FILE = Path(__file__).parents[1] / "fixtures" / "warehouse-192.csv"
INSULATION_W_MK = 0.049
CLIMATE = ("hdd18", "cdd18", "ghi", "dpmean", "tmean", "wind")
NUMBERS = ("lpd_mult", "epd_mult", "infil", "htg_off", "clg_off")
FANS, GAS, HEATING = "fans_electricity_kwh", "natural_gas_kwh", "heating_natural_gas_kwh"
ELECTRICITY, COOLING = "electricity_kwh", "cooling_electricity_kwh"
END_USES = {  # of electricity, by their columns in MWh
    COOLING: "Cooling_Electricity_MWh",
    FANS: "Fans_Electricity_MWh",
    "interior_lighting_electricity_kwh": "InteriorLights_Electricity_MWh",
    "interior_equipment_electricity_kwh": "InteriorEquipment_Electricity_MWh",
}
METRICS = ("total_site_energy_kwh", ELECTRICITY, HEATING, COOLING, FANS)


def read_columns() -> dict[str, np.ndarray]:
    """Return the columns of the good runs, (181,): texts of `weather`, float64 of all others."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["rc"]) == 0]
    texts = {name: np.array([row[name] for row in rows], object) for name in rows[0]}
    return {name: _read_numbers(values) for name, values in texts.items()}


def _read_numbers(values: np.ndarray) -> np.ndarray:
    try:
        return values.astype(np.float64)
    except ValueError:
        return values


def make_inputs(columns: dict[str, np.ndarray]) -> list[InputColumn]:
    """Return what the inputs are, as a farm would tell from the model and the weather files."""
    climates = {
        str(weather): {name: float(columns[name][place]) for name in CLIMATE}
        for weather, place in zip(*np.unique(columns["weather"].astype(str), return_index=True), strict=True)
    }
    return [
        InputColumn("wall_ins_t", "thickness", "m", conductivity_w_mk=INSULATION_W_MK),
        InputColumn("roof_ins_t", "thickness", "m", conductivity_w_mk=INSULATION_W_MK),
        *(InputColumn(name, "number", "1") for name in NUMBERS),
        InputColumn("win_u", "number", "W/m2-K", role="glazing_transmittance"),
        InputColumn("shgc", "number", "1", role="glazing_shgc"),
        InputColumn("wwr", "number", "1", role="glazing_share"),
        InputColumn("north", "angle", "deg"),
        InputColumn("cop", "reciprocal", "1"),
        InputColumn("weather", "weather", climates=climates),
    ]


def read_yardstick() -> tuple[Table, list[InputColumn]]:
    """Return the table of the good runs, metrics in kWh, and its inputs."""
    columns = read_columns()
    metrics = {ELECTRICITY: columns["Electricity_Facility_MWh"], GAS: columns["NaturalGas_Facility_MWh"]}
    metrics |= {HEATING: columns["Heating_NaturalGas_MWh"]}
    metrics |= {name: columns[column] for name, column in END_USES.items()}
    metrics = {name: 1000 * values for name, values in metrics.items()}
    rest = metrics[ELECTRICITY] - np.sum([metrics[name] for name in END_USES], axis=0)
    metrics |= {"exterior_lighting_electricity_kwh": rest}
    metrics |= {"total_site_energy_kwh": metrics[ELECTRICITY] + metrics[GAS]}
    inputs = make_inputs(columns)
    return Table({column.name: columns[column.name] for column in inputs}, metrics), inputs
