"""Those that are compared: each runs blocks of cases as it is told on standard input, and stays between two blocks.

`python -m tests.benchmarks.contenders NAME SETUP`, SETUP being the JSON of a `Setup`; started by `engine_room.py`. A
line `FIRST COUNT` runs that many cases from that number on; the answer is a line of JSON. What a contender does once,
like importing itself and reading the model, it does before it says that it is ready.
"""

import json
import os
import re
import subprocess
import sys
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

MODEL_VERSION = "25.2"


@dataclass(frozen=True)
class Setup:
    """What every contender is given.

    Attributes:
        model, weather: IDF and EPW file.
        folder: for its run folders.
        installation: a folder that passes for an installed EnergyPlus.
        cores: cases at a time.
        is_annual: the whole year, else the design days.
    """

    model: str
    weather: str
    folder: str
    installation: str
    cores: int
    is_annual: bool

    def out(self, number: int) -> Path:
        """Return the run folder of a case."""
        return Path(self.folder) / f"case-{number}"


class Contender(ABC):
    """One way to run a block of cases. The case numbered `n` turns the building by `n` degrees."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def prepare(self, numbers: range) -> None:
        """Do what does not count."""
        del numbers

    @abstractmethod
    def run(self, numbers: range) -> dict[str, Any]:
        """Do what counts; return what there is to tell."""


class EngineRoom(Contender):
    """Casefarm: every case rendered, forked, sealed in its sandbox, judged, its metrics read."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        from energyplus.engines.engine import SimulationJob
        from energyplus.engines.pip_engine import PipEngine
        from energyplus.models.building_model import BuildingModel, CaseEdits, CaseRequest, FieldEdit
        from energyplus.run_period import RunPeriod

        self._model = BuildingModel.read(Path(setup.model))
        self._engine = PipEngine(sandbox="enforced")
        self._period = RunPeriod("annual" if setup.is_annual else "design_days")
        self._make_job, self._make_edit = SimulationJob, FieldEdit
        self._make_request = lambda edit: CaseRequest(CaseEdits((edit,)), self._period)

    def run(self, numbers: range) -> dict[str, Any]:
        """Run a block as a worker with as many threads as cores does."""
        with ThreadPoolExecutor(self.setup.cores) as pool:
            done = list(pool.map(self._run_case, numbers))
        return {"preparation_s": [spent for spent, _cpu in done], "case_cpu_s": [cpu for _spent, cpu in done]}

    def _run_case(self, number: int) -> tuple[float, float]:
        out = self.setup.out(number)
        begun = thread_time()
        edit = self._make_edit("Building", 0, 1, float(number))
        text = self._model.render(self._make_request(edit))
        out.mkdir()
        (out / "model.idf").write_text(text, encoding="utf-8")
        prepared = thread_time() - begun
        job = self._make_job(out / "model.idf", Path(self.setup.weather), out, self._period, 3600.0)
        outcome = self._engine.simulate(job, lambda: False)
        if outcome.status != "succeeded" or outcome.cpu_s is None:
            raise RuntimeError(f"case {number}: {outcome.failure}")
        return prepared, outcome.cpu_s


class BareProcesses(Contender):
    """A process of the engine for each case, driven by xargs; the edited models lie there already."""

    program = "energyplus"

    def prepare(self, numbers: range) -> None:
        """Write the edited models with their stock outputs."""
        for number in numbers:
            self.setup.out(number).mkdir()
            (self.setup.out(number) / "in.idf").write_text(turn_building(self.setup.model, number), encoding="utf-8")

    def run(self, numbers: range) -> dict[str, Any]:
        """Run a block."""
        flag = "-a" if self.setup.is_annual else "-D"
        case = f"{self.setup.folder}/case-{{}}"
        program = f"{self.setup.installation}/{self.program}"
        command = ["xargs", "-P", str(self.setup.cores), "-I{}", program, flag, "-w", self.setup.weather, "-d", case]
        text = "\n".join(str(number) for number in numbers)
        output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*command, f"{case}/in.idf"], input=text, text=True, check=True, **output)
        return {}


