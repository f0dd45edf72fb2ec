"""What every store of the farm's files can do, whether it is a local folder or S3; `local.py` and `s3.py` do it.

A file has a *key*: what its path is below the store's root, `batches/<id>/table/part-000000.parquet`. A file appears
under its key complete or not at all. Several files appear together only in a local folder, where one rename does it; so
nobody may go by what lies in a store: the row that names a key is what publishes it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

Key = PurePosixPath
CHUNK_BYTES = 1 << 20


class DamagedFileError(OSError):
    """A stored file is not what it was when it was stored."""


class StorageUnavailableError(OSError):
    """The store does not answer, or not in time: no fault of a case, and nothing is lost; it is asked again later."""


class Reader(Protocol):
    """What a stored file is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


@dataclass(frozen=True)
class StoredFile:
    """A file in a store: its key, its size in bytes, and when it was last written by the clock of the store."""

    key: Key
    size_bytes: int
    written_at: datetime


@dataclass(frozen=True)
class Head:
    """The first bytes of a stored file, and the size of all of it in bytes."""

    content: bytes
    size_bytes: int


class FolderDraft(ABC):
    """A folder on its way into a store: what is written to `path`, and what is taken from files that are there."""

    path: Path

    @abstractmethod
    def link_files(self, source: Key, names: Iterable[str]) -> None:
        """Give files of another stored folder to this one, without their bytes passing through this machine.

        Raises:
            FileNotFoundError: a file is gone.
        """

    @abstractmethod
    def take_files(self, source: Key, hashes: Mapping[str, str]) -> None:
        """Give files likewise that are what they were.

        Args:
            source: the other folder.
            hashes: sha256 of each file by its name, which it keeps.

        Raises:
            FileNotFoundError: a file is gone.
            DamagedFileError: one is not what it was.
        """


class FileStore(ABC):
    """The operations. All raise `OSError` where the disk or the service fails; none holds a file in memory."""

    @abstractmethod
    def fill_folder(self, key: Key) -> AbstractContextManager[FolderDraft]:
        """Give a draft that becomes the folder `key` when all went well; what stood there before is gone."""

    @abstractmethod
    def fill_file(self, key: Key) -> AbstractContextManager[Path]:
        """Give a local path to write to; what is there in the end becomes the file `key`."""

    @abstractmethod
    def take_file(self, path: Path, key: Key) -> None:
        """Move a local file into the store, in place of one of that key."""

    @abstractmethod
    def copy_file(self, source: Key, target: Key) -> None:
        """Give a file a second key: by a hard link, or copied by the service itself.

        Raises:
            FileNotFoundError: it is gone.
        """

    @abstractmethod
    def open_stored(self, key: Key) -> AbstractContextManager[Reader]:
        """Open a file for reading from its beginning.

        Raises:
            FileNotFoundError: it is gone.
        """

    @abstractmethod
    def read_head(self, key: Key, length: int) -> Head | None:
        """Return the first `length` bytes of a file and its size; None where there is none."""

    @abstractmethod
    def local_copy(self, key: Key) -> AbstractContextManager[Path]:
        """Give a local path to read a file at for a while: the file itself, or a copy that is gone afterwards.

        Raises:
            FileNotFoundError: it is gone.
        """

    @abstractmethod
    def hold_content(self, key: Key, sha256: str) -> AbstractContextManager[Path]:
        """Give a local path that has the file's content while the block lasts; it stays on this machine for others.

        Args:
            key: of the file.
            sha256: of its content, which is verified when it comes here.

        Raises:
            FileNotFoundError: it is gone.
            DamagedFileError: it is not what its hash says.
        """

    @abstractmethod
    def find_content(self, key: Key, sha256: str) -> Path:
        """Return the same path for a short while: it stays for some minutes at least.

        With a local folder it is where the file would lie, whether or not it is there.

        Raises:
            FileNotFoundError: it is gone.
            DamagedFileError: it is not what its hash says.
        """

    @abstractmethod
    def find_copy(self, key: Key) -> Path | None:
        """Return such a path for a file whose hash the store knows; None where there is no such file."""

    @abstractmethod
    def list_files(self, prefix: Key) -> Iterator[StoredFile]:
        """Yield the files below a folder, at any depth; none where it is gone."""

    @abstractmethod
    def list_folders(self, prefix: Key) -> Iterator[Key]:
        """Yield the folders right below a folder."""

    @abstractmethod
    def find_written_at(self, prefix: Key) -> datetime | None:
        """Return when something was last written right below a folder, or to a file; None where there is nothing."""

    @abstractmethod
    def measure(self, prefix: Key) -> int:
        """Return the size of what lies below a folder, in bytes; of a file that has several keys, its share."""

    @abstractmethod
    def measure_own(self, prefix: Key) -> int:
        """Return the size in bytes of what lies below a folder and takes room for it alone."""

    @abstractmethod
    def remove(self, key: Key) -> None:
        """Remove a file, or a folder with all that is in it; nothing happens where it is gone."""

    @abstractmethod
    def has_file(self, key: Key) -> bool:
        """Return whether there is a file with this key."""

    @abstractmethod
    def passing_folder(self) -> Path:
        """Return the local folder for files on their way; best where a rename moves them into the store."""

    @abstractmethod
    def probe(self, timeout_s: float) -> str:
        """Write and remove a small file, and return in a few words what was found.

        Raises:
            OSError: it cannot be written.
        """

    def keep_file(self, path: Path, key: Key) -> None:
        """Store a copy of a local file."""
        with self.fill_file(key) as target:
            _copy(path, target)

    def keep_folder(self, folder: Path, key: Key) -> None:
        """Store a copy of the files of a local folder."""
        with self.fill_folder(key) as draft:
            for path in folder.iterdir():
                _copy(path, draft.path / path.name)

    def read_heads(self, keys: Sequence[Key], length: int) -> list[Head | None]:
        """Return the beginnings of several files."""
        return [self.read_head(key, length) for key in keys]

    def read_chunks(self, key: Key) -> Iterator[bytes]:
        """Yield the content of a file in pieces of 1 MiB.

        Raises:
            FileNotFoundError: it is gone.
        """
        with self.open_stored(key) as stored:
            while chunk := stored.read(CHUNK_BYTES):
                yield chunk


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as content, target.open("wb") as copy:
        while chunk := content.read(CHUNK_BYTES):
            copy.write(chunk)
