"""Thousands of cases through one fork server: what grows? Prints what server and worker hold as they go by.

`python tests/benchmarks/soak.py [CASES]`; the cases simulate the design days of a model with nothing in it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import psutil

from energyplus.bundled import list_bundled_weather
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel, CaseRequest
from energyplus.run_period import RunPeriod

DESIGN_DAYS = RunPeriod("design_days")
EMPTY_MODEL = """
Version,25.2;
Timestep,4;
Building,Nothing,0,Suburbs,0.04,0.4,FullExterior,25,6;
GlobalGeometryRules,UpperLeftCorner,Counterclockwise,World;
SimulationControl,No,No,No,Yes,No;
Site:Location,Nowhere,41.98,-87.92,-6,201;
SizingPeriod:DesignDay,Winter,1,21,WinterDesignDay,-20,0,,,Wetbulb,-20,,,,,98934,4.9,270,No,No,No,ASHRAEClearSky,,,,,0;
"""


@dataclass(frozen=True)
class Holdings:
    """What stands after a number of cases.

    Attributes:
        cases: that have gone through.
        server_rss_kb, server_pss_kb: memory of the fork server, kB.
        worker_rss_kb: memory of this process, kB.
        server_descriptors, worker_descriptors: open ones.
        processes: children of the server.
        files: in the run folder and the folder of temporary files.
    """

    cases: int
    server_rss_kb: int
    server_pss_kb: int
    worker_rss_kb: int
    server_descriptors: int
    worker_descriptors: int
    processes: int
    files: int


def run_soak(cases: int, every: int, folder: Path) -> Iterator[Holdings]:
    """Run cases one after the other; give what stands after the first and after each `every`.

    Raises:
        AssertionError: a case did not succeed.
    """
    source, run_folder = folder / "empty.idf", folder / "run"
    source.write_text(EMPTY_MODEL, encoding="utf-8")
    run_folder.mkdir()
    text = BuildingModel.read(source).render(CaseRequest(run_period=DESIGN_DAYS))
    weather = list_bundled_weather()[0].path
    engine = PipEngine()
    for number in range(1, cases + 1):
        (run_folder / "model.idf").write_text(text, encoding="utf-8")
        job = SimulationJob(run_folder / "model.idf", weather, run_folder, DESIGN_DAYS, 60.0)
        outcome = engine.simulate(job, lambda: False)
        assert outcome.status == "succeeded", outcome.failure
        if number == 1 or number % every == 0:
            assert engine.server_pid is not None
            yield measure(number, psutil.Process(engine.server_pid), folder)
    engine.close()


def measure(cases: int, server: psutil.Process, folder: Path) -> Holdings:
    """Return what server, worker and run folder hold now."""
    worker = psutil.Process()
    full = server.memory_full_info()
    return Holdings(
        cases,
        full.rss // 1024,
        full.pss // 1024,
        worker.memory_info().rss // 1024,
        server.num_fds(),
        worker.num_fds(),
        len(server.children()),
        sum(len(names) for _path, _folders, names in os.walk(folder)),
    )


def main() -> None:
    """Print the table."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    names = [field.name.replace("_", " ") for field in fields(Holdings)]
    print(f"| {' | '.join(names)} |\n{'|---' * len(names)}|")
    with tempfile.TemporaryDirectory() as folder:
        for holdings in run_soak(cases, max(1, cases // 10), Path(folder)):
            print(f"| {' | '.join(f'{value:,}' for value in astuple(holdings))} |", flush=True)


if __name__ == "__main__":
    main()
