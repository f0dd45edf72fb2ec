"""Whether an outcome's numbers may be trusted: an outcome goes in, valid, suspect or failed comes out, with reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from energyplus.results.diagnostics import Diagnostics
from energyplus.results.outcome import SimulationOutcome

MOST_UNMET_HOURS = 300.0
"""Occupied hours with an unmet set-point beyond which a case is suspect, h; as in ASHRAE 90.1, appendix G."""

_NAMED_ZONES = 3


@dataclass(frozen=True)
class Verdict:
    """A judgement.

    Attributes:
        kind: "valid", "suspect" (there are numbers, but look at them) or "failed" (there are none).
        reasons: why it is not valid, one sentence each; of a valid one, what else is to be known of it.
    """

    kind: Literal["valid", "suspect", "failed"]
    reasons: tuple[str, ...] = ()


def judge_outcome(outcome: SimulationOutcome) -> Verdict:
    """Judge one outcome by itself; what takes other cases to see (an outlier, no change) is judged elsewhere."""
    if outcome.status != "succeeded":
        return Verdict("failed", (outcome.failure.message if outcome.failure else outcome.status,))
    reasons = (
        *_doubt_warmup(outcome.diagnostics),
        *_doubt_severe_errors(outcome.diagnostics),
        *_doubt_unmet_hours(outcome),
        *_doubt_energy(outcome),
    )
    # numbers without a time series that the model cannot have are sound, but its absence is said
    return Verdict("suspect" if reasons else "valid", (*reasons, *outcome.unreported))


def _doubt_warmup(diagnostics: Diagnostics) -> Iterator[str]:
    unsettled = [message for message in diagnostics.messages if message.unsettled_days is not None]
    if unsettled:
        zones = list(dict.fromkeys(message.zone or "?" for message in unsettled))
        others = f" and {len(zones) - _NAMED_ZONES} more" if len(zones) > _NAMED_ZONES else ""
        where = f"{'zones' if len(zones) > 1 else 'zone'} {', '.join(zones[:_NAMED_ZONES])}{others}"
        yield f"the warm-up did not converge within {unsettled[0].unsettled_days} days in {where}"


def _doubt_severe_errors(diagnostics: Diagnostics) -> Iterator[str]:
    severe = [message for message in diagnostics.messages if message.severity == "severe"]
    told = sum(message.count for message in severe if message.is_of_warmup_check)
    others = diagnostics.severe_errors - told
    if others > 0:
        first = next((f": {message.text}" for message in severe if not message.is_of_warmup_check), "")
        yield f"{others} severe error{'s' if others > 1 else ''}{first}"


def _doubt_unmet_hours(outcome: SimulationOutcome) -> Iterator[str]:
    for name, what in (("unmet_heating_hours", "heating"), ("unmet_cooling_hours", "cooling")):
        hours = outcome.metrics.get(name)
        if hours is not None and hours > MOST_UNMET_HOURS:
            yield f"{what} set-points were not met in {hours:.5g} occupied hours (limit {MOST_UNMET_HOURS:.0f})"


def _doubt_energy(outcome: SimulationOutcome) -> Iterator[str]:
    if "total_site_energy_kwh" in outcome.metrics and not outcome.metrics["total_site_energy_kwh"]:
        yield "the model uses no energy at all"
