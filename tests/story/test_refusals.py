"""A study with mistakes is refused as a whole, with every mistake at once and what to do about each."""

import pytest

from tests.farm import Farm

pytestmark = pytest.mark.stack

FIVE_MISTAKES = {
    "name": "Five mistakes",
    "model": "warehose",
    "weather": "atlantis",
    "parameters": [
        {
            "name": "roof",
            "target": {"class": "Material", "object": "*", "field": "Thickness"},
            "change": "scael",
            "values": [1.0],
        },
        {"name": "light", "target": {"class": "Lights", "object": "*", "field": "Fraction Radiant"}, "values": []},
    ],
    "design": {"method": "gird"},
}

FIVE_IN_THE_MODEL = {
    "name": "Five more",
    "model": "warehouse",
    "weather": "chicago",
    "parameters": [
        {"name": "a", "target": {"class": "Lihgts", "object": "*", "field": "Fraction Radiant"}, "values": [0.1]},
        {"name": "b", "target": {"class": "Lights", "object": "*", "field": "Fraction Radaint"}, "values": [0.1]},
        {"name": "c", "target": {"class": "Lights", "object": "Attic*", "field": "Fraction Radiant"}, "values": [0.1]},
        {"name": "d", "target": {"class": "Lights", "object": "*", "field": "Fraction Radiant"}, "values": [1.5]},
        {"name": "e", "measure": "rotat", "values": [0, 90]},
    ],
    "design": {"method": "grid"},
}


def refuse(farm: Farm, study: dict) -> dict[str, dict]:
    """Submit a study that must be refused and return its errors by path."""
    answer = farm.http.post("/api/batches/", json=study)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert (problem["status"], len(problem["errors"])) == (400, 5), problem["errors"]
    return {error["path"]: error for error in problem["errors"]}


def find_error(errors: dict[str, dict], start: str) -> dict:
    """Return the first error whose path starts so."""
    return next(error for path, error in errors.items() if path.startswith(start))


def test_five_mistakes_give_five_errors_that_say_what_to_do(farm: Farm) -> None:
    before = farm.http.get("/api/batches/").json()["results"]
    errors = refuse(farm, FIVE_MISTAKES)
    assert {"model", "weather", "design.method"} <= {path.split("[")[0] for path in errors}
    assert any(path.startswith("parameters[0].change") for path in errors)
    assert any(path.startswith("parameters[1]") for path in errors)
    assert "warehouse" in str(errors["model"]["accepted"])
    assert all(error["message"] and error["accepted"] for error in errors.values())
    assert farm.http.get("/api/batches/").json()["results"] == before


def test_mistakes_in_targets_name_what_is_nearest(farm: Farm) -> None:
    errors = refuse(farm, FIVE_IN_THE_MODEL)
    assert "Lights" in str(errors["parameters[0].target.class"]["accepted"])
    assert "Fraction Radiant" in str(errors["parameters[1].target.field"]["accepted"])
    assert errors["parameters[2].target.object"]["found"] == "Attic*"
    assert "1" in str(find_error(errors, "parameters[3].values")["accepted"])
    assert errors["parameters[4].measure"]["message"] == "There is no measure 'rotat'; did you mean `rotate`?"


def test_a_preview_writes_nothing_and_counts(farm: Farm) -> None:
    before = farm.http.get("/api/batches/").json()["results"]
    study = {**FIVE_IN_THE_MODEL, "parameters": [{**FIVE_IN_THE_MODEL["parameters"][3], "values": [0.2, 0.4]}]}
    preview = farm.http.post("/api/batches/preview/", json=study).raise_for_status().json()
    assert (preview["case_count"], len(preview["cases"])) == (2, 2)
    assert "Fraction Radiant" in preview["cases"][0]["changes"][0]
    assert farm.http.get("/api/batches/").json()["results"] == before


def test_nobody_is_served_without_a_token(farm: Farm) -> None:
    answer = farm.http.get("/api/batches/", headers={"Authorization": "Token nonsense"})
    assert answer.status_code == 401
