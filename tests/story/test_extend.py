"""A batch that has ended grows: more samples, a point of one's own, a series that nobody had asked for."""

from typing import Any

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY: dict[str, Any] = {
    "name": "Warehouse lighting, sampled",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": "design_days",
    "baseline": True,
    "keep": "full",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.4, 1.6],
        },
        {"name": "north_deg", "measure": "rotate", "uniform": [0, 90]},
    ],
    "design": {"method": "sobol", "samples": 6, "seed": 11},
}
AIR = {"variable": "Zone Mean Air Temperature", "frequency": "hourly"}
NOT_RESULTS = ("simulation_s",)


def results_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what differs from run to run."""
    return [{name: value for name, value in row.items() if name not in NOT_RESULTS} for row in rows]


def list_cases(farm: Farm, batch_id: str) -> list[dict[str, Any]]:
    return (
        farm.http.get(f"/api/batches/{batch_id}/cases/", params={"page_size": 100}).raise_for_status().json()["results"]
    )


def list_contents(farm: Farm, batch_id: str, index: int) -> dict[str, bytes]:
    """The files of a case by name."""
    case = farm.http.get(f"/api/batches/{batch_id}/cases/{index}/").raise_for_status().json()
    return {file["name"]: farm.http.get(file["url"]).raise_for_status().content for file in case["files"]}


def read_series(farm: Farm, batch_id: str, **choice: Any) -> str:
    asked = farm.http.get(f"/api/batches/{batch_id}/timeseries/", params={"as": "csv", **choice})
    return asked.raise_for_status().text


@pytest.fixture(scope="module")
def grown(farm: Farm) -> dict[str, Any]:
    """A batch of six cases, extended by four, and what it was before."""
    batch_id = farm.submit(STUDY)["id"]
    before = farm.wait_for_end(batch_id)
    assert before["state"] == "completed"
    found = {"before": before, "cases": list_cases(farm, batch_id), "rows": farm.rows(batch_id)}
    files = {index: list_contents(farm, batch_id, index) for index in (-1, 0, 5)}
    answer = farm.http.post(f"/api/batches/{batch_id}/extend/", json={"samples": 4})
    assert answer.status_code == 202, answer.text
    assert answer.json()["case_count"] == 10
    conflict = farm.http.post(f"/api/batches/{batch_id}/extend/", json={"samples": 4})
    return {**found, "files": files, "conflict": conflict.status_code, "after": farm.wait_for_end(batch_id)}


def test_an_extended_batch_has_its_old_cases_and_the_new_ones(farm: Farm, grown: dict[str, Any]) -> None:
    before, after = grown["before"], grown["after"]
    assert (after["state"], after["case_count"], after["counts"]["succeeded"]) == ("completed", 10, 11)
    assert after["progress"] == {"finished": 11, "total": 11, "percent": 100.0}
    assert after["started_at"] == before["started_at"]
    assert after["finished_at"] > before["finished_at"]
    assert list_cases(farm, after["id"])[:7] == grown["cases"]
    assert farm.rows(after["id"])[:7] == grown["rows"]


def test_the_files_of_cases_that_had_run_are_untouched(farm: Farm, grown: dict[str, Any]) -> None:
    for index, contents in grown["files"].items():
        assert list_contents(farm, grown["after"]["id"], index) == contents


def test_a_batch_at_work_is_not_extended(grown: dict[str, Any]) -> None:
    assert grown["conflict"] == 409


def test_an_extended_batch_equals_one_that_was_larger_from_the_start(farm: Farm, grown: dict[str, Any]) -> None:
    fresh = farm.submit({**STUDY, "design": {**STUDY["design"], "samples": 10}})
    ended = farm.wait_for_end(fresh["id"])
    assert ended["cached"] == 11  # each of them is known: the very same cases
    assert results_of(farm.rows(fresh["id"])) == results_of(farm.rows(grown["after"]["id"]))


def test_a_point_becomes_a_case(farm: Farm, grown: dict[str, Any]) -> None:
    batch_id = grown["after"]["id"]
    refused = farm.http.post(f"/api/batches/{batch_id}/extend/", json={"rows": [{"lighting": -1.0}]})
    assert refused.status_code == 400
    assert {error["path"] for error in refused.json()["errors"]} == {"rows[0].lighting", "rows[0].north_deg"}
    point = {"lighting": 0.5, "north_deg": 45.0}
    assert farm.http.post(f"/api/batches/{batch_id}/extend/", json={"rows": [point]}).status_code == 202
    assert farm.wait_for_end(batch_id)["state"] == "completed"
    row = farm.rows(batch_id)[-1]
    assert (row["case"], row["state"], row["lighting"], row["north_deg"]) == (10, "succeeded", 0.5, 45.0)


def test_a_series_is_added_without_running_anything_again(farm: Farm, grown: dict[str, Any]) -> None:
    batch_id = grown["after"]["id"]
    before = list_cases(farm, batch_id)
    answer = farm.http.post(f"/api/batches/{batch_id}/outputs/", json={"outputs": [AIR]})
    assert answer.status_code == 202, answer.text
    status = farm.wait_until(
        lambda: farm.http.get(answer.json()["status_url"]).raise_for_status().json(),
        lambda status: status["state"] not in ("PENDING", "PROGRESS"),
    )
    assert (status["state"], status["percent"]) == ("SUCCESS", 100.0)
    assert list_cases(farm, batch_id) == before
    assert farm.show(batch_id)["study"]["outputs"][-1]["variable"] == AIR["variable"]
    fresh = farm.submit({**STUDY, "outputs": [AIR]})
    assert farm.wait_for_end(fresh["id"])["cached"] == 0
    for case in (-1, 0, 5):
        assert read_series(farm, batch_id, case=case) == read_series(farm, fresh["id"], case=case)


def test_an_output_that_no_file_has_is_refused_with_the_nearest(farm: Farm, grown: dict[str, Any]) -> None:
    wrong = {"outputs": [{"variable": "Zone Mean Air Temperatur", "frequency": "hourly"}]}
    answer = farm.http.post(f"/api/batches/{grown['after']['id']}/outputs/", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["accepted"][0] == "Zone Mean Air Temperature"
