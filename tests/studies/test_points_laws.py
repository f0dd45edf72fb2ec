"""What holds of the points of every study, whatever its parameters, design and constraints."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from studies.definition import MoreRows, Study
from studies.designs.duplicates import count_duplicates
from studies.designs.points import Points

TARGET = {"class": "Material", "object": "*", "field": "Thickness"}
NUMBERS = st.integers(-50, 50) | st.floats(-50, 50, allow_nan=False).map(lambda value: round(value, 2))
ENDS = st.tuples(st.integers(-20, 20), st.integers(1, 20)).map(lambda pair: [pair[0], pair[0] + pair[1]])
LISTS = st.lists(NUMBERS, min_size=1, max_size=4, unique=True)
TEXTS = st.lists(st.sampled_from(["Single", "Double", "Triple"]), min_size=1, max_size=3, unique=True)
SPREADS = st.one_of(
    LISTS.map(lambda values: {"values": values}),
    TEXTS.map(lambda values: {"values": values}),
    LISTS.map(lambda values: {"choice": values, "weights": [k + 1 for k in range(len(values))]}),
    ENDS.map(lambda ends: {"uniform": ends}),
    ENDS.map(lambda ends: {"integer": ends}),
    ENDS.map(lambda ends: {"normal": {"mean": ends[0], "sd": ends[1] - ends[0]}}),
    ENDS.map(lambda ends: {"triangular": {"low": ends[0], "mode": ends[0], "high": ends[1]}}),
)
SAMPLED = st.builds(
    lambda method, samples, seed: {"method": method, "samples": samples, "seed": seed},
    st.sampled_from(["sobol", "halton", "random", "lhs"]), st.integers(1, 40), st.integers(0, 99),
)  # fmt: skip
CROSSED = st.one_of(
    st.builds(lambda n, s: {"method": "morris", "trajectories": n, "seed": s}, st.integers(1, 4), st.integers(0, 9)),
    st.builds(
        lambda n, second: {"method": "saltelli", "samples": n, "second_order": second},
        st.sampled_from([1, 2, 4]), st.booleans(),
    ),
    st.integers(2, 4).map(lambda levels: {"method": "one_at_a_time", "levels": levels}),
)  # fmt: skip
GRID = st.just({"method": "grid", "levels": 2})
PLACES = st.sampled_from([["v"], ["v", "w"], ["u", "v", "w"]])
LAWFUL = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
MOST_CASES = 5_000


@st.composite
def studies(draw: Any, designs: Any = SAMPLED | CROSSED | GRID) -> Study:
    spreads = draw(st.lists(SPREADS, min_size=1, max_size=4))
    parameters = [{"name": f"p{k}", "target": TARGET, **spread} for k, spread in enumerate(spreads)]
    models = draw(st.sampled_from([["m"], ["m", "n"]]))
    study = make_study(parameters, draw(designs), weather=draw(PLACES), model=models)
    assume(Points(study).case_count <= MOST_CASES)
    return study


def make_study(parameters: list[dict[str, Any]], design: dict[str, Any], **changes: Any) -> Study:
    return Study.model_validate({"name": "n", "parameters": parameters, "design": design, **changes})


def tell(points: Points) -> list[tuple[Any, ...]]:
    return [(point.model, point.weather, *point.values.items()) for point in points]


@given(studies())
@LAWFUL
def test_the_cases_of_a_study_survive_its_storage(study: Study) -> None:
    stored = Study.model_validate_json(study.model_dump_json())
    assert tell(Points(stored)) == tell(Points(study))
    assert Points(stored).digest == Points(study).digest


@given(studies(SAMPLED | GRID))
@LAWFUL
def test_the_cases_of_a_study_written_as_a_table_are_the_same_cases(study: Study) -> None:
    cases = tell(Points(study))
    rows = [{**point.values, "model": point.model, "weather": point.weather} for point in Points(study)]
    parameters = [{"name": parameter.name, "target": TARGET} for parameter in study.parameters]
    table = make_study(parameters, {"method": "table", "rows": rows}, model=study.models, weather=study.weathers)
    assert tell(Points(table)) == cases
    columns, expected = Points(table).columns(0, len(cases)), Points(study).columns(0, len(cases))
    assert all(np.array_equal(column, expected[name]) for name, column in columns.items())


@given(studies(), st.data())
@LAWFUL
def test_any_stretch_of_columns_says_what_its_cases_say(study: Study, data: st.DataObject) -> None:
    points = Points(study)
    start = data.draw(st.integers(0, points.case_count))
    stop = data.draw(st.integers(start, points.case_count))
    columns = points.columns(start, stop)
    for index in range(start, stop):
        point = points[index]
        cells = {name: column[index - start] for name, column in columns.items()}
        assert (cells["model"], cells["weather"]) == (point.model, point.weather)
        for parameter in study.parameters:
            cell = cells[parameter.name]
            if parameter.name in point.values:
                assert cell == point.values[parameter.name]
            else:
                assert cell is None or np.isnan(cell)


@given(studies(CROSSED))
@LAWFUL
def test_crossed_designs_run_the_same_cases_at_every_place(study: Study) -> None:
    by_place: dict[tuple[str, str], list[Any]] = {}
    for point in Points(study):
        by_place.setdefault((point.model, point.weather), []).append(dict(point.values))
    assert set(by_place) == {(model, weather) for model in study.models for weather in study.weathers}
    first, *others = by_place.values()
    assert all(other == first for other in others)


@given(studies(SAMPLED | GRID), st.integers(-30, 30))
@LAWFUL
def test_a_constraint_keeps_exactly_the_cases_that_keep_to_it_and_their_order(study: Study, bound: int) -> None:
    first = study.parameters[0]
    assume(not any(isinstance(value, str) for value in first.values or ()))
    free = tell(Points(study))
    bounded = Points(study.model_copy(update={"constraints": (f"p0 <= {bound} or weather == 'w'",)}))
    expected = [case for case in free if dict(case[2:])["p0"] <= bound or case[1] == "w"]
    assert tell(bounded) == expected
    assert bounded.case_count == len(expected)
    assert bounded.candidate_count == len(free)
    assert bounded.lost_share == pytest.approx(1 - len(expected) / len(free))


@given(studies(SAMPLED | GRID), st.integers(-30, 30), st.integers(-30, 30))
@LAWFUL
def test_one_more_constraint_never_adds_a_case(study: Study, low: int, high: int) -> None:
    assume(not any(isinstance(value, str) for value in study.parameters[0].values or ()))
    one = Points(study.model_copy(update={"constraints": (f"p0 <= {high}",)}))
    both = Points(study.model_copy(update={"constraints": (f"p0 <= {high}", f"p0 >= {low}")}))
    assert set(tell(both)) <= set(tell(one))
    assert all(low <= point.values["p0"] <= high for point in both)


@given(studies(), st.data())
@LAWFUL
def test_duplicates_are_counted_as_one_would_by_hand(study: Study, data: st.DataObject) -> None:
    points = Points(study)
    if points.case_count and study.design.method != "one_at_a_time":
        chosen = data.draw(st.lists(st.integers(0, points.case_count - 1), max_size=3))
        rows = tuple({**points[i].values, "model": points[i].model, "weather": points[i].weather} for i in chosen)
        if rows:
            points = points.extend(MoreRows(rows=rows))
    told = tell(points)
    assert count_duplicates(points) == len(told) - len(set(told))


def test_numbers_are_the_same_case_however_they_are_written() -> None:
    parameters = [{"name": "a", "target": TARGET}, {"name": "b", "target": TARGET}]
    rows = [{"a": 1, "b": "x"}, {"a": 1.0, "b": "x"}, {"a": 1, "b": "y"}, {"a": -0.0, "b": "x"}, {"a": 0, "b": "x"}]
    study = make_study(parameters, {"method": "table", "rows": rows}, model="m", weather="w")
    assert count_duplicates(Points(study)) == 2


def test_duplicates_of_a_huge_design_are_not_counted_and_a_grid_has_none() -> None:
    parameters = [{"name": "a", "target": TARGET, "integer": [1, 2_000_000]}]
    grid = Points(make_study(parameters, {"method": "grid"}, model="m", weather="w"))
    assert count_duplicates(grid) == 0
    sobol = Points(make_study(parameters, {"method": "sobol", "samples": 1_000_001}, model="m", weather="w"))
    assert count_duplicates(sobol) is None
    wide = [{"name": f"p{number}", "target": TARGET, "integer": [1, 9]} for number in range(200)]
    sobol = Points(make_study(wide, {"method": "sobol", "samples": 100_000}, model="m", weather="w"))
    assert count_duplicates(sobol) is None


@given(st.lists(st.integers(1, 20), min_size=2, max_size=6))
@LAWFUL
def test_weights_are_kept_by_a_latin_hypercube_to_a_case(weights: list[int]) -> None:
    spread = {"choice": list(range(len(weights))), "weights": weights}
    samples = 10 * sum(weights)
    design = {"method": "lhs", "samples": samples}
    points = Points(make_study([{"name": "a", "target": TARGET, **spread}], design, model="m", weather="w"))
    counts = np.bincount(points.columns(0, samples)["a"].astype(int), minlength=len(weights))
    assert np.abs(counts - 10 * np.array(weights)).max() <= 1
