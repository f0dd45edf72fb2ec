"""Studies that a trained surrogate answers for: what they may say, what the surrogate brings, what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from energyplus.engines.declarations import ProgramDeclaration
from studies.cases.effects import list_idle_parameters
from studies.cases.summaries import touched_targets
from studies.checks.examination import ExaminedStudy, examine_study
from studies.checks.examined import SurrogateDeclaration, SurrogateInput
from studies.definition import Study
from studies.problems import InvalidStudy, Problem
from tests.studies.conftest import MemoryLibrary

ID = "6f1f9a54-9a0c-4a6c-8b1c-0d6c3a1f2b3c"
FILE = {"id": "1", "sha256": "0" * 64, "name": "file"}
SURROGATE = SurrogateDeclaration(
    id=ID,
    label="Warehouse v1",
    digest="d" * 64,
    inputs={
        "lighting": SurrogateInput("lighting", "W/m2", 5.0, 15.0),
        "roof_m": SurrogateInput("roof_m", "m", 0.1, 0.4, least=0.0),
        "fuel": SurrogateInput("fuel", values=("gas", "oil")),
    },
    metrics={
        "heating_kwh": {"label": "Heating", "unit": "kWh"},
        "heating_kwh_low": {"label": "Heating, low", "unit": "kWh"},
        "heating_kwh_high": {"label": "Heating, high", "unit": "kWh"},
        "inside_domain": {"label": "Inside", "unit": ""},
    },
    places={"models": {"warehouse": FILE}, "weathers": {"chicago": FILE, "miami": FILE}},
    run_period={"start": "01-01", "end": "01-31"},
)
STUDY: dict[str, Any] = {
    "name": "Many designs",
    "engine": f"surrogate:{ID}",
    "weather": ["chicago", "miami"],
    "parameters": [
        {"name": "lighting", "unit": "W/m2", "uniform": [5.0, 15.0]},
        {"name": "roof_m", "uniform": [0.1, 0.4]},
        {"name": "fuel", "choice": ["gas", "oil"]},
    ],
    "design": {"method": "sobol", "samples": 64},
}


@dataclass(frozen=True)
class Engines:
    surrogate: SurrogateDeclaration = SURROGATE
    programs: Mapping[str, ProgramDeclaration] = field(default_factory=dict)
    versions: tuple[str, ...] = ("25.2",)

    def find_surrogate(self, ref: str) -> SurrogateDeclaration | None:
        return self.surrogate if ref == ID else None

    def surrogate_names(self) -> list[str]:
        return [ID]


def examine(engines: Engines | None = None, **changes: Any) -> ExaminedStudy:
    document = {key: value for key, value in {**STUDY, **changes}.items() if value is not None}
    return examine_study(document, MemoryLibrary(), engines=engines or Engines())


def refuse(**changes: Any) -> dict[str, Problem]:
    with pytest.raises(InvalidStudy) as refusal:
        examine(**changes)
    return {problem.path: problem for problem in refusal.value.problems}


def vary(**changes: Any) -> list[dict[str, Any]]:
    """Return the study's parameters with some replaced by their names; None leaves one out."""
    known = {parameter["name"]: parameter for parameter in STUDY["parameters"]} | changes
    return [parameter for parameter in known.values() if parameter is not None]


def test_the_surrogate_brings_its_only_model_its_units_and_its_run_period() -> None:
    examined = examine()
    assert examined.study.model == ("warehouse",)
    assert examined.models == {}
    assert examined.parameters == {"lighting": "W/m2", "roof_m": "m", "fuel": None}
    assert examined.study.model_dump(mode="json")["run_period"] == SURROGATE.run_period
    assert {point.weather for point in examined.points} == {"chicago", "miami"}
    assert (examined.surrogate, examined.study.surrogate) == (SURROGATE, ID)


def test_the_recorded_study_may_be_sent_again() -> None:
    recorded = examine().study.model_dump(mode="json")
    assert Study.model_validate(recorded) == examine_study(recorded, MemoryLibrary(), engines=Engines()).study


def test_no_parameter_is_called_idle_and_no_object_touched() -> None:
    examined = examine()
    assert list_idle_parameters(examined) == []
    assert touched_targets(examined) == ()


def test_values_outside_of_what_was_trained_on_are_accepted_and_said() -> None:
    examined = examine(parameters=vary(lighting={"name": "lighting", "uniform": [5.0, 20.0]}))
    (note,) = examined.notes
    assert note.path == "parameters[0]"
    assert "from 5 to 20 W/m2" in note.message
    assert "trained on 5 to 15" in note.message


def test_an_input_that_the_surrogate_has_one_value_for_need_not_be_written() -> None:
    inputs = {**SURROGATE.inputs, "fuel": SurrogateInput("fuel", values=("gas",))}
    examined = examine(Engines(replace(SURROGATE, inputs=inputs)), parameters=vary(fuel=None))
    assert examined.points.case_count == 64


@pytest.mark.parametrize("design", [{"method": "grid", "levels": 3}, {"method": "lhs", "samples": 10}])
def test_any_design_will_do(design: dict[str, Any]) -> None:
    assert examine(design=design).points.case_count > 0


def test_a_search_may_go_by_an_end_of_an_interval() -> None:
    design = {"method": "nsga2", "objectives": [{"metric": "heating_kwh_high"}], "generations": 3}
    assert examine(design=design, weather="miami").points.case_count == 0
    problems = refuse(weather="miami", design={**design, "objectives": [{"metric": "heating_kwh_hihg"}]})
    assert "heating_kwh_high" in str(problems["design.objectives[0].metric"].accepted)


def test_a_surrogate_that_is_not_there_is_told_alone() -> None:
    other = ID.replace("6f", "7f")
    problems = refuse(engine=f"surrogate:{other}")
    assert list(problems) == ["engine"]
    assert f"surrogate:{ID}" in str(problems["engine"].accepted)


def test_an_id_that_is_none_is_refused_as_an_engine() -> None:
    assert "surrogate:ID" in refuse(engine="surrogate:best")["engine"].message


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"run_period": "design_days"}, "run_period"),
        ({"outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}]}, "outputs"),
        ({"model": "shed"}, "model"),
        ({"weather": "boston"}, "weather"),
        ({"weather": None}, "weather"),
        ({"baseline": True}, "baseline"),
        ({"parameters": vary(roof_m=None)}, "parameters"),
        ({"parameters": vary(fuel={"name": "fuel", "choice": ["gas", "coal"]})}, "parameters[2].choice[1]"),
        ({"parameters": vary(fuel={"name": "fuel", "choice": [1, 2]})}, "parameters[2].choice[0]"),
        ({"parameters": vary(roof_m={"name": "roof_m", "uniform": [-0.1, 0.2]})}, "parameters[1].uniform[0]"),
        ({"parameters": vary(roof_m={"name": "roof_m", "normal": {"mean": 0, "sd": 1}})}, "parameters[1].normal"),
        ({"parameters": vary(lighting={"name": "lighting", "unit": "W", "uniform": [5, 9]})}, "parameters[0].unit"),
        ({"parameters": vary(light={"name": "light", "uniform": [5, 9]})}, "parameters[3].name"),
        ({"parameters": vary(lighting={**STUDY["parameters"][0], "change": "scale"})}, "parameters[0].change"),
    ],
)
def test_what_the_surrogate_does_not_take_is_refused_where_it_stands(changes: dict[str, Any], path: str) -> None:
    assert path in refuse(**changes)
