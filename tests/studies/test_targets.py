"""Several targets in one parameter, targets that only some models have, fields by position, and the unit of it all."""

from collections.abc import Callable
from typing import Any

import pytest

from studies.cases.changes import plan_edits
from studies.checks.examination import ExaminedStudy, examine_study
from studies.problems import Problem
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

Refuse = Callable[..., dict[str, Problem]]
WALL = {"class": "Material", "object": "Wall Insulation", "field": "Thickness"}
ROOF = {"class": "Material", "object": "Roof Insulation", "field": "Thickness"}
CONCRETE = {"class": "Material", "object": "HW*", "field": "Thickness"}
TENT = {**SHED, "Material": SHED["Material"][:1], "Coil:Heating:Fuel": []}
COMPACT = {
    "Schedule:Compact": [
        ("Heating", "", "Through: 12/31", "For: AllDays", "Until: 06:00", "15", "Until: 24:00", "20"),
        ("Heating too", "", "Through: 12/31", "For: AllDays", "Until: 06:00", "16", "Until: 24:00", "21"),
    ],
    "BuildingSurface:Detailed": [
        ("Wall", "Wall", "C", "Hall", "", "Outdoors", "", "SunExposed", "WindExposed", "", "4", *"000102030405"),
    ],
}  # fmt: skip


@pytest.fixture
def library() -> MemoryLibrary:
    return MemoryLibrary(
        {
            "shed": make_description(SHED),
            "tent": make_description({name: objects for name, objects in TENT.items() if objects}),
            "house": make_description({**SHED, **COMPACT}),
        }
    )


def written(examined: ExaminedStudy, index: int = 0) -> list[tuple[str, str | None, Any]]:
    point = examined.points[index]
    planned = plan_edits(examined, examined.models[point.model].description, point)
    return [(change.object or "", change.field, change.after) for change in planned.changes if change.parameter]


def test_one_parameter_writes_to_several_targets(library: MemoryLibrary) -> None:
    study = make_study(insulation(target=[WALL, ROOF], values=[0.3]))
    assert written(examine_study(study, library)) == [
        ("Wall Insulation", "Thickness", 0.3), ("Roof Insulation", "Thickness", 0.3),
    ]  # fmt: skip


def test_each_target_may_be_changed_in_its_own_way(library: MemoryLibrary) -> None:
    conductivity = {**WALL, "field": "Conductivity"}
    added = {**ROOF, "field": "Conductivity", "change": "add"}
    study = make_study(insulation(target=[conductivity, added], values=[0.5]))
    assert written(examine_study(study, library)) == [
        ("Wall Insulation", "Conductivity", 0.5), ("Roof Insulation", "Conductivity", 0.545),
    ]  # fmt: skip


def test_factors_of_different_fields_are_one_parameter(library: MemoryLibrary, refuse: Refuse) -> None:
    density = {**WALL, "field": "Density"}
    study = make_study(insulation(target=[WALL, density], change="scale", values=[2]))
    examined = examine_study(study, library)
    assert examined.parameters == {"insulation_m": "1"}
    assert written(examined) == [("Wall Insulation", "Thickness", 0.2), ("Wall Insulation", "Density", 530)]
    assert list(refuse(make_study(insulation(target=[WALL, density])))) == ["parameters[0].target[1]"]


def test_problems_name_the_target_they_are_about(refuse: Refuse) -> None:
    wrong = {**ROOF, "object": "Ruf*"}
    problems = refuse(make_study(insulation(target=[WALL, wrong, {**CONCRETE, "field": "Thick"}])))
    assert set(problems) == {"parameters[0].target[1].object", "parameters[0].target[2].field"}


def test_a_target_that_is_optional_in_a_model_is_left_out_there(library: MemoryLibrary, refuse: Refuse) -> None:
    target = [WALL, {**ROOF, "optional_in": "tent"}]
    study = make_study(insulation(target=target, values=[0.3]), model=["shed", "tent"])
    examined = examine_study(study, library)
    assert [entry[0] for entry in written(examined, 0)] == ["Wall Insulation", "Roof Insulation"]
    assert [entry[0] for entry in written(examined, 1)] == ["Wall Insulation"]
    assert examined.parameters == {"insulation_m": "m"}
    said_of_the_other = [WALL, {**ROOF, "optional_in": "shed"}]
    problems = refuse(make_study(insulation(target=said_of_the_other), model=["shed", "tent"]), library=library)
    assert list(problems) == ["parameters[0].target[1].object"]


