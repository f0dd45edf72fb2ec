"""Laws that hold for any study: it survives storage, its cases written out as a table are the same cases, and the order
in which parameters stand changes no case."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.models.case_objects import FieldEdit
from studies.cases.changes import plan_edits
from studies.checks.examination import ExaminedStudy, examine_study
from tests.studies.conftest import MemoryLibrary, insulation, make_study

CHANGES = {"set": (0.05, 0.9), "scale": (0.5, 2.0), "add": (0.1, 1.0)}
FIELDS = ("Thickness", "Conductivity", "Density", "Specific Heat")
DESIGNS: list[dict[str, Any]] = [
    {"method": "grid", "levels": 3},
    {"method": "lhs", "samples": 6},
    {"method": "sobol", "samples": 8},
    {"method": "halton", "samples": 5},
    {"method": "random", "samples": 7},
    {"method": "morris", "trajectories": 2},
    {"method": "saltelli", "samples": 2},
]


@st.composite
def parameters(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(1, 4))
    found = [draw(_parameter(position)) for position in range(count)]
    if count > 1 and draw(st.booleans()):
        found[-1] = {**found[-1], "values": ..., "uniform": ..., "loguniform": ..., "derived": "2 * p0 + 150"}
    return [insulation(**parameter) for parameter in found]


@st.composite
def _parameter(draw: st.DrawFn, position: int) -> dict[str, Any]:
    change = draw(st.sampled_from([*CHANGES])) if FIELDS[position] != "Specific Heat" else "add"
    low, high = CHANGES[change]
    values = st.floats(low, high).map(lambda value: round(value, 6))
    spread = draw(
        st.one_of(
            st.builds(lambda found: {"values": found}, st.lists(values, min_size=1, max_size=3, unique=True)),
            st.just({"values": ..., "uniform": [low, high]}),
            st.just({"values": ..., "loguniform": [low, high]}),
        )
    )
    target = {"class": "Material", "object": draw(st.sampled_from(["Wall*", "*Insulation"])), "field": FIELDS[position]}
    return {"name": f"p{position}", "target": target, "change": change, **spread}


def plan(examined: ExaminedStudy) -> list[tuple[str, str, tuple[FieldEdit, ...]]]:
    points = [examined.points[index] for index in range(examined.points.case_count)]
    return [
        (point.model, point.weather, plan_edits(examined, examined.models[point.model].description, point).edits.edits)
        for point in points
    ]


def examine(document: dict[str, Any]) -> ExaminedStudy:
    shed = MemoryLibrary().models["shed"]
    return examine_study(document, MemoryLibrary({"shed": shed, "barn": shed}))


# SALib alone takes seconds to be loaded
@settings(deadline=None)
@given(parameters(), st.sampled_from(DESIGNS), st.booleans())
def test_a_study_survives_storage_with_all_of_its_cases(
    found: list[dict[str, Any]], design: dict[str, Any], has_two: bool
) -> None:
    examined = examine(make_study(*found, design=design, model=["shed", "barn"] if has_two else "shed"))
    stored = json.loads(json.dumps(examined.study.model_dump(mode="json")))
    again = examine(stored)
    assert again.study == examined.study
    assert again.points.digest == examined.points.digest
    assert plan(again) == plan(examined)


@settings(deadline=None)
@given(parameters(), st.sampled_from(DESIGNS))
def test_the_cases_of_a_study_written_as_a_table_are_the_same_cases(
    found: list[dict[str, Any]], design: dict[str, Any]
) -> None:
    examined = examine(make_study(*found, design=design, weather=["chicago", "miami"]))
    derived = {parameter["name"] for parameter in found if "derived" in parameter}
    points = [examined.points[index] for index in range(examined.points.case_count)]
    rows = [
        {"weather": point.weather, **{name: value for name, value in point.values.items() if name not in derived}}
        for point in points
    ]
    bare = [
        {key: value for key, value in parameter.items() if key not in ("values", "uniform", "loguniform")}
        for parameter in found
    ]
    table = examine(make_study(*bare, weather=["chicago", "miami"], design={"method": "table", "rows": rows}))
    assert plan(table) == plan(examined)


@settings(deadline=None)
@given(parameters())
def test_the_order_of_parameters_changes_no_case_of_a_grid(found: list[dict[str, Any]]) -> None:
    there, back = (
        examine(make_study(*ordered, design={"method": "grid", "levels": 2})) for ordered in (found, found[::-1])
    )
    assert {frozenset(case[2]) for case in plan(there)} == {frozenset(case[2]) for case in plan(back)}
