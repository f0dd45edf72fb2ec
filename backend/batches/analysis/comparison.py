"""Two batches in, their cases side by side out: paired by equal model, weather and parameters, those that both have.

What pairs cases and the chosen metrics of the second batch are in memory, 8 bytes for each case and column; the rows of
both batches are read shard by shard. Called by `comparison_api`, which has checked whose the batches are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from batches.analysis.baselines import list_places
from batches.analysis.comparison_inputs import describe_differences, list_shared_parameters, read_inputs
from batches.analysis.pairing import MATCHES, NOBODY, Inputs, Match, Pairing, pair_by_index, pair_by_inputs
from batches.analysis.valued_cases import read_numbers
from batches.download import ResultTable, open_results
from batches.errors import BatchError
from batches.models import Batch
from batches.results import tables
from batches.results.metric_facts import describe_metric

Numbers = NDArray[np.float64]

USUAL_METRICS = (
    "total_site_energy_kwh", "site_eui_kwh_m2", "electricity_kwh", "natural_gas_kwh", "heating_kwh", "cooling_kwh",
    "unmet_heating_hours", "unmet_cooling_hours",
)  # fmt: skip
LISTED_CASES = 20
_WORDS = ("state", "verdict")
_PARAMETER = "parameter "


class UnknownMetricError(BatchError):
    """Somebody wants a metric compared that not both batches have; `accepted` are those that both have."""

    def __init__(self, name: str, accepted: Sequence[str]) -> None:
        super().__init__(f"Write a metric that both batches report in the same unit: {name} is none.")
        self.name = name
        self.accepted = tuple(accepted)


@dataclass(frozen=True)
class Side:
    """One of the two batches.

    Attributes:
        results: its result table.
        inputs: of its cases.
    """

    results: ResultTable
    inputs: Inputs


@dataclass(frozen=True)
class Comparison:
    """Two batches side by side, read part by part: every case of the first, then those of the second without a partner.

    Attributes:
        first, second: the batches.
        parameters: that both vary, by name.
        metrics: that are compared.
        pairing: of their cases.
        values: of the second batch's cases, by metric, and their words by column; (n,) each.
        notes: what is to be known of the two, in words.
    """

    first: Side
    second: Side
    parameters: tuple[str, ...]
    metrics: tuple[str, ...]
    pairing: Pairing
    values: Mapping[str, Any]
    notes: tuple[str, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, with their units in the field metadata."""
        return pa.schema(list(self._fields.values()))

    @cached_property
    def _fields(self) -> dict[str, pa.Field]:
        """The columns by what they are filled from; a parameter keeps its name, whatever it is, as in savings."""
        mine, theirs = (tables.parameter_types(side.results.plan) for side in (self.first, self.second))
        inputs = [(name, mine[name] if mine[name] == theirs[name] else pa.string()) for name in self.parameters]
        places = [("weather", pa.string()), *([("model", pa.string())] if self._has_models else [])]
        words = [(f"{side}{word}", pa.string()) for word in _WORDS for side in ("", "other_")]
        keys = [("case", pa.int64()), ("other_case", pa.int64()), ("match", pa.string())]
        before, after = ([pa.field(*field) for field in fields] for fields in ((*keys, *places), words))
        after += [field for name in self.metrics for field in self._list_fields(name)]
        return {
            **{field.name: self._rename(field) for field in before},
            **{f"{_PARAMETER}{name}": pa.field(name, kind) for name, kind in inputs},
            **{field.name: self._rename(field) for field in after},
        }

    def _rename(self, field: pa.Field) -> pa.Field:
        return field.with_name(f"{field.name}_") if field.name in self.parameters else field

    @property
    def _has_models(self) -> bool:
        return any("model" in side.results.schema.names for side in (self.first, self.second))

    def _list_fields(self, metric: str) -> list[pa.Field]:
        unit = describe_metric(self.first.results.plan, metric).unit
        numbers = [pa.field(f"{what}{metric}", pa.float64()) for what in ("", "other_", "difference_")]
        named = [field.with_metadata({"unit": unit}) if unit else field for field in numbers]
        return [*named, pa.field(f"{metric}_ratio", pa.float64())]

    def parts(self) -> Iterator[pa.Table]:
        """Yield the first batch's cases by index, one shard at a time, then the rest of the second's."""
        for rows, positions in _read_parts(self.first):
            yield self._join(rows, positions)
        for rows, positions in _read_parts(self.second):
            alone = self.pairing.other_matches[positions] != MATCHES.index(Match.MATCHED)
            if alone.any():
                yield self._list_alone(rows.filter(pa.array(alone)), positions[alone])

    def _join(self, rows: pa.Table, positions: NDArray[np.int64]) -> pa.Table:
        partners = self.pairing.partners[positions]
        has_partner = partners != NOBODY
        columns = self._start(self.first, rows, self.pairing.matches[positions])
        columns["case"] = rows.column("case")
        places = pa.array(partners, mask=~has_partner)  # the other batch may have no case yet: nobody's are null
        columns["other_case"] = pc.take(pa.array(self.second.inputs.cases), places)
        for word in _WORDS:
            columns[word] = rows.column(word)
            columns[f"other_{word}"] = pc.take(self.values[word], places)
        for name in self.metrics:
            other = np.full(rows.num_rows, np.nan)
            other[has_partner] = self.values[name][partners[has_partner]]
            columns |= compare_numbers(name, read_numbers(rows, name), other)
        return self._finish(columns, rows.num_rows)

    def _list_alone(self, rows: pa.Table, positions: NDArray[np.int64]) -> pa.Table:
        columns = self._start(self.second, rows, self.pairing.other_matches[positions])
        columns["other_case"] = rows.column("case")
        columns |= {f"other_{word}": rows.column(word) for word in _WORDS}
        nothing = np.full(rows.num_rows, np.nan)
        for name in self.metrics:
            columns |= compare_numbers(name, nothing, read_numbers(rows, name))
        return self._finish(columns, rows.num_rows)

    def _start(self, side: Side, rows: pa.Table, matches: NDArray[np.int64]) -> dict[str, Any]:
        places = list_places(side.results, rows)
        return {
            "match": pa.array([MATCHES[match].value for match in matches], pa.string()),
            "model": pa.array([model or None for model, _ in places], pa.string()),
            "weather": pa.array([weather or None for _, weather in places], pa.string()),
            **{f"{_PARAMETER}{name}": rows.column(name) for name in self.parameters},
        }

    def _finish(self, columns: Mapping[str, Any], count: int) -> pa.Table:
        arrays = [
            columns[key].cast(field.type) if key in columns else pa.nulls(count, field.type)
            for key, field in self._fields.items()
        ]
        return pa.table(arrays, schema=self.schema)

    def summarise(self) -> dict[str, Any]:
        """Return how many cases were paired, how many not and why, with the first of each."""
        matched = MATCHES.index(Match.MATCHED)
        return {
            "matched": int((self.pairing.matches == matched).sum()),
            "unmatched": count_unmatched(self.first.inputs, self.pairing.matches),
            "other_unmatched": count_unmatched(self.second.inputs, self.pairing.other_matches),
            "metrics": list(self.metrics),
            "parameters": list(self.parameters),
            "notes": list(self.notes),
        }


