"""The main job, as a modeller does it: submit a study over HTTP, wait, download the table."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY = {
    "name": "Warehouse lighting",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "run_period": {"start": "01-08", "end": "01-10"},
    "baseline": True,
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 1.0],
        }
    ],
    "design": {"method": "grid"},
}


@pytest.fixture(scope="module")
def batch(farm: Farm) -> dict:
    """A finished batch of four cases and two baselines."""
    return farm.wait_for_end(farm.submit(STUDY)["id"])


def test_the_batch_completes_with_exact_counts(batch: dict) -> None:
    assert batch["state"] == "completed"
    assert (batch["case_count"], batch["baseline_count"]) == (4, 2)
    assert batch["counts"] == {"pending": 0, "running": 0, "succeeded": 6, "failed": 0, "cancelled": 0}
    assert batch["progress"] == {"finished": 6, "total": 6, "percent": 100.0}


def test_the_table_has_a_row_per_case_with_units_in_the_names(farm: Farm, batch: dict) -> None:
    rows = farm.rows(batch["id"])
    assert [row["case"] for row in rows] == [-2, -1, 0, 1, 2, 3]
    assert all(row["state"] == "succeeded" for row in rows)
    assert all(row["total_site_energy_kwh"] > 0 for row in rows)
    baseline = {row["weather"]: row for row in rows if row["case"] < 0}
    assert set(baseline) == {"chicago", "miami"}
    assert all(row["lighting"] is None for row in baseline.values())


def test_a_case_with_the_models_own_value_equals_its_baseline(farm: Farm, batch: dict) -> None:
    rows = farm.rows(batch["id"])
    baseline = {row["weather"]: row for row in rows if row["case"] < 0}
    for row in rows:
        same = row["interior_lighting_kwh"] == baseline[row["weather"]]["interior_lighting_kwh"]
        assert same == (row["case"] < 0 or row["lighting"] == 1.0)


def test_the_same_table_comes_as_csv_and_parquet(farm: Farm, batch: dict) -> None:
    rows = farm.rows(batch["id"])
    text = farm.http.get(batch["results_url"]).raise_for_status().text
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [float(line["electricity_kwh"]) for line in lines] == [row["electricity_kwh"] for row in rows]
    parquet = farm.http.get(batch["results_url"], params={"as": "parquet"}).raise_for_status().content
    assert pq.read_table(io.BytesIO(parquet)).to_pylist() == rows


def test_columns_tell_units(farm: Farm, batch: dict) -> None:
    columns = {column["name"]: column for column in farm.http.get(f"/api/batches/{batch['id']}/columns/").json()}
    assert columns["electricity_kwh"]["unit"] == "kWh"
    assert columns["lighting"]["kind"] == "parameter"


def test_a_case_shows_its_changes_and_its_files(farm: Farm, batch: dict) -> None:
    case = farm.http.get(f"/api/batches/{batch['id']}/cases/0/").raise_for_status().json()
    assert case["state"] == "succeeded"
    assert any("Watts per Floor Area" in change for change in case["changes"])
    files = {file["name"]: file["url"] for file in case["files"]}
    assert {"model.idf", "eplusout.err", "eplusout.sql", "eplustbl.htm"} <= set(files)
    assert "EnergyPlus Completed Successfully" in farm.http.get(files["eplusout.err"]).raise_for_status().text


def test_the_task_of_the_batch_says_success(farm: Farm, batch: dict) -> None:
    status = farm.http.get(f"/api/tasks/{batch['task_id']}/status/").raise_for_status().json()
    assert (status["state"], status["current"], status["total"]) == ("SUCCESS", 6, 6)


def test_the_event_stream_of_a_finished_batch_ends(farm: Farm, batch: dict) -> None:
    stream = farm.http.get(batch["events_url"]).raise_for_status().text
    assert stream.startswith("event: progress\n")
    assert "event: end\n" in stream
