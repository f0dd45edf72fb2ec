"""What tests of the engine room share."""

from collections.abc import Callable, Sequence

from energyplus.models.case_objects import ANNUAL, CaseEdits, CaseRequest, FieldEdit
from energyplus.outputs import OutputRequest
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod

THREE_DAYS = RunPeriod("period", (1, 14), (1, 16))

Simulate = Callable[..., SimulationOutcome]


def ask_for(
    edits: Sequence[FieldEdit] | CaseEdits = (),
    run_period: RunPeriod = ANNUAL,
    outputs: Sequence[OutputRequest] = (),
    keep_full: bool = False,
) -> CaseRequest:
    """Say what a case is made of, its edits as a plain list."""
    made = edits if isinstance(edits, CaseEdits) else CaseEdits(tuple(edits))
    return CaseRequest(made, run_period, tuple(outputs), keep_full)
