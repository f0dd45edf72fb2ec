"""What running a case gave: an engine makes an outcome, the verdict and the farm's records are made of it."""

from dataclasses import dataclass, field
from typing import Literal

from energyplus.results.diagnostics import Diagnostics
from energyplus.results.metrics import MetricValue, missing_metrics
from energyplus.results.success import Failure

Status = Literal["succeeded", "failed", "cancelled", "timed_out", "crashed"]


@dataclass(frozen=True)
class SimulationOutcome:
    """What a run gave.

    Attributes:
        status: "succeeded" only when every condition of `energyplus.results.success` holds.
        metrics: every standard metric by name, null where there is none; numbers only when it succeeded, but for
            `warnings`, `severe_errors` and `simulation_s`.
        failure: why there are no numbers, None when it succeeded.
        diagnostics: what the engine complained of.
        files: sha256 of the kept files in the run folder, by name.
        unreported: time series that were asked for and that the engine did not report, one sentence each.
        exit_code: of the engine's process, None when a signal ended it.
        signal: the signal's name, None when it exited.
        simulation_s: wall-clock time of the engine's process, s.
        cpu_s: processor time of the engine's process, s; None where nobody measured it.
        peak_memory_bytes: largest resident memory of the engine's process, bytes; None where nobody measured it.
    """

    status: Status
    metrics: dict[str, MetricValue]
    failure: Failure | None = None
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    files: dict[str, str] = field(default_factory=dict)
    unreported: tuple[str, ...] = ()
    exit_code: int | None = None
    signal: str | None = None
    simulation_s: float = 0.0
    cpu_s: float | None = None
    peak_memory_bytes: int | None = None

    @classmethod
    def refused(cls, failure: Failure) -> "SimulationOutcome":
        """The outcome of a case that never came to the engine."""
        return cls("failed", missing_metrics(Diagnostics(), 0.0) | {"simulation_s": None}, failure)
