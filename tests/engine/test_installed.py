"""Installed EnergyPlus versions: which folders are taken, what runs in them, what models may ask for."""

import re
import subprocess
from pathlib import Path

import pytest

from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.engine import SimulationJob
from energyplus.engines.installed import InstalledEngine, open_installed
from energyplus.errors import EngineError, ModelError
from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.models.model_text import read_model_file
from energyplus.results.diagnostics import read_diagnostics
from energyplus.results.metrics import read_metrics
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, ask_for
from tests.fakes.installed import make_folder
from tests.installed_energyplus import install_energyplus

OLD_MODEL = "Version,9.2;\nBuilding,b,0;\nGlobalGeometryRules,UpperLeftCorner,Counterclockwise,World;\n"


@pytest.fixture(scope="session")
def installed() -> Path:
    return install_energyplus()


@pytest.fixture(scope="session")
def old_office(installed: Path) -> BuildingModel:
    engines = EngineCatalogue([installed])
    return BuildingModel.read(installed / "RefBldgSmallOfficeNew2004_Chicago.idf", engines.versions, engines.idds)


def run(folder: Path, engine: InstalledEngine, weather: Path, text: str = OLD_MODEL) -> SimulationOutcome:
    folder.mkdir()
    (folder / "model.idf").write_text(text)
    job = SimulationJob(folder / "model.idf", weather, folder, THREE_DAYS, timeout_s=60)
    return engine.simulate(job, lambda: False)


@pytest.mark.engine
def test_an_installed_engine_gives_what_its_bare_program_gives_to_the_last_digit(
    installed: Path, old_office: BuildingModel, weathers: dict[str, Path], tmp_path: Path
) -> None:
    lights = old_office.describe().classes["Lights"]
    text = old_office.render(ask_for([FieldEdit("Lights", n, 5, 6.25) for n in range(len(lights))], THREE_DAYS))
    outcome = run(tmp_path / "farm", InstalledEngine(installed), weathers["chicago"], text)
    assert (outcome.status, outcome.failure) == ("succeeded", None)

    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "in.idf").write_text(text)
    command = [str(installed / "energyplus"), "-d", str(bare), "-w", str(weathers["chicago"]), str(bare / "in.idf")]
    subprocess.run(command, check=True, capture_output=True)
    expected = read_metrics(bare / "eplusout.sql", read_diagnostics(bare / "eplusout.err"), 0.0)
    assert {**outcome.metrics, "simulation_s": 0} == {**expected, "simulation_s": 0}
    assert expected["natural_gas_kwh"]
    assert {"model.idf", "eplusout.err", "eplusout.sql", "eplustbl.htm"} <= set(outcome.files)


@pytest.mark.engine
def test_the_engine_is_chosen_by_the_version_of_the_model(
    installed: Path, old_office: BuildingModel, small_office: BuildingModel
) -> None:
    engines = EngineCatalogue([installed])
    assert engines.versions == ("23.2", "25.2")
    assert engines.engine_for(old_office.version).version == "23.2.0"
    assert engines.engine_for(small_office.version).version.startswith("25.2.0-")
    with pytest.raises(EngineError, match=r"No engine for EnergyPlus 9\.6 on this machine; it has 23\.2, 25\.2\."):
        engines.engine_for("9.6")
    assert [(facts.kind, facts.version) for facts in engines.list_engines()] == [
        ("package", "25.2"),
        ("installed", "23.2"),
    ]


def test_a_model_of_a_version_without_an_engine_is_refused_with_the_way_out(tmp_path: Path) -> None:
    for name, text in (
        ("model.idf", "Version,23.2;\nZone,one;"),
        ("model.epJSON", '{"Version": {"1": {"version_identifier": "23.2"}}, "Zone": {"one": {}}}'),
    ):
        (tmp_path / name).write_text(text)
        assert read_model_file(tmp_path / name, ("23.2", "25.2")).version == "23.2"
        with pytest.raises(ModelError) as refusal:
            read_model_file(tmp_path / name)
        assert "it is of version 23.2; accepted: 25.2." in str(refusal.value)
        assert "IDFVersionUpdater" in str(refusal.value)
        assert "CASEFARM_ENERGYPLUS" in str(refusal.value)


def test_a_model_is_asked_only_for_what_its_version_knows(tmp_path: Path) -> None:
    (tmp_path / "model.idf").write_text(OLD_MODEL)
    text = BuildingModel.read(tmp_path / "model.idf", ("9.2",)).render(ask_for([], THREE_DAYS))
    assert "OutputControl:Files" not in text  # since 9.4
    assert re.search(r"Output:SQLite,\s*SimpleAndTabular;", text)  # its further fields came later
    (tmp_path / "model.idf").write_text(OLD_MODEL.replace("9.2", "9.5"))
    text = BuildingModel.read(tmp_path / "model.idf", ("9.5",)).render(ask_for([], THREE_DAYS))
    assert "OutputControl:Files" in text
    assert "Unit Conversion for Tabular Data" in text
    assert "Format Numeric Values" not in text


