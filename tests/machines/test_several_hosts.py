"""A farm on four hosts that share nothing but the network: one is cut off, one is killed, one joins late."""

import os
from pathlib import Path

import pytest

from casefarm.client import Client
from tests.machines.network import make_network
from tests.machines.several import run_head
from tests.s3_server import start_s3_server

pytestmark = [pytest.mark.stack, pytest.mark.engine]
CASES = 40
STUDY = {
    "name": "Warehouse on several hosts",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-01", "end": "04-30"},
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.5, 1.5],
        }
    ],
    "design": {"method": "sobol", "samples": CASES, "seed": 3},
}


def may_make_networks() -> bool:
    return os.geteuid() == 0 and Path("/proc/self/ns/net").exists()


@pytest.mark.skipif(not may_make_networks(), reason="only root can make networks")
def test_a_batch_survives_a_cut_cable_a_power_cut_and_a_late_comer(tmp_path: Path) -> None:
    with (
        make_network(tmp_path, ["head", "one", "two", "late"]) as hosts,
        start_s3_server(hosts["head"].address, launcher=hosts["head"].enter) as bucket,
        run_head(hosts["head"], bucket.environment("farm")) as farm,
    ):
        for name in ("one", "two"):
            farm.join(hosts[name])
        batch_id = farm.http.post("/api/batches/", json=STUDY).raise_for_status().json()["id"]

        cut = farm.wait_for("a case on host one", lambda: farm.find_case_at(hosts["one"], batch_id))
        hosts["one"].cut_off()
        farm.join(hosts["late"])
        farm.wait_for("a case on the late host", lambda: farm.find_case_at(hosts["late"], batch_id))
        killed = farm.wait_for("a case on host two", lambda: farm.find_case_at(hosts["two"], batch_id))
        hosts["two"].kill()
        farm.wait_for("the case of the cut-off host", lambda: farm.case_state(batch_id, cut) == "succeeded")
        hosts["one"].connect()
        farm.wait_for("host one at work again", lambda: "one" in farm.list_hosts())

        ended = farm.wait_for("the end", lambda: (found := farm.show(batch_id))["state"] == "completed" and found)
        assert ended["counts"] == {"pending": 0, "running": 0, "succeeded": CASES, "failed": 0, "cancelled": 0}
        assert not any((host.disk / "home" / "files" / "batches").exists() for host in hosts.values())
        assert [row["case"] for row in farm.rows(batch_id)] == list(range(CASES))
        with Client(str(farm.http.base_url), farm.token) as client:
            for index in {cut, killed}:
                assert client.batch(batch_id).replay(index).is_identical, index
