"""Studies that assign constructions: what is refused before anything runs, and the bill of each case."""

from pathlib import Path
from typing import Any

import pytest

from energyplus.measures.constructions import Construction, ConstructionSet, Layer
from library.construction_csv import read_csv
from studies.cases.changes import plan_edits
from studies.checks.examination import examine_study
from studies.problems import InvalidStudy
from tests.studies.conftest import MemoryLibrary, make_study

ROOT = Path(__file__).parents[2]
STARTER = "backend/library/construction_starter.csv"
BRICK = Layer("Brick", "material", "Rough", 0.24, 0.8, 1700.0, 1000.0, None, 0.9, 0.65, 0.65)


def make_set(ref: str, currency: str = "EUR") -> ConstructionSet:
    """A set of 20 walls at 1 to 20 and of two roofs at 10 per m2."""
    walls = [Construction(f"Wall {n}", "exterior_wall", (BRICK,), None, float(n), 2.0 * n) for n in range(1, 21)]
    roofs = [Construction(f"Roof {n}", "roof", (BRICK,), None, 10.0, None) for n in (1, 2)]
    return ConstructionSet(ref, ref.title(), currency, (*walls, *roofs))


@pytest.fixture
def stocked(library: MemoryLibrary) -> MemoryLibrary:
    library.construction_sets = {
        "mine": make_set("mine"),
        "yours": make_set("yours"),
        "theirs": make_set("theirs", "USD"),
    }
    return library


def assign(name: str, surfaces: str, *values: str, ref: str = "mine") -> dict[str, Any]:
    arguments = {"set": ref, "surfaces": surfaces}
    return {"name": name, "measure": "assign_construction", "arguments": arguments, "values": list(values)}


def refuse(library: MemoryLibrary, *parameters: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(make_study(*parameters, model="warehouse", **changes), library)
    return [(problem.path, problem.message) for problem in refusal.value.problems]


def test_sets_combine_in_a_design_and_each_case_has_a_bill(stocked: MemoryLibrary) -> None:
    walls = assign("wall", "exterior_walls", "as_is", "Wall 2", "wall 20")
    roofs = assign("roof", "roofs", "Roof 1", "Roof 2", ref="yours")
    examined = examine_study(make_study(walls, roofs, model="warehouse", baseline=True), stocked)
    assert list(examined.construction_sets) == ["mine", "yours"]
    description = examined.models["warehouse"].description
    bills = {}
    for point in examined.points:
        bill = plan_edits(examined, description, point).bill
        bills[tuple(point.values.values())] = [line.what for line in bill]
    assert bills == {
        (): [],
        ("as_is", "Roof 1"): ["Roofs: Roof 1"],
        ("as_is", "Roof 2"): ["Roofs: Roof 2"],
        ("Wall 2", "Roof 1"): ["Exterior walls: Wall 2", "Roofs: Roof 1"],
        ("Wall 2", "Roof 2"): ["Exterior walls: Wall 2", "Roofs: Roof 2"],
        ("wall 20", "Roof 1"): ["Exterior walls: Wall 20", "Roofs: Roof 1"],
        ("wall 20", "Roof 2"): ["Exterior walls: Wall 20", "Roofs: Roof 2"],
    }


def test_every_name_is_looked_up_however_many_there_are(stocked: MemoryLibrary) -> None:
    names = [f"Wall {n}" for n in range(1, 21)]
    ((path, _),) = refuse(stocked, assign("wall", "exterior_walls", *names, "Wall 21"))
    assert path == "parameters[0].values[20]"


@pytest.mark.parametrize("value", ["Roof 1", "Wall"])
def test_a_name_that_is_no_wall_of_the_set_is_refused(stocked: MemoryLibrary, value: str) -> None:
    ((path, _),) = refuse(stocked, assign("wall", "exterior_walls", value))
    assert path == "parameters[0].values[0]"


def test_a_set_that_is_not_there_is_refused_with_those_that_are(stocked: MemoryLibrary) -> None:
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(make_study(assign("wall", "exterior_walls", "Wall 1", ref="mein"), model="warehouse"), stocked)
    (problem,) = refusal.value.problems
    assert problem.path == "parameters[0].arguments.set"
    assert problem.accepted[0] == "mine"


def test_costs_in_two_currencies_are_refused(stocked: MemoryLibrary) -> None:
    roofs = assign("roof", "roofs", "Roof 1", ref="theirs")
    ((path, message),) = refuse(stocked, assign("wall", "exterior_walls", "Wall 1"), roofs)
    assert path == "parameters[1].arguments.set"
    assert "EUR" in message


@pytest.mark.parametrize("name", ["investment_cost_eur", "embodied_carbon_kgco2e"])
def test_a_parameter_takes_no_name_of_the_bill(stocked: MemoryLibrary, name: str) -> None:
    ((path, _),) = refuse(stocked, assign(name, "exterior_walls", "Wall 1"))
    assert path == "parameters[0].name"


def test_two_parameters_do_not_build_the_same_walls(stocked: MemoryLibrary) -> None:
    ((path, message),) = refuse(
        stocked, assign("one", "exterior_walls", "Wall 1"), assign("two", "exterior_walls", "as_is", ref="yours")
    )
    assert path == "parameters[1].arguments.surfaces"
    assert "parameters[0]" in message


def test_constructions_are_drawn_beside_continuous_ranges(stocked: MemoryLibrary) -> None:
    lights = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
    spread = {"name": "lights", "target": lights, "change": "scale", "uniform": [0.5, 1.0]}
    study = make_study(
        assign("wall", "exterior_walls", "Wall 1", "Wall 2"),
        spread,
        model="warehouse",
        design={"method": "lhs", "samples": 8, "seed": 1},
    )
    examined = examine_study(study, stocked)
    assert sorted(point.values["wall"] for point in examined.points) == ["Wall 1"] * 4 + ["Wall 2"] * 4


def test_the_documented_study_is_a_study_of_the_starter_set(library: MemoryLibrary) -> None:
    starter = ConstructionSet("starter", "Starter", "EUR", read_csv((ROOT / STARTER).read_bytes()))
    library.construction_sets = {"starter": starter}
    page = (ROOT / "docs/how-to/construction-sets.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    assert examine_study(text, library).points.case_count == 12
