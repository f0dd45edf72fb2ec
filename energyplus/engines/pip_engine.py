"""The engine of the package pyenergyplus-lbnl, behind the seam of `energyplus.engines.engine`."""

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from energyplus.engines.conclusion import conclude_run
from energyplus.engines.engine import LARGEST_FILE_BYTES, SimulationJob
from energyplus.engines.run_folder import CONSOLE, remove_leftovers, stage_run_folder
from energyplus.engines.supervision import supervise_child
from energyplus.errors import EngineError
from energyplus.results.outcome import SimulationOutcome


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
        model = stage_run_folder(job)
        present = {path.name for path in job.run_folder.iterdir()}
        command = (*self._command, str(model), str(job.weather_path.absolute()), str(self._largest_file_bytes))
        end = supervise_child(command, job.run_folder, job.run_folder / CONSOLE, job.timeout_s, should_stop)
        try:
            return conclude_run(job, end, self._largest_file_bytes)
        finally:
            remove_leftovers(job.run_folder, present)


def _library_path() -> Path:
    spec = importlib.util.find_spec("pyenergyplus")
    folders = spec.submodule_search_locations if spec else None
    library = Path(next(iter(folders))).parent / "libenergyplusapi.so" if folders else None
    if library is None or not library.is_file():
        raise EngineError("The package pyenergyplus-lbnl, which brings the engine, is not installed.")
    return library
