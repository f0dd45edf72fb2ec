"""The valuation that a batch keeps, and whether its cases report what one needs. Called by `savings` and `savings_api`.

A valuation is applied to what cases have reported already: nothing is simulated, and it may be changed at any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from batches.errors import BatchError
from batches.models import Batch, Case
from batches.plans import Plan, plan_of
from batches.states import CaseState
from energyplus.outputs import OutputRequest
from studies.definition import Period
from studies.economics.carriers import CARRIERS
from studies.economics.definition import Valuation
from studies.economics.flows import SeriesPlan, plan_series
from studies.problems import Problem, list_names, make_problem

SAMPLED_CASES = 50
ALL_MONTHS = tuple(range(12))
_LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class UnfitValuationError(BatchError):
    """A valuation asks for what the cases of a batch do not report; every problem has its path in the valuation."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


def read_kept(batch: Batch) -> Valuation | None:
    """Return the valuation that a batch keeps."""
    return Valuation.model_validate(batch.valuation) if batch.valuation is not None else None


def keep_valuation(batch: Batch, valuation: Valuation | None) -> None:
    """Keep a valuation with a batch, or none. Writes the batch's row; no case is touched.

    Raises:
        UnfitValuationError: the cases of the batch do not report what it needs.
    """
    if valuation is not None:
        plan_valuation(batch, valuation)
    document = valuation.model_dump(mode="json") if valuation is not None else None
    Batch.objects.filter(pk=batch.pk).update(valuation=document)
    batch.valuation = document


@dataclass(frozen=True)
class Span:
    """What of the year a batch simulates.

    Attributes:
        text: as people read it: `annual`, `01-08 to 01-09`, `design_days`, or which program says.
        whole_months: months from 0 that are simulated from their first day to their last.
    """

    text: str
    whole_months: tuple[int, ...]

    @property
    def is_annual(self) -> bool:
        """Whether it is a whole year."""
        return self.whole_months == ALL_MONTHS


def find_span(plan: Plan) -> Span:
    """Return what of the year the cases of a plan simulate."""
    if plan.program is not None:
        return Span(f"what {plan.program.label} does", ())  # which days these are nobody knows
    period = plan.study.run_period
    if not isinstance(period, Period):
        return Span(period, ALL_MONTHS if period == "annual" else ())
    first, last = period.start_day, period.end_day
    months = tuple(month for month in ALL_MONTHS if first <= (month + 1, 1) and (month + 1, _LAST_DAYS[month]) <= last)
    return Span(f"{period.start} to {period.end}", months)


def varies_run_period(plan: Plan) -> bool:
    """Tell whether cases of a plan simulate different parts of the year."""
    return any(parameter.measure and "run_period" in parameter.measure for parameter in plan.study.parameters)


@dataclass(frozen=True)
class ValuationPlan:
    """How a valuation is applied to the cases of a batch.

    Attributes:
        valuation: what a kWh costs and emits.
        series: that are read of each case.
        span: what the cases simulate.
        has_bills: whether construction sets price what cases put in.
    """

    valuation: Valuation
    series: SeriesPlan
    span: Span
    has_bills: bool


def plan_valuation(batch: Batch, valuation: Valuation) -> ValuationPlan:
    """Return how a valuation is applied to a batch's cases.

    Raises:
        UnfitValuationError: they do not report what it needs.
    """
    plan = plan_of(batch)
    series = plan_series(valuation, plan.study.output_requests)
    span = find_span(plan)
    problems = [*_check_span(valuation, plan, span), *_check_series(batch, valuation, series)]
    if problems:
        raise UnfitValuationError(problems)
    return ValuationPlan(valuation, series, span, bool(plan.construction_sets))


def _check_span(valuation: Valuation, plan: Plan, span: Span) -> Iterable[Problem]:
    if span.text == "design_days":
        message = "Value a batch that simulates days of the year: design days are none."
        yield make_problem("", message, span.text, "`run_period: annual` in the study, or a period")
    if varies_run_period(plan):
        message = "Value a batch whose cases all simulate the same: here the run period is a parameter."
        yield make_problem("", message, "a measure of the run period", "a study without it")
    if valuation.life_cycle is not None and not span.is_annual:
        message = f"Leave `life_cycle` out: the cases simulate {span.text}, and nothing is scaled to a year."
        yield make_problem("life_cycle", message, span.text, "`run_period: annual` in the study")


def _check_series(batch: Batch, valuation: Valuation, series: SeriesPlan) -> Iterable[Problem]:
    used = find_used_carriers(batch, series.missing)
    for name in used:
        key = "tariffs" if name in valuation.tariffs else "emission_factors"
        wanted = [OutputRequest("meter", meter, frequency) for meter, frequency in series.missing[name]]
        meters = list_names([request.name for request in wanted])
        message = (
            f"Add {wanted[0].frequency} values of {meters} to the study's `outputs`, or value"
            f" {name.replace('_', ' ')} with a `flat` rate: the cases report no series that tell these rates apart."
        )
        accepted = [f"{{meter: {request.name}, frequency: {request.frequency}}}" for request in wanted]
        yield make_problem(f"{key}.{name}", message, None, accepted)
    if series.needs and batch.outputs_removed_at is not None:
        message = (
            f"Use `flat` rates: the time series of this batch were removed on {batch.outputs_removed_at:%Y-%m-%d},"
            " with the files of its cases."
        )
        yield make_problem("", message, [need.meter for need in series.needs], "flat rates")


def find_used_carriers(batch: Batch, names: Iterable[str]) -> list[str]:
    """Return those of some carriers that the first finished cases of a batch use, baselines among them."""
    cases = Case.objects.filter(batch_id=batch.pk, state=CaseState.SUCCEEDED).order_by("index")
    found = [metrics or {} for metrics in cases.values_list("metrics", flat=True)[:SAMPLED_CASES]]
    return [name for name in names if any(metrics.get(CARRIERS[name].metric) for metrics in found)]
