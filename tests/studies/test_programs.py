"""Studies that a declared program runs, and models of versions that nothing runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from energyplus.engines.declarations import ProgramDeclaration, load_programs
from studies.cases.changes import plan_values
from studies.cases.effects import list_idle_parameters
from studies.checks.examination import ExaminedStudy, examine_study
from studies.definition import Study
from studies.problems import InvalidStudy, Problem
from tests.declared_programs import declare_program
from tests.studies.conftest import MemoryLibrary

STUDY: dict[str, Any] = {
    "name": "Degree days",
    "engine": "executable:degree_days",
    "weather": ["chicago", "miami"],
    "parameters": [
        {"name": "heat_loss_w_k", "values": [150, 200.5]},
        {"name": "fuel", "values": ["gas", "oil"]},
    ],
}


@dataclass(frozen=True)
class Engines:
    programs: Mapping[str, ProgramDeclaration]
    versions: tuple[str, ...] = ("25.2",)

    def find_surrogate(self, ref: str) -> None:
        return None

    def surrogate_names(self) -> list[str]:
        return []


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    return Engines(load_programs(declare_program(tmp_path)))


@pytest.fixture
def examine(engines: Engines) -> Callable[..., ExaminedStudy]:
    def run(**changes: Any) -> ExaminedStudy:
        document = {key: value for key, value in {**STUDY, **changes}.items() if value is not None}
        return examine_study(document, MemoryLibrary(), engines=engines)

    return run


@pytest.fixture
def refuse(examine: Callable[..., ExaminedStudy]) -> Callable[..., dict[str, Problem]]:
    def run(**changes: Any) -> dict[str, Problem]:
        with pytest.raises(InvalidStudy) as refusal:
            examine(**changes)
        return {problem.path: problem for problem in refusal.value.problems}

    return run


def test_a_program_runs_without_a_model(examine: Callable[..., ExaminedStudy]) -> None:
    examined = examine()
    assert examined.models == {}
    assert list(examined.weathers) == ["chicago", "miami"]
    assert examined.parameters == {"heat_loss_w_k": "W/K", "fuel": None}
    assert (examined.points.case_count, examined.points.baseline_count) == (8, 0)
    points = [(point.model, point.weather, *point.values.values()) for point in examined.points]
    assert ("", "miami", 200.5, "oil") in points


def test_the_recorded_study_reads_back_as_the_same(examine: Callable[..., ExaminedStudy]) -> None:
    study = examine(design={"method": "lhs", "samples": 5}).study
    recorded = study.model_dump(mode="json")
    assert "model" not in recorded
    assert recorded["engine"] == "executable:degree_days"
    assert Study.model_validate(recorded) == study
    assert study.program == "degree_days"


def test_changes_are_told_against_the_defaults(examine: Callable[..., ExaminedStudy]) -> None:
    examined = examine()
    assert examined.program is not None
    point = next(p for p in examined.points if p.values == {"heat_loss_w_k": 150, "fuel": "oil"})
    texts = [change.text for change in plan_values(examined.program.parameters, point)]
    assert texts == ["heat_loss_w_k = 150 W/K", "fuel gas → oil"]


def test_a_parameter_that_only_takes_its_default_changes_nothing(examine: Callable[..., ExaminedStudy]) -> None:
    examined = examine(parameters=[{"name": "heat_loss_w_k", "values": [1]}, {"name": "base_c", "values": [15]}])
    assert list_idle_parameters(examined) == ["base_c"]


def test_what_only_energyplus_has_is_refused(refuse: Callable[..., dict[str, Problem]]) -> None:
    target = {"class": "Material", "object": "*", "field": "Thickness"}
    problems = refuse(
        model="shed",
        run_period="annual",
        outputs=[{"meter": "Electricity:Facility", "frequency": "hourly"}],
        parameters=[{"name": "heat_loss_w_k", "target": target, "change": "scale", "values": [1]}],
    )
    assert set(problems) == {"model", "run_period", "outputs", "parameters[0].target", "parameters[0].change"}
    assert problems["parameters[0].target"].message.startswith("Leave `target` out")


def test_a_parameter_must_be_one_of_the_programs_own_and_its_values_accepted(
    refuse: Callable[..., dict[str, Problem]],
) -> None:
    problems = refuse(
        parameters=[
            {"name": "heat_loss", "values": [1]},
            {"name": "efficiency", "values": [0.9, 2, "high"]},
            {"name": "fuel", "values": ["gas", '"oil"', 3]},
        ]
    )
    assert problems["parameters[0].name"].accepted == ["heat_loss_w_k"]
    assert problems["parameters[1].values[1]"].message == "Write at most 1.2 1."
    assert problems["parameters[1].values[2]"].message == "Write a number in 1."
    assert {"parameters[2].values[1]", "parameters[2].values[2]"} <= set(problems)
    assert problems["parameters"].message == "Add heat_loss_w_k: Degree days has no default there."


def test_the_ends_of_a_range_are_checked_too(refuse: Callable[..., dict[str, Problem]]) -> None:
    design = {"method": "lhs", "samples": 4}
    problems = refuse(design=design, parameters=[{"name": "heat_loss_w_k", "uniform": [-5, 10]}])
    assert set(problems) == {"parameters[0].uniform[0]"}


def test_a_baseline_needs_defaults_everywhere(refuse: Callable[..., dict[str, Problem]]) -> None:
    assert set(refuse(baseline=True)) == {"baseline"}


def test_a_program_that_reads_weather_needs_one_and_another_takes_none(
    refuse: Callable[..., dict[str, Problem]], engines: Engines, tmp_path: Path
) -> None:
    assert set(refuse(weather=None)) == {"weather"}
    path = declare_program(tmp_path / "dry", command=["/bin/sh", "{input}", "{output}"])
    dry = Engines(load_programs(path))
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(STUDY, MemoryLibrary(), engines=dry)
    assert [problem.path for problem in refusal.value.problems] == ["weather"]
    without = {key: value for key, value in STUDY.items() if key != "weather"}
    examined = examine_study(without, MemoryLibrary(), engines=dry)
    assert (examined.points.case_count, examined.points[0].weather) == (4, "")


def test_a_table_of_a_program_has_no_model(refuse: Callable[..., dict[str, Problem]]) -> None:
    problems = refuse(
        parameters=[{"name": "heat_loss_w_k"}],
        design={"method": "table", "rows": [{"heat_loss_w_k": 1, "weather": "chicago", "model": "shed"}]},
    )
    assert set(problems) == {"design.rows[0].model"}


@pytest.mark.parametrize("engine", ["executable:degrees", "executable:", "openstudio", "executable:../x", 3])
def test_an_engine_that_is_not_there_is_refused(refuse: Callable[..., dict[str, Problem]], engine: object) -> None:
    problems = refuse(engine=engine)
    assert set(problems) == {"engine"}


def test_a_program_that_was_not_declared_names_those_that_are(refuse: Callable[..., dict[str, Problem]]) -> None:
    assert refuse(engine="executable:degrees")["engine"].accepted == ["energyplus", "executable:degree_days"]


def test_energyplus_still_needs_a_model_a_weather_and_targets(refuse: Callable[..., dict[str, Problem]]) -> None:
    problems = refuse(engine="energyplus", weather=None)
    assert {"model", "weather", "parameters[0].target"} <= set(problems)


def test_a_model_of_a_version_that_nothing_runs_any_more_is_refused(engines: Engines) -> None:
    study = {"name": "Shed", "model": "shed", "weather": "chicago"}
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(study, MemoryLibrary(), engines=Engines({}, ("23.2",)))
    (problem,) = refusal.value.problems
    assert (problem.path, problem.found, problem.accepted) == ("model", "25.2", ["23.2"])


def test_what_is_drawn_or_derived_meets_the_declared_limits(refuse: Callable[..., dict[str, Problem]]) -> None:
    loss = {"name": "heat_loss_w_k", "values": [150, 200]}
    problems = refuse(parameters=[loss, {"name": "efficiency", "derived": "heat_loss_w_k / 100"}])
    assert problems["parameters[1].derived"].message.startswith("Write at most 1.2 1; 100 % of the cases")
    drawn = {"name": "efficiency", "normal": {"mean": 1, "sd": 0.1}}
    problems = refuse(parameters=[loss, drawn], design={"method": "sobol", "samples": 256})
    assert list(problems) == ["parameters[1].normal"]


@pytest.mark.parametrize(("key", "value"), [("measure", "rotate"), ("arguments", {"facade": "south"})])
def test_a_program_knows_no_measures(refuse: Callable[..., dict[str, Problem]], key: str, value: object) -> None:
    problems = refuse(parameters=[{"name": "heat_loss_w_k", "values": [150], key: value}])
    assert f"parameters[0].{key}" in problems


def test_a_unit_is_the_declared_one(
    refuse: Callable[..., dict[str, Problem]], examine: Callable[..., ExaminedStudy]
) -> None:
    loss = {"name": "heat_loss_w_k", "values": [150]}
    examine(parameters=[{**loss, "unit": "W/K"}])
    assert refuse(parameters=[{**loss, "unit": "kW/K"}])["parameters[0].unit"].accepted == ["W/K"]
    fuel = {"name": "fuel", "values": ["gas"], "unit": "1"}
    assert "texts have none" in refuse(parameters=[loss, fuel])["parameters[1].unit"].message


def test_linked_parameters_and_constraints_hold_for_programs_too(examine: Callable[..., ExaminedStudy]) -> None:
    loss = {"name": "heat_loss_w_k", "values": [150, 200]}
    fuel = {"name": "fuel", "values": ["gas", "oil"]}
    assert examine(parameters=[loss, fuel], linked=[["heat_loss_w_k", "fuel"]]).points.case_count == 4
    assert examine(parameters=[loss, fuel], constraints=["fuel == 'gas'"]).points.case_count == 4
