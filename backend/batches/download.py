"""Stage 6: the result table as a stream, and the files of a case. Called by `api.py`, which has checked whose they are.

Finished shards come from their Parquet parts, open ones from the database, so a table can be had at any time. One
shard is in memory at a time, whatever the size of the batch.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import pyarrow as pa

from batches import storage
from batches.cases import kept_files
from batches.cases.kept_files import KeptFile
from batches.errors import OutputsRemovedError
from batches.models import Batch, Case, OutputAddition, Shard
from batches.plans import Plan, plan_of
from batches.queries import list_metric_names
from batches.results import tables
from batches.results.byte_streams import (
    ARROW_TYPE,
    PARQUET_TYPE,
    WRITERS,
    stream_batches,
    write_csv_header,
    write_csv_lines,
    write_parquet,
)
from batches.results.metric_facts import describe_metric, list_columns
from batches.results.pieces import group_shards, list_shards, read_ahead
from batches.results.workbooks import XLSX_TYPE, write_workbook
from batches.states import AdditionState, ShardState
from filestore.operations import Key

ROWS_PER_PIECE = 1000


class StreamedTable(Protocol):
    """A table that is read part by part."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""

    def parts(self) -> Iterator[pa.Table]:
        """Yield the table by index, one shard at a time."""


@dataclass(frozen=True)
class ResultTable:
    """A batch's result table, read part by part."""

    batch: Batch
    plan: Plan
    schema: pa.Schema

    def parts(self) -> Iterator[pa.Table]:
        """Yield the table by index, in pieces of thousands of rows."""
        return read_ahead(self._plan_reading())

    def read_shard(self, shard: Shard) -> pa.Table:
        """Return the rows of one shard."""
        if shard.state == ShardState.FINISHED:
            return tables.read_part(storage.part_path(self.batch.pk, shard.number), self.schema)
        return tables.read_cases(self.plan, shard, self.schema)

    def _plan_reading(self) -> Iterator[Callable[[], pa.Table]]:
        """Yield how to read each piece; open shards are read at once, for threads have no connections."""
        for group in group_shards(list_shards(self.batch)):
            if group[0].state == ShardState.FINISHED:
                yield partial(self._read_parts, group)
            else:
                yield partial(pa.concat_tables, [self.read_shard(shard) for shard in group])

    def _read_parts(self, shards: list[Shard]) -> pa.Table:
        return pa.concat_tables([self.read_shard(shard) for shard in shards])


def open_results(batch: Batch) -> ResultTable:
    """Return a batch's result table as it stands; its rows are read when they are asked for."""
    plan = plan_of(batch)
    return ResultTable(batch, plan, tables.table_schema(plan, list_columns(plan, list_metric_names(batch))))


def stream_csv(table: StreamedTable) -> Iterator[bytes]:
    """Yield the table as CSV text: a header, then a line per case; numbers at full precision, null as nothing."""
    yield write_csv_header(table.schema.names)
    for part in table.parts():
        if part.num_rows:
            yield write_csv_lines(part)


def stream_json(table: StreamedTable) -> Iterator[str]:
    """Yield the table as a JSON list of objects."""
    separator = "[\n"
    for part in table.parts():
        for rows in part.to_batches(max_chunksize=ROWS_PER_PIECE):
            yield separator + ",\n".join(json.dumps(row) for row in rows.to_pylist())
            separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def stream_parquet(table: ResultTable) -> Iterator[bytes]:
    """Yield the table as one Parquet file, with each column's unit in its field metadata."""
    return write_parquet(table.parts(), add_units(table))


def add_units(table: ResultTable) -> pa.Schema:
    """Return the schema of a table with the unit of each column in its metadata."""
    units = column_units(table.batch)
    return pa.schema([_with_unit(field, table.plan, units) for field in table.schema])


def _with_unit(field: pa.Field, plan: Plan, units: dict[str, str | None]) -> pa.Field:
    # A parameter without a unit has none, whatever its name ends in.
    unit = units[field.name] if field.name in units else describe_metric(plan, field.name).unit
    return field.with_metadata({"unit": unit}) if unit else field


def column_units(batch: Batch) -> dict[str, str | None]:
    """Return the unit of each parameter's column."""
    return {parameter["name"]: parameter["unit"] for parameter in batch.parameters}


def stream_arrow(table: ResultTable) -> Iterator[bytes]:
    """Yield the table as an Arrow stream, with each column's unit in its field metadata."""
    schema = add_units(table)
    batches = (rows for part in table.parts() for rows in part.cast(schema).to_batches())
    return stream_batches(batches, schema, WRITERS["arrow"])


def stream_workbook(table: ResultTable) -> Iterator[bytes]:
    """Yield the table as an Excel workbook."""
    return write_workbook(table.schema.names, table.parts())


FORMATS: dict[str, tuple[str, Callable[[ResultTable], Iterator[Any]]]] = {
    "csv": ("text/csv; charset=utf-8", stream_csv),
    "json": ("application/json", stream_json),
    "parquet": (PARQUET_TYPE, stream_parquet),
    "arrow": (ARROW_TYPE, stream_arrow),
    "xlsx": (XLSX_TYPE, stream_workbook),
}


def list_case_files(batch: Batch, case: Case) -> list[KeptFile]:
    """Return the files that a case kept; none before it has ended or after retention removed them.

    What outputs that are just being added have brought so far is not among them.
    """
    files = kept_files.list_files(find_case_folder(batch, case))
    added = OutputAddition.objects.filter(batch_id=batch.pk, state=AdditionState.SUCCEEDED).count()
    return [file for file in files if not storage.is_unfinished_series(file.name, added)]


def find_case_folder(batch: Batch, case: Case) -> Key:
    """Return the folder of what a case kept; it need not be there."""
    return storage.case_folder(batch.pk, batch.shard_of(case.index), case.index, case.attempt)


def find_case_file(batch: Batch, case: Case, name: str) -> KeptFile | None:
    """Return one file that a case kept, by its exact name.

    Raises:
        OutputsRemovedError: retention removed the files of this batch.
    """
    if batch.outputs_removed_at is not None:
        raise OutputsRemovedError(f"The files of this batch were removed on {batch.outputs_removed_at:%Y-%m-%d}.")
    return kept_files.find_file(find_case_folder(batch, case), name)


def read_changes(batch: Batch, case: Case) -> list[str] | None:
    """Return what a case changed in its model, readable; None where that is not written: no run, or files removed."""
    text = kept_files.read_file(find_case_folder(batch, case), "changes.json")
    return list(json.loads(text)["changes"]) if text else None
