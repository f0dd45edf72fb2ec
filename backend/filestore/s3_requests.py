"""How S3 is asked: for how long, how often, several things at once, a file as it comes. Called by `s3.py`."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore.config import Config

from filestore.operations import Key
from filestore.s3_errors import translated

REQUESTS_AT_ONCE = 8
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, TRIES = 5, 60, 4
Entry = TypeVar("Entry")
Found = TypeVar("Found")


def make_config(*, connect_s: float = CONNECT_TIMEOUT_S, read_s: float = READ_TIMEOUT_S, tries: int = TRIES) -> Config:
    """Return how long to wait for the service, how often to ask again, and which checksums to send.

    Checksums of boto3's newer kind are left out: many services other than Amazon's do not know them, and the bytes are
    signed with the request or protected by TLS as it is.
    """
    return Config(
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"mode": "standard", "total_max_attempts": tries},
        max_pool_connections=4 * REQUESTS_AT_ONCE,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


class S3Reader:
    """A file as it comes from the service."""

    def __init__(self, body: Any, key: Key) -> None:
        self._body, self._key = body, key

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        with translated(str(self._key)):
            content: bytes = self._body.read(None if size < 0 else size)
            return content


def do_at_once(work: Callable[[Entry], Found], entries: Iterable[Entry]) -> list[Found]:
    """Do the same with each entry, a few at a time, and return what comes of each; raise what a failure raises."""
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return list(pool.map(work, entries))
