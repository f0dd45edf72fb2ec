"""A case run again from its manifest: the same to the last bit, or what is different and by how much."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from energyplus.engines.pip_engine import PipEngine
from energyplus.errors import ModelError, ResultsError
from energyplus.manifest import EngineIdentity, Inputs, Manifest, RunSettings
from energyplus.outputs import OutputRequest
from energyplus.replay import InputFiles, compare_circumstances, compare_outcomes, replay_case
from energyplus.results.digest import digest_results
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS

pytestmark = pytest.mark.engine


def hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def engine() -> PipEngine:
    return PipEngine()


@pytest.fixture
def files(good_run: tuple[SimulationOutcome, Path], weathers: dict[str, Path]) -> InputFiles:
    return InputFiles(good_run[1] / "model.idf", weathers["chicago"])


@pytest.fixture
def manifest(good_run: tuple[SimulationOutcome, Path], files: InputFiles, engine: PipEngine) -> Manifest:
    """The manifest of three days of the small office."""
    outcome, folder = good_run
    return Manifest(
        case_key="0" * 64,
        engine=EngineIdentity("energyplus", engine.version, engine.digest),
        inputs=Inputs("1" * 64, hash_file(files.model), hash_file(files.weather)),
        settings=RunSettings(THREE_DAYS, (), keep_full=False, timeout_s=120, memory_limit_bytes=4 * 1024**3),
        status=outcome.status,
        metrics=outcome.metrics,
        results_digest=digest_results(folder / "eplusout.sql"),
        files=outcome.files,
    )


def test_a_manifest_reads_back_as_it_was_written(manifest: Manifest) -> None:
    outputs = (OutputRequest("meter", "Electricity:Facility", "hourly"),)
    asked = replace(manifest, settings=replace(manifest.settings, outputs=outputs))
    assert Manifest.from_text(asked.to_text()) == asked


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "engine": {}}'])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ResultsError, match=r"manifest\.json"):
        Manifest.from_text(text)


def test_a_case_run_again_is_identical(
    manifest: Manifest, files: InputFiles, engine: PipEngine, tmp_path: Path
) -> None:
    report = replay_case(Manifest.from_text(manifest.to_text()), files, engine, tmp_path / "run")
    assert (report.is_identical, report.differences, report.circumstances) == (True, (), ())


def test_a_metric_that_differs_in_its_last_bit_is_told_with_its_difference(
    manifest: Manifest, good_run: tuple[SimulationOutcome, Path]
) -> None:
    then = manifest.metrics["electricity_kwh"]
    assert isinstance(then, float)
    altered = replace(manifest, metrics={**manifest.metrics, "electricity_kwh": then * (1 + 2.3e-16), "gone": 1})
    lines = list(compare_outcomes(altered, good_run[0], manifest.results_digest))
    assert [line.split(":")[0] for line in lines] == ["electricity_kwh", "gone"]
    assert "e-16 of it)" in lines[0]
    assert lines[1] == "gone: 1 then, None now"


def test_another_time_is_no_difference_and_another_result_is(
    manifest: Manifest, good_run: tuple[SimulationOutcome, Path]
) -> None:
    slower = replace(manifest, metrics={**manifest.metrics, "simulation_s": 99.0})
    assert list(compare_outcomes(slower, good_run[0], manifest.results_digest)) == []
    assert list(compare_outcomes(manifest, good_run[0], "f" * 64)) == [
        "results: eplusout.sql holds other values than then"
    ]


def test_another_engine_or_machine_is_named(manifest: Manifest, engine: PipEngine) -> None:
    elsewhere = replace(manifest, machine="aarch64", engine=EngineIdentity("energyplus", "25.2.0-other", "e" * 64))
    assert [line.split(":")[0] for line in compare_circumstances(elsewhere, engine)] == [
        "engine version",
        "engine digest",
        "machine",
    ]


def test_another_input_is_refused(manifest: Manifest, files: InputFiles, engine: PipEngine, tmp_path: Path) -> None:
    (tmp_path / "model.idf").write_text("Version,25.2;")
    with pytest.raises(ModelError, match=r"model\.idf: its sha256 is"):
        replay_case(manifest, replace(files, model=tmp_path / "model.idf"), engine, tmp_path / "run")
    attached = replace(manifest, inputs=replace(manifest.inputs, attachments={"schedule.csv": "0" * 64}))
    with pytest.raises(ModelError, match=r"schedule\.csv: this file"):
        replay_case(attached, files, engine, tmp_path / "run")
