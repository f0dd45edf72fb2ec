"""Words of a command and points of a DataFrame become what the service takes; rates become lines."""

from typing import Any

import pandas as pd
import pytest

from casefarm.commands.surrogate import aim, describe_rates, read_limit, read_more, read_values, save_frame
from casefarm.errors import CasefarmError
from casefarm.surrogates import list_inputs, list_points


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("heating_kwh <= 300", {"metric": "heating_kwh", "sense": "<=", "bound": 300.0}),
        ("x>=-1.5e3", {"metric": "x", "sense": ">=", "bound": -1500.0}),
    ],
)
def test_a_limit_is_read(text: str, expected: dict[str, Any]) -> None:
    assert read_limit(text) == expected


@pytest.mark.parametrize("text", ["heating_kwh < 300", "heating_kwh <= much", "<= 3", "heating_kwh <= 3 4"])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CasefarmError, match="write METRIC <= NUMBER"):
        read_limit(text)


def test_aims_keep_their_ways() -> None:
    assert aim(["a"], ["b"], None) == {
        "objectives": [{"metric": "a", "goal": "minimise"}, {"metric": "b", "goal": "maximise"}],
        "limits": [],
    }
    with pytest.raises(CasefarmError, match="--minimise METRIC"):
        aim(None, None, None)


def test_words_become_values() -> None:
    assert read_values(["lighting=0.5", "weather=chicago"]) == {"lighting": 0.5, "weather": "chicago"}
    assert read_more(["count=5", 'fixed={"weather": "miami"}', "keep=top"]) == {
        "count": 5,
        "fixed": {"weather": "miami"},
        "keep": "top",
    }
    with pytest.raises(CasefarmError, match="NAME=VALUE"):
        read_values(["lighting"])
    with pytest.raises(CasefarmError, match="KEY=VALUE"):
        read_more(["=5"])


def test_points_are_taken_as_a_frame_a_mapping_or_rows() -> None:
    rows = [{"a": 1.0, "b": "x"}, {"a": 2.0, "b": "x"}]
    frame = pd.DataFrame(rows)
    assert list_inputs(frame) == list_inputs(rows) == {"a": [1.0, 2.0], "b": ["x", "x"]}
    assert list_points(frame) == list_points({"a": frame["a"], "b": "x"}) == list_points(rows) == rows
    assert list_points({"a": 1.0, "b": "x"}) == rows[:1]


def test_a_row_that_lacks_an_input_is_not_shifted() -> None:
    assert list_inputs([{"a": 1.0}, {"a": 2.0, "b": 3.0}]) == {"a": [1.0, 2.0], "b": [None, 3.0]}


def test_an_unknown_form_of_a_file_is_refused(tmp_path: Any) -> None:
    with pytest.raises(CasefarmError, match=r"\.csv, \.json, \.parquet"):
        save_frame(pd.DataFrame({"a": [1]}), tmp_path / "x.xls")


def test_rates_are_told_against_what_is_promised() -> None:
    metric = {"compared": 4, "within": 3, "rate": 0.75, "mean_error": -12.5, "rmse": 20.0}
    summary = {
        **metric,
        "promised": 0.9,
        "points_outside": 1,
        "points_suspect": 0,
        "points_failed": 0,
        "metrics": {"heating_kwh": metric},
    }
    assert describe_rates(summary) == [
        "3 of 4 values lie within their intervals (75%; 90% is promised)",
        "  heating_kwh: 3 of 4, mean error -12.5",
        "note: outside points left out: 1",
    ]
    assert describe_rates({**summary, "compared": 0}) == [
        "nothing to compare: no valid point lies inside of the surrogate's domain"
    ]
