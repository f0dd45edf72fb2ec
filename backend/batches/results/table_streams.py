"""Tables that are counted from results, as downloads: parts go in, CSV, JSON or Parquet comes out, one part in memory.

Called by the API of savings and by that of comparisons.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

from batches.download import StreamedTable, stream_csv, stream_json
from batches.results.byte_streams import CSV_TYPE, PARQUET_TYPE, write_parquet
from batches.results.streaming import stream_pieces


def stream_parquet(table: StreamedTable) -> Iterator[bytes]:
    """Yield a table as one Parquet file; units that stand in its schema stay there."""
    return write_parquet(table.parts(), table.schema)


FORMATS: dict[str, tuple[str, Callable[[StreamedTable], Iterator[Any]]]] = {
    "csv": (CSV_TYPE, stream_csv),
    "json": ("application/json", stream_json),
    "parquet": (PARQUET_TYPE, stream_parquet),
}


def answer_with_table(table: StreamedTable, form: str, name: str) -> StreamingHttpResponse:
    """Return a table as a download.

    Args:
        table: read when it is sent.
        form: one of `FORMATS`.
        name: of the file, without an ending.
    """
    content_type, stream = FORMATS[form]
    response = StreamingHttpResponse(stream_pieces(stream(table)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
