"""A surrogate is trained by a farm's own worker; the worker is killed in the middle of it, and another one goes on."""

import math
import signal
from random import Random
from typing import Any

import psutil
import pytest

from tests.farm import Farm

pytestmark = pytest.mark.stack

ROWS = 500
STUDY: dict[str, Any] = {
    "name": "Angles",
    "engine": "executable:ishigami",
    "parameters": [{"name": name, "uniform": [-3.0, 3.0], "unit": "rad"} for name in ("x1", "x2", "x3")],
    "design": {"method": "sobol", "samples": 32, "seed": 1},
}


def find_worker(farm: Farm) -> psutil.Process:
    """The process of the farm's worker for surrogates."""
    workers = farm.http.get("/api/workers/").raise_for_status().json()["workers"]
    (pid,) = [worker["pid"] for worker in workers if worker["queues"] == ["surrogates"]]
    return psutil.Process(pid)


def show(farm: Farm, surrogate: dict[str, Any]) -> dict[str, Any]:
    return farm.http.get(f"/api/surrogates/{surrogate['id']}/").raise_for_status().json()


def list_kept(farm: Farm, surrogate: dict[str, Any]) -> list[str]:
    folder = farm.home / "files" / "surrogates" / surrogate["id"]
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def train(farm: Farm, seed: int = 0) -> dict[str, Any]:
    """Begin a training that lasts long enough to be disturbed after its first checkpoint."""
    random = Random(seed)
    angles = [[random.uniform(-3, 3) for _ in range(3)] for _ in range(ROWS)]
    lines = [f"{x1},{x2},{x3},{math.sin(x1) + 7 * math.sin(x2) ** 2 + 0.1 * x3**4}" for x1, x2, x3 in angles]
    table = "\n".join(["x1,x2,x3,height_m", *lines]).encode()
    order = {"kind": "ensemble", "metrics": "height_m", "name": "Angles"}
    response = farm.http.post("/api/surrogates/", data=order, files={"table": ("angles.csv", table)})
    assert response.status_code == 202, response.text
    surrogate: dict[str, Any] = response.json()
    return surrogate


def wait_for_checkpoint(farm: Farm, surrogate: dict[str, Any]) -> None:
    farm.wait_until(lambda: list_kept(farm, surrogate), lambda kept: any("safetensors" in name for name in kept))


def test_a_training_whose_worker_is_killed_is_gone_on_with_and_becomes_ready(farm: Farm) -> None:
    surrogate = train(farm)
    wait_for_checkpoint(farm, surrogate)
    find_worker(farm).send_signal(signal.SIGKILL)
    ended = farm.wait_until(lambda: show(farm, surrogate), lambda shown: shown["state"] not in ("queued", "training"))
    assert (ended["state"], ended["error"]) == ("ready", None)
    assert ended["provenance"]["cases_used"] == ROWS
    assert len(list_kept(farm, surrogate)) == 1  # the file of the second attempt, and no checkpoint
    assert "model-2" in list_kept(farm, surrogate)[0]


def test_a_training_that_is_cancelled_in_the_middle_leaves_nothing(farm: Farm) -> None:
    surrogate = train(farm, seed=1)
    wait_for_checkpoint(farm, surrogate)
    cancelled = farm.http.post(f"/api/surrogates/{surrogate['id']}/cancel/")
    assert cancelled.json()["state"] == "cancelled"
    tasks = f"/api/tasks/{surrogate['task_id']}/status/"
    assert farm.http.get(tasks).json()["state"] == "REVOKED"

    def count_active() -> int:
        workers = farm.http.get("/api/workers/").raise_for_status().json()["workers"]
        return sum(worker["active"] for worker in workers if worker["queues"] == ["surrogates"])

    farm.wait_until(count_active, lambda active: active == 0)
    assert list_kept(farm, surrogate) == []


def test_a_surrogate_of_a_batch_is_ready_at_once_for_who_waits(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    order = {"batches": [batch["id"]], "kind": "ridge"}
    asked = farm.http.post("/api/surrogates/", params={"wait": 60}, json=order, timeout=90)
    shown = farm.wait_until(lambda: show(farm, asked.json()), lambda found: found["finished_at"] is not None)
    assert (shown["state"], shown["cases_used"]) == ("ready", 32)
    (told,) = shown["parents"]
    assert told == {"batch": batch["id"], "name": "Angles", "cases_used": 32}
    assert shown["provenance"]["batches"][0]["engine"] == "executable:ishigami"
