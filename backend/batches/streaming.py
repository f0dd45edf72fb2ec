"""Sends what blocking code yields, piece by piece, from an asynchronous server. Called by the API's downloads.

Left to itself, Django under ASGI collects a blocking iterator (a file, too) in memory before it sends the first byte.
"""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from asgiref.sync import sync_to_async

Piece = TypeVar("Piece", str, bytes)
CHUNK_BYTES = 1 << 20


async def stream_pieces(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Yield the pieces of a blocking iterator, each taken in the request's own thread."""
    take_next = sync_to_async(partial(next, pieces, None))
    while (piece := await take_next()) is not None:
        yield piece


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes in chunks of 1 MiB."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
