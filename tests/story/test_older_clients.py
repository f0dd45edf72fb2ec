"""Clients of the older service: their calls work, with exactly the fields they know."""

from pathlib import Path

import pyenergyplus
import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

DATA = Path(pyenergyplus.__file__).parent / "data"
MODEL = DATA / "model" / "RefBldgWarehouseNew2004_Chicago.idf"
WEATHER = DATA / "weather" / "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
STUDY = '{"run_period": {"start": "01-01", "end": "01-02"}}'


def run_simulation(farm: Farm, study: str) -> dict:
    files = [
        ("idf_files", (MODEL.name, MODEL.read_bytes())),
        ("weather_file", (WEATHER.name, WEATHER.read_bytes())),
    ]
    answer = farm.http.post("/api/simulation/run/", files=files, data={"study": study})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_run_is_submitted_watched_and_downloaded(farm: Farm) -> None:
    receipt = run_simulation(farm, STUDY)
    assert set(receipt) == {"simulation_id", "task_id", "message", "file_count"}
    assert receipt["file_count"] == 1
    farm.wait_for_end(receipt["simulation_id"])

    task = farm.http.get(f"/api/simulation/task/{receipt['task_id']}/status/").raise_for_status().json()
    assert set(task) == {"task_id", "state", "status", "progress", "current", "total", "message", "simulation_id"}
    assert (task["state"], task["progress"], task["simulation_id"]) == ("SUCCESS", 100.0, receipt["simulation_id"])

    status = farm.http.get(f"/api/simulation/{receipt['simulation_id']}/status/").raise_for_status().json()
    assert status == {
        "status": "completed",
        "progress": 100.0,
        "simulationId": receipt["simulation_id"],
        "error": None,
    }
    rows = farm.http.get(f"/api/simulation/{receipt['simulation_id']}/results/").raise_for_status().json()
    assert [row["state"] for row in rows] == ["succeeded"]
    table = farm.http.get(f"/api/simulation/{receipt['simulation_id']}/download/").raise_for_status()
    assert table.text.splitlines()[0].startswith("case,state,verdict,weather")


def test_a_run_is_cancelled(farm: Farm) -> None:
    receipt = run_simulation(farm, "{}")
    answer = farm.http.post(f"/api/simulation/task/{receipt['task_id']}/cancel/").raise_for_status().json()
    assert answer == {
        "status": "cancelled",
        "task_id": receipt["task_id"],
        "message": "The simulation was cancelled.",
    }


def test_a_run_without_weather_is_refused_by_name(farm: Farm) -> None:
    answer = farm.http.post("/api/simulation/run/", files=[("idf_files", (MODEL.name, MODEL.read_bytes()))])
    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == ["weather_file"]


def test_a_broken_model_is_refused_and_leaves_nothing(farm: Farm) -> None:
    files = [
        ("idf_files", ("broken.idf", b"Version,25.2;\nBuilding,")),
        ("weather_file", ("w.epw", WEATHER.read_bytes())),
    ]
    answer = farm.http.post("/api/simulation/run/", files=files)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "idf_files"
    assert "broken.idf" not in {row["name"] for row in farm.http.get("/api/models/").json()["results"]}
