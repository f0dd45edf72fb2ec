"""What the metrics of a batch are: those of EnergyPlus, of bills, or those its program declares. For table and API.

A program's metrics were pinned at submission, so that a table keeps its units whatever is declared later.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from batches.cases.bills import bill_metrics, describe_bill_metric
from batches.plans import Plan
from energyplus.results.metrics import METRICS, metric_label, metric_unit

RUN_METRIC = "simulation_s"


@dataclass(frozen=True)
class MetricFacts:
    """A metric as people read it.

    Attributes:
        label: its name in words.
        unit: of its values; "" for a count.
        is_count: whether its values are whole numbers.
    """

    label: str
    unit: str
    is_count: bool = False


def list_columns(plan: Plan, found: Iterable[str]) -> list[str]:
    """Return the metrics that the table has columns for, in their order.

    Args:
        plan: of the batch.
        found: names of metrics that its cases have.

    Returns:
        Every metric of the surrogate, with its interval; or every declared metric of the program; or every standard
        one, those of a bill where constructions are assigned, then those that only some models have, by name.
    """
    if plan.shard_engine:
        return list(plan.shard_engine.metrics)
    standard = [*plan.program.metrics, RUN_METRIC] if plan.program else [*METRICS, *bill_metrics(plan, ())]
    return [*standard, *sorted(set(found) - set(standard))]


def describe_metric(plan: Plan, name: str) -> MetricFacts:
    """Return label and unit of a metric; one that has no unit is a count, unless a program declares it."""
    if plan.shard_engine and name in plan.shard_engine.metrics:
        told = plan.shard_engine.metrics[name]
        return MetricFacts(told["label"] or name, told["unit"], is_count=not told["unit"])
    if plan.program and name in plan.program.metrics:
        declared = plan.program.metrics[name]
        return MetricFacts(declared["label"] or name, declared["unit"])
    billed = describe_bill_metric(plan, name)
    if billed is not None:
        return MetricFacts(*billed)
    unit = metric_unit(name)
    return MetricFacts(metric_label(name), unit, is_count=not unit)
