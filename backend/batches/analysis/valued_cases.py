"""Rows of a batch's result table and a valuation in, what these cases cost and emit out. Called by `savings`.

One shard at a time: its time series are read where a rate depends on the time, and bills of constructions, of which the
table keeps only the sums, are written again from the study where they are summed over years.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batches.analysis.valuation import ValuationPlan
from batches.cases.bills import price_case
from batches.download import ResultTable
from batches.models import Shard
from batches.plans import Plan
from batches.results import timeseries
from batches.results.metric_facts import describe_metric
from batches.states import CaseState
from energyplus.errors import EnergyPlusError
from energyplus.measures.constructions import CARBON_METRIC, cost_metric
from library.errors import ContentMissingError
from studies.economics.carriers import PRODUCED_METRIC, SOLD_METRIC
from studies.economics.charges import Basis, Charges, count_costs, count_emissions
from studies.economics.definition import EmissionFactor, LifeCycle, Tariff
from studies.economics.flows import Readings, Reasons
from studies.economics.life_cycle import ConstructionSums, sum_bill, sum_present_values
from studies.economics.loads import COLUMNS, holiday_days, read_loads
from studies.problems import InvalidStudy

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class ValuedShard:
    """The rows of a shard with what they come to.

    Attributes:
        rows: of the result table.
        amounts: by column, (n,), NaN where a number is missing.
        reasons: why.
    """

    rows: pa.Table
    amounts: Mapping[str, Numbers]
    reasons: Reasons


def value_shard(table: ResultTable, shard: Shard, how: ValuationPlan | None) -> ValuedShard:
    """Return what the cases of a shard come to; see `value_rows`."""
    pieces = timeseries.read_shard(shard, columns=COLUMNS) if how is not None and how.series.needs else ()
    return value_rows(table, table.read_shard(shard), pieces, how)


def value_rows(
    table: ResultTable, rows: pa.Table, pieces: Iterable[pa.RecordBatch], how: ValuationPlan | None
) -> ValuedShard:
    """Return what some cases come to.

    Args:
        table: the result table of the batch.
        rows: of it.
        pieces: the time series of these cases.
        how: from `plan_valuation`; None for their energy alone.
    """
    amounts = {name: read_numbers(rows, name) for name in energy_metrics(table)}
    reasons = Reasons.of(rows.num_rows)
    if how is not None:
        basis = Basis(_read_cases(table, rows, pieces, how), how.series, how.span.whole_months, reasons)
        amounts |= _count_amounts(table, basis, rows, how)
    return ValuedShard(rows, amounts, reasons)


def energy_metrics(table: ResultTable) -> list[str]:
    """Return the metrics of a table that are energy that is used, in kWh."""
    made = {PRODUCED_METRIC, SOLD_METRIC}
    parameters = {parameter["name"] for parameter in table.batch.parameters}
    names = (name for name in table.schema.names if name not in parameters | made)
    return [name for name in names if describe_metric(table.plan, name).unit == "kWh"]


def read_numbers(rows: pa.Table, name: str) -> Numbers:
    """Return a column as numbers, (n,), float64, NaN where it is null or not there."""
    if name not in rows.column_names:
        return np.full(rows.num_rows, np.nan)
    numbers: Numbers = rows.column(name).cast(pa.float64()).to_numpy().astype(np.float64)
    return numbers


def _read_cases(table: ResultTable, rows: pa.Table, pieces: Iterable[pa.RecordBatch], how: ValuationPlan) -> Readings:
    names = {*energy_metrics(table), *(name for name in (PRODUCED_METRIC, SOLD_METRIC) if name in table.schema.names)}
    loads = read_loads(pieces, how.series.needs, holiday_days(how.valuation.holidays))
    return Readings(rows.column("case").to_pylist(), {name: read_numbers(rows, name) for name in names}, loads)


def _count_amounts(table: ResultTable, basis: Basis, rows: pa.Table, how: ValuationPlan) -> dict[str, Numbers]:
    valuation, amounts = how.valuation, dict[str, Numbers]()
    terms = valuation.life_cycle
    if valuation.tariffs:
        costs = count_costs(valuation, basis)
        amounts |= name_charges("cost", costs, valuation.money)
        if terms:
            amounts[f"life_cycle_energy_cost_{valuation.money}"] = _sum_life(costs, valuation.tariffs, terms)
    if valuation.emission_factors:
        emitted = count_emissions(valuation, basis)
        amounts |= name_charges("emissions", emitted, "kgco2e")
        if terms:
            undiscounted = terms.model_copy(update={"discount_rate": 0.0})
            amounts["life_cycle_operational_kgco2e"] = _sum_life(emitted, valuation.emission_factors, undiscounted)
    if how.has_bills:
        amounts |= _count_constructions(table.plan, basis, rows, how)
    return amounts | _add_life_cycles(amounts, valuation.money)


def name_charges(what: str, charges: Charges, unit: str) -> dict[str, Numbers]:
    """Return charges by column: the total, then those of the carriers."""
    by_carrier = {f"{what}_{name}_{unit}": found for name, found in charges.by_carrier.items()}
    return {f"{what}_{unit}": charges.total, **by_carrier}


def _add_life_cycles(amounts: Mapping[str, Numbers], money: str) -> dict[str, Numbers]:
    """The sums of energy and constructions over the years, where both are asked for."""
    pairs = {
        f"life_cycle_cost_{money}": (f"life_cycle_energy_cost_{money}", f"life_cycle_construction_cost_{money}"),
        "life_cycle_kgco2e": ("life_cycle_operational_kgco2e", "life_cycle_embodied_kgco2e"),
    }
    return {
        name: amounts[energy] + amounts[constructions]
        for name, (energy, constructions) in pairs.items()
        if energy in amounts and constructions in amounts
    }


def _sum_life(
    charges: Charges, rates: Mapping[str, Tariff] | Mapping[str, EmissionFactor], terms: LifeCycle
) -> Numbers:
    """Charges over the years, (n,): a carrier that a case has no meter of adds nothing to it."""
    total = charges.total * 0.0
    for name, yearly in charges.by_carrier.items():
        factor = sum_present_values(terms.period_years, terms.discount_rate, rates[name].change_per_year)
        total = total + np.where(np.isnan(yearly), 0.0, yearly * factor)
    return total


def _count_constructions(plan: Plan, basis: Basis, rows: pa.Table, how: ValuationPlan) -> dict[str, Numbers]:
    valuation = how.valuation
    investment = cost_metric(valuation.money)
    amounts = {CARBON_METRIC: read_numbers(rows, CARBON_METRIC)}
    if valuation.currency:
        amounts[investment] = read_numbers(rows, investment)
    if valuation.life_cycle is None:
        return amounts
    sums = [
        _sum_constructions(plan, index, state, how)
        for index, state in zip(basis.readings.cases, rows.column("state").to_pylist(), strict=True)
    ]
    for position, found in enumerate(sums):
        for reason in found.reasons:
            basis.reasons.texts[position].append(reason)
    if valuation.tariffs:
        amounts[f"life_cycle_construction_cost_{valuation.money}"] = _as_numbers([found.cost for found in sums])
    if valuation.emission_factors:
        amounts["life_cycle_embodied_kgco2e"] = _as_numbers([found.carbon_kgco2e for found in sums])
    return amounts


def _sum_constructions(plan: Plan, index: int, state: str, how: ValuationPlan) -> ConstructionSums:
    """The bill of a case over the years: planned again, as a result table keeps only its sums."""
    if state != CaseState.SUCCEEDED or how.valuation.life_cycle is None:
        return ConstructionSums(None, None)
    try:
        bill = price_case(plan, index)
    except (EnergyPlusError, InvalidStudy, ContentMissingError, OSError):
        return ConstructionSums(None, None, ("its bill of constructions cannot be written again: its model is gone",))
    return sum_bill(bill, how.valuation.currency, how.valuation.life_cycle)


def _as_numbers(values: list[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], np.float64)
