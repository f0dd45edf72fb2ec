import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.definition import Study
from studies.designs.points import Points, count_cases, sample_latin_hypercube, split_index

TARGET = {"class": "Material", "object": "*", "field": "Thickness"}


def make_points(design: dict[str, Any], ranges: dict[str, Any], **changes: Any) -> Points:
    parameters = [{"name": name, "target": TARGET, **kind} for name, kind in ranges.items()]
    document = {"name": "n", "model": "m", "weather": "w", "parameters": parameters, "design": design, **changes}
    return Points(Study.model_validate(document))


@given(st.lists(st.integers(1, 7), max_size=5))
def test_mixed_radix_counts_every_combination_once_and_in_order(levels: list[int]) -> None:
    combinations = [split_index(index, levels) for index in range(count_cases(levels))]
    assert combinations == sorted(combinations)
    assert len({tuple(digits) for digits in combinations}) == len(combinations)
    assert all(0 <= digit < level for digits in combinations for digit, level in zip(digits, levels, strict=True))


def test_a_grid_crosses_models_weathers_and_values_the_last_parameter_fastest() -> None:
    ranges = {"a": {"values": [1, 2]}, "b": {"values": ["x", "y", "z"]}}
    points = make_points({"method": "grid"}, ranges, model=["m", "n"], weather=["v", "w"])
    assert points.case_count == 24
    assert points[0].values == {"a": 1, "b": "x"}
    assert points[1].values == {"a": 1, "b": "y"}
    assert points[3].values == {"a": 2, "b": "x"}
    assert (points[5].weather, points[6].weather) == ("v", "w")
    assert (points[11].model, points[12].model) == ("m", "n")
    assert len({(p.model, p.weather, *p.values.values()) for p in points}) == 24


def test_a_grid_of_a_billion_points_is_made_at_once_and_any_of_them_found() -> None:
    started = time.perf_counter()
    points = make_points({"method": "grid"}, {name: {"values": list(range(1000))} for name in "abc"})
    assert points.case_count == 10**9
    assert points[123_456_789].values == {"a": 123, "b": 456, "c": 789}
    assert len(points.digest) == 64
    assert time.perf_counter() - started < 1.0


def test_a_study_without_parameters_is_one_case_for_each_model_and_weather() -> None:
    points = make_points({"method": "grid"}, {}, model=["m", "n"], weather=["v", "w"])
    assert [(point.model, point.weather, dict(point.values)) for point in points] == [
        ("m", "v", {}), ("m", "w", {}), ("n", "v", {}), ("n", "w", {}),
    ]  # fmt: skip


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


@pytest.mark.parametrize("index", [-1, 2, 100, -100])
def test_a_case_that_does_not_exist_is_an_index_error(index: int) -> None:
    points = make_points({"method": "grid"}, {"a": {"values": [1, 2]}})
    with pytest.raises(IndexError, match="it has 0 to 1"):
        points[index]


def test_latin_hypercube_puts_one_sample_in_each_stratum() -> None:
    points = make_points({"method": "lhs", "samples": 50}, {"a": {"uniform": [10, 20]}, "b": {"uniform": [-1, 0]}})
    for name, low, width in (("a", 10.0, 0.2), ("b", -1.0, 0.02)):
        strata = sorted(int((float(point.values[name]) - low) / width) for point in points)
        assert strata == list(range(50))


def test_latin_hypercube_gives_listed_values_models_and_weathers_equal_shares() -> None:
    ranges = {"a": {"values": [1, 2, 3]}}
    points = list(make_points({"method": "lhs", "samples": 12}, ranges, model=["m", "n"], weather=["u", "v", "w"]))
    assert sorted(point.values["a"] for point in points) == [1] * 4 + [2] * 4 + [3] * 4
    assert sorted(point.model for point in points) == ["m"] * 6 + ["n"] * 6
    assert sorted(point.weather for point in points) == ["u"] * 4 + ["v"] * 4 + ["w"] * 4


def test_the_same_seed_gives_the_same_samples_even_after_they_were_forgotten() -> None:
    design = {"method": "lhs", "samples": 20, "seed": 7}
    first = make_points(design, {"a": {"uniform": [0, 1]}})
    values, digest = [point.values for point in first], first.digest
    sample_latin_hypercube.cache_clear()
    second = make_points(design, {"a": {"uniform": [0, 1]}})
    assert [point.values for point in second] == values
    assert second.digest == digest
    other = make_points({**design, "seed": 8}, {"a": {"uniform": [0, 1]}})
    assert [point.values for point in other] != values
    assert other.digest != digest


def test_the_samples_of_a_seed_never_change() -> None:
    points = make_points({"method": "lhs", "samples": 3}, {"a": {"uniform": [0, 1]}, "b": {"values": ["x", "y"]}})
    assert [point.values for point in points] == EXPECTED_SAMPLES


EXPECTED_SAMPLES = [
    {"a": 0.3523541490390402, "b": "x"},
    {"a": 0.09255247045005821, "b": "y"},
    {"a": 0.8590078791616765, "b": "x"},
]


def test_a_table_gives_its_rows_in_the_order_of_the_parameters() -> None:
    rows = [{"b": "x", "a": 1, "weather": "v"}, {"a": 2.5, "b": "y", "weather": "w"}]
    points = make_points({"method": "table", "rows": rows}, {"a": {}, "b": {}}, weather=["v", "w"])
    assert [(p.model, p.weather, list(p.values.items())) for p in points] == [
        ("m", "v", [("a", 1), ("b", "x")]),
        ("m", "w", [("a", 2.5), ("b", "y")]),
    ]


def test_equal_studies_have_equal_digests_and_any_change_of_a_case_shows() -> None:
    def digest(**changes: Any) -> str:
        return make_points({"method": "grid"}, {"a": {"values": changes.pop("values", [1, 2])}}, **changes).digest

    assert digest() == digest(name="another title")
    others = [digest(values=[2, 1]), digest(values=[1, 2.5]), digest(weather="v"), digest(baseline=True)]
    assert len({digest(), *others}) == 5


def test_a_digest_survives_storage_as_json() -> None:
    study = Study.model_validate(
        {
            "name": "n", "model": "m", "weather": "w", "design": {"method": "lhs", "samples": 5},
            "parameters": [
                {"name": "a", "target": TARGET, "values": [0.1, 1, 2.0, 1e22, -0.0, "x"]},
                {"name": "b", "target": TARGET, "uniform": [0, 1e-7]},
            ],
        }
    )  # fmt: skip
    assert Points(Study.model_validate(study.model_dump(mode="json"))).digest == Points(study).digest


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_samples_stay_within_their_range(samples: int, seed: int) -> None:
    points = make_points({"method": "lhs", "samples": samples, "seed": seed}, {"a": {"uniform": [0.1, 0.3]}})
    assert all(0.1 <= float(point.values["a"]) <= 0.3 for point in points)