def open_comparison(batch: Batch, other: Batch, metrics: Sequence[str] = ()) -> Comparison:
    """Return two batches side by side; their inputs are read at once, rows when they are asked for.

    Args:
        batch: the first.
        other: the second; what is told of it has `other_` before its name.
        metrics: that are compared; the usual ones if left out.

    Raises:
        UnknownMetricError: not both have one of the metrics.
    """
    results = open_results(batch), open_results(other)
    parameters = list_shared_parameters(results[0].plan, results[1].plan)
    chosen = choose_metrics(results[0], results[1], metrics)
    is_same_design = batch.design_digest == other.design_digest
    keys = None if is_same_design else parameters
    first, _ = read_inputs(results[0], keys, ())
    second, values = read_inputs(results[1], keys, (*chosen, *_WORDS))
    pairing = (pair_by_index if is_same_design else pair_by_inputs)(first, second)
    notes = describe_differences(batch, other, results[0].plan, results[1].plan)
    return Comparison(Side(results[0], first), Side(results[1], second), parameters, chosen, pairing, values, notes)


def choose_metrics(first: ResultTable, second: ResultTable, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics to compare.

    Raises:
        UnknownMetricError: not both batches have one of them, or not in the same unit.
    """
    theirs = set(list_metrics(second))
    known = [name for name in list_metrics(first) if name in theirs]
    known = [name for name in known if describe_metric(first.plan, name) == describe_metric(second.plan, name)]
    for name in wanted:
        if name not in known:
            raise UnknownMetricError(name, known)
    return tuple(dict.fromkeys(wanted)) or tuple(name for name in USUAL_METRICS if name in known) or tuple(known)


def list_metrics(results: ResultTable) -> list[str]:
    """Return the metrics of a result table."""
    inputs = {*tables.key_columns(results.plan), *tables.parameter_types(results.plan)}
    return [name for name in results.schema.names if name not in inputs]


def compare_numbers(name: str, found: Numbers, other: Numbers) -> dict[str, pa.Array]:
    """Return a metric's four columns; the ratio to zero is null."""
    ratio = np.full(len(found), np.nan)
    np.divide(other, found, out=ratio, where=found != 0)
    columns = {name: found, f"other_{name}": other, f"difference_{name}": other - found, f"{name}_ratio": ratio}
    return {column: pa.array(values, pa.float64(), from_pandas=True) for column, values in columns.items()}


def count_unmatched(inputs: Inputs, matches: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the cases without a partner, counted by reason, with the first of each."""
    counts = Counter(matches.tolist())
    return [
        {
            "reason": match.value,
            "count": counts[position],
            "cases": inputs.cases[matches == position][:LISTED_CASES].tolist(),
        }
        for position, match in enumerate(MATCHES)
        if match != Match.MATCHED and counts[position]
    ]


def _read_parts(side: Side) -> Iterator[tuple[pa.Table, NDArray[np.int64]]]:
    """Yield rows and their positions among the inputs; a case that came in the meantime has none."""
    for rows in side.results.parts():
        cases = rows.column("case").to_numpy()
        known = np.isin(cases, side.inputs.cases)
        yield rows.filter(pa.array(known)), np.searchsorted(side.inputs.cases, cases[known])
