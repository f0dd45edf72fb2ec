"""A declared simulation program behind the seam of the engines: a filled-in template goes in, declared metrics out.

It runs in the sandbox, where only the program itself may be executed; a study gives it values, never a command.
"""

import csv
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from energyplus.engines.conclusion import explain_end
from energyplus.engines.declarations import ProgramDeclaration
from energyplus.engines.engine import LARGEST_FILE_BYTES, SandboxMode, SimulationJob
from energyplus.engines.programs import Confinement, Program, run_program
from energyplus.engines.run_folder import CONSOLE, read_console
from energyplus.engines.shortage import blame_machine
from energyplus.engines.supervision import ChildEnd
from energyplus.errors import ResultsError
from energyplus.results.diagnostics import Diagnostics
from energyplus.results.metrics import MetricValue
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import Failure, hash_all_files, is_regular_file

_LARGEST_METRICS_BYTES = 1024**2
_TOLD_CHARACTERS = 500


class ExecutableEngine:
    """A declared program; every case executes it anew."""

    def __init__(self, declaration: ProgramDeclaration, sandbox: SandboxMode = "enforced") -> None:
        self.declaration = declaration
        self._sandbox: SandboxMode = sandbox

    @property
    def version(self) -> str:
        """The program's name and the beginning of its digest."""
        return f"{self.declaration.name}-{self.digest[:10]}"

    @property
    def digest(self) -> str:
        """sha256 of the declaration, the template and the program's file."""
        return self.declaration.digest

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Run a case to its outcome; see `Engine.simulate`.

        `job.model_path` is the filled-in template; it must lie in the run folder under its declared name.
        """
        declared = self.declaration
        output = job.run_folder / declared.output
        output.unlink(missing_ok=True)  # of an earlier attempt: it must not pass for this one's
        timeout_s = min(job.timeout_s, declared.timeout_s)
        end = self._run(job, timeout_s, should_stop)
        metrics: dict[str, MetricValue] = {**dict.fromkeys(declared.metrics), "simulation_s": round(end.wall_s, 3)}
        failure: Failure | None = None
        status, failure = explain_end(end, timeout_s, Diagnostics(), LARGEST_FILE_BYTES) or ("failed", None)
        if failure is None and end.exit_code != 0:
            said = read_console(job.run_folder)[-_TOLD_CHARACTERS:]
            said = f" It said: {said}" if said else " It said nothing."
            failure = Failure("fatal", f"{declared.label} ended with exit code {end.exit_code}.{said}")
        if failure is None:
            try:
                metrics |= read_declared_metrics(output, declared)
                status = "succeeded"
            except ResultsError as error:
                failure = Failure("results", str(error))
        if failure is not None:
            failure = blame_machine(failure, job, end)
        return SimulationOutcome(
            status=status,
            metrics=metrics,
            failure=failure,
            files=self._tidy(job),
            exit_code=end.exit_code,
            signal=end.signal_name,
            simulation_s=end.wall_s,
            cpu_s=end.cpu_s,
            peak_memory_bytes=end.peak_memory_bytes,
        )

    def _run(self, job: SimulationJob, timeout_s: float, should_stop: Callable[[], bool]) -> ChildEnd:
        declared = self.declaration
        files = {
            "{input}": str(job.run_folder.absolute() / declared.input),
            "{output}": str(job.run_folder.absolute() / declared.output),
            "{weather}": str(job.weather_path.resolve()),
        }
        arguments = [_fill(word, files) for word in declared.command[1:]]
        named = tuple(path for path in map(Path, declared.command[1:]) if path.is_absolute() and path.exists())
        readable = (*declared.reads, *named, *((job.weather_path.resolve(),) if declared.reads_weather else ()))
        program = Program(Path(declared.command[0]), readable, may_fork=declared.may_start_processes)
        confinement = Confinement(timeout_s, job.memory_limit_bytes, LARGEST_FILE_BYTES, self._sandbox)
        return run_program(program, arguments, job.run_folder, confinement, should_stop)

    def _tidy(self, job: SimulationJob) -> dict[str, str]:
        """Leave the input, the metrics and what the program printed, or all plain files; return their hashes."""
        kept = {self.declaration.input, self.declaration.output, CONSOLE}
        hashes = hash_all_files(job.run_folder)
        return hashes if job.keep_full else {name: found for name, found in hashes.items() if name in kept}


def read_declared_metrics(path: Path, declared: ProgramDeclaration) -> dict[str, MetricValue]:
    """Read the file of metrics that a program wrote.

    Args:
        path: a JSON object, or CSV of a header and one row.
        declared: says which metrics are read; others in the file are left alone.

    Returns:
        Every declared metric, null where the file has none.

    Raises:
        ResultsError: there is no file, it cannot be read, or a metric is no finite number.
    """
    if not is_regular_file(path):
        raise ResultsError(f"{declared.label} wrote no {path.name}.")
    if path.stat().st_size > _LARGEST_METRICS_BYTES:
        raise ResultsError(f"{path.name} is larger than {_LARGEST_METRICS_BYTES:,} bytes; accepted: metrics only.")
    try:
        text = path.read_text(encoding="utf-8")
        found = _read_json(text) if path.suffix == ".json" else _read_csv(text)
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{path.name} cannot be read: {error}.") from error
    return {name: _as_metric(found.get(name), name, path.name) for name in declared.metrics}


def _read_json(text: str) -> Mapping[str, Any]:
    def refuse(word: str) -> NoReturn:
        raise ValueError(f"it has {word}, which is not a number")

    found = json.loads(text, parse_constant=refuse)
    if not isinstance(found, dict):
        raise ValueError("it holds no JSON object")
    return found


def _read_csv(text: str) -> Mapping[str, Any]:
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]) or len(set(rows[0])) != len(rows[0]):
        raise ValueError("it is not a header of different names and one row of as many values")
    return {name.strip(): value.strip() or None for name, value in zip(*rows, strict=True)}


def _as_metric(value: Any, name: str, file: str) -> float | None:
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ResultsError(f"{file}: {name} is {str(value)[:80]!r}, not a finite number.")
    return number


def _fill(word: str, files: Mapping[str, str]) -> str:
    for placeholder, path in files.items():
        word = word.replace(placeholder, path)
    return word