def test_a_class_that_a_model_has_not_may_be_optional_too(library: MemoryLibrary) -> None:
    coil = {"class": "Coil:Heating:Fuel", "object": "Burner", "field": "Burner Efficiency", "optional_in": "*"}
    examined = examine_study(make_study(insulation(target=coil, values=[0.9]), model=["shed", "tent"]), library)
    assert written(examined, 0) == [("Burner", "Burner Efficiency", 0.9)]
    assert written(examined, 1) == []


def test_a_misspelt_class_is_never_optional(library: MemoryLibrary, refuse: Refuse) -> None:
    coil = {"class": "Coil:Heating:Fule", "object": "*", "field": "Burner Efficiency", "optional_in": "*"}
    problems = refuse(make_study(insulation(target=coil)), library=library)
    assert list(problems) == ["parameters[0].target.class"]


def test_what_is_optional_everywhere_must_match_somewhere(library: MemoryLibrary, refuse: Refuse) -> None:
    straw = {**ROOF, "object": "Straw", "optional_in": ["shed", "tent"]}
    problems = refuse(make_study(insulation(target=straw), model=["shed", "tent"]), library=library)
    assert "matches nothing in any" in problems["parameters[0].target"].message


@pytest.mark.parametrize(
    ("field", "name"),
    [(3, "Thickness"), ("Thickness", "Thickness"), ("thickness", "Thickness"), (4, "Conductivity")],
)
def test_a_field_may_be_meant_by_its_position(library: MemoryLibrary, field: Any, name: str) -> None:
    study = make_study(insulation(target={**WALL, "field": field}, values=[0.3]))
    assert written(examine_study(study, library)) == [("Wall Insulation", name, 0.3)]


@pytest.mark.parametrize("field", [8, "Field 6", "field_6"])
def test_a_schedule_value_may_be_meant_by_its_position_or_number(library: MemoryLibrary, field: Any) -> None:
    schedule = {"class": "Schedule:Compact", "object": "Heating*", "field": field}
    study = make_study(insulation(target=schedule, change="add", values=[-2.5]), model="house")
    assert written(examine_study(study, library)) == [
        ("Heating", "Field 6", 17.5), ("Heating too", "Field 6", 18.5),
    ]  # fmt: skip


def test_a_schedule_keeps_numbers_where_numbers_stand(library: MemoryLibrary, refuse: Refuse) -> None:
    until = {"class": "Schedule:Compact", "object": "Heating", "field": "Field 5"}
    accepted = make_study(insulation(target=until, values=["Until: 23:00"]), model="house")
    assert written(examine_study(accepted, library)) == [("Heating", "Field 5", "Until: 23:00")]
    for target, value in ((until, 20), ({**until, "field": "Field 6"}, "Until: 23:00")):
        problems = refuse(make_study(insulation(target=target, values=[value]), model="house"), library=library)
        assert list(problems) == ["parameters[0].values[0]"]


def test_a_vertex_is_meant_by_its_name(library: MemoryLibrary) -> None:
    corner = {"class": "BuildingSurface:Detailed", "object": "Wall", "field": "Vertex 3 X-coordinate"}
    examined = examine_study(make_study(insulation(target=corner, values=[7.5]), model="house"), library)
    assert written(examined) == [("Wall", "Vertex 3 X-coordinate", 7.5)]


@pytest.mark.parametrize("unit", ["m", " m"])
def test_a_unit_that_is_the_fields_own_is_accepted(library: MemoryLibrary, unit: str) -> None:
    examine_study(make_study(insulation(unit=unit)), library)


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({}, "cm"),
        ({"change": "scale"}, "m"),
        ({"target": {**WALL, "field": "Roughness"}, "values": ["Smooth"]}, "m"),
        ({"target": {"class": "Timestep", "object": "*", "field": 1}, "values": [4]}, "1/h"),
    ],
)
def test_another_unit_is_refused_and_nothing_converted(refuse: Refuse, changes: dict[str, Any], unit: str) -> None:
    problems = refuse(make_study(insulation(**{"unit": unit, **changes})))
    assert list(problems) == ["parameters[0].unit"]


@pytest.mark.parametrize(
    ("field", "unit"), [("Watts per Floor Area", "W/m²"), ("Watts per Floor Area", "W/m2"), ("Fraction Radiant", "-")]
)
def test_usual_spellings_of_a_unit_are_understood(library: MemoryLibrary, field: str, unit: str) -> None:
    lights = {"class": "Lights", "object": "Hall*", "field": field}
    examine_study(make_study(insulation(target=lights, values=[0.5], unit=unit)), library)
