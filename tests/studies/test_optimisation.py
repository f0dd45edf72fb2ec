"""The optimisers on functions whose best values are known: no engine, the same code that drives real cases."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from studies.definition import Study
from studies.optimisation.front import find_front
from studies.optimisation.search import Generation, SearchError, make_key, propose_generation

Metrics = Mapping[str, float | None]
TWO = [
    {"name": "x", "target": {"class": "Building", "object": "*", "field": "North Axis"}, "uniform": [-10.0, 10.0]},
    {"name": "y", "target": {"class": "Building", "object": "*", "field": "North Axis"}, "uniform": [-10.0, 10.0]},
]
SCHAFFER = {
    "method": "nsga2",
    "objectives": [{"metric": "a"}, {"metric": "b"}],
    "population": 20,
    "generations": 15,
    "seed": 3,
}


def make_study(design: dict[str, Any], parameters: list[dict[str, Any]] = TWO, **more: Any) -> Study:
    document = {"name": "Search", "model": "warehouse", "weather": "chicago", "parameters": parameters}
    return Study.model_validate({**document, "design": design, **more})


def search(
    study: Study, evaluate: Callable[[Mapping[str, Any]], Metrics | None], stop_after: int = 1_000
) -> tuple[list[Generation], dict[Any, Metrics | None]]:
    known: dict[Any, Metrics | None] = {}
    generations: list[Generation] = []
    while len(generations) < stop_after and (generation := propose_generation(study, known)) is not None:
        generations.append(generation)
        known |= {make_key(study, row): evaluate(row) for row in generation.rows}
    return generations, known


def schaffer(row: Mapping[str, Any]) -> Metrics:
    """Schaffer's first function in x, a bowl in y: the front is 0 <= x <= 2, y = 0."""
    return {"a": row["x"] ** 2 + row["y"] ** 2, "b": (row["x"] - 2) ** 2 + row["y"] ** 2}


def test_nsga2_comes_near_the_known_front_and_nearer_than_its_first_generation() -> None:
    study = make_study(SCHAFFER)
    generations, known = search(study, schaffer)

    rows = [dict(key) for key in known]
    front = [rows[position] for position in find_front(study.design, list(known.values()))]
    assert len(generations) == 15
    assert all(-0.3 <= row["x"] <= 2.3 and abs(row["y"]) < 0.5 for row in front)
    first = [schaffer(row)["a"] + schaffer(row)["b"] for row in generations[0].rows]
    last = [schaffer(row)["a"] + schaffer(row)["b"] for row in generations[-1].rows]
    assert sum(last) / len(last) < 0.2 * sum(first) / len(first)


def test_differential_evolution_finds_the_known_minimum() -> None:
    design = {"method": "differential_evolution", "objective": {"metric": "a"}, "population": 20, "generations": 30}
    study = make_study(design)
    _, known = search(study, lambda row: {"a": (row["x"] - 3) ** 2 + (row["y"] + 4) ** 2})

    (best,) = find_front(study.design, list(known.values()))
    values = dict(list(known)[best])
    assert values["x"] == pytest.approx(3, abs=0.2)
    assert values["y"] == pytest.approx(-4, abs=0.2)


def test_a_goal_can_be_to_maximise() -> None:
    design = {
        "method": "differential_evolution",
        "objective": {"metric": "a", "goal": "maximise"},
        "population": 20,
        "generations": 20,
    }
    study = make_study(design)
    _, known = search(study, lambda row: {"a": -((row["x"] - 3) ** 2) - row["y"] ** 2})

    (best,) = find_front(study.design, list(known.values()))
    assert dict(list(known)[best])["x"] == pytest.approx(3, abs=0.5)


def test_a_search_that_stopped_goes_on_as_if_it_had_not() -> None:
    study = make_study(SCHAFFER)
    whole, _ = search(study, schaffer)

    begun, known = search(study, schaffer, stop_after=4)
    again = Study.model_validate(study.model_dump(mode="json"))
    fifth = propose_generation(again, known)

    assert begun == whole[:4]
    assert fifth == whole[4]


