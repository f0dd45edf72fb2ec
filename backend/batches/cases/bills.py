"""What the constructions cost and embody that a case puts in: from a batch's plan, never from a run.

Prices are no part of what makes a case known, so a case that takes over an outcome is priced anew. Called by
`execution.py` and by whoever sums a bill up otherwise.
"""

from collections.abc import Sequence

from batches.plans import Plan
from energyplus.measures.constructions import CARBON_METRIC, COST_METRIC_PREFIX, BillItem, total_bill
from library.selectors import read_description
from studies.cases.changes import plan_edits


def price_case(plan: Plan, index: int) -> tuple[BillItem, ...]:
    """Return the bill of a case: a line for each construction that it is assigned, none for what stays as it is.

    Args:
        plan: of the batch.
        index: of the case, negative for a baseline.

    Raises:
        ModelError: the case cannot be made.
    """
    if not plan.construction_sets:
        return ()
    point = plan.points[index]
    description = read_description(plan.models[point.model].sha256)
    return plan_edits(plan.study, description, point, construction_sets=plan.construction_sets).bill


def find_currency(plan: Plan) -> str | None:
    """Return the currency of a batch's construction sets; None where it uses none. A study has one at most."""
    return next((entry.currency for entry in plan.construction_sets.values()), None)


def bill_metrics(plan: Plan, bill: Sequence[BillItem]) -> dict[str, float | None]:
    """Return the metrics of a bill: 0 where nothing is put in, None where a price is not known.

    Returns:
        Investment cost and embodied carbon (kgCO2e) by name; nothing in a batch without construction sets.
    """
    currency = find_currency(plan)
    return total_bill(bill, currency) if currency is not None else {}


def describe_bill_metric(plan: Plan, name: str) -> tuple[str, str] | None:
    """Return label and unit of a metric of a bill; None of any other."""
    currency = find_currency(plan)
    if currency is None:
        return None
    if name == CARBON_METRIC:
        return "Embodied carbon", "kgCO2e"
    return ("Investment cost", currency) if name.startswith(COST_METRIC_PREFIX) else None
