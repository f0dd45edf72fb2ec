"""A case that the engine refuses is a recorded outcome with the engine's own words, never a dead batch or a number."""

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY = {
    "name": "Heating above cooling",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-01", "end": "01-02"},
    "parameters": [
        {
            "name": "heating_set_point",
            "target": {"class": "Schedule:Compact", "object": "HTGSETP_FineStorage_SCH", "field": "Field 4"},
            "values": [15.6, 40.0],
        }
    ],
    "design": {"method": "grid"},
}


def test_a_fatal_case_fails_alone_and_says_why(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert batch["state"] == "completed"
    assert batch["counts"] == {"pending": 0, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0}
    assert batch["verdicts"]["failed"] == 1

    failed = farm.http.get(f"/api/batches/{batch['id']}/cases/", params={"state": "failed"}).json()["results"]
    assert [(case["index"], case["verdict"], case["error"]["kind"]) for case in failed] == [(1, "failed", "fatal")]
    assert "heating" in failed[0]["error"]["message"].lower()
    assert any("Fatal" in line or "fatal" in line or "setpoint" in line.lower() for line in failed[0]["reasons"])

    row = farm.rows(batch["id"])[1]
    assert (row["state"], row["verdict"], row["total_site_energy_kwh"]) == ("failed", "failed", None)
    errors = farm.http.get(f"/api/batches/{batch['id']}/cases/1/files/eplusout.err").raise_for_status().text
    assert "**  Fatal  **" in errors


def test_a_batch_all_of_whose_cases_fail_is_failed(farm: Farm) -> None:
    parameter = {**STUDY["parameters"][0], "values": [40.0, 41.0]}
    batch = farm.wait_for_end(farm.submit({**STUDY, "parameters": [parameter]})["id"])
    assert (batch["state"], batch["counts"]["failed"]) == ("failed", 2)
    assert "Every case failed" in batch["error"]
