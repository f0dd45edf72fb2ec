"""A batch's result table in, what pairs its cases with another batch's out; and how the studies of two differ.

Models and weathers are told apart by their content, whatever the studies call them. Called by `comparison`.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from batches.analysis.pairing import Digests, Inputs
from batches.analysis.valued_cases import read_numbers
from batches.download import ResultTable
from batches.models import Batch
from batches.plans import Input, Plan
from batches.results.effects import digest_column
from studies.problems import list_names


def list_shared_parameters(first: Plan, second: Plan) -> tuple[str, ...]:
    """Return the names of the parameters that two batches vary, in the order of the first."""
    theirs = {parameter.name for parameter in second.study.parameters}
    return tuple(parameter.name for parameter in first.study.parameters if parameter.name in theirs)


def read_inputs(
    results: ResultTable, shared: Sequence[str] | None, columns: Sequence[str]
) -> tuple[Inputs, dict[str, Any]]:
    """Read what pairs the cases of a batch.

    Args:
        results: its result table, read shard by shard.
        shared: parameters that count for the other batch as well; None where the index tells cases apart.
        columns: of the table that are kept, numbers as (n,) float64, words as dictionary arrays.
    """
    own = [] if shared is None else [parameter.name for parameter in results.plan.study.parameters]
    keys = ("cases", "models", "weathers", "shared", "own")
    collected: dict[str, list[Any]] = {name: [] for name in (*keys, *columns)}
    for rows in chain([results.schema.empty_table()], results.parts()):
        models, weathers = (_digest_words(words, name) for name, words in _read_contents(results, rows).items())
        baseline = _digest_words(pc.if_else(pc.less(rows.column("case"), 0), "yes", "no"), "baseline")
        place = models + weathers + baseline
        values = {name: digest_column(rows.column(name), name) for name in own}
        zero = np.zeros(rows.num_rows, np.uint64)
        found = {
            "cases": rows.column("case").to_numpy(),
            "models": models,
            "weathers": weathers,
            "shared": place + sum((values[name] for name in shared or ()), zero),
            "own": place + sum(values.values(), zero),
            **{name: _keep(rows, name) for name in columns},
        }
        for name, kept in found.items():
            collected[name].append(kept)
    joined = {name: _concatenate(parts) for name, parts in collected.items()}
    return Inputs(*(joined[name] for name in keys)), {name: joined[name] for name in columns}


def _keep(rows: pa.Table, name: str) -> Any:
    column = rows.column(name)
    if pa.types.is_string(column.type):
        return (
            column.combine_chunks().dictionary_encode()
            if rows.num_rows
            else pa.array([], pa.string()).dictionary_encode()
        )
    return read_numbers(rows, name)


def _concatenate(parts: list[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return pa.chunked_array(parts).unify_dictionaries().combine_chunks()


def _read_contents(results: ResultTable, rows: pa.Table) -> dict[str, pa.Array]:
    """What the models and the weathers of rows are, by their content."""
    plan = results.plan
    program = plan.program.digest if plan.program else ""
    models = {ref: describe_content(found) + program for ref, found in plan.models.items()}
    weathers = {ref: describe_content(found) for ref, found in plan.weathers.items()}
    only = pa.repeat(pa.scalar(models.get(plan.study.models[0], program)), rows.num_rows)
    return {
        "model": _replace_words(rows.column("model"), models) if "model" in rows.column_names else only,
        "weather": _replace_words(rows.column("weather"), weathers),
    }


def _replace_words(column: pa.ChunkedArray, meanings: Mapping[str, str]) -> pa.Array:
    coded = column.combine_chunks().dictionary_encode()
    words = pa.array([meanings[word] for word in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)


def describe_content(found: Input) -> str:
    """Return what a file and those it refers to hold, as one text."""
    return " ".join([found.sha256, *(f"{name}={sha256}" for name, sha256 in sorted(found.attachments.items()))])


def _digest_words(words: pa.Array | pa.ChunkedArray, name: str) -> Digests:
    return digest_column(words if isinstance(words, pa.ChunkedArray) else pa.chunked_array([words]), name)


def describe_differences(first: Batch, second: Batch, plan: Plan, other: Plan) -> tuple[str, ...]:
    """Return what two batches differ in besides the inputs that pair their cases, in words."""
    mine, theirs = ({each.name: each for each in found.study.parameters} for found in (plan, other))
    notes = []
    for which, only in (("this", mine.keys() - theirs.keys()), ("the other", theirs.keys() - mine.keys())):
        if only:
            notes.append(f"Only {which} batch varies {list_names(sorted(only), 8)}: that does not count for the pairs.")
    changed = [name for name in mine if name in theirs and _aim(mine[name]) != _aim(theirs[name])]
    if changed:
        notes.append(f"The two studies write {list_names(changed, 8)} in different places, or in different ways.")
    for what, found, others in (
        ("run period", plan.study.run_period, other.study.run_period),
        ("engine", plan.study.engine, other.study.engine),
    ):
        if found != others:
            notes.append(f"The {what} differs: {_write(found)} here, {_write(others)} there.")
    if first.design_digest == second.design_digest:
        notes.append("Both have the same design: cases are paired by their index.")
    return tuple(notes)


def _aim(parameter: Any) -> Any:
    """What a parameter does with its value, without the values and what people call it."""
    return parameter.target, parameter.measure, parameter.arguments, parameter.change


def _write(found: Any) -> str:
    return found if isinstance(found, str) else f"{found.start} to {found.end}"
