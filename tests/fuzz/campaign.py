"""Runs mutated models and weather files through the gate and the engine: `python -m tests.fuzz.campaign --count 300`.

Every input has a number and is made from it and the seed alone. What must hold for each of them: somebody says what
became of it, with a message; the process that asked lives; nothing outside the run folder was read, written or called.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.errors import ModelError, WeatherError
from energyplus.models import gate
from energyplus.models.building_model import BuildingModel, CaseRequest
from energyplus.models.judgement import judge_description
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod
from energyplus.weather import describe_weather
from tests.fuzz.models import SHED, find_chicago, shed_as_epjson
from tests.fuzz.mutations import mutate_epjson, mutate_epw, mutate_idf

KINDS = ("idf", "epjson", "epw")
ENDS = ("accepted", "refused", "succeeded", "failed", "crashed", "timed_out", "escaped")
ONE_DAY = RunPeriod("period", (1, 1), (1, 1))
CANARY = "canary-7f3a91c2-read-me-and-be-found"
TIMEOUT_S = 20
BY_EXECUTION = 25  # every so many inputs, the gate's child is executed as the service does it, not forked from here


@dataclass(frozen=True)
class Finding:
    """What became of one input."""

    number: int
    kind: str
    end: str
    message: str


class Campaign:
    """One process's share of the inputs."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._folder = folder
        self._engine = PipEngine(sandbox="enforced")
        self._chicago = find_chicago()
        self._weather_text = self._chicago.read_text(encoding="utf-8")
        self._idf, self._epjson = SHED.read_text(encoding="utf-8"), shed_as_epjson()
        self._shed = BuildingModel.read(SHED)
        _ = self._shed.idf  # forks have eppy's dictionary from here
        self.canary = folder / "canary.csv"
        self.canary.write_text(f"{CANARY}\n" * 9000)

    def close(self) -> None:
        self._engine.close()

    def try_input(self, number: int) -> Finding:
        """Make input `number`, put it through, say what became of it."""
        random = Random(f"{self._seed}/{number}")
        kind = KINDS[number % len(KINDS)]
        with tempfile.TemporaryDirectory(dir=self._folder) as temporary:
            folder = Path(temporary)
            try:
                outcome = (
                    self._try_weather(random, folder) if kind == "epw" else self._try_model(random, folder, number)
                )
            except (ModelError, WeatherError) as error:
                return Finding(number, kind, "refused" if str(error) else "escaped", str(error))
            if (folder / "run").is_dir() and self._has_escaped(folder / "run"):
                return Finding(number, kind, "escaped", "the canary is in an artefact")
            message = outcome.failure.message if outcome.failure else ""
            if outcome.status != "succeeded" and not message:
                return Finding(number, kind, "escaped", f"{outcome.status} without a message")
            return Finding(number, kind, outcome.status, message)

    def _try_model(self, random: Random, folder: Path, number: int) -> SimulationOutcome:
        path = folder / "model"
        if number % len(KINDS) == 0:
            path.write_bytes(mutate_idf(random, self._idf, str(self.canary)))
        else:
            path.write_bytes(mutate_epjson(random, self._epjson, str(self.canary)))
        if number % BY_EXECUTION == 0:
            gate.judge_upload(path)
        else:
            judge_in_a_fork(path)
        return self._simulate(BuildingModel.read(path), self._chicago, ONE_DAY, folder)

    def _try_weather(self, random: Random, folder: Path) -> SimulationOutcome:
        content, row = mutate_epw(random, self._weather_text)
        path = folder / "weather.epw"
        path.write_bytes(content)
        describe_weather(path)
        return self._simulate(self._shed, path, days_around(row), folder)

    def _simulate(self, model: BuildingModel, weather: Path, run_period: RunPeriod, folder: Path) -> SimulationOutcome:
        run = folder / "run"
        run.mkdir()
        (run / "model.idf").write_text(model.render(CaseRequest(run_period=run_period)), encoding="utf-8")
        job = SimulationJob(run / "model.idf", weather, run, run_period, TIMEOUT_S)
        return self._engine.simulate(job, lambda: False)

    def _has_escaped(self, run: Path) -> bool:
        found = (path for path in run.rglob("*") if path.is_file() and path.name != "model.idf")
        return any(CANARY.encode() in path.read_bytes() for path in found)


