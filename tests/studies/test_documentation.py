"""The reference of the study language says what is so: its examples are examined, its tables compared with the code."""

import re
from pathlib import Path

import pytest

from studies.definition import DESIGNS, Output, Parameter, Study, Target
from studies.checks.examination import ExaminedStudy, examine_study
from studies.problems import InvalidStudy
from studies.checks.wording import FUTURE_KEYS, FUTURE_METHODS
from tests.studies.conftest import MemoryLibrary

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "study.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE + README, re.DOTALL | re.MULTILINE)
SOUND = [example for example in EXAMPLES if not example.startswith("# refused")]
REFUSED = [example for example in EXAMPLES if example.startswith("# refused")]


def examine(example: str) -> ExaminedStudy:
    return examine_study(example, MemoryLibrary())


@pytest.mark.parametrize("example", SOUND, ids=lambda example: example.splitlines()[0])
def test_an_example_of_the_documentation_is_accepted(example: str) -> None:
    assert examine(example).points.case_count > 1


def test_the_first_example_has_the_cases_that_the_reference_counts() -> None:
    points = examine(SOUND[0]).points
    assert (points.case_count, points.baseline_count) == (18, 2)


def test_the_five_mistakes_are_told_in_the_words_of_the_reference() -> None:
    with pytest.raises(InvalidStudy) as refusal:
        examine(REFUSED[0])
    assert len(refusal.value.problems) == 5
    for problem in refusal.value.problems:
        assert f"| `{problem.path}` | {problem.message} |" in REFERENCE


@pytest.mark.parametrize("part", [Study, Parameter, Target, Output, DESIGNS["lhs"]])
def test_every_key_is_in_the_reference(part: type[Study]) -> None:
    for name, info in part.model_fields.items():
        assert f"| `{info.alias or name}` |" in REFERENCE or name == "method"


def test_what_is_yet_to_come_is_in_the_reference() -> None:
    words = set().union(*FUTURE_KEYS.values(), FUTURE_METHODS) - {"weights"}
    assert {word for word in words if f"`{word}`" not in REFERENCE} == set()
