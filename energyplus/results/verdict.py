"""Whether an outcome's numbers may be trusted: an outcome goes in, valid, suspect or failed comes out, with reasons."""

from dataclasses import dataclass
from typing import Literal

from energyplus.results.outcome import SimulationOutcome

MOST_UNMET_HOURS = 300.0
"""Occupied hours with an unmet set-point beyond which a case is suspect, h; as in ASHRAE 90.1, appendix G."""


@dataclass(frozen=True)
class Verdict:
    """A judgement.

    Attributes:
        kind: "valid", "suspect" (there are numbers, but look at them) or "failed" (there are none).
        reasons: why it is not valid, one sentence each; () when it is.
    """

    kind: Literal["valid", "suspect", "failed"]
    reasons: tuple[str, ...] = ()


def judge_outcome(outcome: SimulationOutcome) -> Verdict:
    """Judge one outcome by itself; what takes other cases to see (an outlier, no change) is judged elsewhere."""
    if outcome.status != "succeeded":
        return Verdict("failed", (outcome.failure.message if outcome.failure else outcome.status,))
    reasons = []
    severe = outcome.diagnostics.severe_errors
    if severe:
        first = f": {outcome.diagnostics.severe[0]}" if outcome.diagnostics.severe else ""
        reasons.append(f"{severe} severe error{'s' if severe > 1 else ''}{first}")
    for name, what in (("unmet_heating_hours", "heating"), ("unmet_cooling_hours", "cooling")):
        hours = outcome.metrics.get(name)
        if hours is not None and hours > MOST_UNMET_HOURS:
            reasons.append(
                f"{what} set-points were not met in {hours:.0f} occupied hours (limit {MOST_UNMET_HOURS:.0f})"
            )
    if not outcome.metrics.get("total_site_energy_kwh"):
        reasons.append("the model uses no energy at all")
    return Verdict("suspect", tuple(reasons)) if reasons else Verdict("valid")
