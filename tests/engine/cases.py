"""What tests of the engine room share."""

from collections.abc import Callable

from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod

THREE_DAYS = RunPeriod("period", (1, 14), (1, 16))

Simulate = Callable[..., SimulationOutcome]
