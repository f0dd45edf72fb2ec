"""Cases per hour of the engine room, side by side with bare engine processes, eppy and idfkit on the same cores.

Blocks of a few cases go round all contenders in turn, so that a noisy machine is noisy for everybody; shown are sums,
and the median over blocks of bare wall time to the contender's. Prints the tables of docs/reference/performance.md.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any, Self

import psutil

from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.engines.pip_engine import find_library
from energyplus.models.idd import groups_needed, write_idd
from energyplus.models.model_text import read_model_file
from energyplus.models.schema import load_schema
from tests.benchmarks.contenders import CONTENDERS, MODEL_VERSION, Setup

MODELS = ("warehouse", "small_office", "medium_office")
SOURCE = Path(__file__).with_name("launcher.c")
DEFAULT_CONTENDERS = ("casefarm", "bare", "eppy", "idfkit")
SAMPLE_EVERY_S = 0.25


@dataclass
class Sums:
    """What the blocks of one contender took: s, s, bytes, bytes, s, s; `walls_s` block by block."""

    walls_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    peak_bytes: int = 0
    written_bytes: int = 0
    preparation_s: list[float] = field(default_factory=list)
    case_cpu_s: list[float] = field(default_factory=list)
    energy_gj: float = 0.0


class Process:
    """A contender in a process of its own, with everything it starts."""

    def __init__(self, name: str, setup: Setup) -> None:
        self.setup = setup
        self.sums = Sums()
        Path(setup.folder).mkdir(parents=True)
        command = [sys.executable, "-m", "tests.benchmarks.contenders", name, json.dumps(asdict(setup))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."}
        )
        self._tree = psutil.Process(self._process.pid)
        self._take_answer()

    def __enter__(self) -> Self:
        """Give the contender, which has said that it is ready."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let it end."""
        self._process.communicate()

    def run(self, first: int, count: int, *, counts: bool = True) -> None:
        """Run a block, add what it took to the sums, and remove its files."""
        before, over = self._cpu_s(), Event()
        watch = Thread(target=self._watch_memory, args=(over,))
        watch.start()
        try:
            self._process.stdin.write(f"{first} {count}\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            answer = self._take_answer()
        finally:
            over.set()
            watch.join()
        if counts:
            self._add(answer, self._cpu_s() - before, first)
        for path in Path(self.setup.folder).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _add(self, answer: dict[str, Any], cpu_s: float, first: int) -> None:
        sums, files = self.sums, [path for path in Path(self.setup.folder).rglob("*") if path.is_file()]
        sums.walls_s.append(answer["wall_s"])
        sums.cpu_s += cpu_s
        sums.written_bytes += sum(path.stat().st_size for path in files)
        sums.preparation_s += answer.get("preparation_s", [])
        sums.case_cpu_s += answer.get("case_cpu_s", [])
        if not sums.energy_gj:
            sums.energy_gj = read_energy_gj(self.setup.out(first))

    def _take_answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise SystemExit(f"a contender ended: {self._process.args}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _family(self) -> list[psutil.Process]:
        return [self._tree, *self._tree.children(recursive=True)]

    def _cpu_s(self) -> float:
        return sum(sum(process.cpu_times()[:4]) for process in self._family())

    def _watch_memory(self, over: Event) -> None:
        while not over.wait(SAMPLE_EVERY_S):
            total = 0
            for process in self._family():
                try:
                    total += process.memory_full_info().pss  # shared pages count once, all sharers together
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.sums.peak_bytes = max(self.sums.peak_bytes, total)


def read_energy_gj(folder: Path) -> float:
    """Return the total site energy that the engine's report names, as a sign that all simulated the same."""
    (report,) = (path for path in folder.iterdir() if path.suffix == ".htm")
    cells = re.search(r"Total Site Energy</td>\s*<td[^>]*>\s*([\d.]+)", report.read_text("latin-1"))
    if cells is None:
        raise SystemExit(f"{report} names no total site energy")
    return float(cells[1])


def build_installation(folder: Path) -> None:
    """Make a folder that passes for an installed EnergyPlus: program, library, data dictionary."""
    folder.mkdir()
    library = folder / "libenergyplusapi.so"
    library.symlink_to(find_library())
    for program, defines in (("energyplus", []), ("energyplus-by-api", ["-DC_API"])):
        defines.append(f'-DLIBRARY="{library}"')
        subprocess.run(["gcc", "-O2", *defines, "-o", folder / program, SOURCE, "-ldl"], check=True)
    write_idd(MODEL_VERSION, folder, count_groups()).rename(folder / "Energy+.idd")


def count_groups() -> dict[str, int]:
    """Return how many repeated groups the bundled models need of each class; eppy's reading takes no more."""
    schema, groups = load_schema(MODEL_VERSION), dict[str, int]()
    for bundled in list_bundled_models():
        for entry in read_model_file(bundled.path).objects:
            known = schema.find_class(entry.class_name)
            if known is not None:
                needed = groups_needed(known, len(entry.values))
                groups[known.name] = max(groups.get(known.name, 0), needed)
    return groups


def compare(alias: str, folder: Path, options: argparse.Namespace) -> dict[str, Sums]:
    """Run all contenders on one model, block by block in turn."""
    model = next(found.path for found in list_bundled_models() if found.alias == alias)
    weather = next(found.path for found in list_bundled_weather() if found.alias == "chicago")
    with ExitStack() as stack:
        processes = {}
        for name in options.contenders:
            own = folder / alias / name
            shared = (str(model), str(weather), str(own), str(folder / "installation"))
            setup = Setup(*shared, options.cores, not options.design_days)
            processes[name] = stack.enter_context(Process(name, setup))
            processes[name].run(9000, 1, counts=False)  # whatever only the first case costs
        order = list(processes.values())
        for first in range(0, options.cases, options.block):
            for process in order:
                process.run(first, min(options.block, options.cases - first))
            order.append(order.pop(0))
    return {name: process.sums for name, process in processes.items()}


def print_table(alias: str, found: dict[str, Sums], cases: int) -> None:
    """Print the rows of one model."""
    bare = found["bare"]
    energies = {name: sums.energy_gj for name, sums in found.items()}
    if max(energies.values()) - min(energies.values()) > 1e-3 * max(energies.values()):
        raise SystemExit(f"{alias}: not all have simulated the same: {energies}")
    for name, sums in found.items():
        wall_s = sum(sums.walls_s)
        ratio = median(one / other for one, other in zip(bare.walls_s, sums.walls_s, strict=True))
        share = f"{100 * sum(sums.preparation_s) / sum(sums.case_cpu_s):.2f} %" if sums.preparation_s else "–"
        cells = [alias, name, f"{wall_s:.1f}", f"{3600 * cases / wall_s:,.0f}", f"{ratio:.3f}"]
        cells += [f"{sums.cpu_s / cases:.2f}", f"{sums.peak_bytes / 1e6:,.0f}"]
        cells += [f"{sums.written_bytes / cases / 1e3:,.0f}", share]
        print(f"| {' | '.join(cells)} |", flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=MODELS, help=f"aliases; default {' '.join(MODELS)}")
    parser.add_argument("--cases", type=int, default=24, help="of each contender on each model")
    parser.add_argument("--block", type=int, default=4, help="cases in a row, before the next contender's turn")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), help="cases at a time")
    parser.add_argument("--design-days", action="store_true", help="instead of a year: quick, and says little")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=DEFAULT_CONTENDERS)
    parser.add_argument("--scratch", type=Path, help="where the run folders of all contenders are; a temporary folder")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    options = parse(arguments)
    print(
        "| annual run | contender | wall, s | cases per hour | cases per hour to bare | CPU per case, s |"
        " peak memory, MB | files per case, kB | preparation |\n" + "|---" * 9 + "|"
    )
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        build_installation(Path(name) / "installation")
        for alias in options.models:
            print_table(alias, compare(alias, Path(name), options), options.cases)


if __name__ == "__main__":
    main()
