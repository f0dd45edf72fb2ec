"""The engine of the package pyenergyplus-lbnl, behind the seam of `energyplus.engines.engine`."""

import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from energyplus.engines.engine import LARGEST_FILE_BYTES, SimulationJob
from energyplus.engines.supervision import ChildEnd, supervise_child
from energyplus.errors import EngineError, ResultsError
from energyplus.outputs import KEPT_FILES
from energyplus.results.diagnostics import Diagnostics, read_diagnostics
from energyplus.results.metrics import missing_metrics, read_metrics
from energyplus.results.outcome import SimulationOutcome, Status
from energyplus.results.success import Failure, find_failure, hash_kept_files

_CONSOLE = "console.txt"


class PipEngine:
    """The engine of the package pyenergyplus-lbnl, executed anew for every case in a process group of its own."""

    def __init__(self, command: Sequence[str] | None = None, largest_file_bytes: int = LARGEST_FILE_BYTES) -> None:
        """Choose what is executed.

        Args:
            command: to it are added the model's path, the weather's path and `largest_file_bytes`; by default the
                child of this package.
            largest_file_bytes: limit on any one file of a run, bytes.
        """
        self._command = tuple(command) if command else (sys.executable, "-m", "energyplus.engines.child")
        self._largest_file_bytes = largest_file_bytes

    @cached_property
    def version(self) -> str:
        """The engine's own version and build, "25.2.0-cf7368216c"; the package's number says something else."""
        from pyenergyplus.func import EnergyPlusVersion

        found = EnergyPlusVersion()
        build = str(found.ep_version_build).partition("\\")[0]
        return f"{found.ep_version_major}.{found.ep_version_minor}.{found.ep_version_patch}-{build}"

    @cached_property
    def digest(self) -> str:
        """sha256 of the engine's library.

        Raises:
            EngineError: the library is not there.
        """
        with _library_path().open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Run a case to its outcome; see `Engine.simulate`."""
        model = _stage_run_folder(job)
        present = {path.name for path in job.run_folder.iterdir()}
        command = (*self._command, str(model), str(job.weather_path.absolute()), str(self._largest_file_bytes))
        end = supervise_child(command, job.run_folder, job.run_folder / _CONSOLE, job.timeout_s, should_stop)
        try:
            return _conclude(job, end, self._largest_file_bytes)
        finally:
            _remove_leftovers(job.run_folder, present)


def _library_path() -> Path:
    spec = importlib.util.find_spec("pyenergyplus")
    folders = spec.submodule_search_locations if spec else None
    library = Path(next(iter(folders))).parent / "libenergyplusapi.so" if folders else None
    if library is None or not library.is_file():
        raise EngineError("The package pyenergyplus-lbnl, which brings the engine, is not installed.")
    return library


def _stage_run_folder(job: SimulationJob) -> Path:
    job.run_folder.mkdir(parents=True, exist_ok=True)
    model = job.run_folder.absolute() / "model.idf"
    if job.model_path.absolute() != model:
        shutil.copyfile(job.model_path, model)
    for name in KEPT_FILES:
        if name != model.name:
            (job.run_folder / name).unlink(missing_ok=True)  # of an earlier attempt: it must not pass for this one's
    return model


def _conclude(job: SimulationJob, end: ChildEnd, largest_file_bytes: int) -> SimulationOutcome:
    diagnostics = read_diagnostics(job.run_folder / "eplusout.err")
    metrics = missing_metrics(diagnostics, end.wall_s)
    status, failure = _explain_end(end, job, diagnostics, largest_file_bytes)
    if failure is None:
        try:
            metrics = read_metrics(job.run_folder / "eplusout.sql", diagnostics, end.wall_s)
        except ResultsError as error:
            status, failure = "failed", Failure("results", str(error))
    return SimulationOutcome(
        status=status,
        metrics=metrics,
        failure=failure,
        diagnostics=diagnostics,
        files=hash_kept_files(job.run_folder),
        exit_code=end.exit_code,
        signal=end.signal_name,
        simulation_s=end.wall_s,
    )


def _explain_end(
    end: ChildEnd, job: SimulationJob, diagnostics: Diagnostics, largest_file_bytes: int
) -> tuple[Status, Failure | None]:
    if end.cause == "stopped":
        return "cancelled", Failure("cancelled", "The run was cancelled.")
    if end.cause == "timed_out":
        message = (
            f"The run was stopped after its time limit of {job.timeout_s:g} s; simplify the model or raise the limit."
        )
        return "timed_out", Failure("timeout", message)
    if end.exit_code is None:
        return "crashed", Failure("crash", _describe_crash(end, diagnostics, largest_file_bytes))
    failure = find_failure(job.run_folder, job.run_period, end.exit_code, diagnostics, largest_file_bytes)
    if failure and failure.kind == "incomplete" and not diagnostics.completed:
        said = _read_console(job.run_folder)
        failure = Failure(failure.kind, f"{failure.message}{f' It said: {said}' if said else ''}")
    return ("failed", failure) if failure else ("succeeded", None)


def _describe_crash(end: ChildEnd, diagnostics: Diagnostics, largest_file_bytes: int) -> str:
    hints = {
        "SIGKILL": "; the machine may have run out of memory",
        "SIGXFSZ": f"; a file would have grown beyond {largest_file_bytes:,} bytes",
    }
    said = f" {diagnostics.first_line}" if diagnostics.first_line else ""
    return f"engine crashed: {end.signal_name}{hints.get(end.signal_name or '', '')}.{said}"


def _read_console(run_folder: Path) -> str:
    with (run_folder / _CONSOLE).open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 2000))
        return stream.read().decode("utf-8", "replace").strip()


def _remove_leftovers(run_folder: Path, present: set[str]) -> None:
    for path in run_folder.iterdir():
        if path.name in KEPT_FILES or path.name in present:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
