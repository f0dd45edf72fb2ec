"""A batch is cancelled half way: engines die within a second, and the batch stays cancelled."""

from time import monotonic

import psutil
import pytest

from tests.farm import Farm, pause

pytestmark = [pytest.mark.stack, pytest.mark.engine]


def grid_of_three_parameters(name: str) -> dict:
    """A grid of 3 parameters × 2 weathers on the small office: 54 annual runs."""
    scaled = {"change": "scale", "values": [0.8, 1.0, 1.2]}
    targets = {
        "lighting": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
        "equipment": {"class": "ElectricEquipment", "object": "*", "field": "Watts per Floor Area"},
        "people": {"class": "People", "object": "*", "field": "Floor Area per Person"},
    }
    return {
        "name": name,
        "model": "small_office",
        "weather": ["chicago", "miami"],
        "parameters": [{"name": name, "target": target, **scaled} for name, target in targets.items()],
        "design": {"method": "grid"},
    }


def engines(farm: Farm) -> list[psutil.Process]:
    """Return the engine processes of this farm: forks of the servers that its workers have started."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        try:
            is_server = "energyplus.engines.fork_server" in (process.info["cmdline"] or [])
            worker = process.parent() if is_server else None
            # A fork has its server's command line; the worker tells them apart, and whose it is.
            if worker and "celery" in worker.cmdline() and worker.cwd().startswith(str(farm.home)):
                found += process.children()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_a_cancelled_batch_stops_at_once_and_stays_cancelled(farm: Farm) -> None:
    receipt = farm.submit(grid_of_three_parameters("To be cancelled"))
    assert receipt["case_count"] == 54
    farm.wait_until(lambda: farm.show(receipt["id"])["counts"], lambda counts: counts["succeeded"] >= 2)
    farm.wait_until(lambda: engines(farm), bool)

    answer = farm.http.post(receipt["cancel_url"])
    cancelled_at = monotonic()
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    while engines(farm):
        assert monotonic() - cancelled_at < 1.0, "an engine process outlived the cancel by a second"
        pause()

    batch = farm.wait_until(lambda: farm.show(receipt["id"]), lambda batch: batch["counts"]["running"] == 0)
    counts = batch["counts"]
    assert batch["state"] == "cancelled"
    assert counts["succeeded"] >= 2
    assert counts["cancelled"] == 54 - counts["succeeded"] - counts["failed"]
    rows = farm.rows(receipt["id"])
    assert len(rows) == 54
    assert sum(row["total_site_energy_kwh"] is not None for row in rows) == counts["succeeded"]
    assert {row["state"] for row in rows} == {"succeeded", "cancelled"}


def test_a_farm_goes_on_after_a_cancel(farm: Farm) -> None:
    cancelled = farm.submit(grid_of_three_parameters("Cancelled at once"))
    farm.http.post(cancelled["cancel_url"]).raise_for_status()
    short = {**grid_of_three_parameters("Short"), "parameters": [], "run_period": {"start": "01-01", "end": "01-02"}}
    assert farm.wait_for_end(farm.submit(short)["id"])["state"] == "completed"
    assert farm.show(cancelled["id"])["state"] == "cancelled"


def test_an_ended_batch_cannot_be_cancelled(farm: Farm) -> None:
    short = {**grid_of_three_parameters("Ends"), "parameters": [], "run_period": {"start": "01-01", "end": "01-02"}}
    batch = farm.wait_for_end(farm.submit(short)["id"])
    answer = farm.http.post(batch["cancel_url"])
    assert answer.status_code == 409
    assert "completed" in answer.json()["detail"]
