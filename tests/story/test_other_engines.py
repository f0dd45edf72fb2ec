"""Cases that are not run by the engine of the package: a model of another version, a program that is not EnergyPlus."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from energyplus.bundled import find_bundled_file, list_bundled_weather
from energyplus.results.diagnostics import read_diagnostics
from energyplus.results.metrics import read_metrics
from tests.farm import Farm
from tests.installed_energyplus import install_energyplus

pytestmark = [pytest.mark.stack, pytest.mark.engine]

OLD_MODEL = "RefBldgSmallOfficeNew2004_Chicago.idf"
TEMPLATES = Path(__file__).parents[1] / "fixtures" / "box_with_templates.idf"
THREE_DAYS = {"start": "01-14", "end": "01-16"}
DEGREE_DAYS: dict[str, Any] = {
    "name": "Degree days",
    "engine": "executable:degree_days",
    "weather": ["chicago", "miami"],
    "parameters": [
        {"name": "heat_loss_w_k", "values": [150, 300]},
        {"name": "efficiency", "values": [0.9, -1]},
        {"name": "fuel", "values": ["oil"]},
    ],
}


@pytest.fixture
def upload(farm: Farm) -> Callable[[Path], str]:
    """Upload a model and return its id."""

    def send(path: Path) -> str:
        answer = farm.http.post("/api/models/", files={"file": (path.name, path.read_bytes())})
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    return send


def read_file(farm: Farm, batch_id: str, index: int, name: str) -> bytes:
    return farm.http.get(f"/api/batches/{batch_id}/cases/{index}/files/{name}").raise_for_status().content


def test_a_model_of_another_version_is_run_by_the_installed_engine_of_that_version(
    farm: Farm, upload: Callable[[Path], str], tmp_path: Path
) -> None:
    model = upload(install_energyplus() / OLD_MODEL)
    target = {"class": "Lights", "object": "*", "field": "Watts per Zone Floor Area"}
    study = {
        "name": "An old model",
        "model": model,
        "weather": "chicago",
        "run_period": THREE_DAYS,
        "parameters": [{"name": "lights", "target": target, "values": [5.0]}],
    }
    batch = farm.wait_for_end(farm.submit(study)["id"])
    assert batch["state"] == "completed", batch
    (row,) = farm.rows(batch["id"])
    assert b"Version 23.2.0" in read_file(farm, batch["id"], 0, "eplusout.err").splitlines()[0]

    (tmp_path / "in.idf").write_bytes(read_file(farm, batch["id"], 0, "model.idf"))
    weather = find_bundled_file("chicago", list_bundled_weather())
    bare = [str(install_energyplus() / "energyplus"), "-d", str(tmp_path), "-w", str(weather), str(tmp_path / "in.idf")]
    subprocess.run(bare, check=True, capture_output=True)
    expected = read_metrics(tmp_path / "eplusout.sql", read_diagnostics(tmp_path / "eplusout.err"), 0.0)
    differing = {name: row[name] for name in expected if name != "simulation_s" and row[name] != expected[name]}
    assert differing == {}


def test_a_parameter_of_a_template_makes_a_difference(farm: Farm, upload: Callable[[Path], str]) -> None:
    target = {"class": "HVACTemplate:Thermostat", "object": "*", "field": "Constant Heating Setpoint"}
    study = {
        "name": "Templates",
        "model": upload(TEMPLATES),
        "weather": "chicago",
        "run_period": THREE_DAYS,
        "parameters": [{"name": "setpoint_c", "target": target, "values": [18, 22]}],
    }
    batch = farm.wait_for_end(farm.submit(study)["id"])
    cooler, warmer = farm.rows(batch["id"])
    assert 0 < cooler["heating_kwh"] < warmer["heating_kwh"]
    assert b"\nZoneHVAC:IdealLoadsAirSystem," in read_file(farm, batch["id"], 0, "model.idf")


def test_a_program_that_is_not_energyplus_runs_through_the_whole_farm(farm: Farm) -> None:
    previewed = farm.http.post("/api/batches/preview/", json=DEGREE_DAYS).raise_for_status().json()
    assert previewed["case_count"] == 8
    assert previewed["cases"][0]["changes"] == ["heat_loss_w_k = 150 W/K", "efficiency stays 0.9", "fuel gas → oil"]

    batch = farm.wait_for_end(farm.submit(DEGREE_DAYS)["id"])
    assert batch["state"] == "completed"
    assert (batch["counts"]["succeeded"], batch["counts"]["failed"]) == (4, 4)
    rows = farm.rows(batch["id"])
    good = [row for row in rows if row["state"] == "succeeded"]
    heating = {(row["weather"], row["heat_loss_w_k"]): row["heating_kwh"] for row in good}
    assert set(heating) == {(weather, loss) for weather in ("chicago", "miami") for loss in (150, 300)}
    assert heating["chicago", 300] == pytest.approx(2 * heating["chicago", 150])
    assert heating["chicago", 150] > 5 * heating["miami", 150] > 0
    assert all(row["verdict"] == "valid" for row in good)
    assert "total_site_energy_kwh" not in rows[0]

    number = next(row["case"] for row in rows if row["state"] == "failed")
    failed = farm.http.get(f"/api/batches/{batch['id']}/cases/{number}/").raise_for_status().json()
    assert failed["error"]["message"] == (
        "Degree days ended with exit code 3. It said: The efficiency of a boiler is above 0."
    )
    assert failed["model"] is None
    assert b'"heat_loss_w_k": 150' in read_file(farm, batch["id"], 0, "input.json")
    assert b"degree_days_k_d" in read_file(farm, batch["id"], 0, "metrics.json")


def test_a_programs_metrics_keep_their_declared_units_in_every_download(farm: Farm) -> None:
    study = {**DEGREE_DAYS, "parameters": [{"name": "heat_loss_w_k", "values": [150]}]}
    batch = farm.wait_for_end(farm.submit(study)["id"])
    columns = farm.http.get(f"/api/batches/{batch['id']}/columns/").raise_for_status().json()
    units = {column["name"]: column["unit"] for column in columns if column["kind"] != "key"}
    assert units == {
        "heat_loss_w_k": "W/K",
        "heating_kwh": "kWh",
        "degree_days_k_d": "K d",
        "oil_l": "l",
        "simulation_s": "s",
    }
    content = farm.http.get(f"/api/batches/{batch['id']}/results/", params={"as": "parquet"}).content
    schema = pq.read_table(pa.BufferReader(content)).schema
    assert schema.field("oil_l").type == pa.float64()
    assert schema.field("degree_days_k_d").metadata[b"unit"] == b"K d"


def test_what_can_be_named_is_listed(farm: Farm) -> None:
    listed = farm.http.get("/api/engines/").raise_for_status().json()
    assert [(engine["kind"], engine["version"]) for engine in listed] == [
        ("package", "25.2"),
        ("installed", "23.2"),
        ("executable", None),
        ("executable", None),
    ]
