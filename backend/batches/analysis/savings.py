"""A batch's table of savings: each case beside the baseline of its own weather and model, as a stream, shard by shard.

Baselines are valued first; they are few and stay in memory. Then one shard at a time is, whatever the size of the
batch. Called by `savings_api`, which has checked whose the batch is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batches.analysis.baselines import Baselines, list_places, value_baselines
from batches.analysis.valuation import ValuationPlan, find_span, plan_valuation, varies_run_period
from batches.analysis.valued_cases import ValuedShard, value_rows, value_shard
from batches.download import ResultTable, open_results
from batches.errors import BatchError
from batches.models import Batch
from batches.results import tables
from batches.results.metric_facts import describe_metric
from energyplus.measures.constructions import CARBON_METRIC, cost_metric
from studies.economics.definition import Valuation
from studies.economics.savings import find_paybacks, save_amounts, save_percents

Numbers = NDArray[np.float64]

SITE_ENERGY = "total_site_energy_kwh"
_SPENT = ("investment_cost_", CARBON_METRIC, "life_cycle_construction_cost_", "life_cycle_embodied_")
_UNITS = {"_kwh_m2": "kWh/m2", "_kwh": "kWh", "_kgco2e": "kgCO2e", "_percent": "%", "_years": "years"}


class NoBaselineError(BatchError):
    """There is nothing that savings of this batch could be counted against; the message says what to do."""


@dataclass(frozen=True)
class SavingsTable:
    """What cases cost and emit and, where there are baselines, what they save; read part by part.

    Attributes:
        results: the result table of the batch.
        how: the valuation is applied; None for energy alone.
        baselines: None where only costs and emissions are wanted.
    """

    results: ResultTable
    how: ValuationPlan | None
    baselines: Baselines | None

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, with their units in the field metadata."""
        empty = self.results.schema.empty_table()
        return self._make_part(value_rows(self.results, empty, (), self.how)).schema

    def parts(self) -> Iterator[pa.Table]:
        """Yield the table by index, one shard at a time."""
        for shard in self.results.batch.shards.order_by("number").iterator():
            yield self._make_part(value_shard(self.results, shard, self.how))

    def _make_part(self, valued: ValuedShard) -> pa.Table:
        plan = self.results.plan
        inputs = [*tables.key_columns(plan), *tables.parameter_types(plan)]
        columns = {name: valued.rows.column(name) for name in inputs}
        added: dict[str, pa.Array] = {"period": pa.array([find_span(plan).text] * valued.rows.num_rows, pa.string())}
        amounts = {name: found for name, found in valued.amounts.items() if self._is_shown(name)}
        if self.baselines is not None:
            which = self._find_baselines(valued, self.baselines)
            added["baseline"] = pa.array(self.baselines.indices[which], pa.int64())
            references = {name: found[which] for name, found in self.baselines.amounts.items()}
            amounts |= count_savings(valued.amounts, references, self.how)
        added |= {name: pa.array(found, pa.float64(), from_pandas=True) for name, found in amounts.items()}
        added["reason"] = pa.array(valued.reasons.join(), pa.string())
        # a parameter keeps its name, whatever it is
        columns |= {f"{name}_" if name in columns else name: values for name, values in added.items()}
        return self._with_units(pa.table(columns))

    def _find_baselines(self, valued: ValuedShard, baselines: Baselines) -> NDArray[np.int64]:
        """Return the position of each case's baseline, (n,), and say what is wrong with it."""
        which = np.array([baselines.positions[place] for place in list_places(self.results, valued.rows)], np.int64)
        for position, flaw in enumerate(baselines.flaws):
            if flaw:
                valued.reasons.add(which == position, flaw)
        return which

    def _is_shown(self, name: str) -> bool:
        """Energies stand in the result table; here is what they come to."""
        return name == SITE_ENERGY or name not in self.results.schema.names or name.startswith(_SPENT)

    def _with_units(self, part: pa.Table) -> pa.Table:
        fields = [self._with_unit(field) for field in part.schema]
        return part.cast(pa.schema(fields))

    def _with_unit(self, field: pa.Field) -> pa.Field:
        unit = describe_unit(self.results, self.how, field.name)
        return field.with_metadata({"unit": unit}) if unit else field


def describe_unit(results: ResultTable, how: ValuationPlan | None, name: str) -> str | None:
    """Return the unit of a column of savings; None where it has none."""
    parameters: dict[str, str | None] = {parameter["name"]: parameter["unit"] for parameter in results.batch.parameters}
    if name in parameters:
        return parameters[name]
    if name in tables.KEY_TYPES or name in ("baseline", "period", "reason"):
        return None
    if how is not None and how.valuation.currency and name.endswith(f"_{how.valuation.money}"):
        return how.valuation.currency
    unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), None)
    return unit or describe_metric(results.plan, name).unit or None


def open_savings(batch: Batch, valuation: Valuation | None) -> SavingsTable:
    """Return what the cases of a batch save; baselines are valued at once, all other rows when they are asked for.

    Args:
        batch: finished or not.
        valuation: what energy costs and emits; None for savings of energy alone.

    Raises:
        NoBaselineError: the batch has none, or its cases simulate different parts of the year.
        UnfitValuationError: the cases do not report what the valuation needs.
    """
    results = open_results(batch)
    if not batch.baseline_count:
        raise NoBaselineError("This batch has nothing to count savings against: add `baseline: true` to its study.")
    if varies_run_period(results.plan):
        raise NoBaselineError("The run period of this batch varies from case to case: no baseline simulates the same.")
    how = plan_valuation(batch, valuation) if valuation is not None else None
    return SavingsTable(results, how, value_baselines(results, how))


def open_costs(batch: Batch, valuation: Valuation) -> SavingsTable:
    """Return what the cases of a batch cost and emit, with a baseline or without; rows are read when asked for.

    Raises:
        UnfitValuationError: the cases do not report what the valuation needs.
    """
    return SavingsTable(open_results(batch), plan_valuation(batch, valuation), None)


def count_savings(
    amounts: Mapping[str, Numbers], references: Mapping[str, Numbers], how: ValuationPlan | None
) -> dict[str, Numbers]:
    """Return the columns of savings.

    Args:
        amounts: of the cases, by column, (n,).
        references: of their baselines, likewise.
        how: the valuation was applied.
    """
    saved = {
        f"saved_{name.removeprefix('total_')}": save_amounts(found, references[name])
        for name, found in amounts.items()
        if not name.startswith(_SPENT)
    }
    money = f"_{how.valuation.money}" if how is not None else ""
    for name, amount in (("site_energy", SITE_ENERGY), ("cost", f"cost{money}"), ("emissions", "emissions_kgco2e")):
        if amount in amounts:
            saved[f"saved_{name}_percent"] = save_percents(amounts[amount], references[amount])
    if how is not None and how.span.is_annual:
        investment = cost_metric(how.valuation.money)
        for name, spent, per_year in (
            ("simple_payback_years", investment, f"saved_cost{money}"),
            ("carbon_payback_years", CARBON_METRIC, "saved_emissions_kgco2e"),
        ):
            if spent in amounts and per_year in saved:
                saved[name] = find_paybacks(amounts[spent] - references[spent], saved[per_year])
    return saved
