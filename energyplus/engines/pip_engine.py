"""The engine of the package pyenergyplus-lbnl, behind the seam of `energyplus.engines.engine`."""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from functools import cached_property
from math import ceil
from pathlib import Path

from energyplus.engines.conclusion import conclude_run
from energyplus.engines.engine import LARGEST_FILE_BYTES, SandboxMode, SimulationJob
from energyplus.engines.fork_client import ForkServer
from energyplus.engines.fork_protocol import CaseRequest
from energyplus.engines.run_folder import CONSOLE, remove_leftovers, stage_run_folder
from energyplus.engines.supervision import ChildEnd, supervise_child
from energyplus.errors import EngineError
from energyplus.results.outcome import SimulationOutcome

_CPU_MARGIN_S = 30  # beyond the wall-clock limit, which ends a run long before


class PipEngine:
    """The engine of the package pyenergyplus-lbnl; every case is a process of its own, forked from a warm one.

    Threads may share one. The server that forks is started with the first case.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        largest_file_bytes: int = LARGEST_FILE_BYTES,
        sandbox: SandboxMode = "enforced",
    ) -> None:
        """Choose how cases are run.

        Args:
            command: executed anew for every case instead of the fork server, without a sandbox; to it are added the
                model's path, the weather's path and `largest_file_bytes`.
            largest_file_bytes: limit on any one file of a run, bytes.
            sandbox: "enforced" refuses every case where this machine cannot seal it off; "trusted" only limits it.
        """
        self._command = tuple(command) if command else None
        self._largest_file_bytes = largest_file_bytes
        self._sandbox: SandboxMode = sandbox
        self._server = ForkServer()

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
        with find_library().open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Run a case to its outcome; see `Engine.simulate`."""
        job.run_folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in job.run_folder.iterdir()}
        try:
            model = stage_run_folder(job)
            end = self._run(job, model, should_stop)
            return conclude_run(job, end, self._largest_file_bytes)
        finally:
            remove_leftovers(job.run_folder, present, keep_full=job.keep_full)

    @property
    def server_pid(self) -> int | None:
        """The fork server's process number; None while there is none."""
        return self._server.pid

    def close(self) -> None:
        """End the fork server and whatever runs in it; another case starts it again."""
        self._server.close()

    def _run(self, job: SimulationJob, model: Path, should_stop: Callable[[], bool]) -> ChildEnd:
        weather, folder = str(job.weather_path.absolute()), job.run_folder.absolute()
        if self._command:
            command = (*self._command, str(model), weather, str(self._largest_file_bytes))
            return supervise_child(command, folder, folder / CONSOLE, job.timeout_s, should_stop)
        request = CaseRequest(
            model=str(model),
            weather=weather,
            run_folder=str(folder),
            console=str(folder / CONSOLE),
            sandbox=self._sandbox,
            cpu_s=ceil(job.timeout_s) + _CPU_MARGIN_S,
            memory_limit_bytes=job.memory_limit_bytes,
            largest_file_bytes=self._largest_file_bytes,
        )
        return self._server.run(request, job.timeout_s, should_stop)


def find_library() -> Path:
    """The engine's library in its package; ExpandObjects lies beside it.

    Raises:
        EngineError: it is not there.
    """
    spec = importlib.util.find_spec("pyenergyplus")
    folders = spec.submodule_search_locations if spec else None
    library = Path(next(iter(folders))).parent / "libenergyplusapi.so" if folders else None
    if library is None or not library.is_file():
        raise EngineError("The package pyenergyplus-lbnl, which brings the engine, is not installed.")
    return library
