"""The story of a surrogate on the real farm: cases, training, a screening, points simulated, what was promised held."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import pandas as pd
import pytest

from casefarm import Client
from casefarm.errors import CasefarmError
from casefarm.problems import ServiceRefused
from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

METRICS = ["electricity_kwh", "heating_kwh"]
LEVEL = 0.9
STUDY: dict[str, Any] = {
    "name": "Envelope and lights of a warehouse",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-10", "end": "01-11"},
    "parameters": [
        {
            "name": "roof_insulation_m",
            "target": {"class": "Material", "object": "Metal Semi-Cond Roof Insulation", "field": "Thickness"},
            "uniform": [0.03, 0.3],
        },
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.3, 1.5],
        },
    ],
    "design": {"method": "sobol", "samples": 64, "seed": 4},
}


@pytest.fixture(scope="module")
def client(farm: Farm) -> Iterator[Client]:
    with Client(farm.url, (farm.home / "token").read_text().strip()) as asking:
        yield asking


@pytest.fixture(scope="module")
def trained(farm: Farm) -> dict[str, Any]:
    """64 real cases, and a surrogate of two of their metrics."""
    batch = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert (batch["state"], batch["counts"]["succeeded"]) == ("completed", 64)
    order = {"batches": [batch["id"]], "metrics": METRICS, "kind": "gp", "name": "Warehouse"}
    receipt = farm.http.post("/api/surrogates/", json=order, params={"wait": 50}, timeout=90)
    assert receipt.status_code in (200, 201, 202), receipt.text
    address = f"/api/surrogates/{receipt.json()['id']}/"
    return farm.wait_until(
        lambda: farm.http.get(address).raise_for_status().json(),
        lambda found: found["state"] not in ("queued", "training"),
    )


def test_64_cases_answer_for_200_000_designs_and_5_simulations_hold_what_was_promised(
    client: Client, trained: dict[str, Any]
) -> None:
    assert trained["state"] == "ready", trained
    surrogate = client.surrogate(trained["id"])
    screening = surrogate.screen(objectives=[{"metric": name} for name in METRICS], count=200_000, level=LEVEL, seed=1)
    assert screening.answer["counts"]["seen"] == 200_000
    front = screening.points()
    assert len(front) >= 5
    # Less light is less electricity and more heating: a front trades the one for the other.
    front = front.sort_values("electricity_kwh")
    assert front["heating_kwh"].is_monotonic_decreasing
    assert (front["heating_kwh_low"] <= front["heating_kwh"]).all()

    chosen = front.iloc[[round(place * (len(front) - 1) / 4) for place in range(5)]]
    batch = surrogate.verify(chosen[["roof_insulation_m", "lighting"]], level=LEVEL).wait(progress=False)
    assert (batch.last["state"], batch.last["counts"]["succeeded"]) == ("completed", 5)
    [verification] = surrogate.verifications()
    assert verification["batch"] == batch.id
    summary = verification["summary"]
    told = summary["points_compared"], summary["compared"], summary["promised"]
    assert told == (5, 10, LEVEL)
    assert summary["within"] >= fewest_within(summary["compared"], LEVEL), verification
    simulated = batch.results()
    for place, point in enumerate(verification["points"]):
        for name in METRICS:
            assert point["metrics"][name]["simulated"] == pytest.approx(simulated[name][place], rel=1e-12)
            assert point["metrics"][name]["mean"] == pytest.approx(chosen[name].iloc[place], rel=1e-4)


def fewest_within(count: int, level: float) -> int:
    """Return how many of `count` intervals hold at least, but once in a thousand times, where each does at `level`."""
    spread = math.sqrt(count * level * (1 - level))
    return math.floor(count * level + NormalDist().inv_cdf(0.001) * spread)


def test_what_a_worker_says_comes_back_to_client_and_command(
    farm: Farm,
    client: Client,
    trained: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from typer.testing import CliRunner

    from casefarm.cli import app

    surrogate = client.surrogate(trained["id"])
    points = pd.DataFrame({"roof_insulation_m": [0.1, 0.2], "lighting": [0.5, 3.0]})
    said = surrogate.predict(points)
    assert said["inside_domain"].tolist() == [True, False]
    assert said.attrs["units"] == {"electricity_kwh": "kWh", "heating_kwh": "kWh"}
    assert said.attrs["strays"] == {"lighting": 1}
    with pytest.raises(ServiceRefused, match=r"inputs\.lighting: Write `lighting`: the surrogate needs it"):
        surrogate.predict({"roof_insulation_m": 0.1})
    with pytest.raises(ServiceRefused, match=r"objectives\[0\]\.metric: This surrogate has no metric 'cooling'"):
        surrogate.screen(objectives=[{"metric": "cooling"}])
    indices = surrogate.sensitivity(metrics=["electricity_kwh"], samples=64).indices().set_index("input")
    assert indices["s1"].idxmax() == "lighting"

    monkeypatch.setenv("CASEFARM_URL", farm.url)
    monkeypatch.setenv("CASEFARM_TOKEN", (farm.home / "token").read_text().strip())
    asked = ["surrogate", "predict", trained["id"], "roof_insulation_m=0.1", "lighting=0.5"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    header, row = shown.stdout.splitlines()
    assert header.split(",")[:3] == ["electricity_kwh", "electricity_kwh_low", "electricity_kwh_high"]
    assert float(row.split(",")[0]) == pytest.approx(said["electricity_kwh"][0], rel=1e-12)
    refused = CliRunner().invoke(app, ["surrogate", "screen", trained["id"]])
    assert isinstance(refused.exception, CasefarmError)
