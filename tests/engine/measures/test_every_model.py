"""Every measure on every bundled model: it changes something and the case is text that reads, or it says why not."""

from functools import cache
from pathlib import Path

import pytest

from energyplus.bundled import list_bundled_models
from energyplus.measures.base import MeasureContext, MeasureError
from energyplus.measures.registry import list_measures
from energyplus.measures.schedules import find_setpoint_crossing
from energyplus.models.building_model import BuildingModel
from energyplus.models.canonical import digest_model
from energyplus.models.case_objects import CaseEdits
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.draft import ModelDraft
from energyplus.models.judgement import judge_description
from energyplus.models.model_text import read_model_file
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for

DAYS = RunPeriod("design_days")
MODELS = {entry.alias: entry.path for entry in list_bundled_models()}
TYPICAL = {
    "boiler_efficiency": 0.95,
    "chiller_cop": 7.0,
    "cooling_coil_cop": 5.0,
    "cooling_setpoint": -4.0,
    "equipment_power_density": 8.0,
    "heating_coil_efficiency": 0.97,
    "heating_setpoint": 4.0,
    "infiltration_air_changes": 0.3,
    "infiltration_per_area": 0.0004,
    "insulation_r_value": 4.0,
    "lighting_power_density": 6.0,
    "outdoor_air_rate": 0.8,
    "overhangs": 0.5,
    "rooftop_pv": 0.5,
    "rotate": 30.0,
    "run_period": "01-01 to 01-02",
    "window_shgc": 0.3,
    "window_to_wall_ratio": 0.35,
    "window_u_factor": 1.5,
}
# what a measure cannot do to how many of the 32 models: equipment that is not there, skylights of layered glass, no
# window to the south, no room beside the doors
CANNOT = {
    "boiler_efficiency": 19,
    "chiller_cop": 24,
    "cooling_coil_cop": 5,
    "heating_coil_efficiency": 9,
    "overhangs": 1,
    "window_shgc": 2,
    "window_u_factor": 2,
}


@cache
def describe(alias: str) -> ModelDescription:
    return describe_model(MODELS[alias])


def try_measure(name: str, alias: str) -> CaseEdits | None:
    """What a measure does to a model at its typical value; None where it cannot, as its check says, too."""
    measure = list_measures()[name]
    draft, arguments = ModelDraft(describe(alias)), measure.Arguments()
    problems = [p for p in measure.check(draft, arguments, MeasureContext()) if not p.is_note]
    assert draft.conclude() == CaseEdits(), "a check writes nothing"
    try:
        report = measure.apply(draft, TYPICAL[name], arguments, MeasureContext())
    except MeasureError:
        return None
    assert problems == []
    assert (report.objects > 0, bool(report.text)) == (True, True)
    if name.endswith("setpoint"):
        assert find_setpoint_crossing(draft) == find_setpoint_crossing(ModelDraft(describe(alias))) == []
    return draft.conclude()


def test_every_measure_without_needs_of_its_own_is_tried() -> None:
    assert set(TYPICAL) == set(list_measures()) - {"assign_construction"}


@pytest.mark.parametrize("name", sorted(TYPICAL))
def test_it_changes_every_model_or_says_why_it_cannot(name: str) -> None:
    done = {alias: try_measure(name, alias) for alias in MODELS}
    assert all(edits != CaseEdits() for edits in done.values())
    assert sum(edits is None for edits in done.values()) == CANNOT.get(name, 0)


@pytest.mark.parametrize("alias", sorted(MODELS))
def test_a_case_with_every_measure_that_a_model_takes_is_text_that_reads(alias: str, tmp_path: Path) -> None:
    model = BuildingModel.read(MODELS[alias])
    draft = ModelDraft(model.describe())
    for name in sorted(TYPICAL):
        measure = list_measures()[name]
        try:
            measure.apply(draft, TYPICAL[name], measure.Arguments(), MeasureContext())
        except MeasureError:
            continue
    request = ask_for(draft.conclude(), DAYS)
    (tmp_path / "case.idf").write_text(model.render(request), encoding="utf-8")
    case = read_model_file(tmp_path / "case.idf")
    assert digest_model(case) == model.content_key(request)
    refused = [finding.message for finding in judge_description(model.describe(), {}).findings]
    again = BuildingModel.read(tmp_path / "case.idf").describe()
    assert [finding.message for finding in judge_description(again, {}).findings] == refused
