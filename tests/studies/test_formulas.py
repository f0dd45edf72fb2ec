"""Linked and derived parameters, constraints, and what an optimiser is asked for: what is accepted, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from studies.checks.examination import examine_study
from studies.problems import Problem
from tests.studies.conftest import MemoryLibrary, insulation, make_study

Refuse = Callable[..., dict[str, Problem]]


def parameter(name: str, position: int, **changes: Any) -> dict[str, Any]:
    fields = ("Thickness", "Conductivity", "Density", "Specific Heat")
    target = {"class": "Material", "object": "Wall*", "field": fields[position]}
    return insulation(name=name, target=target, **{"values": [150, 200], "change": "set", **changes})


A, B, C = parameter("a", 0), parameter("b", 1), parameter("c", 2)
SOBOL = {"method": "sobol", "samples": 8}
FREE = [parameter("a", 0, values=..., uniform=[0.1, 0.3]), parameter("b", 1, values=..., uniform=[0.02, 0.3])]
SEARCH = {"method": "nsga2", "generations": 3, "objectives": [{"metric": "site_eui_kwh_m2"}]}


@pytest.mark.parametrize(
    "linked", [[["a", "b"]], [["a", "c", "b"]], [["a", "b"], ["c", "d"]]], ids=["two", "three", "two groups"]
)
def test_parameters_may_move_together(library: MemoryLibrary, linked: list[list[str]]) -> None:
    study = make_study(A, B, C, parameter("d", 3), linked=linked)
    assert examine_study(study, library).study.linked == tuple(map(tuple, linked))


def test_a_list_and_a_range_cannot_move_together(refuse: Refuse) -> None:
    problems = refuse(make_study(FREE[0], B, linked=[["a", "b"]], design=SOBOL))
    assert problems["linked[0][1]"].message.endswith("it has 2 values, the other a range.")


def test_a_range_that_a_grid_divides_moves_with_a_list_as_long(library: MemoryLibrary, refuse: Refuse) -> None:
    examine_study(make_study(FREE[0], B, linked=[["a", "b"]], design={"method": "grid", "levels": 2}), library)
    assert refuse(make_study(FREE[0], B, linked=[["a", "b"]], design={"method": "grid", "levels": 3}))


def test_linked_choices_have_the_same_weights(library: MemoryLibrary, refuse: Refuse) -> None:
    def weighted(name: str, position: int, weights: Any) -> dict[str, Any]:
        return parameter(name, position, values=..., choice=[150, 200], weights=weights)

    group = {"linked": [["a", "b"]], "design": SOBOL}
    examine_study(make_study(weighted("a", 0, [1, 2]), weighted("b", 1, [1, 2]), **group), library)
    examine_study(make_study(weighted("a", 0, [1, 2]), weighted("b", 1, ...), **group), library)
    problems = refuse(make_study(weighted("a", 0, [1, 2]), weighted("b", 1, [2, 1]), **group))
    assert list(problems) == ["linked[0][1]"]


@pytest.mark.parametrize(
    ("linked", "path"),
    [([["a", "x"]], "linked[0][1]"), ([["a", "a"]], "linked[0][1]"), ([["a", "b"], ["b", "c"]], "linked[1][0]"),
     ([["a", "d"]], "linked[0][1]")],
)  # fmt: skip
def test_a_group_names_parameters_that_vary_each_once(refuse: Refuse, linked: Any, path: str) -> None:
    derived = parameter("d", 3, values=..., derived="a + 100")
    assert list(refuse(make_study(A, B, C, derived, linked=linked))) == [path]


def test_rows_of_a_table_need_no_links(refuse: Refuse) -> None:
    design = {"method": "table", "rows": [{"a": 150, "b": 150}]}
    rows = [parameter("a", 0, values=...), parameter("b", 1, values=...)]
    assert list(refuse(make_study(*rows, linked=[["a", "b"]], design=design))) == ["linked"]


@pytest.mark.parametrize("expression", ["2 * a", "min(a, b) + 1", "(a - b) ** 2 + 1", "a if b"])
def test_a_derived_parameter_is_computed_of_the_others(library: MemoryLibrary, refuse: Refuse, expression: str) -> None:
    study = make_study(A, B, parameter("c", 2, values=..., derived=expression))
    if " if " in expression:
        assert refuse(study)["parameters[2].derived"].message.startswith("At sign 3: ")
    else:
        assert examine_study(study, library).study.parameters[2].derived == expression


def test_a_derived_parameter_may_need_another_one(library: MemoryLibrary) -> None:
    study = make_study(
        A, parameter("b", 1, values=..., derived="c + 1"), parameter("c", 2, values=..., derived="a + 1")
    )
    assert examine_study(study, library).study.parameters[1].derived == "c + 1"


def test_a_circle_is_told_once_with_its_way(refuse: Refuse) -> None:
    loop = [
        parameter(name, i, values=..., derived=f"{other} + 1") for i, (name, other) in enumerate(["ab", "bc", "ca"])
    ]
    (problem,) = refuse(make_study(*loop)).values()
    assert "`a` → `b` → `c` → `a`" in problem.message


def test_what_leads_into_a_circle_is_not_told_as_one(refuse: Refuse) -> None:
    loop = [
        parameter("a", 0, values=..., derived="b + 1"), parameter("b", 1, values=..., derived="c + 1"),
        parameter("c", 2, values=..., derived="b + 1"),
    ]  # fmt: skip
    assert list(refuse(make_study(*loop))) == ["parameters[1].derived"]


@pytest.mark.parametrize(
    "constraint", ["a + b <= 1000", "100 < a <= b", "not (a > b)", "model == 'shed'", "weather != 'miami' or a > 150"]
)
def test_constraints_compare_parameters_models_and_weathers(library: MemoryLibrary, constraint: str) -> None:
    study = make_study(A, B, weather=["chicago", "miami"], constraints=[constraint])
    assert examine_study(study, library).study.constraints == (constraint,)


@pytest.mark.parametrize("method", ["morris", "saltelli", "one_at_a_time"])
def test_a_design_with_a_structure_takes_no_constraints(refuse: Refuse, method: str) -> None:
    numbers = {"morris": {"trajectories": 4}, "saltelli": {"samples": 4}, "one_at_a_time": {}}
    problems = refuse(make_study(A, B, constraints=["a <= b"], design={"method": method, **numbers[method]}))
    assert list(problems) == ["constraints"]


def test_each_slip_in_a_list_of_constraints_is_told(refuse: Refuse) -> None:
    wrong = ["a +", "d < 1", "a", "a < b", "a < b"]
    assert list(refuse(make_study(A, B, constraints=wrong))) == [
        "constraints[0]", "constraints[1]", "constraints[2]", "constraints[4]",
    ]  # fmt: skip


def test_an_optimiser_weighs_metrics_within_limits(library: MemoryLibrary) -> None:
    search = {**SEARCH, "limits": ["unmet_heating_hours + unmet_cooling_hours <= 300"]}
    study = make_study(*FREE, design=search, constraints=["a > b"])
    assert examine_study(study, library).study.design.method == "nsga2"


def test_constraints_that_leave_nothing_to_search_are_refused(refuse: Refuse) -> None:
    problems = refuse(make_study(*FREE, design=SEARCH, constraints=["a > 5"]))
    assert "none of the 16,384 cases" in problems["constraints"].message
    assert list(refuse(make_study(*FREE, design=SEARCH, constraints=["1 / (a - a) > 0"]))) == ["constraints[0]"]


def test_costs_can_be_weighed_where_constructions_are_assigned(library: MemoryLibrary, refuse: Refuse) -> None:
    wall = {
        "name": "wall", "measure": "assign_construction", "arguments": {"set": "starter", "surfaces": "exterior_walls"},
        "values": ["Solid brick wall 240 mm", "Cavity wall 60 mm mineral wool"],
    }  # fmt: skip
    search = {**SEARCH, "objectives": [{"metric": "investment_cost_eur"}, {"metric": "embodied_carbon_kgco2e"}]}
    lights = insulation(
        name="lights", target={"class": "Lights", "object": "*", "field": "Watts per Floor Area"}, values=[4, 8]
    )
    study = make_study(wall, lights, model="warehouse", design=search)
    assert examine_study(study, library).construction_sets["starter"].currency == "EUR"
    problems = refuse(make_study(*FREE, design=search))
    assert set(problems) == {"design.objectives[0].metric", "design.objectives[1].metric"}


def test_linked_parameters_are_one_dimension_to_an_optimiser(refuse: Refuse) -> None:
    assert list(refuse(make_study(*FREE, linked=[["a", "b"]], design=SEARCH))) == ["parameters"]
