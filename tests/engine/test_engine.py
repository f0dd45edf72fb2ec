"""The real engine behind the seam."""

from pathlib import Path
from time import monotonic

import pytest

from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel, FieldEdit, RunPeriod
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.verdict import judge_outcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

pytestmark = pytest.mark.engine


def processes_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
            except OSError:
                continue  # it ended meanwhile, or is another user's
    return found


def test_bundled_files_go_by_the_packages_own_names() -> None:
    models = [entry.alias for entry in list_bundled_models()]
    assert (len(models), len(set(models))) == (32, 32)
    assert {"warehouse", "small_office", "strip_mall", "standalone_retail", "ashrae_office_small"} <= set(models)
    weathers = {entry.alias: entry.name for entry in list_bundled_weather()}
    assert len(weathers) == 16
    assert {"chicago", "miami", "san_francisco", "denver"} <= set(weathers)
    assert weathers["chicago"] == "Chicago Ohare Intl Ap, IL, USA (TMY3)"


def test_the_engine_tells_its_own_version_and_digest() -> None:
    engine = PipEngine()
    assert engine.version == "25.2.0-cf7368216c"
    assert len(engine.digest) == 64


def test_a_cancelled_simulation_is_dead_within_a_second(
    small_office: BuildingModel, weathers: dict[str, Path], tmp_path: Path
) -> None:
    asked: list[float] = []

    def should_stop() -> bool:
        if (tmp_path / "eplusout.err").exists():  # the engine is at work
            asked.append(monotonic())
        return bool(asked)

    (tmp_path / "model.idf").write_text(small_office.render(ask_for([], RunPeriod())))
    job = SimulationJob(tmp_path / "model.idf", weathers["chicago"], tmp_path, RunPeriod(), timeout_s=120)
    outcome = PipEngine().simulate(job, should_stop)
    assert monotonic() - asked[0] < 1.0
    assert outcome.status == "cancelled"
    assert processes_in(tmp_path) == []


def test_a_fatal_model_fails_with_its_first_fatal_line(
    small_office: BuildingModel, simulate: Simulate, tmp_path: Path
) -> None:
    setpoints = small_office.describe().classes["ThermostatSetpoint:DualSetpoint"]
    edits = [FieldEdit("ThermostatSetpoint:DualSetpoint", n, 1, "no such schedule") for n in range(len(setpoints))]
    outcome = simulate(small_office.render(ask_for(edits, THREE_DAYS)), tmp_path)
    assert (outcome.status, outcome.failure and outcome.failure.kind) == ("failed", "fatal")
    assert outcome.failure is not None
    assert "NO SUCH SCHEDULE" in outcome.failure.message.upper()
    assert outcome.metrics["severe_errors"]
    assert judge_outcome(outcome).reasons == (outcome.failure.message,)
    assert "eplusout.err" in outcome.files


def test_a_model_the_engine_cannot_read_fails_and_never_raises(simulate: Simulate, tmp_path: Path) -> None:
    for number, text in enumerate(
        ("", "\0\1\2" * 1000, "Version,25.2;", "Version,25.2;\nZone,a\nZone,b;", "{" * 10_000)
    ):
        outcome = simulate(text, tmp_path / str(number))
        assert outcome.status in ("failed", "crashed"), text[:20]
        assert outcome.failure is not None
        assert outcome.failure.message


def test_a_broken_weather_file_fails_and_never_raises(small_office: BuildingModel, tmp_path: Path) -> None:
    weather = tmp_path / "broken.epw"
    weather.write_text("LOCATION,nowhere\n" * 20)
    (tmp_path / "model.idf").write_text(small_office.render(ask_for([], THREE_DAYS)))
    outcome = PipEngine().simulate(
        SimulationJob(tmp_path / "model.idf", weather, tmp_path / "run", THREE_DAYS, 60), lambda: False
    )
    assert outcome.status in ("failed", "crashed")


def test_two_runs_of_one_case_are_equal_to_the_last_digit(
    small_office: BuildingModel, simulate: Simulate, good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    again = simulate(small_office.render(ask_for([], THREE_DAYS)), tmp_path)
    first = good_run[0].metrics
    assert {**again.metrics, "simulation_s": 0} == {**first, "simulation_s": 0}
    assert again.files["model.idf"] == good_run[0].files["model.idf"]
