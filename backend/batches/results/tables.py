"""The result table: its columns, a case's row in it, and the Parquet part of a shard.

One row per case: `case` (index, negative for a baseline), `state`, `verdict`, `weather`, `model` where a study has
several, one column per parameter, one per metric with its unit in the name. A value that a case lacks is null.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from batches.models import Batch, Case, Shard
from batches.plans import Plan
from batches.results.metric_facts import describe_metric
from batches.states import ACTIVE_BATCH_STATES, CaseState

Row = dict[str, Any]

KEY_TYPES = {
    "case": pa.int64(),
    "state": pa.string(),
    "verdict": pa.string(),
    "weather": pa.string(),
    "model": pa.string(),
}
PART_ROWS = 1000


def key_columns(plan: Plan) -> list[str]:
    """Return the columns before the parameters; `model` only where there are several."""
    keys = ["case", "state", "verdict", "weather"]
    return [*keys, "model"] if len(plan.models) > 1 else keys


def make_row(plan: Plan, case: Case) -> Row:
    """Return a case's row without regard to which metrics other cases have."""
    point = plan.points[case.index]
    row: Row = {"case": case.index, "state": case.state, "verdict": case.verdict, "weather": point.weather or None}
    if len(plan.models) > 1:
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
    if batch.state not in ACTIVE_BATCH_STATES and case.state == CaseState.PENDING:
        return CaseState.CANCELLED
    return case.state


def make_table(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Return rows as an Arrow table with exactly the schema's columns."""
    return pa.Table.from_pylist([_cast(row, schema) for row in rows], schema=schema)


def _cast(row: Row, schema: pa.Schema) -> Row:
    texts = {field.name for field in schema if field.type == pa.string()}
    return {
        name: str(value) if name in texts and value is not None else value
        for name, value in row.items()
        if name in schema.names
    }


def write_part(path: Path, rows: list[Row], schema: pa.Schema) -> None:
    """Write a shard's part of the table; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_suffix(".incoming")
    pq.write_table(make_table(rows, schema), incoming, compression="zstd")
    incoming.rename(path)


def read_part(path: Path, schema: pa.Schema) -> pa.Table:
    """Return a part with exactly the schema's columns; those the part lacks are null."""
    with pq.ParquetFile(path) as file:  # opened once: a shard that was opened again has its part replaced
        part = file.read()
    columns = [
        part.column(field.name).cast(field.type)
        if field.name in part.column_names
        else pa.nulls(part.num_rows, type=field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
