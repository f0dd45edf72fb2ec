"""Arrow tables as streams of bytes: record batches and a writer of pyarrow go in, what it writes comes out in pieces.

Called by the downloads; nothing is collected in memory or in a file, so a table may be of any size.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

ARROW_TYPE = "application/vnd.apache.arrow.stream"
PARQUET_TYPE = "application/vnd.apache.parquet"
CSV_TYPE = "text/csv; charset=utf-8"

OpenWriter = Callable[["Outbox", pa.Schema], AbstractContextManager[Any]]


class Outbox(io.RawIOBase):
    """A file that is only written to; what was written is taken away again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Keep some bytes."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how much was written so far, in bytes."""
        return self._position

    def take(self) -> Iterator[bytes]:
        """Yield what was written since the last time, in one piece."""
        taken, self._pieces = b"".join(self._pieces), []
        if taken:
            yield taken


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


def _open_parquet(outbox: Outbox, schema: pa.Schema) -> Any:
    return pq.ParquetWriter(outbox, schema, compression="zstd")


WRITERS: dict[str, OpenWriter] = {
    "csv": pyarrow.csv.CSVWriter,
    "parquet": _open_parquet,
    "arrow": pyarrow.ipc.new_stream,
}
CONTENT_TYPES = {"csv": CSV_TYPE, "parquet": PARQUET_TYPE, "arrow": ARROW_TYPE}
