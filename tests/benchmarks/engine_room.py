"""Cases per hour of the engine room against the bare engine, and what preparing a case costs.

The bare engine runs the reference model as it comes (stock outputs) for the same days, one process per case through a
launcher of a few lines of C, as many at a time as there are cores. Pairs are run in turn; the table shows medians.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import monotonic, process_time

from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.run_period import RunPeriod

CORES = os.cpu_count() or 1
PAIRS = 5
CASES = 2 * CORES
MODELS = ("warehouse", "small_office", "medium_office")
SOURCE = Path(__file__).with_name("launcher.c")


def library() -> Path:
    """Return the engine's shared library."""
    import pyenergyplus

    return Path(pyenergyplus.__file__).parents[1] / "libenergyplusapi.so"


def build_launcher(folder: Path) -> Path:
    """Compile the launcher."""
    target = folder / "launcher"
    subprocess.run(["gcc", "-O2", "-o", target, SOURCE, "-ldl"], check=True)
    return target


def time_cases(run: Callable[[int], None]) -> float:
    """Run CASES cases, as many at a time as there are cores; return the wall time in seconds."""
    started = monotonic()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(run, range(CASES)))
    return monotonic() - started


def compare(alias: str, folder: Path, launcher: Path) -> tuple[float, float, float, float]:
    """Return median bare and engine-room seconds per case, the median ratio, and preparation over simulation time."""
    model = next(found.path for found in list_bundled_models() if found.alias == alias)
    weather = next(found.path for found in list_bundled_weather() if found.alias == "chicago")
    base, engine = BuildingModel.read(model), PipEngine()
    preparation: list[float] = []
    simulation: list[float] = []

    def run_bare(number: int) -> None:
        out = Path(tempfile.mkdtemp(dir=folder))
        command = [launcher, library(), "energyplus", "-a", "-w", weather, "-d", out, model]
        subprocess.run([str(part) for part in command], cwd=out, check=True, stdout=subprocess.DEVNULL)
        assert number >= 0

    def run_room(number: int) -> None:
        out = Path(tempfile.mkdtemp(dir=folder))
        started = process_time()
        edit = FieldEdit("Building", 0, 1, float(number))
        (out / "model.idf").write_text(base.render([edit], RunPeriod()))
        preparation.append(process_time() - started)
        outcome = engine.simulate(SimulationJob(out / "model.idf", weather, out, RunPeriod(), 3600.0), lambda: False)
        assert outcome.status == "succeeded", outcome.failure
        simulation.append(outcome.simulation_s)

    pairs = [(time_cases(run_bare), time_cases(run_room)) for _ in range(PAIRS)]
    bare, room = (median(pair[side] for pair in pairs) / CASES for side in (0, 1))
    ratio = median(one / other for one, other in pairs)
    return bare, room, ratio, median(preparation) / median(simulation)


def main() -> None:
    """Print the table."""
    print("| annual run | bare engine, s/case | engine room, s/case | cases per hour, room : bare | preparation |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        launcher = build_launcher(Path(name))
        for alias in sys.argv[1:] or MODELS:
            bare, room, ratio, share = compare(alias, Path(name), launcher)
            print(f"| {alias} | {bare:.2f} | {room:.2f} | {ratio:.2f} | {100 * share:.2f} % |", flush=True)


if __name__ == "__main__":
    main()
