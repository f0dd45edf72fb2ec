"""Arrow tables as streams of bytes: record batches and a writer of pyarrow go in, what it writes comes out in pieces.

Called by the downloads; nothing is collected in memory or in a file, so a table may be of any size.
"""

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from batches.results.pieces import cut_pieces

ARROW_TYPE = "application/vnd.apache.arrow.stream"
PARQUET_TYPE = "application/vnd.apache.parquet"
CSV_TYPE = "text/csv; charset=utf-8"

GROUP_ROWS = 65_536
GROUP_BYTES = 32 << 20
PIECE_BYTES = 1 << 18

OpenWriter = Callable[["Outbox", pa.Schema], AbstractContextManager[Any]]


class Outbox(io.RawIOBase):
    """A file that is only written to; what was written is taken away again and again.

    It is kept in pieces: tens of MB, as a row group has, would be moved whenever one piece grew, and be there twice.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: deque[bytearray] = deque()
        self._position = 0

    @property
    def waiting(self) -> int:
        """Return how many bytes wait to be taken away."""
        return sum(map(len, self._kept))

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Keep some bytes."""
        view = memoryview(data).cast("B")
        if self._kept and len(self._kept[-1]) + len(view) <= PIECE_BYTES:
            self._kept[-1] += view
        else:
            self._kept.append(bytearray(view))
        self._position += len(view)
        return len(view)

    def tell(self) -> int:
        """Return how much was written so far, in bytes."""
        return self._position

    def take(self) -> Iterator[bytes]:
        """Yield what was written since the last time."""
        while self._kept:
            yield bytes(self._kept.popleft())


def stream_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema, open_writer: OpenWriter) -> Iterator[bytes]:
    """Yield what a writer makes of record batches.

    Args:
        batches: of `schema`, each small enough to be in memory a few times.
        schema: of the table.
        open_writer: one of `WRITERS`, or another that writes only forward.
    """
    outbox = Outbox()
    with open_writer(outbox, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield from outbox.take()
    yield from outbox.take()


def write_csv_header(names: Sequence[str]) -> bytes:
    """Return the first line of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode()


def write_csv_lines(rows: pa.Table) -> bytes:
    """Return rows as lines of CSV: numbers in the fewest digits that give them back, null as nothing.

    Text is quoted where some text among the rows has to be.
    """
    style = "needed" if any(_needs_quotes(rows.column(name)) for name in _list_words(rows.schema)) else "none"
    outbox = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style=style)
    pyarrow.csv.write_csv(rows, outbox, options)
    return bytes(outbox.getvalue())


def _needs_quotes(column: pa.ChunkedArray) -> bool:
    found = pc.match_substring_regex(pc.unique(column), '[",\\r\\n]')
    return bool(pc.any(found).as_py())


def write_parquet(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[bytes]:
    """Yield tables as one Parquet file with row groups of `GROUP_ROWS`, or of `GROUP_BYTES` where rows are wide.

    Args:
        tables: with the columns of `schema`.
        schema: with the metadata that the file is to have.
    """
    rows = max(1, min(GROUP_ROWS, GROUP_BYTES // (8 * max(1, len(schema)))))
    outbox = Outbox()
    with _open_parquet(outbox, schema) as writer:
        for piece in cut_pieces(tables, rows):
            writer.write_table(piece.cast(schema), row_group_size=rows)
            yield from outbox.take()
    yield from outbox.take()


def _open_parquet(outbox: Outbox, schema: pa.Schema) -> Any:
    # Metrics hardly repeat and are in no order: a dictionary, statistics or a thorough compression of them cost more
    # time than reading the parts does, and make the file hardly smaller.
    words = _list_words(schema)
    whole = [field.name for field in schema if pa.types.is_integer(field.type)]
    options = {"compression": "snappy", "use_dictionary": words, "write_statistics": words + whole}
    return pq.ParquetWriter(outbox, schema, **options)


def _list_words(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)]


WRITERS: dict[str, OpenWriter] = {
    "csv": pyarrow.csv.CSVWriter,
    "parquet": _open_parquet,
    "arrow": pyarrow.ipc.new_stream,
}
CONTENT_TYPES = {"csv": CSV_TYPE, "parquet": PARQUET_TYPE, "arrow": ARROW_TYPE}
