from pathlib import Path

import pytest

from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel, RunPeriod
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for


@pytest.fixture(scope="session")
def models() -> dict[str, Path]:
    return {entry.alias: entry.path for entry in list_bundled_models()}


@pytest.fixture(scope="session")
def weathers() -> dict[str, Path]:
    return {entry.alias: entry.path for entry in list_bundled_weather()}


@pytest.fixture(scope="session")
def small_office(models: dict[str, Path]) -> BuildingModel:
    return BuildingModel.read(models["small_office"])


@pytest.fixture(scope="session")
def simulate(weathers: dict[str, Path]) -> Simulate:
    """Runs IDF text on the real engine in a folder."""

    def run(text: str, folder: Path, run_period: RunPeriod = THREE_DAYS, **options: object) -> SimulationOutcome:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.idf").write_text(text, encoding="utf-8")
        job = SimulationJob(folder / "model.idf", weathers["chicago"], folder, run_period, timeout_s=120)
        return PipEngine(**options).simulate(job, lambda: False)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def good_run(
    small_office: BuildingModel, simulate: Simulate, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SimulationOutcome, Path]:
    """Three days of the small office, and the folder with what was kept of them. Copy before damaging."""
    folder = tmp_path_factory.mktemp("good-run")
    return simulate(small_office.render(ask_for([], THREE_DAYS)), folder), folder
