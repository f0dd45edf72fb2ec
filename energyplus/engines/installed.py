"""An EnergyPlus that is installed on this machine, any version from 9.0 on, behind the seam of the engines.

Its folder is named by the administrator. Every case executes the folder's own `energyplus` anew, in the sandbox.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from energyplus.engines.conclusion import conclude_run
from energyplus.engines.digests import hash_now
from energyplus.engines.engine import LARGEST_FILE_BYTES, Engine, SandboxMode, SimulationJob
from energyplus.engines.expansion import ExpandingEngine
from energyplus.engines.programs import Confinement, Program, is_executable, run_program
from energyplus.engines.run_folder import remove_leftovers, stage_run_folder
from energyplus.engines.supervision import ChildEnd
from energyplus.errors import EngineError
from energyplus.models.schema import known_versions
from energyplus.results.outcome import SimulationOutcome

BINARY, DICTIONARY, EXPANDER = "energyplus", "Energy+.idd", "ExpandObjects"
_HEAD_BYTES = 4096
_ACCEPTED = f"the folder of an EnergyPlus of version 9.0 or later, with its `{BINARY}` and `{DICTIONARY}`"


class InstalledEngine:
    """An EnergyPlus folder; without its ExpandObjects (see `open_installed`)."""

    def __init__(
        self, folder: Path, sandbox: SandboxMode = "enforced", largest_file_bytes: int = LARGEST_FILE_BYTES
    ) -> None:
        """Open the folder and look at it; nothing of it is executed yet.

        Args:
            folder: where EnergyPlus was installed.
            sandbox: "enforced" refuses every case where this machine cannot seal it off; "trusted" only limits it.
            largest_file_bytes: limit on any one file of a run, bytes.

        Raises:
            EngineError: this is not the folder of an EnergyPlus that can be used; what is missing.
        """
        self.folder = folder.absolute()
        self.idd = self.folder / DICTIONARY
        self.version = _read_version(self.folder)
        self._sandbox: SandboxMode = sandbox
        self._largest_file_bytes = largest_file_bytes

    @property
    def model_version(self) -> str:
        """The version of the models it runs, "23.2"."""
        return model_version_of(self.version)

    @property
    def digest(self) -> str:
        """sha256 over the names and contents of the binary, the libraries beside it and the data dictionary."""
        digest = hashlib.sha256()
        for path in _computing_files(self.folder):
            digest.update(f"{path.name} {hash_now(path)}\n".encode())
        return digest.hexdigest()

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Run a case to its outcome; see `Engine.simulate`."""
        job.run_folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in job.run_folder.iterdir()}
        try:
            end = self._run(job, stage_run_folder(job), should_stop)
            self._check_version(job.run_folder / "eplusout.err")
            return conclude_run(job, end, self._largest_file_bytes)
        finally:
            remove_leftovers(job.run_folder, present, keep_full=job.keep_full)

    def _run(self, job: SimulationJob, model: Path, should_stop: Callable[[], bool]) -> ChildEnd:
        weather = job.weather_path.resolve()
        confinement = Confinement(job.timeout_s, job.memory_limit_bytes, self._largest_file_bytes, self._sandbox)
        program = Program(self.folder / BINARY, readable=(self.folder, self.folder.resolve(), weather))
        arguments = ("-d", ".", "-w", str(weather), str(model))
        return run_program(program, arguments, job.run_folder, confinement, should_stop)

    def _check_version(self, err: Path) -> None:
        """Believe the binary, not the folder: the first line of .err names the version that ran.

        Raises:
            EngineError: it is another one than the folder's data dictionary says.
        """
        if not err.is_file():
            return
        with err.open("rb") as stream:
            found = re.search(rb"EnergyPlus, Version (\d+\.\d+)", stream.readline(_HEAD_BYTES))
        if found and found[1].decode() != self.model_version:
            raise EngineError(
                f"{self.folder.name}: its {DICTIONARY} is of {self.model_version}, its {BINARY} of {found[1].decode()};"
                " install EnergyPlus again."
            )


def open_installed(folder: Path, sandbox: SandboxMode = "enforced") -> tuple[Engine, InstalledEngine]:
    """Open an installed EnergyPlus for use: with its ExpandObjects where the folder has one.

    Returns:
        What runs cases, and the bare engine with its folder and data dictionary.

    Raises:
        EngineError: as for `InstalledEngine`.
    """
    bare = InstalledEngine(folder, sandbox)
    expander = bare.folder / EXPANDER
    return (ExpandingEngine(bare, expander, bare.idd, sandbox) if is_executable(expander) else bare), bare


def model_version_of(version: str) -> str:
    """The version that a model says it is of: "25.2" for "25.2.0-cf7368216c"."""
    return ".".join(version.split("-", maxsplit=1)[0].split(".")[:2])


def _read_version(folder: Path) -> str:
    """Look at a folder and say which version it holds, "23.2.0-7636e6b3e9"."""
    if not folder.is_dir():
        raise EngineError(f"{folder}: there is no such folder; accepted: {_ACCEPTED}.")
    if not is_executable(folder / BINARY):
        raise EngineError(f"{folder}: it has no program `{BINARY}` that may be executed; accepted: {_ACCEPTED}.")
    try:
        with (folder / DICTIONARY).open(encoding="latin-1") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise EngineError(f"{folder}: its `{DICTIONARY}` cannot be read; accepted: {_ACCEPTED}.") from error
    found = re.search(r"^!IDD_Version\s+(\d+\.\d+(?:\.\d+)?)", head)
    if found is None:
        raise EngineError(
            f"{folder}: the first line of `{DICTIONARY}` does not say its version; accepted: {_ACCEPTED}."
        )
    if model_version_of(found[1]) not in known_versions():
        known = ", ".join(known_versions())
        raise EngineError(f"{folder}: EnergyPlus {found[1]} is not known; accepted: {known}.")
    build = re.search(r"^!IDD_BUILD\s+([0-9a-f]{7,40})\s*$", head, re.MULTILINE)
    return f"{found[1]}-{build[1]}" if build else found[1]


def _computing_files(folder: Path) -> Iterator[Path]:
    libraries = sorted(path for path in folder.glob("*.so*") if path.is_file())
    yield from (folder / BINARY, *libraries, folder / DICTIONARY)
