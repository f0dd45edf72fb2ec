"""The measure in `docs/how-to/write-a-measure.md` is one that works."""

import re
from pathlib import Path
from typing import Any

import pytest

from energyplus.measures.base import Measure, MeasureContext, MeasureError, describe_measure
from tests.engine.measures.box import draft_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "write-a-measure.md"


@pytest.fixture(scope="module")
def measure() -> Measure[Any]:
    """What the page's code defines."""
    (code,) = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "fan_efficiency"}
    exec(compile(code, str(PAGE), "exec"), names)
    found: Measure[Any] = names["FanEfficiency"]()
    return found


def test_it_changes_what_it_says(measure: Measure[Any]) -> None:
    draft = draft_of(
        "Version,25.2;\nFan:VariableVolume,Main,Always,0.5,600;\nFan:VariableVolume,Side,Always,0.5,600;\n"
    )
    arguments = measure.Arguments.model_validate({"objects": "main"})
    report = measure.apply(draft, 0.7, arguments, MeasureContext())
    assert [fan.number("Fan Total Efficiency") for fan in draft.objects("Fan:VariableVolume")] == [0.7, 0.5]
    assert report.text == "0.7 in 1 fans"


def test_it_says_where_it_cannot(measure: Measure[Any]) -> None:
    draft = draft_of("Version,25.2;\n")
    assert [problem.path for problem in measure.check(draft, measure.Arguments(), MeasureContext())] == ["measure"]
    with pytest.raises(MeasureError, match="no Fan:VariableVolume"):
        measure.apply(draft, 0.7, measure.Arguments(), MeasureContext())


def test_it_describes_itself(measure: Measure[Any]) -> None:
    described = describe_measure(measure)
    assert described["description"].startswith("Set the total efficiency of variable-volume fans.")
    assert list(described["arguments"]["properties"]) == ["objects"]
