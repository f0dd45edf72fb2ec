"""Running a case again on this machine: the command's conclusion, its exit status, and what it refuses."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casefarm.errors import CasefarmError
from casefarm.replay import describe_report, replay
from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.engine import SimulationJob
from energyplus.manifest import EngineIdentity, Inputs, Manifest, RunSettings
from energyplus.models.building_model import BuildingModel
from energyplus.results.digest import digest_results
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for

pytestmark = pytest.mark.engine

ONE_DAY = RunPeriod("period", (1, 14), (1, 14))
CASE = "/api/batches/b1/cases/0/"
Answers = dict[str, bytes]


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a service answers about a case that ran under a weather file of its owner's own."""
    folder = tmp_path_factory.mktemp("case")
    weather = list_bundled_weather()[0].path.read_bytes().replace(b"LOCATION,", b"LOCATION, ", 1)
    (folder / "weather.epw").write_bytes(weather)
    warehouse = next(entry.path for entry in list_bundled_models() if entry.alias == "warehouse")
    (folder / "model.idf").write_text(BuildingModel.read(warehouse).render(ask_for((), ONE_DAY)))
    engines = EngineCatalogue()
    engine = engines.engine_for("25.2")
    outcome = engine.simulate(
        SimulationJob(folder / "model.idf", folder / "weather.epw", folder, ONE_DAY, 60), lambda: False
    )
    engines.close()
    assert outcome.status == "succeeded"
    manifest = Manifest(
        case_key="0" * 64,
        engine=EngineIdentity("energyplus", engine.version, engine.digest),
        inputs=Inputs("1" * 64, outcome.files["model.idf"], hash_of(weather)),
        settings=RunSettings(ONE_DAY, (), keep_full=False, timeout_s=60, memory_limit_bytes=4 * 1024**3),
        status=outcome.status,
        metrics=outcome.metrics,
        results_digest=digest_results(folder / "eplusout.sql"),
        files=outcome.files,
    )
    return {
        f"{CASE}files/manifest.json": manifest.to_text().encode(),
        f"{CASE}files/model.idf": (folder / "model.idf").read_bytes(),
        f"{CASE}inputs/{hash_of(weather)}/": weather,
    }


def serve(answers: Answers, **changes: Any) -> Callable[[str, Callable[[bytes], Any]], None]:
    """A service that answers so, with another manifest."""
    manifest = json.loads(answers[f"{CASE}files/manifest.json"])
    manifest |= {
        name: manifest[name] | change if isinstance(change, dict) else change for name, change in changes.items()
    }
    told = {**answers, f"{CASE}files/manifest.json": json.dumps(manifest).encode()}
    return lambda address, write: write(told[address])


def test_the_same_case_is_identical(answers: Answers, tmp_path: Path) -> None:
    report = replay(serve(answers), CASE, tmp_path, {})
    assert report.is_identical
    assert describe_report(report)[0].startswith("bit-identical")


def test_a_case_with_another_metric_is_different_and_the_report_says_by_how_much(
    answers: Answers, tmp_path: Path
) -> None:
    report = replay(serve(answers, metrics={"electricity_kwh": 1.0}, machine="sparc"), CASE, tmp_path, {})
    assert not report.is_identical
    lines = describe_report(report)
    assert lines[0] == "different:"
    assert lines[1].startswith("  electricity_kwh: 1.0 then, ")
    assert lines[2].startswith("  machine: sparc then, ")


def test_a_file_that_is_not_the_one_of_the_manifest_is_refused(answers: Answers, tmp_path: Path) -> None:
    tampered = {**answers, f"{CASE}files/model.idf": answers[f"{CASE}files/model.idf"] + b"\n"}
    with pytest.raises(CasefarmError, match=r"model\.idf: its sha256 is"):
        replay(serve(tampered), CASE, tmp_path, {})


def test_a_case_of_a_declared_program_is_for_the_farm(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(CasefarmError, match="only the farm itself"):
        replay(serve(answers, engine={"name": "executable:radiance"}), CASE, tmp_path, {})


def test_what_is_no_manifest_is_refused(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(CasefarmError, match=r"manifest\.json: it is not of format 1"):
        replay(serve(answers, format=9), CASE, tmp_path, {})
