"""The result table: its columns, a case's row in it, and the Parquet part of a shard.

One row per case: `case` (index, negative for a baseline), `state`, `verdict`, `weather`, `model` where a study has
several, one column per parameter, one per metric with its unit in the name. A value that a case lacks is null.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from batches.models import Batch, Case, Shard
from batches.plans import Plan
from batches.results.metric_facts import describe_metric
from batches.states import ACTIVE_BATCH_STATES, CaseState
from filestore.operations import Key
from filestore.store import files

Row = dict[str, Any]

KEY_TYPES = {
    "case": pa.int64(),
    "state": pa.string(),
    "verdict": pa.string(),
    "weather": pa.string(),
    "model": pa.string(),
}
PART_ROWS = 1000
# The database gives a large number back as a whole one, which Arrow takes for a float only below 2 to the power of 53.
CASTS: dict[pa.DataType, Callable[[Any], Any]] = {pa.string(): str, pa.float64(): float}


def key_columns(plan: Plan) -> list[str]:
    """Return the columns before the parameters; `model` only where there are several."""
    keys = ["case", "state", "verdict", "weather"]
    return [*keys, "model"] if len(plan.study.models) > 1 else keys


def make_row(plan: Plan, case: Case) -> Row:
    """Return a case's row without regard to which metrics other cases have."""
    point = plan.points[case.index]
    row: Row = {"case": case.index, "state": case.state, "verdict": case.verdict, "weather": point.weather or None}
    if len(plan.study.models) > 1:
        row["model"] = point.model
    return {**row, **point.values, **(case.metrics or {})}


def parameter_types(plan: Plan) -> dict[str, pa.DataType]:
    """Return the column type of each parameter: numbers where all its values are numbers, else text."""
    study = plan.study
    return {
        parameter.name: pa.float64() if study.is_numeric(parameter.name) else pa.string()
        for parameter in study.parameters
    }


def table_schema(plan: Plan, metrics: Iterable[str]) -> pa.Schema:
    """Return the Arrow schema of the table: keys, parameters, metrics."""
    fields = [pa.field(name, KEY_TYPES[name]) for name in key_columns(plan)]
    fields += [pa.field(name, kind) for name, kind in parameter_types(plan).items()]
    return pa.schema(fields + [pa.field(name, metric_type(plan, name)) for name in metrics])


def metric_type(plan: Plan, name: str) -> pa.DataType:
    """Return the column type of a metric: counts are whole numbers."""
    return pa.int64() if describe_metric(plan, name).is_count else pa.float64()


def rows_of_shard(plan: Plan, shard: Shard) -> Iterator[Row]:
    """Yield the rows of a shard's cases by index, from the database."""
    # What the batch has grown by since the plan was read is for the next reader.
    known = range(shard.first_index, min(shard.indices.stop, plan.points.case_count))
    cases = Case.objects.filter(batch_id=shard.batch_id, index__in=known).order_by("index")
    batch = shard.batch
    for case in cases.iterator(chunk_size=PART_ROWS):
        yield {**make_row(plan, case), "state": shown_state(batch, case)}


def shown_state(batch: Batch, case: Case) -> str:
    """Return a case's state; a pending case of a batch that has ended is cancelled even before its row says so."""
    return tell_state(batch, case.state)


def tell_state(batch: Batch, state: str) -> str:
    """Return what is shown of a case whose row has this state."""
    ended = batch.state not in ACTIVE_BATCH_STATES
    return CaseState.CANCELLED.value if ended and state == CaseState.PENDING else state


def read_cases(plan: Plan, shard: Shard, schema: pa.Schema) -> pa.Table:
    """Return the rows of a shard's cases by index, from the database, with exactly the schema's columns."""
    if pa.string() in parameter_types(plan).values():
        return make_table(rows_of_shard(plan, shard), schema)  # texts are written as the study writes them
    known = range(shard.first_index, min(shard.indices.stop, plan.points.case_count))
    cases = Case.objects.filter(batch_id=shard.batch_id, index__in=known).order_by("index")
    found = list(cases.values_list("index", "state", "verdict", "metrics"))
    inputs = plan.points.columns(known.start, max(known.start, known.stop))
    places = np.array([index - known.start for index, *_ in found], np.int64)
    columns = {
        "case": [index for index, *_ in found],
        "state": [tell_state(shard.batch, state) for _, state, *_ in found],
        "verdict": [verdict for *_, verdict, _ in found],
        **{name: pa.array(values[places], from_pandas=True) for name, values in inputs.items()},
    }
    metrics = [metrics or {} for *_, metrics in found]
    arrays = [
        pa.array(columns[field.name] if field.name in columns else _pick(metrics, field), field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _pick(metrics: list[Row], field: pa.Field) -> list[Any]:
    cast = CASTS.get(field.type)
    values = (found.get(field.name) for found in metrics)
    return [cast(value) if value is not None and cast else value for value in values]


def make_table(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Return rows as an Arrow table with exactly the schema's columns."""
    casts = {field.name: CASTS.get(field.type) for field in schema}
    return pa.Table.from_pylist([_cast(row, casts) for row in rows], schema=schema)


def _cast(row: Row, casts: Mapping[str, Callable[[Any], Any] | None]) -> Row:
    return {
        name: cast(value) if value is not None and (cast := casts[name]) else value
        for name, value in row.items()
        if name in casts
    }


def write_part(key: Key, part: pa.Table) -> None:
    """Write a shard's part of the table; it appears whole or not at all.

    A part is small, and read among thousands of others: a dictionary of numbers, statistics and a slow compression
    would cost more than they save.
    """
    options = {"compression": "snappy", "use_dictionary": list_texts(part.schema), "write_statistics": False}
    with files.fill_file(key) as path:
        pq.write_table(part, path, **options)


def list_texts(schema: pa.Schema) -> list[str]:
    """Return the names of the columns that hold words: few different ones, worth a dictionary."""
    return [field.name for field in schema if field.type == pa.string()]


def read_part(key: Key, schema: pa.Schema) -> pa.Table:
    """Return a part with exactly the schema's columns; those the part lacks are null."""
    # Read whole and at once: a shard that was opened again has its part replaced. Not by threads of Arrow's: it is read
    # among many others.
    with files.local_copy(key) as path:
        content = pa.BufferReader(path.read_bytes())
    with pq.ParquetFile(content, pre_buffer=False) as file:
        known, wanted = file.schema_arrow.names, set(schema.names)
        # A choice of columns has to be looked up, which takes a third of the time of reading all.
        part = file.read(None if wanted.issuperset(known) else [*wanted.intersection(known)], use_threads=False)
    if part.schema.equals(schema):
        return part
    there = set(part.column_names)
    columns = [
        part.column(field.name).cast(field.type) if field.name in there else pa.nulls(part.num_rows, type=field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
