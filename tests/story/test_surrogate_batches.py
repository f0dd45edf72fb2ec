"""A surrogate is trained in the farm and answers for a batch, shard by shard; another batch chooses its own cases."""

from typing import Any

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

PARAMETERS = [{"name": "heat_loss_w_k", "uniform": [100.0, 300.0]}, {"name": "base_c", "uniform": [14.0, 20.0]}]
SIMULATED: dict[str, Any] = {
    "name": "Degree days",
    "engine": "executable:degree_days",
    "weather": ["chicago", "miami"],
    "parameters": PARAMETERS,
    "design": {"method": "sobol", "samples": 40},
}
METRIC = "heating_kwh"
DESIGNS = 20_000
ENDED = ("ready", "failed", "cancelled")


@pytest.fixture(scope="module")
def surrogate(farm: Farm) -> str:
    """Trained on 40 cases of the program; its id."""
    parent = farm.wait_for_end(farm.submit(SIMULATED)["id"])
    order = {"batches": [parent["id"]], "metrics": [METRIC], "kind": "ridge"}
    answer = farm.http.post("/api/surrogates/", json=order)
    assert answer.status_code in (200, 201, 202), answer.text
    address = f"/api/surrogates/{answer.json()['id']}/"
    found = farm.wait_until(lambda: farm.http.get(address).json(), lambda told: told["state"] in ENDED)
    assert found["state"] == "ready", found
    return str(found["id"])


def ask_many(surrogate: str, samples: int) -> dict[str, Any]:
    design = {"method": "sobol", "samples": samples}
    study = {"name": "Many designs", "engine": f"surrogate:{surrogate}", "parameters": PARAMETERS, "design": design}
    return {**study, "weather": ["chicago", "miami"]}


def test_the_table_of_twenty_thousand_designs_is_what_the_surrogate_predicts(farm: Farm, surrogate: str) -> None:
    receipt = farm.submit(ask_many(surrogate, DESIGNS))
    batch = farm.wait_for_end(receipt["id"])
    assert (batch["state"], batch["counts"]["succeeded"]) == ("completed", DESIGNS), batch
    rows = farm.rows(batch["id"])
    assert [row["case"] for row in rows] == list(range(DESIGNS))
    shown = rows[::40]
    inputs = {name: [row[name] for row in shown] for name in ("heat_loss_w_k", "base_c", "weather")}
    answer = farm.http.post(f"/api/surrogates/{surrogate}/predict/", json={"inputs": inputs})
    told = answer.raise_for_status().json()
    metric = told["metrics"][METRIC]
    for part, column in (("mean", METRIC), ("low", f"{METRIC}_low"), ("high", f"{METRIC}_high")):
        assert [row[column] for row in shown] == pytest.approx(metric[part], rel=1e-9)
    assert [bool(row["inside_domain"]) for row in shown] == told["inside"]


def test_a_batch_that_is_cancelled_half_way_keeps_what_was_answered(farm: Farm, surrogate: str) -> None:
    receipt = farm.submit(ask_many(surrogate, 10 * DESIGNS))
    farm.wait_until(lambda: farm.show(receipt["id"])["counts"], lambda counts: counts["succeeded"] > 0)
    assert farm.http.post(receipt["cancel_url"]).json()["state"] == "cancelled"
    counts = farm.show(receipt["id"])["counts"]
    assert counts["succeeded"] + counts["cancelled"] == 10 * DESIGNS
    assert counts["cancelled"] > 0
    states = [row["state"] for row in farm.rows(receipt["id"])]
    assert states.count("succeeded") == farm.show(receipt["id"])["counts"]["succeeded"]


def test_its_predictions_compare_with_simulations_of_the_same_points(farm: Farm, surrogate: str) -> None:
    simulated = farm.wait_for_end(farm.submit(SIMULATED)["id"])
    predicted = farm.wait_for_end(farm.submit(ask_many(surrogate, 40))["id"])
    pair = {(row["case"]): row[METRIC] for row in farm.rows(simulated["id"])}
    rows = farm.rows(predicted["id"])
    inside = [row[f"{METRIC}_low"] <= pair[row["case"]] <= row[f"{METRIC}_high"] for row in rows]
    assert sum(inside) >= 0.8 * len(rows)


def test_an_adaptive_batch_ends_by_itself_and_leaves_a_surrogate(farm: Farm) -> None:
    adaptive = {"budget": 120, "target": {"metric": METRIC, "cvrmse": 0.1}, "batch": 10}
    study = {key: value for key, value in SIMULATED.items() if key != "design"}
    batch = farm.wait_for_end(farm.submit({**study, "name": "As few as will do", "adaptive": adaptive})["id"])
    told = batch["adaptive"]
    assert (batch["state"], told["state"]) == ("completed", "ended"), batch
    assert told["rounds"][-1]["cvrmse"] <= 0.1
    assert batch["case_count"] < 120
    assert told["unspent"] == 120 - batch["case_count"]
    address = f"/api/surrogates/{told['surrogate']}/"
    found = farm.wait_until(lambda: farm.http.get(address).json(), lambda told: told["state"] in ENDED)
    assert found["state"] == "ready"
