"""An engine that does nothing, for `orchestration` alone: what is left of a case is what the farm itself does.

Only a worker that is started with `--include tests.benchmarks.noop_engine` has it; nothing in the service knows of it,
and no setting brings it. It stands in for the declared program `nothing`, whose digest it has, so that its batches are
submitted, claimed, kept and tabled like any other.
"""

from collections.abc import Callable

from energyplus.engines.engine import SimulationJob
from energyplus.engines.executable import ExecutableEngine
from energyplus.results.outcome import SimulationOutcome


def do_nothing(self: ExecutableEngine, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
    """Return an outcome at once; no process is started and no file written."""
    return SimulationOutcome("succeeded", {"nothing_1": 0.0, "simulation_s": 0.0}, exit_code=0)


ExecutableEngine.simulate = do_nothing  # type: ignore[method-assign]
