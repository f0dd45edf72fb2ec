"""What the engine is asked to write: each series once, nothing else, and never anything that changes the results."""

import os
from pathlib import Path

import pytest

from energyplus.bundled import list_bundled_models
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel
from energyplus.models.model_text import read_model_file
from energyplus.outputs import KEPT_FILES, SERIES_FILE, OutputRequest, merge_requests
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod
from tests.engine.cases import THREE_DAYS, ask_for

ALL = [entry.alias for entry in list_bundled_models()]
# CASEFARM_ALL_MODELS=1 simulates all of them (some minutes) instead of a few that differ in size and systems.
SIMULATED = ALL if os.environ.get("CASEFARM_ALL_MODELS") else ["warehouse", "small_office", "ashrae_office_medium"]

HOURLY = OutputRequest("meter", "Electricity:Facility", "hourly")
SERIES = (HOURLY, OutputRequest("variable", "Zone Mean Air Temperature", "timestep"))
# Models that ask for what they do not have are warned; the rest is the clock.
OF_THE_RUN = ("warnings", "simulation_s")


def objects_of(text: str, class_name: str, folder: Path) -> list[tuple[str, ...]]:
    path = folder / "rendered.idf"
    path.write_text(text)
    return [entry.values for entry in read_model_file(path).objects if entry.class_name == class_name]


def test_a_series_that_every_case_has_or_that_is_asked_for_twice_is_requested_once() -> None:
    asked = [
        HOURLY,
        OutputRequest("meter", "ELECTRICITY:FACILITY", "hourly"),
        OutputRequest("meter", "Electricity:Facility", "run_period"),  # among the meters of every case
        OutputRequest("variable", "Zone Mean Air Temperature", "daily", "Attic"),
        OutputRequest("variable", "Zone Mean Air Temperature", "daily"),
        OutputRequest("variable", "site outdoor air drybulb temperature", "daily", "environment"),
    ]
    added = [request for request in merge_requests(asked) if request not in merge_requests(())]
    assert added == [HOURLY, OutputRequest("variable", "Zone Mean Air Temperature", "daily")]


@pytest.mark.parametrize("name", ["", " ", "a,b", "a;b", "a!b", "a\nb"])
def test_a_name_that_would_end_its_field_is_no_request(name: str) -> None:
    with pytest.raises(ValueError, match="no name of an output"):
        OutputRequest("meter", name, "hourly")
    with pytest.raises(ValueError, match="no name of an output"):
        OutputRequest("variable", "Zone Mean Air Temperature", "hourly", name)


def test_a_case_asks_for_the_series_of_its_study_and_nothing_of_its_model(
    small_office: BuildingModel, tmp_path: Path
) -> None:
    text = small_office.render(ask_for([], THREE_DAYS, SERIES))
    assert objects_of(text, "Output:Meter", tmp_path) == [("*", "RunPeriod"), ("Electricity:Facility", "Hourly")]
    assert objects_of(text, "Output:Variable", tmp_path) == [
        ("Environment", "Site Outdoor Air Drybulb Temperature", "Daily"),
        ("*", "Zone Mean Air Temperature", "Timestep"),
    ]
    assert objects_of(text, "Output:Table:Monthly", tmp_path) == []


def test_full_output_leaves_the_models_own_requests_and_writes_every_file(
    small_office: BuildingModel, tmp_path: Path
) -> None:
    own = small_office.describe().classes
    text = small_office.render(ask_for([], THREE_DAYS, SERIES, keep_full=True))
    for name in ("Output:Table:Monthly", "Output:Table:TimeBins", "Output:Surfaces:Drawing"):
        assert len(objects_of(text, name, tmp_path)) == len(own.get(name, ())), name
    assert len(objects_of(text, "Output:Variable", tmp_path)) == len(own["Output:Variable"]) + 2
    assert objects_of(text, "Output:SQLite", tmp_path) == [("SimpleAndTabular", "None", "No")]
    assert set(objects_of(text, "OutputControl:Files", tmp_path)[0]) == {"Yes"}
    (reports,) = objects_of(text, "Output:Table:SummaryReports", tmp_path)
    assert set(own["Output:Table:SummaryReports"][0].values) <= set(reports)
    assert len(set(reports)) == len(reports)


@pytest.fixture(scope="module")
def run(weathers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> object:
    """Runs a model with outputs; gives the outcome and the run folder."""
    engine = PipEngine()

    def run_model(
        model: BuildingModel, run_period: RunPeriod, outputs: tuple[OutputRequest, ...] = (), keep_full: bool = False
    ) -> tuple[SimulationOutcome, Path]:
        folder = tmp_path_factory.mktemp("run")
        (folder / "model.idf").write_text(model.render(ask_for([], run_period, outputs, keep_full)))
        job = SimulationJob(
            model_path=folder / "model.idf",
            weather_path=weathers["chicago"],
            run_folder=folder,
            run_period=run_period,
            timeout_s=300,
            outputs=outputs,
            keep_full=keep_full,
        )
        return engine.simulate(job, lambda: False), folder

    yield run_model
    engine.close()


@pytest.mark.engine
@pytest.mark.parametrize(
    ("alias", "run_period"),
    [*((alias, THREE_DAYS) for alias in SIMULATED), ("small_office", RunPeriod("design_days"))],
)
def test_metrics_are_the_same_to_the_last_digit_whatever_is_written(
    alias: str, run_period: RunPeriod, models: dict[str, Path], run: object
) -> None:
    model = BuildingModel.read(models[alias])
    (trimmed, _), (with_series, _), (full, _) = (
        run(model, run_period),
        run(model, run_period, SERIES),
        run(model, run_period, SERIES, keep_full=True),
    )
    assert [outcome.failure for outcome in (trimmed, with_series, full)] == [None] * 3
    shown = [{**outcome.metrics, "simulation_s": None} for outcome in (trimmed, with_series)]
    assert shown[0] == shown[1]
    assert {**full.metrics, **dict.fromkeys(OF_THE_RUN)} == {**trimmed.metrics, **dict.fromkeys(OF_THE_RUN)}


@pytest.mark.engine
def test_full_output_keeps_and_hashes_every_file(small_office: BuildingModel, run: object) -> None:
    outcome, folder = run(small_office, THREE_DAYS, SERIES, keep_full=True)
    kept = {path.name for path in folder.iterdir()}
    assert {*KEPT_FILES, SERIES_FILE, "eplusout.eso", "eplusout.csv", "eplusout.mtr", "eplusout.eio"} <= kept
    assert set(outcome.files) >= kept - {"console.txt"}


@pytest.mark.engine
def test_the_witness_by_the_month_does_not_pass_for_the_end_of_the_run(
    small_office: BuildingModel, run: object
) -> None:
    witness = OutputRequest("variable", "Site Outdoor Air Drybulb Temperature", "monthly", "Environment")
    outcome, _ = run(small_office, THREE_DAYS, (witness,))
    assert (outcome.failure, outcome.unreported) == (None, ())
