"""Bills of cases: out of a batch's plan, with the prices it was submitted with."""

from dataclasses import replace
from pathlib import Path

import pytest

from batches.cases.bills import bill_metrics, price_case
from batches.plans import Plan, make_plan
from batches.results.metric_facts import describe_metric, list_columns
from energyplus.bundled import list_bundled_models
from energyplus.measures.constructions import Construction, ConstructionSet, Layer
from library.bundled import describe_bundled_model, load_files
from library.models import StoredModel
from studies.definition import Study

BRICK = Layer("Brick", "material", "Rough", 0.24, 0.8, 1700.0, 1000.0, None, 0.9, 0.65, 0.65)
ROOF_M2 = 45.7178 * 100.5790  # of the bundled warehouse
STUDY = {
    "name": "Roofs",
    "model": "warehouse",
    "weather": "chicago",
    "baseline": True,
    "parameters": [
        {
            "name": "roof",
            "measure": "assign_construction",
            "arguments": {"set": "mine", "surfaces": "roofs"},
            "values": ["as_is", "Priced", "Unpriced"],
        }
    ],
}


@pytest.fixture
def plan(db: None, files: Path) -> Plan:
    load_files(
        StoredModel,
        tuple(file for file in list_bundled_models() if file.alias == "warehouse"),
        describe_bundled_model,
    )
    sha256 = StoredModel.objects.get(alias="warehouse").sha256
    priced = Construction("Priced", "roof", (BRICK,), None, 10.0, 4.0, 25.0)
    mine = ConstructionSet("mine", "Mine", "CHF", (priced, replace(priced, name="Unpriced", cost_per_m2=None)))
    inputs = {
        "models": {"warehouse": {"id": "1", "sha256": sha256, "name": "warehouse"}},
        "weathers": {"chicago": {"id": "2", "sha256": "0" * 64, "name": "chicago"}},
        "construction_sets": {"mine": mine.to_json()},
    }
    return make_plan(Study.model_validate(STUDY), inputs, 100)


def test_a_case_has_the_bill_of_what_it_puts_in(plan: Plan) -> None:
    (line,) = price_case(plan, 1)
    assert (line.what, line.currency, line.service_life_years) == ("Roofs: Priced", "CHF", 25.0)
    assert (line.area_m2, line.cost, line.embodied_carbon_kgco2e) == pytest.approx((ROOF_M2, 10 * ROOF_M2, 4 * ROOF_M2))


@pytest.mark.parametrize("index", [-1, 0])
def test_a_baseline_and_a_case_as_it_is_put_nothing_in(plan: Plan, index: int) -> None:
    assert price_case(plan, index) == ()
    assert bill_metrics(plan, ()) == {"investment_cost_chf": 0.0, "embodied_carbon_kgco2e": 0.0}


def test_a_price_that_nobody_knows_makes_the_metric_null(plan: Plan) -> None:
    metrics = bill_metrics(plan, price_case(plan, 2))
    assert metrics["investment_cost_chf"] is None
    assert metrics["embodied_carbon_kgco2e"] == pytest.approx(4 * ROOF_M2)


def test_the_table_has_columns_with_units_for_a_bill(plan: Plan) -> None:
    assert list_columns(plan, [])[-2:] == ["investment_cost_chf", "embodied_carbon_kgco2e"]
    cost, carbon = (describe_metric(plan, name) for name in list_columns(plan, [])[-2:])
    assert (cost.label, cost.unit, cost.is_count) == ("Investment cost", "CHF", False)
    assert (carbon.label, carbon.unit, carbon.is_count) == ("Embodied carbon", "kgCO2e", False)


def test_a_batch_without_sets_has_no_bills(plan: Plan) -> None:
    bare = replace(plan, construction_sets={})
    assert (price_case(bare, 0), bill_metrics(bare, ())) == ((), {})
    assert "embodied_carbon_kgco2e" not in list_columns(bare, [])
