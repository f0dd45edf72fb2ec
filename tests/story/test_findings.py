"""A batch tells which of its parameters did nothing, seen on the real engine."""

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
# No construction of the warehouse has it.
UNUSED = {"class": "Material", "object": "1IN Stucco", "field": "Thickness"}
ROOFS = {"class": "Material", "object": "*Roof Insulation", "field": "Thickness"}

STUDY = {
    "name": "Two parameters too many",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-08", "end": "01-08"},
    "parameters": [
        {"name": "lighting", "target": LIGHTS, "change": "scale", "values": [0.5, 0.8]},
        {"name": "unused_m", "target": UNUSED, "values": [0.02, 0.03]},
        {"name": "nothing", "target": ROOFS, "change": "scale", "values": [1.0]},
    ],
    "design": {"method": "grid"},
}


def test_unused_and_idle_parameters_are_told_and_others_are_not(farm: Farm) -> None:
    preview = farm.http.post("/api/batches/preview/", json=STUDY).raise_for_status().json()
    assert [note["path"] for note in preview["notes"] if "changes nothing" in note["message"]] == ["parameters[2]"]

    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert batch["counts"]["succeeded"] == 4
    told = [(finding["kind"], finding["parameter"]) for finding in batch["findings"]]
    assert told == [("no_change", "nothing"), ("no_effect", "unused_m")]


def test_samples_without_pairs_are_judged_together(farm: Farm) -> None:
    ranged = {"name": "unused_m", "target": UNUSED, "uniform": [0.02, 0.03]}
    study = {**STUDY, "parameters": [ranged], "design": {"method": "lhs", "samples": 3, "seed": 1}}
    batch = farm.wait_for_end(farm.submit(study)["id"])
    assert [finding["kind"] for finding in batch["findings"]] == ["no_effect"]
    study["parameters"] = [ranged, {"name": "lighting", "target": LIGHTS, "change": "scale", "uniform": [0.5, 0.8]}]
    assert farm.wait_for_end(farm.submit(study)["id"])["findings"] == []


def test_a_case_tells_the_engines_messages_in_the_models_words(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    found = farm.http.get(f"/api/batches/{batch['id']}/cases/0/messages/").raise_for_status().json()
    case = farm.http.get(f"/api/batches/{batch['id']}/cases/0/").json()
    assert found["warnings"] == case["metrics"]["warnings"] > 0
    assert found["is_complete"]
    assert sum(message["count"] for message in found["messages"]) == found["warnings"]
