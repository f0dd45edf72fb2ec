"""Sends what blocking code yields, piece by piece, from an asynchronous server. Called by the API's downloads.

Left to itself, Django under ASGI collects a blocking iterator (a file, too) in memory before it sends the first byte.
"""

import re
from collections.abc import AsyncIterator, Generator, Iterator
from functools import partial
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from batches.cases import kept_files
from batches.cases.kept_files import KeptFile
from filestore.store import files

Piece = TypeVar("Piece", str, bytes)
SENT_AT_ONCE = 1 << 18  # more would be moved about in the server's buffer, again and again
TEXT_SUFFIXES = (".idf", ".err", ".end", ".diff")  # where a person can read it


async def stream_pieces(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Yield the pieces of a blocking iterator, each taken in the request's own thread.

    Where the client has gone, the iterator is closed in that thread, after the piece it is at: nothing reads on.
    """
    take_next = sync_to_async(partial(next, pieces, None))
    try:
        while (piece := await take_next()) is not None:
            for start in range(0, len(piece), SENT_AT_ONCE):
                yield piece[start : start + SENT_AT_ONCE]
    finally:
        if isinstance(pieces, Generator):
            await sync_to_async(pieces.close)()


def answer_with_file(file: KeptFile, download_name: str, accept_encoding: str) -> StreamingHttpResponse:
    """Return a file of a case as a download: as it lies where the client takes zstd, else unpacked on the way.

    Args:
        file: the file.
        download_name: the name that a browser saves it under.
        accept_encoding: the header of the request, "" where there is none.
    """
    as_it_lies = not file.is_compressed or takes_zstd(accept_encoding)
    chunks = files.read_chunks(file.key) if as_it_lies else kept_files.read_chunks(file)
    response = StreamingHttpResponse(stream_pieces(chunks), content_type=guess_content_type(file.name))
    response["Content-Length"] = file.stored_bytes if as_it_lies else file.size_bytes
    response["Content-Disposition"] = f'attachment; filename="{download_name}"'
    response["Vary"] = "Accept-Encoding"
    if file.is_compressed and as_it_lies:
        response["Content-Encoding"] = "zstd"
    return response


def takes_zstd(accept_encoding: str) -> bool:
    """Return whether a client names zstd among the encodings it takes, with a weight above 0."""
    for entry in accept_encoding.lower().split(","):
        name, *options = (part.strip() for part in entry.split(";"))
        if name == "zstd":
            return not any(re.fullmatch(r"q=0(\.0*)?", option) for option in options)
    return False


def guess_content_type(name: str) -> str:
    """Return what a case's file is."""
    if name.endswith(".json"):
        return "application/json"
    return "text/plain; charset=utf-8" if name.endswith(TEXT_SUFFIXES) else "application/octet-stream"
