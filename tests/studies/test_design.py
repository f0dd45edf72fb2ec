"""Points of every design by index: what they are, and what of them never changes."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from studies.definition import MoreRows, MoreSamples, Study
from studies.designs.errors import DesignError
from studies.designs.making import explain_extension
from studies.designs.points import Points

TARGET = {"class": "Material", "object": "*", "field": "Thickness"}
MIXED = {
    "a": {"uniform": [10, 20]},
    "b": {"values": ["x", "y", "z"]},
    "c": {"normal": {"mean": 5, "sd": 2}},
    "d": {"integer": [1, 4]},
    "e": {"choice": [0.5, 1, 2], "weights": [1, 2, 1]},
}
SAMPLED = [
    {"method": "sobol", "samples": 40, "seed": 3},
    {"method": "halton", "samples": 40, "seed": 3},
    {"method": "random", "samples": 40, "seed": 3},
    {"method": "lhs", "samples": 40, "seed": 3},
    {"method": "lhs", "samples": 40, "seed": 3, "optimise": "maximin", "centred": True},
    {"method": "morris", "trajectories": 4, "seed": 3},
    {"method": "saltelli", "samples": 4, "seed": 3},
    {"method": "saltelli", "samples": 4, "seed": 3, "second_order": True},
]
EVERY_DESIGN = [*SAMPLED, {"method": "grid", "levels": 3}, {"method": "one_at_a_time", "levels": 3}]


def make_study(design: dict[str, Any], ranges: dict[str, Any], **changes: Any) -> Study:
    parameters = [{"name": name, "target": TARGET, **kind} for name, kind in ranges.items()]
    document = {"name": "n", "model": "m", "weather": "w", "parameters": parameters, "design": design, **changes}
    return Study.model_validate(document)


def make_points(design: dict[str, Any], ranges: dict[str, Any], **changes: Any) -> Points:
    return Points(make_study(design, ranges, **changes))


def tell(points: Points) -> list[tuple[Any, ...]]:
    return [(point.model, point.weather, *point.values.items()) for point in points]


def test_a_grid_crosses_models_weathers_and_values() -> None:
    ranges = {"a": {"values": [1, 2]}, "b": {"values": ["x", "y", "z"]}}
    points = make_points({"method": "grid"}, ranges, model=["m", "n"], weather=["v", "w"])
    assert points.case_count == points.candidate_count == 24
    assert {(p.model, p.weather, *p.values.values()) for p in points} == {
        (model, weather, a, b) for model in "mn" for weather in "vw" for a in (1, 2) for b in "xyz"
    }
    assert [list(point.values) for point in points] == [["a", "b"]] * 24


def test_a_grid_divides_ranges_into_levels() -> None:
    ranges = {
        "uniform": {"uniform": [0, 1]},
        "log": {"loguniform": [1, 100]},
        "normal": {"normal": {"mean": 10, "sd": 1}},
        "peak": {"triangular": {"low": 0, "mode": 0, "high": 1}},
    }
    values = make_points({"method": "grid", "levels": 3}, ranges).columns(0, 81)
    assert np.unique(values["uniform"]).tolist() == [0, 0.5, 1]
    assert np.unique(values["log"]) == pytest.approx([1, 10, 100])
    assert np.unique(values["normal"]) == pytest.approx([10 - 0.967422, 10, 10 + 0.967422], abs=1e-6)
    assert np.unique(values["peak"]) == pytest.approx(1 - np.sqrt(1 - np.array([1, 3, 5]) / 6))


def test_any_point_of_a_grid_of_a_billion_is_found_without_the_others() -> None:
    points = make_points({"method": "grid"}, {name: {"values": list(range(1000))} for name in "abc"})
    assert points.case_count == 10**9
    found = {tuple(points[index].values.values()) for index in range(123_456_789, 123_457_789)}
    assert len(found) == 1000
    assert len(points.digest) == 64


def test_a_grid_beyond_all_numbers_of_a_machine_has_its_count_still() -> None:
    points = make_points({"method": "grid"}, {f"p{k}": {"values": list(range(1000))} for k in range(30)})
    assert points.case_count == 10**90
    assert len(points[10**89 + 7].values) == 30


def test_a_study_without_parameters_is_one_case_for_each_model_and_weather() -> None:
    points = make_points({"method": "grid"}, {}, model=["m", "n"], weather=["v", "w"])
    assert {(p.model, p.weather) for p in points} == {("m", "v"), ("m", "w"), ("n", "v"), ("n", "w")}
    assert all(point.values == {} for point in points)


def test_baselines_have_negative_indices_and_come_first() -> None:
    points = make_points(
        {"method": "grid"}, {"a": {"values": [1]}}, baseline=True, model=["m", "n"], weather=["v", "w"]
    )
    assert points.baseline_count == 4
    assert [point.index for point in points] == [-4, -3, -2, -1, 0, 1, 2, 3]
    assert [(p.model, p.weather) for p in points if p.is_baseline] == [("m", "v"), ("m", "w"), ("n", "v"), ("n", "w")]
    assert points[-1].is_baseline
    assert points[-1].values == {}
    assert len(points) == 8
    columns = points.columns(-4, 1)
    assert columns["weather"].tolist()[:4] == ["v", "w", "v", "w"]
    assert np.isnan(columns["a"]).tolist() == [True] * 4 + [False]


@pytest.mark.parametrize("index", [-1, 2, 100, -100])
def test_a_case_that_does_not_exist_is_an_index_error(index: int) -> None:
    points = make_points({"method": "grid"}, {"a": {"values": [1, 2]}})
    with pytest.raises(IndexError, match="it has 0 to 1"):
        points[index]


def test_columns_beyond_the_cases_are_an_index_error() -> None:
    with pytest.raises(IndexError, match="no cases 1 to 2"):
        make_points({"method": "grid"}, {"a": {"values": [1, 2]}}).columns(1, 3)


@pytest.mark.parametrize("design", EVERY_DESIGN, ids=str)
def test_points_are_the_same_one_by_one_in_any_order_and_as_columns(design: dict[str, Any]) -> None:
    points = make_points(design, MIXED, weather=["v", "w"])
    in_turn = list(points)
    shuffled = np.random.default_rng(1).permutation(points.case_count).tolist()
    fresh = make_points(design, MIXED, weather=["v", "w"])
    assert {index: fresh[index] for index in shuffled} == {point.index: point for point in in_turn}
    columns = points.columns(0, points.case_count)
    for point in in_turn:
        row = {name: column[point.index] for name, column in columns.items()}
        assert (row.pop("model"), row.pop("weather")) == (point.model, point.weather)
        given = {name: value for name, value in row.items() if value is not None and not _is_nan(value)}
        assert given == point.values
    parts = [points.columns(start, min(start + 7, points.case_count)) for start in range(0, points.case_count, 7)]
    for name, column in columns.items():
        joined = np.concatenate([part[name] for part in parts])
        assert joined.dtype == column.dtype
        assert np.array_equal(joined, column, equal_nan=column.dtype != object)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize("design", EVERY_DESIGN, ids=str)
def test_whole_numbers_stay_whole_and_every_value_within_its_range(design: dict[str, Any]) -> None:
    for point in make_points(design, MIXED):
        values = point.values
        assert 10 <= values.get("a", 10) <= 20
        assert values.get("b", "x") in ("x", "y", "z")
        assert isinstance(values.get("d", 1), int)
        assert values.get("d", 1) in range(1, 5)
        assert values.get("e", 1) in (0.5, 1, 2)


@pytest.mark.parametrize("design", SAMPLED, ids=str)
def test_the_same_seed_gives_the_same_cases_and_another_seed_others(design: dict[str, Any]) -> None:
    first, second = make_points(design, MIXED), make_points(design, MIXED)
    assert tell(first) == tell(second)
    assert first.digest == second.digest
    other = make_points({**design, "seed": 4}, MIXED)
    assert tell(other) != tell(first)
    assert other.digest != first.digest


_TELL = """
import sys
from studies.definition import Study
from studies.designs.points import Points
print(Points(Study.model_validate_json(sys.argv[1])).digest)
"""


def test_another_process_finds_the_same_points() -> None:
    study = make_study({"method": "sobol", "samples": 100}, MIXED, weather=["v", "w"])
    told = subprocess.run(
        [sys.executable, "-c", _TELL, study.model_dump_json()], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == Points(study).digest


DIGESTS = {
    "sobol": "46c96b318b529bcb1afd4d9b790565e603e48922f00f88f1b86926b315bdf840",
    "halton": "32f33be7776e29922cbeb79989d22f3ce08b02a69bdf89a62b452ca7f06ca1d1",
    "random": "f04f09ddd12abfe0cce0a8cf22948fb4753fd0f7de88b8452e1b1fa2d9d24a01",
    "lhs": "fe2c3fcbebe85e85a69cbd9fcd7e6d9d878144c60a71df4c0d4f1b0ebff2da9d",
    "morris": "c227bd8acd19f7e07632096015c8704350df2e5668b974327cb7db634a5129c7",
    "saltelli": "1c2269a259f31655764502d903a474e5f25831443a4e0b322f3053f3d70ca6de",
    "grid": "7a9544ebaa8c49d65d7f01bb32895ddf8d59b436052f5204e77247d5a92f7292",
    "one_at_a_time": "00034aac5a909f86c9105045b5d2e3b502b8604522c50947477239d82772f57a",
}


@pytest.mark.parametrize("design", [SAMPLED[k] for k in (0, 1, 2, 3, 5, 6)] + EVERY_DESIGN[-2:], ids=str)
def test_the_points_of_a_study_never_change(design: dict[str, Any]) -> None:
    assert make_points(design, MIXED, weather=["v", "w"]).digest == DIGESTS[design["method"]]


def test_a_table_gives_its_rows_in_their_order_and_the_values_in_that_of_the_parameters() -> None:
    rows = [{"b": "x", "a": 1, "weather": "v"}, {"a": 2.5, "b": "y", "weather": "w"}]
    points = make_points({"method": "table", "rows": rows}, {"a": {}, "b": {}}, weather=["v", "w"])
    assert tell(points) == [("m", "v", ("a", 1), ("b", "x")), ("m", "w", ("a", 2.5), ("b", "y"))]
    assert points.columns(0, 2)["a"].tolist() == [1.0, 2.5]


def test_equal_studies_have_equal_digests_and_any_change_of_a_case_shows() -> None:
    def digest(**changes: Any) -> str:
        return make_points({"method": "grid"}, {"a": {"values": changes.pop("values", [1, 2])}}, **changes).digest

    assert digest() == digest(name="another title")
    others = [
        digest(values=[2, 1]), digest(values=[1, 2.5]), digest(weather="v"), digest(baseline=True),
        digest(constraints=["a < 2"]),
    ]  # fmt: skip
    assert len({digest(), *others}) == 6


def test_points_are_verified_against_the_digest_that_they_were_recorded_with() -> None:
    points = make_points({"method": "sobol", "samples": 10}, MIXED)
    assert points.verify(make_points({"method": "sobol", "samples": 10}, MIXED).digest)
    assert not points.verify(make_points({"method": "sobol", "samples": 11}, MIXED).digest)


def test_a_digest_survives_storage_as_json() -> None:
    values = {"a": {"values": [0.1, 1, 2.0, 1e22, -0.0, "x"]}, "b": {"uniform": [0, 1e-7]}}
    study = make_study({"method": "lhs", "samples": 5}, values)
    assert Points(Study.model_validate(study.model_dump(mode="json"))).digest == Points(study).digest


def test_linked_parameters_move_together_value_by_value() -> None:
    ranges = {"a": {"values": [1, 2, 3]}, "b": {"uniform": [0, 1]}, "c": {"values": ["x", "y", "z"]}}
    for design in ({"method": "sobol", "samples": 30}, {"method": "grid", "levels": 2}):
        points = make_points(design, ranges, linked=[["a", "c"]])
        assert {(p.values["a"], p.values["c"]) for p in points} == {(1, "x"), (2, "y"), (3, "z")}
    assert points.case_count == 6


def test_linked_ranges_are_drawn_at_the_same_share() -> None:
    ranges = {"a": {"uniform": [0, 1]}, "b": {"uniform": [10, 30]}}
    points = make_points({"method": "random", "samples": 20}, ranges, linked=[["b", "a"]])
    assert all(p.values["b"] == pytest.approx(10 + 20 * p.values["a"]) for p in points)


def test_a_distribution_with_nothing_between_its_ends_is_refused() -> None:
    far = {"truncated_normal": {"mean": 0, "sd": 1e-200, "low": 1, "high": 2}}
    with pytest.raises(DesignError, match="nothing between") as refusal:
        make_points({"method": "sobol", "samples": 4}, {"a": far})
    assert refusal.value.path == "parameters[0].truncated_normal"


def test_linked_parameters_of_unequal_length_are_refused() -> None:
    ranges = {"a": {"values": [1, 2]}, "b": {"values": [1, 2, 3]}}
    with pytest.raises(DesignError, match="equally many") as refusal:
        make_points({"method": "grid"}, ranges, linked=[["a", "b"]])
    assert refusal.value.path == "linked[0]"
    assert refusal.value.found == "a 2, b 3"


def test_derived_parameters_follow_the_others_in_whatever_order_they_stand() -> None:
    ranges = {
        "twice": {"derived": "2 * sum"}, "a": {"values": [1, 2]}, "sum": {"derived": "a + b"}, "b": {"values": [3, 4]}
    }  # fmt: skip
    for point in make_points({"method": "grid"}, ranges):
        values = point.values
        assert list(values) == ["twice", "a", "sum", "b"]
        assert values["sum"] == values["a"] + values["b"]
        assert values["twice"] == 2 * values["sum"]


def test_a_derived_parameter_without_a_value_is_told_with_its_path() -> None:
    points = make_points({"method": "grid"}, {"a": {"values": [0, 1]}, "b": {"derived": "1 / a"}})
    with pytest.raises(DesignError, match="no finite value where a = 0") as refusal:
        points.columns(0, 2)
    assert refusal.value.path == "parameters[1].derived"


@pytest.mark.parametrize(
    ("texts", "path", "message"),
    [
        ({"b": "a +"}, "parameters[1].derived", "It ends too early"),
        ({"b": "x + 1"}, "parameters[1].derived", "There is no parameter `x`"),
        ({"b": "a > 1"}, "parameters[1].derived", "Write an expression that gives a number"),
        ({"b": "c", "c": "b"}, "parameters[1].derived", "round in a circle"),
        ({"b": "b + 1"}, "parameters[1].derived", "round in a circle"),
    ],
)
def test_what_cannot_be_derived_is_refused(texts: dict[str, str], path: str, message: str) -> None:
    ranges = {"a": {"values": [1]}} | {name: {"derived": text} for name, text in texts.items()}
    with pytest.raises(DesignError, match=message) as refusal:
        make_points({"method": "grid"}, ranges)
    assert refusal.value.path == path


def test_constraints_take_cases_away_and_tell_how_many() -> None:
    ranges = {"a": {"values": [1, 2, 3]}, "b": {"values": ["x", "y"]}, "c": {"derived": "a * a"}}
    points = make_points({"method": "grid"}, ranges, constraints=["c < 9", "a == 1 or b != 'Y'"], weather=["v", "w"])
    assert {(p.values["a"], p.values["b"]) for p in points} == {(1, "x"), (1, "y"), (2, "x")}
    assert (points.case_count, points.candidate_count, points.lost_share) == (6, 12, 0.5)


def test_a_constraint_may_name_the_weather() -> None:
    points = make_points(
        {"method": "grid"}, {"a": {"values": [1, 2]}}, constraints=["weather == 'v' or a > 1"], weather=["v", "w"]
    )
    assert {(p.weather, p.values["a"]) for p in points} == {("v", 1), ("v", 2), ("w", 2)}
    alone = make_points({"method": "grid"}, {"a": {"values": [1, 2]}}, constraints=["weather == 'w' and a > 1"])
    assert [p.values["a"] for p in alone] == [2]


def test_constraints_that_reject_everything_leave_no_case() -> None:
    points = make_points({"method": "sobol", "samples": 50}, {"a": {"uniform": [0, 1]}}, constraints=["a > 2"])
    assert (points.case_count, points.lost_share) == (0, 1.0)
    assert list(points) == []
    assert points.columns(0, 0)["a"].shape == (0,)


def test_a_constraint_without_a_value_is_told_with_its_path() -> None:
    with pytest.raises(DesignError, match="no finite value where a = 0") as refusal:
        make_points({"method": "grid"}, {"a": {"values": [0, 1]}}, constraints=["a < 5", "1 / a > 0.5"])
    assert refusal.value.path == "constraints[1]"


def test_a_later_constraint_is_asked_only_of_cases_that_keep_to_the_earlier() -> None:
    points = make_points({"method": "grid"}, {"a": {"values": [0, 1]}}, constraints=["a > 0", "1 / a > 0.5"])
    assert [p.values["a"] for p in points] == [1]


def test_more_candidates_than_can_be_tried_are_refused() -> None:
    with pytest.raises(DesignError, match="each case has to be tried"):
        make_points({"method": "grid"}, {n: {"values": list(range(1000))} for n in "abc"}, constraints=["a < b"])


def test_a_latin_hypercube_that_fills_the_memory_is_refused() -> None:
    ranges = {f"a{k}": {"uniform": [0, 1]} for k in range(200)}
    with pytest.raises(DesignError, match="computed as a whole") as refusal:
        make_points({"method": "lhs", "samples": 1_000_000}, ranges)
    assert (refusal.value.path, refusal.value.accepted) == ("design.samples", "at most 50,000 in 200 dimensions")
    assert len(make_points({"method": "lhs", "samples": 1_000_000}, {"a": {"uniform": [0, 1]}})) == 1_000_000


@pytest.mark.parametrize("method", ["morris", "saltelli", "one_at_a_time"])
def test_designs_that_cannot_lose_cases_take_no_constraints(method: str) -> None:
    design = next(design for design in EVERY_DESIGN if design["method"] == method)
    with pytest.raises(DesignError, match="cannot lose cases"):
        make_points(design, MIXED, constraints=["a > 1"])


def test_one_at_a_time_starts_from_the_models_as_they_are() -> None:
    ranges = {"a": {"uniform": [0, 1]}, "b": {"values": ["x", "y", "z"]}, "c": {"normal": {"mean": 0, "sd": 1}}}
    points = make_points({"method": "one_at_a_time"}, ranges, weather=["v", "w"])
    assert [(p.weather, dict(p.values)) for p in points][:6] == [
        ("v", {}), ("w", {}), ("v", {"a": 0.0}), ("w", {"a": 0.0}), ("v", {"b": "x"}), ("w", {"b": "x"}),
    ]  # fmt: skip
    assert [dict(p.values) for p in points][6::2] == [
        {"c": pytest.approx(-1.644854)}, {"a": 1.0}, {"b": "z"}, {"c": pytest.approx(1.644854)}, {"b": "y"},
    ]  # fmt: skip


def test_one_at_a_time_takes_the_baseline_for_its_centre() -> None:
    points = make_points({"method": "one_at_a_time"}, {"a": {"uniform": [0, 1]}}, baseline=True)
    assert [(p.index, dict(p.values)) for p in points] == [(-1, {}), (0, {"a": 0.0}), (1, {"a": 1.0})]


def test_one_at_a_time_moves_linked_parameters_together() -> None:
    ranges = {"a": {"values": [1, 2]}, "b": {"values": [3, 4]}, "c": {"values": [5]}}
    points = make_points({"method": "one_at_a_time"}, ranges, linked=[["a", "b"]], baseline=True)
    assert [dict(p.values) for p in points if not p.is_baseline] == [{"a": 1, "b": 3}, {"c": 5}, {"a": 2, "b": 4}]


@pytest.mark.parametrize("method", ["nsga2", "differential_evolution"])
def test_an_optimiser_has_no_points_but_those_that_it_adds(method: str) -> None:
    goal = {"metric": "heating_kwh"}
    study = make_study(
        {"method": method, "generations": 2, **({"objectives": [goal]} if method == "nsga2" else {"objective": goal})},
        {"a": {"uniform": [0, 1]}, "twice": {"derived": "2 * a"}}, baseline=True,
    )  # fmt: skip
    points = Points(study)
    assert (points.case_count, points.baseline_count, points.lost_share) == (0, 1, 0.0)
    grown = points.extend(MoreRows(rows=({"a": 0.25}, {"a": 0.75})))
    assert [dict(p.values) for p in grown][1:] == [{"a": 0.25, "twice": 0.5}, {"a": 0.75, "twice": 1.5}]
    assert grown.columns(-1, 2)["twice"][1:].tolist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"method": "grid", "levels": 2}, "every value has met every other"),
        ({"method": "lhs", "samples": 4}, "every range would be cut anew"),
        ({"method": "one_at_a_time"}, "every value has had its turn"),
        ({"method": "sobol", "samples": 4}, None),
        ({"method": "morris", "trajectories": 4}, None),
    ],
)
def test_which_designs_take_more_samples_is_told(design: dict[str, Any], words: str | None) -> None:
    study = make_study(design, MIXED)
    reason = explain_extension(study, MoreSamples(samples=3))
    if words is None:
        assert reason is None
    else:
        assert words in str(reason)
        with pytest.raises(DesignError, match=words):
            Points(study).extend(MoreSamples(samples=3))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"a": 1, "weather": "w"}, "Row 0 lacks `b`"),
        ({"a": 1, "b": 2}, "Row 0 lacks `weather`"),
        ({"a": 1, "b": 2, "c": 3, "weather": "w"}, "Row 0 has `c`, which the study does not vary"),
        ({"a": 1, "b": 2, "twice": 2, "weather": "w"}, "Row 0 has `twice`"),
        ({"a": 1, "b": 2, "weather": "x"}, "the weather `x`, which is none of the study"),
        ({"a": 1, "b": 2, "weather": "w"}, None),
        ({"a": 1, "b": 2, "weather": "w", "model": "m"}, None),
    ],
)
def test_what_an_added_row_lacks_is_told(row: dict[str, Any], words: str | None) -> None:
    ranges = {"a": {"values": [1]}, "b": {"uniform": [0, 1]}, "twice": {"derived": "2 * a"}}
    study = make_study({"method": "lhs", "samples": 4}, ranges, weather=["v", "w"])
    reason = explain_extension(study, MoreRows(rows=(row,)))
    assert reason is None if words is None else words in str(reason)


def test_rows_that_are_added_keep_what_they_say_even_beyond_the_range() -> None:
    study = make_study({"method": "grid"}, {"a": {"values": [1, 2]}, "b": {"values": ["x"]}}, weather=["v", "w"])
    grown = Points(study, [MoreRows(rows=({"a": 7.5, "b": "new", "weather": "w"},))])
    assert tell(grown)[-1] == ("m", "w", ("a", 7.5), ("b", "new"))
    assert grown.digest != Points(study).digest


@pytest.mark.parametrize("design", [d for d in SAMPLED if d["method"] != "lhs"], ids=str)
def test_a_design_goes_on_where_it_ended(design: dict[str, Any]) -> None:
    key = "trajectories" if design["method"] == "morris" else "samples"
    whole = make_points({**design, key: design[key] + 6}, MIXED, weather=["v", "w"])
    grown = make_points(design, MIXED, weather=["v", "w"]).extend(MoreSamples(samples=2)).extend(MoreSamples(samples=4))
    assert tell(grown) == tell(whole)


def test_a_design_goes_on_after_rows_and_through_constraints() -> None:
    study = make_study({"method": "sobol", "samples": 20}, {"a": {"uniform": [0, 1]}}, constraints=["a < 0.5"])
    points = Points(study)
    grown = points.extend(MoreRows(rows=({"a": 0.9},))).extend(MoreSamples(samples=20))
    whole = make_points({"method": "sobol", "samples": 40}, {"a": {"uniform": [0, 1]}}, constraints=["a < 0.5"])
    kept = [p.values["a"] for p in grown]
    assert kept.pop(points.case_count) == 0.9
    assert kept == [p.values["a"] for p in whole]
    assert (grown.candidate_count, points.candidate_count) == (41, 20)
    assert Points(study, [MoreRows(rows=({"a": 0.9},)), MoreSamples(samples=20)]).digest == grown.digest
    assert points.digest == Points(study).digest
