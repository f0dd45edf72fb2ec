"""HVACTemplate objects are expanded before the engine, per case, in the sandbox."""

from pathlib import Path

import pytest

from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.engine import Engine, SimulationJob
from energyplus.engines.expansion import find_complaints, has_templates
from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, ask_for

pytestmark = pytest.mark.engine

BOX = Path(__file__).parents[1] / "fixtures" / "box_with_templates.idf"
IDEAL = "HVACTemplate:Zone:IdealLoadsAirSystem,Room,Constant;"
VAV = """
HVACTemplate:Zone:VAV,Room,Air,Constant,autosize,,,Constant,0.2,,,Flow/Person,0.00944,,,Electric;
HVACTemplate:System:VAV,Air,,autosize,autosize,0.7,600,0.9,1,ChilledWater,,,12.8,Electric,,,10;
HVACTemplate:Plant:ChilledWaterLoop,Chilled Water,,Intermittent,Default,,,7.22,ConstantPrimaryNoSecondary;
HVACTemplate:Plant:Chiller,Chiller,ElectricReciprocatingChiller,autosize,3.2,AirCooled;
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return EngineCatalogue().engine_for("25.2")


def simulate(engine: Engine, text: str, weather: Path, folder: Path) -> SimulationOutcome:
    folder.mkdir()
    (folder / "model.idf").write_text(text)
    job = SimulationJob(folder / "model.idf", weather, folder, THREE_DAYS, timeout_s=120)
    return engine.simulate(job, lambda: False)


def render(tmp_path: Path, text: str, *edits: FieldEdit) -> str:
    (tmp_path / "base.idf").write_text(text)
    return BuildingModel.read(tmp_path / "base.idf").render(ask_for(edits, THREE_DAYS))


def test_a_parameter_may_vary_a_field_of_a_template(engine: Engine, weathers: dict[str, Path], tmp_path: Path) -> None:
    heating = []
    for setpoint_c in (18.0, 20.0, 22.0):
        text = render(tmp_path, BOX.read_text(), FieldEdit("HVACTemplate:Thermostat", 0, 2, setpoint_c))
        outcome = simulate(engine, text, weathers["chicago"], tmp_path / f"{setpoint_c:g}")
        assert (outcome.status, outcome.failure) == ("succeeded", None)
        heating.append(outcome.metrics["heating_kwh"] or 0)
    assert heating == sorted(heating)
    assert heating[0] > 0
    assert heating[2] - heating[0] > 50


def test_the_kept_model_is_the_expanded_one_that_the_engine_was_given(
    engine: Engine, weathers: dict[str, Path], tmp_path: Path
) -> None:
    outcome = simulate(engine, render(tmp_path, BOX.read_text()), weathers["chicago"], tmp_path / "run")
    kept = (tmp_path / "run" / "model.idf").read_text()
    assert "\nZoneHVAC:IdealLoadsAirSystem," in kept
    assert not has_templates(tmp_path / "run" / "model.idf")
    assert {"expansion", "in.idf", "expanded.idf"}.isdisjoint(path.name for path in (tmp_path / "run").iterdir())
    again = simulate(engine, kept, weathers["chicago"], tmp_path / "again")
    assert {**again.metrics, "simulation_s": 0} == {**outcome.metrics, "simulation_s": 0}


def test_a_vav_system_of_templates_runs(engine: Engine, weathers: dict[str, Path], tmp_path: Path) -> None:
    text = render(tmp_path, BOX.read_text().replace(IDEAL, VAV))
    outcome = simulate(engine, text, weathers["chicago"], tmp_path / "run")
    assert (outcome.status, outcome.failure) == ("succeeded", None)
    assert outcome.metrics["fans_kwh"]
    assert outcome.metrics["heating_electricity_kwh"]


def test_what_expandobjects_complains_of_leads_the_cases_error(
    engine: Engine, weathers: dict[str, Path], tmp_path: Path
) -> None:
    text = render(tmp_path, BOX.read_text().replace(IDEAL, VAV.replace("Room,Air,", "Room,No Such System,")))
    outcome = simulate(engine, text, weathers["chicago"], tmp_path / "run")
    assert outcome.status == "failed"
    assert outcome.failure is not None
    assert outcome.failure.kind == "expansion"
    assert "Could not find air handler name referenced in HVACTemplate:Zone:VAV" in outcome.failure.message
    assert outcome.metrics["heating_kwh"] is None
    assert outcome.diagnostics.severe
    assert outcome.failure.message in (tmp_path / "run" / "eplusout.err").read_text()
    assert "eplusout.err" in outcome.files


def test_a_cancelled_case_is_not_expanded(engine: Engine, weathers: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "model.idf").write_text(render(tmp_path, BOX.read_text()))
    job = SimulationJob(tmp_path / "model.idf", weathers["chicago"], tmp_path / "run", THREE_DAYS, timeout_s=60)
    assert engine.simulate(job, lambda: True).status == "cancelled"


def test_a_model_without_templates_is_not_touched(engine: Engine, weathers: dict[str, Path], tmp_path: Path) -> None:
    text = render(
        tmp_path,
        BOX.read_text()
        .replace(IDEAL, "! HVACTemplate:Zone:VAV, only mentioned")
        .replace("HVACTemplate:Thermostat,Constant,,20,,26;", ""),
    )
    simulate(engine, text, weathers["chicago"], tmp_path / "run")
    assert (tmp_path / "run" / "model.idf").read_text() == text


def test_warnings_of_expandobjects_do_not_stop_a_case() -> None:
    message = "Output:PreprocessorMessage,\n  ExpandObjects,  !- Name\n  {},  !- Severity\n  first,  !- line\n  second;"
    assert find_complaints(message.format("Warning")) == ()
    assert find_complaints(message.format("Fatal")) == ("first second",)
    assert find_complaints("  output:preprocessormessage,\nexpandobjects,\nSEVERE,\nonce;") == ("once",)