def test_another_seed_searches_elsewhere() -> None:
    one, other = (propose_generation(make_study({**SCHAFFER, "seed": seed}), {}) for seed in (1, 2))
    assert one is not None
    assert other is not None
    assert one.rows != other.rows


def test_no_design_is_asked_for_twice() -> None:
    numbers = [{**parameter, "uniform": None, "values": [0, 1, 2, 3]} for parameter in TWO]
    study = make_study({**SCHAFFER, "generations": 50, "population": 8}, numbers)
    generations, known = search(study, schaffer)

    asked = [make_key(study, row) for generation in generations for row in generation.rows]
    assert len(asked) == len(set(asked)) == len(known) <= 16
    front = [dict(list(known)[position]) for position in find_front(study.design, list(known.values()))]
    assert sorted((row["x"], row["y"]) for row in front) == [(0, 0), (1, 0), (2, 0)]


def test_what_breaks_a_constraint_is_never_asked_for() -> None:
    study = make_study(SCHAFFER, constraints=["x + y >= 1"])
    generations, _ = search(study, schaffer)

    assert all(row["x"] + row["y"] >= 1 for generation in generations for row in generation.rows)
    assert len(generations[0].rows) == 20


def test_constraints_may_use_derived_parameters() -> None:
    derived = {"name": "z", "target": TWO[0]["target"], "derived": "x + y"}
    study = make_study(SCHAFFER, [*TWO, derived], constraints=["z >= 1"])
    generation = propose_generation(study, {})

    assert generation is not None
    assert all(set(row) == {"x", "y"} and row["x"] + row["y"] >= 1 for row in generation.rows)


def test_constraints_that_leave_too_little_are_an_error_that_says_so() -> None:
    study = make_study(SCHAFFER, constraints=["x == 0.123456789"])
    with pytest.raises(SearchError, match="only 0 keep the constraints"):
        propose_generation(study, {})


def test_limits_are_kept_on_the_front_and_steer_the_search() -> None:
    study = make_study({**SCHAFFER, "limits": ["a >= 1", "b <= 4"]})
    _, known = search(study, schaffer)

    front = [list(known.values())[position] for position in find_front(study.design, list(known.values()))]
    assert front
    assert all(metrics is not None and metrics["a"] >= 1 and metrics["b"] <= 4 for metrics in front)


def test_failed_cases_and_those_without_a_metric_are_never_on_the_front() -> None:
    def fail_left(row: Mapping[str, Any]) -> Metrics | None:
        if row["x"] < 0:
            return None
        return {**schaffer(row), "b": None} if row["y"] < 0 else schaffer(row)

    study = make_study(SCHAFFER)
    generations, known = search(study, fail_left)

    front = [dict(list(known)[position]) for position in find_front(study.design, list(known.values()))]
    assert len(generations) == 15
    assert front
    assert all(row["x"] >= 0 and row["y"] >= 0 for row in front)


def test_the_front_is_sorted_by_the_first_objective_and_holds_nothing_that_is_beaten() -> None:
    study = make_study(SCHAFFER)
    metrics = [{"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 3.0}, {"a": 3.0, "b": 3.0}, {"a": 2.0, "b": 2.0}, None, {"a": 0.5}]
    assert find_front(study.design, metrics) == [1, 3, 0]


def test_a_limit_without_a_value_counts_as_broken() -> None:
    study = make_study({**SCHAFFER, "limits": ["1 / a > 0"]})
    assert find_front(study.design, [{"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 1.0}]) == [1]


def test_lists_and_linked_parameters_are_searched_as_one() -> None:
    parameters = [
        {**TWO[0], "uniform": None, "values": [0, 1, 2]},
        {**TWO[1], "uniform": None, "values": ["low", "middle", "high"]},
        {"name": "z", "target": TWO[0]["target"], "loguniform": [1e-3, 1e3]},
    ]
    study = make_study(SCHAFFER, parameters, linked=[["x", "y"]])
    generation = propose_generation(study, {})

    assert generation is not None
    assert {(row["x"], row["y"]) for row in generation.rows} == {(0, "low"), (1, "middle"), (2, "high")}
    assert all(math.isfinite(float(row["z"])) for row in generation.rows)
