"""Adaptive studies: the first round that they get, and what is refused."""

from typing import Any

import pytest

from studies.checks.examination import ExaminedStudy, examine_study
from studies.definition import Study
from studies.problems import InvalidStudy, Problem
from tests.studies.conftest import MemoryLibrary

LIGHTS = {"class": "Lights", "object": "Hall Lights", "field": "Watts per Floor Area"}
WALL = {"class": "Material", "object": "Wall Insulation", "field": "Thickness"}
STUDY: dict[str, Any] = {
    "name": "As few as will do",
    "model": "shed",
    "weather": "chicago",
    "parameters": [
        {"name": "lighting", "target": LIGHTS, "uniform": [5.0, 15.0]},
        {"name": "wall_m", "target": WALL, "uniform": [0.05, 0.2]},
    ],
    "adaptive": {"budget": 100, "target": {"metric": "electricity_kwh", "cvrmse": 0.05}, "batch": 8},
}


def examine(**changes: Any) -> ExaminedStudy:
    document = {key: value for key, value in {**STUDY, **changes}.items() if value is not None}
    return examine_study(document, MemoryLibrary())


def refuse(**changes: Any) -> dict[str, Problem]:
    with pytest.raises(InvalidStudy) as refusal:
        examine(**changes)
    return {problem.path: problem for problem in refusal.value.problems}


def adapt(**changes: Any) -> dict[str, Any]:
    return {"adaptive": {**STUDY["adaptive"], **changes}}


def test_the_first_round_has_as_many_cases_as_a_surrogate_needs() -> None:
    examined = examine()
    assert (examined.study.design.method, examined.points.case_count) == ("sobol", 20)
    assert examine(**adapt(batch=40)).points.case_count == 40


def test_a_round_of_ones_own_is_taken_as_it_is() -> None:
    examined = examine(design={"method": "lhs", "samples": 30, "seed": 3})
    assert (examined.study.design.method, examined.points.case_count) == ("lhs", 30)


def test_the_recorded_study_reads_back_as_the_same() -> None:
    study = examine().study
    assert Study.model_validate(study.model_dump(mode="json")) == study
    assert study.adaptive is not None
    assert study.adaptive.target.cvrmse == 0.05


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        (adapt(budget=10), "adaptive.budget"),
        (adapt(target={"metric": "electricity_kwh"}), "adaptive.target.cvrmse"),
        (adapt(target={"metric": "electricty_kwh", "cvrmse": 0.1}), "adaptive.target.metric"),
        (adapt(target={"metric": "electricity_kwh", "cvrmse": 5}), "adaptive.target.cvrmse"),
        (adapt(target=5), "adaptive.target"),
        (adapt(rounds=3), "adaptive.rounds"),
        ({"adaptive": "yes"}, "adaptive"),
        ({"design": {"method": "grid"}}, "design.method"),
        ({"design": {"method": "sobol", "samples": 10}}, "design.samples"),
        ({"design": {"method": "sobol", "samples": 200}}, "adaptive.budget"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(changes: dict[str, Any], path: str) -> None:
    assert path in refuse(**changes)


def test_a_misspelt_metric_is_offered_the_right_one() -> None:
    problem = refuse(**adapt(target={"metric": "electricty_kwh", "cvrmse": 0.1}))["adaptive.target.metric"]
    assert "electricity_kwh" in str(problem.accepted)