def judge_in_a_fork(path: Path) -> None:
    """What `gate.judge_upload` does, its child forked from this process: the dictionary eppy needs is there already.

    Raises:
        ModelError: the model is refused.
    """
    limits = gate.limits_for(path.stat().st_size)
    request = {"path": str(path), "versions": ["25.2"], "sandbox": "enforced", **asdict(limits)}
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.dup2(target, 1)
            code = gate.answer(request)
        finally:
            os._exit(code)
    os.close(target)
    with os.fdopen(source, "rb") as stream:
        told = stream.read()
    _, status = os.waitpid(child, 0)
    if status:
        run = subprocess.CompletedProcess([], os.waitstatus_to_exitcode(status), told, b"")
        raise gate.explain_end(path.name, run, limits)
    judgement = judge_description(gate.ModelDescription.from_json(json.loads(told)), ())
    if judgement.findings:
        raise gate.ModelRefused(judgement.findings)


def days_around(row: int) -> RunPeriod:
    """The day of a data row of a year without a leap day, and the one after it."""
    from datetime import date, timedelta

    day = date(2023, 1, 1) + timedelta(days=min(row // 24, 363))
    after = day + timedelta(days=1)
    return RunPeriod("period", (day.month, day.day), (after.month, after.day))


@contextmanager
def listen() -> Iterator[socket.socket]:
    """A listener of this campaign's own; nobody has any business to call it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def run_share(seed: int, numbers: range) -> Iterator[Finding]:
    """Put a share of the inputs through, in this process; the last finding says whether something called or changed."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary, listen() as listener:
        folder = Path(temporary)
        (folder / "socket.cfg").write_text(f"127.0.0.1 {listener.getsockname()[1]}")
        campaign = Campaign(seed, folder)
        before = campaign.canary.read_bytes()
        try:
            for number in numbers:
                yield campaign.try_input(number)
        finally:
            campaign.close()
        try:
            listener.accept()
            yield Finding(-1, "all", "escaped", "something called the listener")
        except BlockingIOError:
            pass
        left = sorted(path.name for path in folder.iterdir())
        if campaign.canary.read_bytes() != before or left != ["canary.csv", "socket.cfg"]:
            yield Finding(-1, "all", "escaped", f"files changed outside the run folder: {left}")


def run_campaign(seed: int, numbers: range, jobs: int) -> list[Finding]:
    """Put inputs through, in `jobs` processes of their own.

    Raises:
        RuntimeError: a process died, or did not come to its end.
    """
    processes = []
    for job in range(jobs):
        share = numbers[job::jobs]
        share_text = json.dumps([share.start, share.stop, share.step])
        command = [sys.executable, "-m", "tests.fuzz.campaign", "--seed", str(seed), "--share", share_text]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
    findings: list[Finding] = []
    for process in processes:
        told, _ = process.communicate()
        findings += [Finding(**json.loads(line)) for line in told.splitlines()]
        if process.returncode:
            raise RuntimeError(f"a process of the campaign died (exit code {process.returncode}) after {len(findings)}")
    return sorted(findings, key=lambda finding: finding.number)


def print_table(findings: list[Finding]) -> None:
    """Print how many of each kind came to which end."""
    counts = Counter((finding.kind, finding.end) for finding in findings)
    lines = [f"{'':8}" + "".join(f"{end:>11}" for end in ENDS)]
    for kind in KINDS:
        by_end = {end: counts[kind, end] for end in ENDS}
        by_end["accepted"] = sum(by_end.values()) - by_end["refused"] - by_end["escaped"]
        lines.append(f"{kind:8}" + "".join(f"{by_end[end]:>11,}" for end in ENDS))
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.campaign", description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, help="only inputs of one kind")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", default="crashed,timed_out,escaped", help="ends to list, with the inputs' numbers")
    parser.add_argument("--share", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.share:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for finding in run_share(options.seed, range(*json.loads(options.share))):
            sys.stdout.write(json.dumps(asdict(finding)) + "\n")
            sys.stdout.flush()
        return 0
    numbers = range(options.count)
    if options.kind:
        first = KINDS.index(options.kind)
        numbers = range(first, first + options.count * len(KINDS), len(KINDS))
    findings = run_campaign(options.seed, numbers, options.jobs)
    for finding in findings:
        if finding.end in options.show.split(","):
            sys.stdout.write(f"{finding.number} {finding.kind} {finding.end}: {finding.message[:300]}\n")
    print_table(findings)
    return 1 if any(finding.end == "escaped" for finding in findings) else 0


if __name__ == "__main__":
    raise SystemExit(main())