class BareApiProcesses(BareProcesses):
    """The same through the C API, the way of bindings for other languages, which costs a few per cent."""

    program = "energyplus-by-api"


class Eppy(Contender):
    """`eppy.runner.run_functions.runIDFs`: a pool of processes, each of which executes the engine."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        from eppy.modeleditor import IDF
        from eppy.runner.run_functions import runIDFs

        IDF.setiddname(f"{setup.installation}/Energy+.idd")
        text = Path(setup.model).read_text(encoding="latin-1")
        self._idf = IDF(StringIO(text), setup.weather)
        self._run_idfs = runIDFs
        os.chdir(setup.folder)  # it makes a folder of its own in the working directory

    def run(self, numbers: range) -> dict[str, Any]:
        """Run a block; one parsed model is edited and written for each case in turn."""
        self._run_idfs((self._make_job(number) for number in numbers), self.setup.cores)
        return {}

    def _make_job(self, number: int) -> tuple[Any, dict[str, Any]]:
        self._idf.idfobjects["BUILDING"][0].North_Axis = float(number)
        options = {
            "idd": f"{self.setup.installation}/Energy+.idd",  # beside it, it looks for the program
            "ep_version": f"{MODEL_VERSION.replace('.', '-')}-0",
            "output_directory": str(self.setup.out(number)),
            "annual": self.setup.is_annual,
            "design_day": not self.setup.is_annual,
            "verbose": "q",
        }
        return self._idf, options


class Idfkit(Contender):
    """`idfkit.simulation.simulate_batch`: a pool of threads, each of which executes the engine."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        import idfkit
        from idfkit.simulation import EnergyPlusConfig, SimulationJob, simulate_batch

        root = Path(setup.installation)
        self._config = EnergyPlusConfig(root / "energyplus", (25, 2, 0), root, root / "Energy+.idd")
        self._document = idfkit.load_idf(setup.model)
        self._make_job, self._simulate = SimulationJob, simulate_batch

    def run(self, numbers: range) -> dict[str, Any]:
        """Run a block."""
        jobs = [self._job_of(number) for number in numbers]
        results = self._simulate(jobs, energyplus=self._config, max_workers=self.setup.cores)
        if not all(result.success for result in results):
            raise RuntimeError(str([result.stderr for result in results if not result.success]))
        return {}

    def _job_of(self, number: int) -> Any:
        document = self._document.copy()
        next(iter(document["Building"])).north_axis = float(number)
        return self._make_job(
            document,
            self.setup.weather,
            output_dir=self.setup.out(number),
            expand_objects=False,
            annual=self.setup.is_annual,
            design_day=not self.setup.is_annual,
        )


CONTENDERS: dict[str, type[Contender]] = {
    "casefarm": EngineRoom,
    "bare": BareProcesses,
    "bare-api": BareApiProcesses,
    "eppy": Eppy,
    "idfkit": Idfkit,
}


def turn_building(model: str, degrees: int) -> str:
    """Return the text of a model whose building is turned.

    Raises:
        ValueError: the text does not say where the angle stands.
    """
    text = Path(model).read_text(encoding="latin-1")
    turned, count = re.subn(r"[\d.]+(,\s*!- North Axis)", rf"{float(degrees)}\1", text)
    if count != 1:
        raise ValueError(f"{model}: {count} fields with the comment North Axis")
    return turned


def main(name: str, setup: Setup) -> None:
    """Run the blocks that are asked for."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is not an answer
    contender = CONTENDERS[name](setup)
    answers.write("{}\n")
    answers.flush()
    for line in sys.stdin:
        first, count = map(int, line.split())
        numbers = range(first, first + count)
        contender.prepare(numbers)
        begun = monotonic()
        facts = contender.run(numbers)
        answers.write(json.dumps({"wall_s": monotonic() - begun, **facts}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], Setup(**json.loads(sys.argv[2])))
