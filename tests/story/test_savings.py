"""Savings as a modeller counts them: simulate once, change tariffs as often as wanted, compare with another batch."""

import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casefarm import Client
from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY = {
    "name": "Warehouse lighting, in money",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "run_period": {"start": "01-06", "end": "01-07"},  # a Friday and a Saturday
    "baseline": True,
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 0.8],
        }
    ],
    "outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}],
}
WINDOWS = [
    {"name": "peak", "rate": 0.31, "days": "weekdays", "from": 8, "to": 20},
    {"name": "off-peak", "rate": 0.19, "days": "weekdays", "from": 20, "to": 8},
    {"name": "weekend", "rate": 0.13, "days": "weekends"},
]
VALUATION = {
    "currency": "EUR",
    "tariffs": {"electricity": {"time_of_use": WINDOWS}, "natural_gas": {"flat": 0.06}},
    "emission_factors": {"electricity": {"flat": 0.4}, "natural_gas": {"flat": 0.2}},
}


@pytest.fixture(scope="module")
def batch(farm: Farm) -> dict[str, Any]:
    """A finished batch of four cases and two baselines that report electricity by the hour."""
    return farm.wait_for_end(farm.submit(STUDY)["id"])


def rate_at(start: dt.datetime) -> float:
    if start.weekday() >= 5:
        return 0.13
    return 0.31 if 8 <= start.hour < 20 else 0.19


def add_up(farm: Farm, batch_id: str, meter: str = "Electricity:Facility") -> dict[int, float]:
    """Electricity costs by case, from the time series as they are downloaded."""
    text = farm.http.get(f"/api/batches/{batch_id}/timeseries/", params={"name": meter}).raise_for_status().text
    costs: dict[int, float] = {}
    for line in csv.DictReader(io.StringIO(text)):
        assert (line["unit"], line["interval_min"]) == ("J", "60")
        start = dt.datetime.fromisoformat(line["interval_end_local"]) - dt.timedelta(hours=1)
        costs[int(line["case"])] = costs.get(int(line["case"]), 0.0) + float(line["value"]) / 3.6e6 * rate_at(start)
    return costs


def read_savings(farm: Farm, batch_id: str) -> dict[int, dict[str, str]]:
    text = farm.http.get(f"/api/batches/{batch_id}/savings/").raise_for_status().text
    return {int(line["case"]): line for line in csv.DictReader(io.StringIO(text))}


def keep(farm: Farm, batch_id: str, valuation: dict[str, Any]) -> None:
    farm.http.put(f"/api/batches/{batch_id}/valuation/", json=valuation).raise_for_status()


def list_attempts(farm: Farm, batch_id: str) -> list[tuple[Any, ...]]:
    cases = farm.http.get(f"/api/batches/{batch_id}/cases/").raise_for_status().json()["results"]
    return [(case["index"], case["state"], case["attempt"], case["finished_at"]) for case in cases]


def test_costs_by_the_hour_are_the_sum_of_the_hours(farm: Farm, batch: dict[str, Any]) -> None:
    assert batch["counts"]["succeeded"] == 6
    keep(farm, batch["id"], VALUATION)
    by_hand, rows = add_up(farm, batch["id"]), read_savings(farm, batch["id"])
    results = {row["case"]: row for row in farm.rows(batch["id"])}
    assert set(by_hand) == set(rows) == set(results)
    for case, row in rows.items():
        baseline = int(row["baseline"])
        gas, used = (results[each]["natural_gas_kwh"] or 0.0 for each in (case, baseline))
        assert float(row["cost_electricity_eur"]) == pytest.approx(by_hand[case], rel=1e-9)
        assert float(row["cost_eur"]) == pytest.approx(by_hand[case] + 0.06 * gas, rel=1e-9)
        saved = by_hand[baseline] - by_hand[case] + 0.06 * (used - gas)
        assert float(row["saved_cost_eur"]) == pytest.approx(saved, rel=1e-9, abs=1e-9)
        assert results[baseline]["weather"] == results[case]["weather"]
        assert row["period"] == "01-06 to 01-07"
    assert min(float(row["saved_electricity_kwh"]) for case, row in rows.items() if case >= 0) > 0


