"""The same study twice: the second time nothing runs, the table is the same, and a case can be run again elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY = {
    "name": "Warehouse lighting, twice",
    "model": "warehouse",
    "weather": "miami",
    "run_period": {"start": "03-08", "end": "03-09"},
    "parameters": [{"name": "lighting", "target": LIGHTS, "change": "scale", "values": [0.5, 0.75]}],
}
ALIKE = {
    **STUDY,
    "name": "Four times the same",
    "run_period": {"start": "03-10", "end": "03-11"},
    "parameters": [{"name": "lighting", "target": LIGHTS, "change": "scale"}],
    "design": {"method": "table", "rows": [{"lighting": 0.5}] * 4},
}


@pytest.fixture(scope="module")
def first(farm: Farm) -> dict:
    """The batch that ran."""
    return farm.wait_for_end(farm.submit(STUDY)["id"])


@pytest.fixture(scope="module")
def second(farm: Farm, first: dict) -> dict:
    """The same study again."""
    return farm.wait_for_end(farm.submit({**STUDY, "name": "The same again"})["id"])


def test_the_second_time_every_case_is_taken_over_and_the_table_is_the_same(
    farm: Farm, first: dict, second: dict
) -> None:
    assert (first["cached"], second["cached"], second["state"]) == (0, 2, "completed")
    cases = farm.http.get(second["cases_url"]).raise_for_status().json()["results"]
    assert [case["cached"] for case in cases] == [True, True]
    assert farm.rows(second["id"]) == farm.rows(first["id"])


def test_a_preview_tells_how_many_cases_are_known(farm: Farm, first: dict) -> None:
    third = {**STUDY["parameters"][0], "values": [0.5, 0.75, 0.8]}  # type: ignore[index]
    preview = farm.http.post("/api/batches/preview/", json={**STUDY, "parameters": [third]}).raise_for_status().json()
    assert (preview["case_count"], preview["known_cases"]) == (3, 2)


def test_of_cases_that_are_alike_in_one_batch_one_runs(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit(ALIKE)["id"])
    assert (batch["state"], batch["counts"]["succeeded"], batch["cached"]) == ("completed", 4, 3)
    cases = farm.http.get(batch["cases_url"]).raise_for_status().json()["results"]
    assert {case["attempt"] for case in cases} == {1}
    assert len({case["metrics"]["simulation_s"] for case in cases}) == 1


def test_a_case_has_its_patch_and_its_manifest(farm: Farm, first: dict) -> None:
    case = farm.http.get(f"/api/batches/{first['id']}/cases/0/").raise_for_status().json()
    files = {file["name"]: file for file in case["files"]}
    patch = farm.http.get(files["model.diff"]["url"]).raise_for_status().text
    assert "!- Watts per Floor Area {W/m2}" in patch
    manifest = json.loads(farm.http.get(files["manifest.json"]["url"]).raise_for_status().content)
    assert manifest["metrics"] == case["metrics"]
    sql = farm.http.get(files["eplusout.sql"]["url"]).raise_for_status().content
    assert len(sql) == files["eplusout.sql"]["size_bytes"]
    assert sql.startswith(b"SQLite format 3")


def test_a_replay_is_identical_to_the_last_bit(farm: Farm, second: dict, tmp_path: Path) -> None:
    token = (farm.home / "token").read_text().strip()
    environment = {**os.environ, "CASEFARM_URL": farm.url, "CASEFARM_TOKEN": token}
    command = [sys.executable, "-m", "casefarm.cli", "replay", second["id"], "1", "--out", str(tmp_path / "replayed")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "bit-identical: every metric and every result is the same\n"
    assert (tmp_path / "replayed" / "run" / "eplusout.sql").is_file()


def test_the_second_batch_keeps_its_files_when_the_first_is_deleted(farm: Farm, first: dict, second: dict) -> None:
    assert farm.http.delete(f"/api/batches/{first['id']}/").status_code == 204
    url = f"/api/batches/{second['id']}/cases/0/files/eplusout.err"
    assert "Completed Successfully" in farm.http.get(url).raise_for_status().text
    again = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert again["cached"] == 2
