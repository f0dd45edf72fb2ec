"""Time series of a batch: the files of its cases → a Parquet part per shard → one long table as a stream.

Each case keeps its series as one file. When a shard is closed they are merged into its part, some row groups per case;
cases of open shards are read from their own files, so the table can be had at any time. A few row groups are in memory
at a time, whatever the size of the batch. Called by `aggregation` and by `timeseries_api`, which has checked who asks.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from batches import storage
from batches.cases import kept_files
from batches.cases.kept_files import KeptFile
from batches.errors import NoSeriesError, OutputsRemovedError
from batches.models import Batch, Case, OutputAddition, Shard
from batches.plans import Plan, plan_of
from batches.results.byte_streams import CONTENT_TYPES, WRITERS, stream_batches
from batches.states import AdditionState, CaseState, ShardState
from energyplus.outputs import SERIES_FILE
from energyplus.results.timeseries import SERIES_SCHEMA
from filestore.store import files

SCHEMA = pa.schema([pa.field("case", pa.int64()), *SERIES_SCHEMA])
ROWS_PER_PIECE = 65_536
FORMATS = CONTENT_TYPES


@dataclass(frozen=True)
class SeriesChoice:
    """Which rows of the long table are wanted; "" and None stand for all.

    Attributes:
        name: of a meter or variable, in any letter case.
        key: of a variable, likewise.
        frequency: a word of the study.
        case: index of a case.
    """

    name: str = ""
    key: str = ""
    frequency: str = ""
    case: int | None = None


def merge_shard(plan: Plan, shard: Shard) -> None:
    """Write the part of a shard all of whose cases are final; it appears whole or not at all. Safe to repeat."""
    if plan.study.outputs:
        write_part(shard, count_additions(shard.batch_id))


def write_part(shard: Shard, additions: int) -> None:
    """Write the part of a shard with its cases' own series and those of its batch's first additions."""
    key = storage.series_part_path(shard.batch_id, shard.number, additions)
    with files.fill_file(key) as path, pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for case in list_finished_cases(shard):
            for kept in list_case_series(shard, case, additions):
                for group in read_row_groups(kept):
                    writer.write_table(add_case(group, case.index))


def count_additions(batch_id: UUID) -> int:
    """Return how many times outputs were added to a batch."""
    return OutputAddition.objects.filter(batch_id=batch_id, state=AdditionState.SUCCEEDED).count()


def list_finished_cases(shard: Shard) -> Iterator[Case]:
    """Yield the cases of a shard that have results, by index.

    Each is asked for when its turn comes: the database ends a transaction that is silent for two minutes, and the
    series of a whole shard may take longer to write.
    """
    cases = Case.objects.filter(batch_id=shard.batch_id, index__in=shard.indices, state=CaseState.SUCCEEDED)
    yield from cases.order_by("index").iterator(chunk_size=1)


def find_case_series(shard: Shard, case: Case) -> KeptFile | None:
    """Return the file with the series that a case's run reported; None where it has none."""
    folder = storage.case_folder(shard.batch_id, shard.number, case.index, case.attempt)
    return kept_files.find_file(folder, SERIES_FILE)


def list_case_series(shard: Shard, case: Case, additions: int) -> list[KeptFile]:
    """Return the files with the series of a case: what its run reported, then what additions brought."""
    folder = storage.case_folder(shard.batch_id, shard.number, case.index, case.attempt)
    added = (storage.added_series_path(folder, number + 1).name for number in range(additions))
    found = (kept_files.find_file(folder, name) for name in (SERIES_FILE, *added))
    return [kept for kept in found if kept]


def read_row_groups(kept: KeptFile) -> Iterator[pa.Table]:
    """Yield a case's series, one row group at a time; the plain file lies on disk meanwhile."""
    with tempfile.TemporaryFile() as plain:
        plain.writelines(kept_files.read_chunks(kept))
        with pq.ParquetFile(plain) as file:
            for number in range(file.num_row_groups):
                yield file.read_row_group(number)


