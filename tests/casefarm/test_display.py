"""How progress and result tables are put into words."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from casefarm.display import choose_columns, format_value, make_heading
from casefarm.progress import describe_queue, describe_time_left, describe_trouble

COLUMNS = [
    {"name": "case", "unit": None, "kind": "key"},
    {"name": "state", "unit": None, "kind": "key"},
    {"name": "depth_m", "unit": "m", "kind": "parameter"},
    {"name": "site_eui_kwh_m2", "unit": "kWh/m2", "kind": "metric"},
    {"name": "natural_gas_kwh", "unit": "kWh", "kind": "metric"},
    {"name": "warnings", "unit": None, "kind": "metric"},
]


def frame(**changes):
    columns = {"case": [0], "state": ["succeeded"], "depth_m": [0.1], "site_eui_kwh_m2": [90.0]}
    return pd.DataFrame({**columns, "natural_gas_kwh": [None], "warnings": [3], **changes})


def test_a_metric_without_values_and_a_state_without_news_are_left_out():
    assert [column["name"] for column in choose_columns(frame(), COLUMNS)] == ["case", "depth_m", "site_eui_kwh_m2"]
    assert "state" in [column["name"] for column in choose_columns(frame(state=["failed"]), COLUMNS)]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (float("nan"), "–"), (0.0, "0"), (12, "12"), (1234567.8, "1,234,568"), (0.123456, "0.1235")],
)
def test_a_missing_value_is_a_dash_and_never_a_zero(value, text):
    assert format_value(value) == text


def test_text_of_a_study_is_no_markup():
    assert format_value("[red]x") == r"\[red]x"


def test_a_heading_has_the_unit_below_the_name():
    assert make_heading(COLUMNS[3]) == "site\neui\n[dim]kWh/m2[/dim]"
    assert make_heading(COLUMNS[2]) == "depth_m\n[dim]m[/dim]"
    assert make_heading({"name": "lighting", "unit": "1", "kind": "parameter"}) == "lighting"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (9.4, "9 s left"), (125, "2 min 05 s left"), (7384, "2 h 03 min left")]
)
def test_time_left_is_told_in_words(seconds, text):
    assert describe_time_left(seconds) == text


def test_trouble_names_what_there_is_of_it():
    assert describe_trouble({"verdicts": {"valid": 3, "suspect": 1, "failed": 2}}) == "2 failed, 1 suspect"
    assert describe_trouble({"verdicts": {"valid": 3, "suspect": 0, "failed": 0}}) == ""


@pytest.mark.parametrize(
    ("position", "starts_in_s", "text"),
    [
        (1, 0, "waits: 1st in line, starts soon"),
        (2, None, "waits: 2nd in line"),
        (3, 240, "waits: 3rd in line, starts in about 4 min"),
        (12, 7_380, "waits: 12th in line, starts in about 2 h 03 min"),
    ],
)
def test_a_batch_that_waits_says_where_it_stands(position: int, starts_in_s: int | None, text: str) -> None:
    starts_at = None if starts_in_s is None else (datetime.now(UTC) + timedelta(seconds=starts_in_s)).isoformat()
    assert describe_queue({"position": position, "cases_ahead": 5, "expected_start_at": starts_at}) == text


def test_a_batch_that_has_begun_stands_in_no_line() -> None:
    assert describe_queue(None) == ""