def test_eppy_reads_with_the_dictionary_of_the_installed_engine_where_the_model_fits_into_it(tmp_path: Path) -> None:
    idd = tmp_path / "Energy+.idd"
    idd.write_text("!IDD_Version 9.2.0\n\\group G\nVersion,\n  A1 ; \\field Label of its own\n")
    (tmp_path / "model.idf").write_text("Version,9.2;")
    model = BuildingModel.read(tmp_path / "model.idf", ("9.2",), {"9.2": idd})
    assert model.idf.idfobjects["VERSION"][0].fieldnames == ["key", "Label_of_its_own"]
    (tmp_path / "model.idf").write_text("Version,9.2;\nZone,one;")
    larger = BuildingModel.read(tmp_path / "model.idf", ("9.2",), {"9.2": idd})
    assert larger.idf.idfobjects["ZONE"][0].Name == "one"


def test_a_folder_that_is_no_energyplus_is_refused_and_says_why(tmp_path: Path) -> None:
    without_program = make_folder(tmp_path / "a")
    (without_program / "energyplus").unlink()
    without_dictionary = make_folder(tmp_path / "b")
    (without_dictionary / "Energy+.idd").unlink()
    for folder, reason in (
        (tmp_path / "none", "there is no such folder"),
        (without_program, "no program `energyplus` that may be executed"),
        (without_dictionary, "its `Energy\\+.idd` cannot be read"),
        (make_folder(tmp_path / "c", idd="no version"), "does not say its version"),
        (make_folder(tmp_path / "d", idd="!IDD_Version 8.9.0\n"), r"EnergyPlus 8\.9\.0 is not known; accepted: 9\.0, "),
    ):
        with pytest.raises(EngineError, match=f"{folder.name}: .*{reason}"):
            InstalledEngine(folder)


def test_one_version_is_installed_once(tmp_path: Path) -> None:
    folders = [make_folder(tmp_path / name) for name in ("one", "two")]
    with pytest.raises(EngineError, match=r"two: EnergyPlus 23\.2 is there already, in .*one"):
        EngineCatalogue(folders)


def test_the_digest_changes_with_program_library_and_expander_under_a_worker_that_has_them_open(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "one")
    (folder / "ExpandObjects").write_text("#!/bin/sh\n")
    (folder / "ExpandObjects").chmod(0o755)
    engine, bare = open_installed(folder)
    digests = {engine.digest}
    (folder / "libenergyplusapi.so").write_text("first")
    digests.add(engine.digest)
    (folder / "libenergyplusapi.so").write_text("another")
    digests.add(engine.digest)
    (folder / "energyplus").write_text("#!/bin/sh\nexit 1\n")
    digests.add(engine.digest)
    (folder / "ExpandObjects").write_text("#!/bin/sh\nexit 1\n")
    digests.add(engine.digest)
    assert len(digests) == 5
    assert bare.version == "23.2.0-7636e6b3e9"


def test_a_program_of_another_version_than_its_folder_says_is_the_machines_fault(
    weathers: dict[str, Path], tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "mixed", 'echo "Program Version,EnergyPlus, Version 24.1.0-ab" > eplusout.err')
    with pytest.raises(EngineError, match=r"mixed: its Energy\+\.idd is of 23\.2, its energyplus of 24\.1"):
        run(tmp_path / "run", InstalledEngine(folder), weathers["chicago"])


def test_an_installed_engine_reads_nothing_but_its_own_folder_the_weather_and_the_case(
    weathers: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("of somebody else")
    script = f'read -r found < {tmp_path}/secret && echo "  **  Fatal  ** leaked $found" > eplusout.err\nexit 1'
    engine, _bare = open_installed(make_folder(tmp_path / "curious", script))
    outcome = run(tmp_path / "run", engine, weathers["chicago"])  # type: ignore[arg-type]
    assert outcome.status == "failed"
    assert "leaked" not in str(outcome)
    assert "Permission denied" in str(outcome.failure)


def test_a_script_whose_interpreter_is_not_there_is_the_machines_fault(
    weathers: dict[str, Path], tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "orphan")
    (folder / "energyplus").write_text("#!/nowhere/python\n")
    with pytest.raises(EngineError, match="its interpreter python is not on this machine"):
        run(tmp_path / "run", InstalledEngine(folder), weathers["chicago"])
