"""The measure `run_period`: what is simulated, as a parameter."""

import re
from collections.abc import Iterator

from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    MeasureValue,
    NoArguments,
)
from energyplus.models.case_objects import Value
from energyplus.models.draft import ModelDraft
from energyplus.run_period import RunPeriod

ACCEPTED = ("annual", "design_days", "MM-DD to MM-DD")
_PERIOD = re.compile(r"(\d\d)-(\d\d)\s+to\s+(\d\d)-(\d\d)")


class RunPeriodMeasure(Measure[NoArguments]):
    """Simulate something else than the study's `run_period`, case by case: the whole year, the design days, or a part.

    The value is `annual`, `design_days` or two days such as `01-01 to 01-31`, the last included; a period that ends
    before it begins goes on over the new year. Energies of cases with other periods are not comparable as they stand:
    the measure is for finding out how short a period tells enough.
    """

    name = "run_period"
    title = "Run period"
    value = MeasureValue("text", "annual, design_days, or the first and the last day.", example="01-01 to 01-31")

    @override
    def check(self, draft: ModelDraft, arguments: NoArguments, context: MeasureContext) -> Iterator[MeasureProblem]:
        message = "Energies of other run periods are sums over other times; compare cases of one run period only."
        yield MeasureProblem("measure", message, is_note=True)

    @override
    def apply(self, draft: ModelDraft, value: Value, arguments: NoArguments, context: MeasureContext) -> MeasureReport:
        draft.run_period = read_run_period(str(value))
        return MeasureReport(str(value).strip(), None, str(value).strip(), None, 1)


def read_run_period(text: str) -> RunPeriod:
    """A run period from the value of a parameter.

    Raises:
        MeasureError: it is none.
    """
    word = text.strip().casefold()
    if word == "annual":
        return RunPeriod("annual")
    if word == "design_days":
        return RunPeriod("design_days")
    found = _PERIOD.fullmatch(word)
    if found is None:
        raise MeasureError(f"{text!r} is no run period; write {', '.join(ACCEPTED[:2])} or {ACCEPTED[2]}.")
    months = [int(part) for part in found.groups()]
    try:
        return RunPeriod("period", (months[0], months[1]), (months[2], months[3]))
    except ValueError as error:
        raise MeasureError(f"{text!r} is no run period: {error}.") from error
