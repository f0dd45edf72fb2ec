"""The reference of the study language says what is so: its examples are examined, its tables compared with the code."""

import re
from pathlib import Path

import pytest

from studies.cases.changes import plan_edits
from studies.checks.examination import ExaminedStudy, examine_study
from studies.definition import DESIGNS, Objective, Output, Parameter, Study, Target
from studies.problems import InvalidStudy
from tests.studies.conftest import MemoryLibrary

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "study.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPTIMISE = (ROOT / "docs" / "how-to" / "optimise.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE + README + OPTIMISE, re.DOTALL | re.MULTILINE)
SOUND = [example for example in EXAMPLES if not example.startswith("# refused")]
REFUSED = [example for example in EXAMPLES if example.startswith("# refused")]


def examine(example: str) -> ExaminedStudy:
    return examine_study(example, MemoryLibrary())


def find_example(name: str) -> str:
    return next(example for example in SOUND if example.startswith(f"name: {name}"))


@pytest.mark.parametrize("example", SOUND, ids=lambda example: example.splitlines()[0])
def test_an_example_of_the_documentation_is_accepted_and_its_cases_can_be_made(example: str) -> None:
    examined = examine(example)
    # an optimiser has no cases before it has chosen some
    assert examined.points.case_count > 1 or examined.study.design.method == "nsga2"
    for index in range(min(examined.points.case_count, 12)):
        point = examined.points[index]
        assert plan_edits(examined, examined.models[point.model].description, point).changes


@pytest.mark.parametrize(
    ("name", "counts"),
    [("Warehouse envelope", (18, 2)), ("Better and better", (6, 0)), ("What matters in a warehouse", (80, 0))],
)
def test_an_example_has_the_cases_that_the_reference_counts(name: str, counts: tuple[int, int]) -> None:
    points = examine(find_example(name)).points
    assert (points.case_count, points.baseline_count) == counts


def test_a_constraint_of_the_reference_costs_cases() -> None:
    points = examine(find_example("No more than so much insulation")).points
    assert 0 < points.case_count < points.candidate_count == 18


def test_the_five_mistakes_are_told_in_the_words_of_the_reference() -> None:
    with pytest.raises(InvalidStudy) as refusal:
        examine(REFUSED[0])
    assert len(refusal.value.problems) == 5
    for problem in refusal.value.problems:
        assert f"| `{problem.path}` | {problem.message} |" in REFERENCE


@pytest.mark.parametrize("part", [Study, Parameter, Target, Output, Objective, *DESIGNS.values()])
def test_every_key_is_in_the_reference(part: type[Study]) -> None:
    for name, info in part.model_fields.items():
        assert f"| `{info.alias or name}` |" in REFERENCE or name == "method"
