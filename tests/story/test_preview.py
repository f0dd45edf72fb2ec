"""Before submission: what a study would become, a pilot, and the estimate that comes of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casefarm import Client
from casefarm.commands.preview import describe_counts
from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY: dict[str, Any] = {
    "name": "Retail envelope",
    "model": "standalone_retail",
    "weather": ["chicago", "miami"],
    "run_period": "design_days",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.4, 1.6],
        }
    ],
    "constraints": ["lighting <= 1.5"],
    "design": {"method": "sobol", "samples": 32, "seed": 5},
}

SMALL = {"method": "sobol", "samples": 2, "seed": 5}


@pytest.fixture
def client(farm: Farm) -> Iterator[Client]:
    """The Python client as the local user."""
    with Client(farm.url, (farm.home / "token").read_text().strip()) as client:
        yield client


def test_a_pilot_makes_time_and_room_known_and_its_cases_with_them(farm: Farm, client: Client) -> None:
    before = client.preview(STUDY)
    assert before["case_count"] < before["candidate_count"] == 32
    assert before["cases"][0]["summary"][0].startswith("Lighting: ×")
    assert [entry["class_name"] for entry in before["touched"]] == ["Lights"]
    assert (before["estimate"], before["known_cases"]) == (None, 0)

    pilot = client.pilot(STUDY, 3).wait(progress=False)
    assert (pilot.last["state"], pilot.last["name"], pilot.last["case_count"]) == (
        "completed",
        "Pilot: Retail envelope",
        3,
    )

    after = client.preview(STUDY)
    estimate = after["estimate"]
    assert (estimate["runs"], estimate["same_run_period"]) == (3, True)
    assert 0 < estimate["wall_low_s"] < estimate["wall_s"] < estimate["wall_high_s"]
    assert 0 < estimate["stored_low_bytes"] < estimate["stored_bytes"] < estimate["stored_high_bytes"]
    assert after["known_cases"] == 3

    batch = client.submit({**STUDY, "design": {**STUDY["design"], "samples": 4}}).wait(progress=False)
    assert batch.last["cached"] == 3
    assert describe_counts(client.preview(STUDY))[0] == f"cases: {before['case_count']}"


def test_another_run_period_is_estimated_from_the_one_that_ran(client: Client, farm: Farm) -> None:
    client.pilot(STUDY, 1).wait(progress=False)
    estimate = client.preview({**STUDY, "run_period": {"start": "01-01", "end": "01-31"}})["estimate"]
    assert not estimate["same_run_period"]
    assert estimate["cpu_low_s"] < estimate["cpu_s"] < estimate["cpu_high_s"]
    assert estimate["stored_bytes"] is None


def test_a_table_beside_the_study_becomes_its_cases(client: Client, farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("lighting,weather\n0.5,chicago\n0.9,miami\n0.5,chicago\n")
    (tmp_path / "study.yaml").write_text(
        "name: Points\nmodel: warehouse\nweather: [chicago, miami]\nrun_period: design_days\n"
        "parameters:\n  - {name: lighting, target: {class: Lights, object: '*', field: Watts per Floor Area},"
        " change: scale}\ndesign: {method: table, file: points.csv}\n"
    )
    answer = client.preview(tmp_path / "study.yaml")
    assert (answer["case_count"], answer["duplicate_count"]) == (3, 1)
    uploaded = farm.http.post(
        "/api/study-tables/", files={"file": ("points.csv", (tmp_path / "points.csv").read_bytes())}
    )
    assert uploaded.raise_for_status().json()["row_count"] == 3


def run_command(farm: Farm, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "CASEFARM_URL": farm.url, "CASEFARM_TOKEN": (farm.home / "token").read_text().strip()}
    command = [sys.executable, "-m", "casefarm.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_shows_a_study_and_ends_with_1_where_it_has_mistakes(farm: Farm, tmp_path: Path) -> None:
    study = tmp_path / "study.json"
    study.write_text(json.dumps({**STUDY, "model": "warehouse"}))
    shown = run_command(farm, "preview", str(study))
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("cases: ")
    assert "left out by constraints" in shown.stdout
    assert "Watts per Floor Area" in shown.stdout
    study.write_text(json.dumps({**STUDY, "model": "warehose", "weather": "chikago"}))
    refused = run_command(farm, "preview", str(study))
    assert refused.returncode == 1
    assert "model: " in refused.stderr
    assert "weather: " in refused.stderr


def test_the_command_extends_a_batch_by_a_table(farm: Farm, client: Client, tmp_path: Path) -> None:
    batch = client.submit({**STUDY, "model": "warehouse", "weather": "miami", "design": SMALL}).wait(progress=False)
    before = batch.last["case_count"]
    (tmp_path / "points.csv").write_text("lighting\n0.45\n")
    extended = run_command(farm, "extend", batch.id, "--rows", str(tmp_path / "points.csv"))
    assert extended.returncode == 0, extended.stderr
    assert extended.stdout == f"{before} cases and 1 more\n"
    assert batch.wait(progress=False).last["counts"]["succeeded"] == before + 1
    refused = run_command(farm, "extend", batch.id)
    assert (refused.returncode, "--samples NUMBER, or --rows FILE" in refused.stderr) == (1, True)