def test_tariffs_are_changed_without_simulating(farm: Farm, batch: dict[str, Any]) -> None:
    before, cases = farm.show(batch["id"]), list_attempts(farm, batch["id"])
    costs = []
    for factor in (1, 3):
        windows = [{**window, "rate": factor * window["rate"]} for window in WINDOWS]
        tariffs = {"electricity": {"time_of_use": windows}, "natural_gas": {"flat": factor * 0.06}}
        keep(farm, batch["id"], {"currency": "EUR", "tariffs": tariffs})
        costs.append([float(row["cost_eur"]) for row in read_savings(farm, batch["id"]).values()])
    assert costs[1] == pytest.approx([3 * cost for cost in costs[0]])
    assert list_attempts(farm, batch["id"]) == cases
    assert {key: value for key, value in farm.show(batch["id"]).items() if key != "valuation"} == {
        key: value for key, value in before.items() if key != "valuation"
    }


def test_years_are_not_made_of_two_days(farm: Farm, batch: dict[str, Any]) -> None:
    life_cycle = {"period_years": 30, "discount_rate": 0.03}
    answer = farm.http.put(f"/api/batches/{batch['id']}/valuation/", json={**VALUATION, "life_cycle": life_cycle})
    assert answer.status_code == 409
    assert [entry["path"] for entry in answer.json()["errors"]] == ["life_cycle"]


def test_what_a_roof_sells_is_paid_for(farm: Farm) -> None:
    panels = {"name": "panels", "measure": "rooftop_pv", "values": [0.6]}
    meters = ("ElectricityPurchased:Facility", "ElectricitySurplusSold:Facility")
    outputs = [{"meter": meter, "frequency": "hourly"} for meter in meters]
    study = {**STUDY, "weather": "miami", "parameters": [panels], "outputs": outputs}
    batch = farm.wait_for_end(farm.submit(study)["id"])
    valuation: dict[str, Any] = {
        "currency": "EUR",
        "tariffs": {"electricity": {"time_of_use": WINDOWS}, "natural_gas": {"flat": 0}},
    }
    keep(farm, batch["id"], valuation)
    panelled = read_savings(farm, batch["id"])[0]
    assert panelled["cost_eur"] == ""
    assert "tariffs.electricity.export" in panelled["reason"]

    valuation["tariffs"]["electricity"]["export"] = {"flat": 0.08}
    keep(farm, batch["id"], valuation)
    bought = add_up(farm, batch["id"], meters[0])
    (sold,) = (row["electricity_sold_kwh"] for row in farm.rows(batch["id"]) if row["case"] == 0)
    rows = read_savings(farm, batch["id"])
    assert sold > 0
    assert float(rows[0]["cost_eur"]) == pytest.approx(bought[0] - 0.08 * sold, rel=1e-9)
    assert float(rows[-1]["cost_eur"]) == pytest.approx(bought[-1], rel=1e-9)
    assert float(rows[0]["saved_cost_eur"]) == pytest.approx(bought[-1] - bought[0] + 0.08 * sold, rel=1e-9)


def run_command(farm: Farm, *words: str) -> "subprocess.CompletedProcess[str]":
    token = farm.http.headers["Authorization"].split()[1]
    environment = {**os.environ, "CASEFARM_URL": farm.url, "CASEFARM_TOKEN": token}
    command = [sys.executable, "-m", "casefarm.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


@pytest.fixture
def client(farm: Farm) -> Iterator[Client]:
    with Client(farm.url, farm.http.headers["Authorization"].split()[1]) as opened:
        yield opened


def test_client_and_command_give_the_same_table(
    farm: Farm, client: Client, batch: dict[str, Any], tmp_path: Path
) -> None:
    frame = client.batch(batch["id"]).savings(VALUATION)
    assert list(frame["case"]) == [-2, -1, 0, 1, 2, 3]
    file = tmp_path / "valuation.json"
    file.write_text(json.dumps(VALUATION))
    text = run_command(farm, "savings", batch["id"], "--valuation", str(file)).stdout
    assert [float(row["saved_cost_eur"]) for row in csv.DictReader(io.StringIO(text))] == list(frame["saved_cost_eur"])


def test_two_batches_are_put_side_by_side(farm: Farm, client: Client, batch: dict[str, Any]) -> None:
    second = farm.wait_for_end(farm.submit(STUDY | {"weather": "miami", "outputs": []})["id"])
    pairs = client.batch(batch["id"]).compare(second["id"], ["electricity_kwh"])
    assert pairs.attrs["matched"] == 3
    matched = pairs[pairs["match"] == "matched"]
    assert set(matched["weather"]) == {"miami"}
    assert (matched["difference_electricity_kwh"] == 0).all()
    told = run_command(farm, "compare", batch["id"], second["id"], "--metric", "electricity_kwh")
    assert "3 pairs" in told.stderr
    assert "have a weather that the other batch does not run" in told.stderr
    assert len(list(csv.DictReader(io.StringIO(told.stdout)))) == len(pairs)
