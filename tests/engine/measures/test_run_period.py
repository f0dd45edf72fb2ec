"""The run period as a parameter."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.run_period import RunPeriod
from tests.engine.measures.box import apply, check, draft_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("annual", RunPeriod("annual")),
        ("Design_Days", RunPeriod("design_days")),
        ("01-01 to 01-31", RunPeriod("period", (1, 1), (1, 31))),
        (" 12-30 to 01-02 ", RunPeriod("period", (12, 30), (1, 2))),
    ],
)
def test_the_value_is_what_the_case_simulates(text: str, expected: RunPeriod) -> None:
    draft = draft_of()
    report = apply(draft, "run_period", text)
    assert draft.conclude().run_period == expected
    assert report.text == text.strip()


@pytest.mark.parametrize("text", ["", "monthly", "01-01", "02-30 to 03-01", "13-01 to 13-02", "1-1 to 1-2"])
def test_anything_else_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(MeasureError, match="is no run period"):
        apply(draft_of(), "run_period", text)


def test_that_sums_over_other_times_do_not_compare_is_told() -> None:
    ((path, message),) = check(draft_of(), "run_period")
    assert (path, message[:20]) == ("measure", "note: Energies of ot")
