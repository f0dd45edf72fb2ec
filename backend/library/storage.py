"""The content store: takes files from uploads and the bundled library, gives back paths by SHA-256 hash.

Called by `library.services` and by the stages of a batch. A file appears under its hash complete or not at all: it is
written beside the store, flushed to disk and renamed. Which row means which content is the database's business.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

CHUNK_BYTES = 1 << 20
DESCRIPTION_SUFFIX = ".description.json"


@dataclass(frozen=True)
class IncomingFile:
    """A file that has arrived but is not in the store yet."""

    path: Path
    sha256: str
    size_bytes: int


def blobs_folder() -> Path:
    """Return the folder of the stored contents."""
    return Path(settings.CASEFARM_FILES) / "blobs"


def incoming_folder() -> Path:
    """Return the folder where arriving files are written; on the same file system, so that a rename moves them."""
    return Path(settings.CASEFARM_FILES) / "incoming"


def path_of(sha256: str) -> Path:
    """Return where the content with this hash lies, or would lie."""
    return blobs_folder() / sha256[:2] / sha256


def description_path_of(sha256: str) -> Path:
    """Return where the description of the model with this hash lies, or would lie."""
    return blobs_folder() / sha256[:2] / (sha256 + DESCRIPTION_SUFFIX)


@contextmanager
def receive_file(chunks: Iterable[bytes]) -> Iterator[IncomingFile]:
    """Write `chunks` to a temporary file and hash them; the file is gone afterwards unless `keep_file` took it.

    Args:
        chunks: the content, in order.

    Yields:
        The file's path, hash and size in bytes.
    """
    incoming_folder().mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=incoming_folder(), prefix="upload-")
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


def keep_file(incoming: IncomingFile) -> Path:
    """Move an incoming file into the store, where it takes the place of an equal one; return its path there."""
    target = path_of(incoming.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.path.replace(target)
    return target


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


def hash_file(path: Path) -> str:
    """Return the SHA-256 hash of a file."""
    digest = hashlib.sha256()
    for chunk in read_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def save_description(sha256: str, text: str) -> None:
    """Store a model's description beside its content."""
    with receive_file([text.encode()]) as incoming:
        target = description_path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.replace(target)


def remove_content(sha256: str) -> None:
    """Remove a content and its description; nothing happens where they are gone already."""
    path_of(sha256).unlink(missing_ok=True)
    description_path_of(sha256).unlink(missing_ok=True)


def list_contents(older_than: timedelta) -> Iterator[str]:
    """Yield the hashes of the contents that have lain in the store for longer than `older_than`."""
    for folder in sorted(blobs_folder().glob("??")):
        newest: dict[str, bool] = {}
        for path in folder.iterdir():  # a content and its description; both must be old
            sha256 = path.name.partition(".")[0]
            newest[sha256] = newest.get(sha256, True) and is_older(path, older_than)
        yield from (sha256 for sha256, old in newest.items() if old)


def list_abandoned_uploads(older_than: timedelta) -> Iterator[Path]:
    """Yield temporary files that a killed process has left behind."""
    yield from (path for path in incoming_folder().glob("*") if is_older(path, older_than))


def is_older(path: Path, age: timedelta) -> bool:
    """Return whether a file was last written more than `age` ago; False where it is gone meanwhile."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return datetime.now(UTC) - written_at > age
