"""Eight cases through HTTP, workers and chords equal, to the last digit, the bare engine on the same edited models."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from energyplus.bundled import list_bundled_weather
from energyplus.results.diagnostics import read_diagnostics
from energyplus.results.metrics import read_metrics
from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY = {
    "name": "Eight small offices",
    "model": "small_office",
    "weather": ["chicago", "san_francisco"],
    "run_period": {"start": "07-01", "end": "07-02"},
    "parameters": [
        {
            "name": "lighting_w_m2",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "values": [6.5, 9.0],
        },
        {
            "name": "equipment",
            "target": {"class": "ElectricEquipment", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.7, 1.3],
        },
    ],
    "design": {"method": "grid"},
}

# The engine's own Python API and nothing of ours: one model, one weather file, one output folder.
BARE_RUN = """
import sys
from pyenergyplus.api import EnergyPlusAPI
model, weather, folder = sys.argv[1:]
api = EnergyPlusAPI()
api.runtime.set_console_output_status(api.state_manager.new_state(), False)
sys.exit(api.runtime.run_energyplus(api.state_manager.new_state(), ["-w", weather, "-d", folder, model]))
"""

METERS = {
    "electricity_kwh": "Electricity:Facility",
    "heating_natural_gas_kwh": "Heating:NaturalGas",
    "cooling_electricity_kwh": "Cooling:Electricity",
    "interior_lighting_kwh": "InteriorLights:Electricity",
    "interior_equipment_kwh": "InteriorEquipment:Electricity",
    "fans_kwh": "Fans:Electricity",
}


def read_meters(sql: Path) -> dict[str, float | None]:
    """Read run-period meters by a query of this test's own: J over 3.6e6 J/kWh."""
    query = """
        SELECT data.Value, dictionary.Units FROM ReportData AS data
          JOIN ReportDataDictionary AS dictionary USING (ReportDataDictionaryIndex)
         WHERE dictionary.Name = ? AND dictionary.ReportingFrequency = 'Run Period'
    """
    with sqlite3.connect(sql) as database:
        found = {name: database.execute(query, [meter]).fetchall() for name, meter in METERS.items()}
    assert all(unit == "J" for rows in found.values() for _, unit in rows)
    return {name: rows[0][0] / 3.6e6 if rows else None for name, rows in found.items()}


def test_every_metric_equals_the_bare_engines_to_the_last_digit(farm: Farm, tmp_path: Path) -> None:
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert (batch["state"], batch["counts"]["succeeded"]) == ("completed", 8)
    weathers = {file.alias: file.path for file in list_bundled_weather()}
    for row in farm.rows(batch["id"]):
        folder = tmp_path / str(row["case"])
        folder.mkdir()
        model = farm.http.get(f"/api/batches/{batch['id']}/cases/{row['case']}/files/model.idf").raise_for_status().text
        (folder / "in.idf").write_text(model)
        weather = str(weathers[row["weather"]])
        command = [sys.executable, "-c", BARE_RUN, str(folder / "in.idf"), weather, str(folder)]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        meters = read_meters(folder / "eplusout.sql")
        assert {name: row[name] for name in METERS} == meters
        bare = read_metrics(folder / "eplusout.sql", read_diagnostics(folder / "eplusout.err"), row["simulation_s"])
        assert {name: row[name] for name in bare} == bare


def test_the_values_of_the_table_stand_in_the_models_that_ran(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit({**STUDY, "weather": "chicago", "name": "Four small offices"})["id"])
    for row in farm.rows(batch["id"]):
        case = farm.http.get(f"/api/batches/{batch['id']}/cases/{row['case']}/").raise_for_status().json()
        assert any(f"→ {row['lighting_w_m2']:g} W/m2" in change for change in case["changes"]), case["changes"]
