"""Walls and roofs of a construction set through the whole farm: built, simulated, priced; and priced anew."""

import csv
import io
from typing import Any

import pytest

from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

WALLS = ("Sandwich panel wall 50 mm", "Passive house wall 300 mm EPS")
ROOFS = ("Sandwich panel roof 60 mm", "Passive house roof 240 mm polyurethane")
SETS = "/api/construction-sets/"

# of the vertices in the model: what is as long and as wide as the warehouse, less what is open in its walls
DOORS_M2 = (4 * 0.9143 + 2 * 0.9144 + 1.829) * 2.1335 + (6 * 2.4383 + 2.4382) * 3.0478
WINDOWS_M2 = 2 * (3.6574 + 2.1335) * (2.4393 - 0.9144)
WALLS_M2 = 2 * (45.7178 + 100.5790) * 8.5340 - DOORS_M2 - WINDOWS_M2
ROOFS_M2 = 45.7178 * 100.5790


def assign(name: str, surfaces: str, ref: str, values: tuple[str, ...]) -> dict[str, Any]:
    arguments = {"set": ref, "surfaces": surfaces}
    return {"name": name, "measure": "assign_construction", "arguments": arguments, "values": list(values)}


def study_of(name: str, ref: str) -> dict[str, Any]:
    return {
        "name": name,
        "model": "warehouse",
        "weather": "chicago",
        "run_period": {"start": "01-12", "end": "01-13"},
        "baseline": True,
        "parameters": [assign("wall", "exterior_walls", ref, WALLS), assign("roof", "roofs", ref, ROOFS)],
    }


@pytest.fixture(scope="module")
def starter(farm: Farm) -> dict[str, dict[str, Any]]:
    """The constructions of the starter set by name."""
    shown = farm.http.get(f"{SETS}starter/").raise_for_status().json()
    return {entry["name"]: entry for entry in shown["constructions"]}


@pytest.fixture(scope="module")
def first(farm: Farm) -> dict[str, Any]:
    """A batch with the starter set."""
    return farm.wait_for_end(farm.submit(study_of("Two walls, two roofs", "starter"))["id"])


def read_csv(farm: Farm, batch: dict[str, Any]) -> list[dict[str, str]]:
    text = farm.http.get(f"/api/batches/{batch['id']}/results/", params={"as": "csv"}).raise_for_status().text
    return list(csv.DictReader(io.StringIO(text)))


def test_each_case_is_built_as_the_set_says_and_has_its_price(
    farm: Farm, first: dict[str, Any], starter: dict[str, dict[str, Any]]
) -> None:
    assert (first["state"], first["counts"]["succeeded"]) == ("completed", 5)
    rows = read_csv(farm, first)
    baseline, *cases = rows
    assert (float(baseline["investment_cost_eur"]), float(baseline["embodied_carbon_kgco2e"])) == (0, 0)
    assert {(row["wall"], row["roof"]) for row in cases} == {(wall, roof) for wall in WALLS for roof in ROOFS}
    for row in cases:
        for metric, figure in (
            ("investment_cost_eur", "cost_per_m2"),
            ("embodied_carbon_kgco2e", "embodied_carbon_kgco2e_m2"),
        ):
            expected = WALLS_M2 * starter[row["wall"]][figure] + ROOFS_M2 * starter[row["roof"]][figure]
            assert float(row[metric]) == pytest.approx(expected, rel=1e-9)
    heating = {(row["wall"], row["roof"]): float(row["heating_kwh"]) for row in cases}
    assert heating[WALLS[1], ROOFS[0]] < heating[WALLS[0], ROOFS[0]]
    assert heating[WALLS[1], ROOFS[1]] < heating[WALLS[1], ROOFS[0]]


def test_the_model_of_a_case_has_every_layer_in_full(farm: Farm, first: dict[str, Any]) -> None:
    case = farm.http.get(f"/api/batches/{first['id']}/cases/0/").raise_for_status().json()
    files = {file["name"]: file["url"] for file in case["files"]}
    patch = farm.http.get(files["model.diff"]).raise_for_status().text
    for word in ("Sandwich panel wall 50 mm", "Sandwich panel roof 60 mm", "Polyurethane foam", "Steel sheet"):
        assert word in patch
    columns = farm.http.get(f"/api/batches/{first['id']}/columns/").raise_for_status().json()
    facts = {column["name"]: column for column in columns}
    assert (facts["investment_cost_eur"]["label"], facts["investment_cost_eur"]["unit"]) == ("Investment cost", "EUR")
    assert facts["embodied_carbon_kgco2e"]["unit"] == "kgCO2e"


def test_known_cases_are_taken_over_at_the_prices_of_ones_own_set(
    farm: Farm, first: dict[str, Any], starter: dict[str, dict[str, Any]]
) -> None:
    copy = farm.http.post(SETS, json={"copy_of": "starter", "name": "Dear walls"}).raise_for_status().json()
    prices = {WALLS[0]: 1000.0, WALLS[1]: None}
    constructions = [
        {**entry, "cost_per_m2": prices.get(entry["name"], entry["cost_per_m2"])} for entry in copy["constructions"]
    ]
    farm.http.patch(f"{SETS}{copy['id']}/", json={"constructions": constructions}).raise_for_status()
    second = farm.wait_for_end(farm.submit(study_of("The same, other prices", "dear walls"))["id"])
    assert (second["state"], second["cached"]) == ("completed", 5)
    before = {row["case"]: row for row in read_csv(farm, first)}
    for row in read_csv(farm, second)[1:]:
        assert row["heating_kwh"] == before[row["case"]]["heating_kwh"]
        assert row["embodied_carbon_kgco2e"] == before[row["case"]]["embodied_carbon_kgco2e"]
        if row["wall"] == WALLS[1]:
            assert row["investment_cost_eur"] == ""  # not known, and never 0
        else:
            expected = WALLS_M2 * 1000.0 + ROOFS_M2 * starter[row["roof"]]["cost_per_m2"]
            assert float(row["investment_cost_eur"]) == pytest.approx(expected, rel=1e-9)


def test_a_batch_keeps_its_prices_when_the_set_is_gone(farm: Farm) -> None:
    copy = farm.http.post(SETS, json={"copy_of": "starter", "name": "Soon gone"}).raise_for_status().json()
    receipt = farm.submit({**study_of("Of a set that goes", copy["id"]), "baseline": False})
    assert farm.http.delete(f"{SETS}{copy['id']}/").status_code == 204
    ended = farm.wait_for_end(receipt["id"])
    assert ended["counts"]["succeeded"] == 4
    assert all(float(row["investment_cost_eur"]) > 0 for row in read_csv(farm, ended))


def test_a_set_of_another_currency_is_refused_beside_the_starter_set(farm: Farm) -> None:
    form = {"model": "warehouse", "name": "Dollars", "currency": "USD"}
    made = farm.http.post(f"{SETS}import/", json=form).raise_for_status().json()
    roofs = [entry["name"] for entry in made["constructions"] if entry["kind"] == "roof"]
    study = study_of("Two currencies", "starter")
    study["parameters"][1] = assign("roof", "roofs", "Dollars", tuple(roofs))
    answer = farm.http.post("/api/batches/", json=study)
    assert answer.status_code == 400
    assert [entry["path"] for entry in answer.json()["errors"]] == ["parameters[1].arguments.set"]
