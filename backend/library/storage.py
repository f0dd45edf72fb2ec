"""The content store: takes files from uploads and the bundled library, gives back paths by SHA-256 hash.

Called by `library.services` and by the stages of a batch. A file appears under its hash complete or not at all: it is
written on this machine, flushed to disk and moved into the farm's file store. From S3 a content comes to a machine
once. Which row means which content is the database's business.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from django.core.files.base import File

from filestore.operations import CHUNK_BYTES, Key
from filestore.store import files

BLOBS = Key("blobs")
DESCRIPTION_SUFFIX = ".description.json"


@dataclass(frozen=True)
class IncomingFile:
    """A file that has arrived but is not in the store yet."""

    path: Path
    sha256: str
    size_bytes: int


def key_of(sha256: str) -> Key:
    """Return the key of the content with this hash."""
    return BLOBS / sha256[:2] / sha256


def description_key_of(sha256: str) -> Key:
    """Return the key of the description of the model with this hash."""
    return BLOBS / sha256[:2] / (sha256 + DESCRIPTION_SUFFIX)


def path_of(sha256: str) -> Path:
    """Return where the content with this hash can be read on this machine; open it soon, or `hold_content`.

    Raises:
        FileNotFoundError: it is gone from S3. In a local folder this is where it would lie.
    """
    return files.find_content(key_of(sha256), sha256)


def hold_content(sha256: str) -> AbstractContextManager[Path]:
    """Give the path of a content that stays there while the block lasts, however long that is."""
    return files.hold_content(key_of(sha256), sha256)


def has_content(sha256: str) -> bool:
    """Return whether the store has the content with this hash."""
    return files.has_file(key_of(sha256))


@contextmanager
def receive_file(chunks: Iterable[bytes]) -> Iterator[IncomingFile]:
    """Write `chunks` to a temporary file and hash them; the file is gone afterwards unless `keep_file` took it.

    Args:
        chunks: the content, in order.

    Yields:
        The file's path, hash and size in bytes.
    """
    handle, name = tempfile.mkstemp(dir=files.passing_folder(), prefix="upload-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            digest, size_bytes = hashlib.sha256(), 0
            for chunk in chunks:
                target.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
            target.flush()
            os.fsync(target.fileno())
        yield IncomingFile(path, digest.hexdigest(), size_bytes)
    finally:
        path.unlink(missing_ok=True)


def keep_file(incoming: IncomingFile) -> None:
    """Move an incoming file into the store, where it takes the place of an equal one."""
    files.take_file(incoming.path, key_of(incoming.sha256))


def store_file(file: "File[bytes]") -> str:
    """Store a Django file and return its SHA-256 hash."""
    with receive_file(file.chunks(CHUNK_BYTES)) as incoming:
        keep_file(incoming)
        return incoming.sha256


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in pieces of 1 MiB."""
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


def save_description(sha256: str, text: str) -> None:
    """Store a model's description beside its content."""
    with receive_file([text.encode()]) as incoming:
        files.take_file(incoming.path, description_key_of(sha256))


def read_description(sha256: str) -> str | None:
    """Return a model's description as it was saved; None where there is none."""
    path = files.find_copy(description_key_of(sha256))
    return path.read_text() if path else None


def remove_content(sha256: str) -> None:
    """Remove a content and its description; nothing happens where they are gone already."""
    files.remove(key_of(sha256))
    files.remove(description_key_of(sha256))


def list_contents(older_than: timedelta) -> Iterator[str]:
    """Yield the hashes of the contents that have lain in the store for longer than `older_than`."""
    before = datetime.now(UTC) - older_than
    # By key a content comes right before its description; both must be old.
    for sha256, stored in groupby(files.list_files(BLOBS), key=lambda file: file.key.name.partition(".")[0]):
        if all([file.written_at <= before for file in stored]):  # noqa: C419 - the group is read to its end
            yield sha256


def list_abandoned_uploads(older_than: timedelta) -> Iterator[Path]:
    """Yield temporary files that a killed process has left behind."""
    yield from (path for path in files.passing_folder().glob("upload-*") if is_older(path, older_than))


def is_older(path: Path, age: timedelta) -> bool:
    """Return whether a file was last written more than `age` ago; False where it is gone meanwhile."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return datetime.now(UTC) - written_at > age
