"""The seam to the engines: what a job is, and what anything that can run one promises. The stage of cases calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from energyplus.errors import ModelError
from energyplus.outputs import OutputRequest
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod

LARGEST_FILE_BYTES = 1024**3
"""No file of a run may grow beyond it, bytes."""

LARGEST_MEMORY_BYTES = 4 * 1024**3
"""Address space of a run, bytes, where a job says nothing else."""

_TAKEN_NAMES = (
    "model.",
    "console.txt",
    "changes.json",
    "manifest.json",
    "eplus",
    "energy+.",
    "in.",
    "sqlite.err",
    "lib",
)

SandboxMode = Literal["enforced", "trusted"]
"""Whether cases are sealed off, or only limited: for models that an administrator trusts."""


@dataclass(frozen=True)
class SimulationJob:
    """One run to be done.

    Attributes:
        model_path: IDF of the case, as `BuildingModel.render` gives it; copied to the run folder unless it lies there.
        weather_path: EPW file.
        run_folder: where the engine works, of this run alone; made if it is missing.
        run_period: what the model was rendered for; the outcome is checked against it.
        timeout_s: wall-clock limit, s.
        outputs: time series that the model was rendered for; they come as a file of their own.
        attachments: files the model refers to by bare name; they stand in the run folder under that name.
        keep_full: whether everything the engine writes is kept, not only `energyplus.outputs.KEPT_FILES`.
        memory_limit_bytes: address space the run may have, bytes; beyond it the run fails as out of memory.
        expected_memory_bytes: resident memory that earlier runs of the model needed, bytes; None when unknown.
    """

    model_path: Path
    weather_path: Path
    run_folder: Path
    run_period: RunPeriod
    timeout_s: float
    outputs: tuple[OutputRequest, ...] = ()
    attachments: Mapping[str, Path] = field(default_factory=dict)
    keep_full: bool = False
    memory_limit_bytes: int = LARGEST_MEMORY_BYTES
    expected_memory_bytes: int | None = None

    def __post_init__(self) -> None:
        """Refuse an attachment whose name leads elsewhere, or that would stand for a file of the engine's own.

        Raises:
            ModelError: the name is not a bare one, or taken.
        """
        for name in self.attachments:
            if not name or Path(name).name != name or name.lower().startswith(_TAKEN_NAMES):
                raise ModelError(f"Attachment {name!r}: a file's bare name is needed, and not one of the engine's own.")


class Engine(Protocol):
    """Anything that can run a case."""

    @property
    def version(self) -> str:
        """The engine's own version and build, "25.2.0-cf7368216c"."""

    @property
    def digest(self) -> str:
        """sha256 of what computes: the same digest gives the same numbers on the same kind of machine."""

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Run a case to its outcome.

        Args:
            job: what to run; `run_folder` is written to.
            should_stop: asked about every 0.1 s; once true, the engine is dead 0.2 s later.

        Returns:
            The outcome. A model, however broken, never makes it raise.

        Raises:
            EngineError, OSError: this machine, not the model, is at fault; the case may be tried again.
        """