def add_case(table: pa.Table, index: int) -> pa.Table:
    """Return series with the index of their case."""
    return table.add_column(0, SCHEMA.field("case"), pa.repeat(pa.scalar(index, pa.int64()), table.num_rows))


def open_series(batch: Batch, choice: SeriesChoice) -> Iterator[pa.RecordBatch]:
    """Return the rows that are wanted, by case, then series, then time; they are read when they are asked for.

    Raises:
        NoSeriesError: the study of the batch asks for no time series, or for none of this name.
        OutputsRemovedError: they were removed with the files of the batch's cases.
    """
    asked = {request.name.casefold(): request.name for request in plan_of(batch).study.output_requests}
    if not asked:
        raise NoSeriesError("The study of this batch asks for no time series; ask in its `outputs`.")
    if choice.name and choice.name.casefold() not in asked:
        raise NoSeriesError("Write the name of a series that the study asks for.", tuple(asked.values()))
    if batch.outputs_removed_at is not None:
        raise OutputsRemovedError(
            f"The time series of this batch were removed with its files on {batch.outputs_removed_at:%Y-%m-%d}."
        )
    return read_series(batch, choice)


def read_series(batch: Batch, choice: SeriesChoice) -> Iterator[pa.RecordBatch]:
    """Yield the wanted rows of a batch in pieces of at most `ROWS_PER_PIECE`."""
    for piece in read_cases(batch, choice.case):
        wanted = choose_rows(piece, choice)
        if wanted.num_rows:
            yield wanted


def read_cases(batch: Batch, case: int | None) -> Iterator[pa.RecordBatch]:
    """Yield the series of all cases, or of one, from parts where there are some and from the cases' files elsewhere."""
    shards = batch.shards.order_by("number")
    if case is not None:
        shards = shards.filter(number=batch.shard_of(case))
    additions = count_additions(batch.pk)
    for shard in shards.iterator():
        yield from read_shard(shard, case, additions=additions)


def read_shard(
    shard: Shard, case: int | None = None, columns: list[str] | None = None, *, additions: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the series of a shard's cases, or of one of them, in pieces of at most `ROWS_PER_PIECE`.

    Args:
        shard: of the batch; one that was opened again has a part that lacks its newest cases.
        case: index of the only case that is wanted.
        columns: those that are wanted of `SCHEMA`; all if left out.
        additions: how many times outputs were added to the batch; counted if left out.
    """
    additions = count_additions(shard.batch_id) if additions is None else additions
    part = storage.series_part_path(shard.batch_id, shard.number, additions)
    if case is None and shard.state == ShardState.FINISHED and files.has_file(part):
        with files.local_copy(part) as path, pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROWS_PER_PIECE, columns=columns)
        return
    for row in list_finished_cases(shard):
        for kept in list_case_series(shard, row, additions) if case in (None, row.index) else ():
            for group in read_row_groups(kept):
                found = add_case(group, row.index)
                yield from (found.select(columns) if columns else found).to_batches(ROWS_PER_PIECE)


def choose_rows(piece: pa.RecordBatch, choice: SeriesChoice) -> pa.RecordBatch:
    """Return the rows of a piece that are wanted, words compared without regard to letter case."""
    words = {"name": choice.name, "key": choice.key, "frequency": choice.frequency}
    for column, word in words.items():
        if word and piece.num_rows:
            found = piece.column(column)
            codes = [n for n, known in enumerate(found.dictionary.to_pylist()) if known.casefold() == word.casefold()]
            piece = piece.filter(pc.is_in(found.indices, pa.array(codes, found.indices.type)))
    return piece


def stream_series(rows: Iterator[pa.RecordBatch], form: str) -> Iterator[bytes]:
    """Yield rows as a file of one of `FORMATS`."""
    if form == "csv":
        plain = pa.schema([field.with_type(_plain_type(field.type)) for field in SCHEMA])
        return stream_batches((row.cast(plain) for row in rows), plain, WRITERS[form])
    return stream_batches(rows, SCHEMA, WRITERS[form])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.timestamp("s", tz=kind.tz)
    return kind.value_type if pa.types.is_dictionary(kind) else kind
