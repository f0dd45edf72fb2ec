"""A surrogate is trained by a farm's own worker; the worker is killed in the middle of it, and another one goes on."""

import signal
from typing import Any

import psutil
import pytest

from tests.farm import Farm

pytestmark = pytest.mark.stack

STUDY: dict[str, Any] = {
    "name": "Angles",
    "engine": "executable:ishigami",
    "parameters": [{"name": name, "uniform": [-3.0, 3.0], "unit": "rad"} for name in ("x1", "x2", "x3")],
    "design": {"method": "sobol", "samples": 64, "seed": 1},
}


@pytest.fixture(scope="module")
def batch_id(farm: Farm) -> str:
    """A finished batch of a program that is quick."""
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert batch["state"] == "completed"
    return str(batch["id"])


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


def train(farm: Farm, batch_id: str, **order: Any) -> dict[str, Any]:
    response = farm.http.post("/api/surrogates/", json={"batches": [batch_id], **order})
    assert response.status_code == 202, response.text
    return response.json()


def wait_for_checkpoint(farm: Farm, surrogate: dict[str, Any]) -> None:
    farm.wait_until(lambda: list_kept(farm, surrogate), lambda kept: any("safetensors" in name for name in kept))


def test_a_training_whose_worker_is_killed_is_gone_on_with_and_becomes_ready(farm: Farm, batch_id: str) -> None:
    surrogate = train(farm, batch_id, kind="ensemble")
    wait_for_checkpoint(farm, surrogate)
    find_worker(farm).send_signal(signal.SIGKILL)
    ended = farm.wait_until(lambda: show(farm, surrogate), lambda shown: shown["state"] not in ("queued", "training"))
    assert (ended["state"], ended["error"]) == ("ready", None)
    assert ended["provenance"]["cases_used"] == 64
    assert len(list_kept(farm, surrogate)) == 1  # the file of the second attempt, and no checkpoint
    assert "model-2" in list_kept(farm, surrogate)[0]


def test_a_training_that_is_cancelled_in_the_middle_leaves_nothing(farm: Farm, batch_id: str) -> None:
    surrogate = train(farm, batch_id, kind="ensemble", seed=1)
    wait_for_checkpoint(farm, surrogate)
    cancelled = farm.http.post(f"/api/surrogates/{surrogate['id']}/cancel/")
    assert cancelled.json()["state"] == "cancelled"
    tasks = f"/api/tasks/{surrogate['task_id']}/status/"
    assert farm.http.get(tasks).json()["state"] == "REVOKED"

    def ask_tasks() -> list[Any]:
        workers = farm.http.get("/api/workers/").raise_for_status().json()["workers"]
        return [task for worker in workers if worker["queues"] == ["surrogates"] for task in worker["tasks"]]

    farm.wait_until(ask_tasks, lambda running: running == [])
    assert list_kept(farm, surrogate) == []
