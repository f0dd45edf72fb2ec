"""epJSON is read wherever IDF is, and the same model gives the same numbers to the last digit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.models.description import describe_model
from energyplus.run_period import RunPeriod
from tests.engine.cases import Simulate, ask_for
from tests.fuzz.models import SHED, as_epjson

ROOT = Path(__file__).parent.parent.parent
ONE_DAY = RunPeriod("period", (7, 1), (7, 1))
SCHEDULE = "Schedule:File,Crowd,Fraction,crowd.csv,1,0,8760,Comma,No,60;\n"

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("alias", ["small_office", "warehouse"])
def test_a_bundled_model_gives_the_same_as_idf_and_as_epjson(
    models: dict[str, Path], simulate: Simulate, tmp_path: Path, alias: str
) -> None:
    (tmp_path / "model.epJSON").write_text(json.dumps(as_epjson(describe_model(models[alias]))))
    outcomes = [
        simulate(BuildingModel.read(path).render(ask_for((), ONE_DAY)), tmp_path / path.suffix[1:], ONE_DAY)
        for path in (models[alias], tmp_path / "model.epJSON")
    ]
    idf, epjson = ({**outcome.metrics, "simulation_s": None} for outcome in outcomes)
    assert outcomes[0].status == "succeeded"
    assert idf == epjson


def test_an_edit_means_the_same_in_both(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "shed.epJSON").write_text(json.dumps(as_epjson(describe_model(SHED))))
    metrics = []
    for path in (SHED, tmp_path / "shed.epJSON"):
        known = describe_model(path).classes["Lights"][0]
        assert known.values[5] == "8.5"
        text = BuildingModel.read(path).render(ask_for([FieldEdit("Lights", 0, 5, 4.25)], ONE_DAY))
        metrics.append({**simulate(text, tmp_path / path.suffix[1:], ONE_DAY).metrics, "simulation_s": None})
    assert metrics[0] == metrics[1]
    assert metrics[0]["interior_lighting_kwh"] == pytest.approx(5.1)


def run_command(model: Path) -> list[str]:
    command = [sys.executable, "-m", "energyplus", str(model), "chicago", "--run-period", "07-01:07-01"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [line for line in run.stdout.splitlines() if not line.startswith("simulation_s")]


def test_the_command_runs_both_with_the_file_that_lies_beside_them(tmp_path: Path) -> None:
    crowd = tmp_path / "crowd.csv"
    idf = tmp_path / "shed.idf"
    idf.write_text(SHED.read_text().replace("Lights,Hall lights,Hall,Work", SCHEDULE + "Lights,Hall lights,Hall,Crowd"))
    epjson = tmp_path / "shed.epJSON"
    epjson.write_text(json.dumps(as_epjson(describe_model(idf))))
    crowd.write_text("0.5\n" * 8760)
    half = run_command(idf)
    assert half == run_command(epjson)
    assert any(line.split()[:2] == ["interior_lighting_kwh", "10.2"] for line in half)
    crowd.write_text("0\n" * 8760)
    assert not any(line.startswith("interior_lighting_kwh  10") for line in run_command(idf))


def test_the_command_refuses_a_model_whose_file_is_not_there(tmp_path: Path) -> None:
    idf = tmp_path / "shed.idf"
    idf.write_text(SHED.read_text() + SCHEDULE)
    command = [sys.executable, "-m", "energyplus", str(idf), "chicago"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("Schedule:File 'Crowd', File Name: found 'crowd.csv'; refused: no file of that name")
