"""Parameters without effect are found by pairs of cases that differ in them alone."""

import itertools

import numpy as np
import pyarrow as pa
import pytest

from batches.results.effects import EffectExamination

GRID = list(itertools.product(["chicago", "miami"], [1.0, 2.0, 3.0], ["a", "b"], [0.1, 0.2]))


def find(rows: list[dict], parameters: list[str], part_rows: int = 5) -> list[str]:
    outputs = [name for name in rows[0] if name not in ("weather", *parameters)]
    examination = EffectExamination(["weather"], parameters, outputs)
    for start in range(0, len(rows), part_rows):
        examination.add(pa.Table.from_pylist(rows[start : start + part_rows], pa.Table.from_pylist(rows).schema))
    return examination.find_without_effect()


def test_in_a_grid_a_parameter_that_never_matters_is_found() -> None:
    rows = [
        {
            "weather": weather,
            "live": live,
            "word": word,
            "dead": dead,
            "kwh": live * len(weather) + ord(word),
            "no": None,
        }
        for weather, live, word, dead in GRID
    ]
    assert find(rows, ["live", "word", "dead"]) == ["dead"]


def test_an_effect_under_one_weather_or_on_one_output_is_an_effect() -> None:
    rows = [
        {"weather": weather, "x": x, "a_kwh": 1.0, "b_kwh": x if weather == "miami" else 0.0}
        for weather, x in itertools.product(["chicago", "miami"], [1.0, 2.0])
    ]
    assert find(rows, ["x"]) == []


def test_a_null_differs_from_a_number_and_equals_a_null() -> None:
    rows = [{"weather": "miami", "x": x, "y": y, "kwh": None if x else 0.0} for x in (0.0, 1.0) for y in (0.0, 1.0)]
    assert find(rows, ["x", "y"]) == ["y"]


def test_without_pairs_all_outputs_must_be_equal() -> None:
    random = np.random.default_rng(1)
    samples = random.random((50, 2)).tolist()
    rows = [{"weather": "miami", "x": x, "y": y, "kwh": 7.0} for x, y in samples]
    assert find(rows, ["x", "y"]) == ["x", "y"]
    assert find([{**row, "kwh": row["x"]} for row in rows], ["x", "y"]) == []


def test_cases_of_a_program_without_weather_are_compared() -> None:
    part = pa.table({"weather": pa.nulls(2, pa.string()), "x": [1.0, 2.0], "y": [3.0, 3.0], "cost": [7.0, 7.0]})
    examination = EffectExamination(["weather"], ["x", "y"], ["cost"])
    examination.add(part)
    assert examination.find_without_effect() == ["x"]


def test_a_parameter_of_one_value_is_not_judged() -> None:
    assert find([{"weather": "miami", "x": 1.0, "kwh": 7.0}] * 3, ["x"]) == []


def test_cases_of_different_weather_are_never_compared() -> None:
    rows = [{"weather": "miami", "x": 1.0, "kwh": 7.0}, {"weather": "chicago", "x": 2.0, "kwh": 7.0}]
    assert find(rows, ["x"]) == []


@pytest.mark.parametrize("parameters", [[], ["x"]])
def test_no_cases_no_findings(parameters: list[str]) -> None:
    examination = EffectExamination(["weather"], parameters, ["kwh"])
    assert examination.find_without_effect() == []
    types = {"weather": pa.string(), "x": pa.float64(), "kwh": pa.float64()}
    examination.add(pa.table({name: pa.array([], kind) for name, kind in types.items()}))
    assert examination.find_without_effect() == []


def test_a_hundred_thousand_cases_are_examined_exactly() -> None:
    numbers = np.arange(100_000)
    columns = {
        "weather": pa.array(np.where(numbers % 2, "miami", "chicago")),
        "live": pa.array((numbers // 2 % 500).astype(float)),
        "dead": pa.array((numbers // 1000).astype(float)),
        "kwh": pa.array(np.sin(numbers // 2 % 500)),
    }
    examination = EffectExamination(["weather"], ["live", "dead"], ["kwh"])
    table = pa.table(columns)
    for start in range(0, 100_000, 1000):
        examination.add(table.slice(start, 1000))
    assert examination.find_without_effect() == ["dead"]
