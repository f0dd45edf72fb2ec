"""An archive as a sequence of named files, in one tar file or in a folder: written in order, read in the same order.

What lies in it is compressed already – case files, tables, the dump – so the tar file is not. It appears under its name
when it is complete; its last file is the manifest. Called by `creation` and `verification`.
"""

import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import IO

from backups.errors import BackupError, DamagedArchiveError
from filestore.operations import CHUNK_BYTES, Reader

TAR_SUFFIX = ".tar"


@dataclass(frozen=True)
class Member:
    """A file in an archive that is being read: its name, its size in bytes and what it is read from."""

    name: str
    size_bytes: int
    content: Reader

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in pieces of 1 MiB.

        Raises:
            DamagedArchiveError: the archive ends in the middle of it, or cannot be read.
        """
        try:
            while chunk := self.content.read(CHUNK_BYTES):
                yield chunk
        except (tarfile.TarError, EOFError, OSError) as error:
            raise DamagedArchiveError(f"{self.name} is cut off or cannot be read: {error}.") from error


class Archive(ABC):
    """Takes files one after the other."""

    @abstractmethod
    def add(self, name: str, size_bytes: int, content: Reader) -> None:
        """Add a file.

        Args:
            name: its path in the archive.
            size_bytes: how much `content` gives; less is an error.
            content: read once, to its end.
        """


class TarArchive(Archive):
    """One tar file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed below

    def add(self, name: str, size_bytes: int, content: Reader) -> None:
        """Append the file."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size_bytes, 0o600
        self._tar.addfile(entry, content)
        self._tar.members = []  # type: ignore[attr-defined]  # or a million entries stay in memory

    def close(self) -> None:
        """Write the end mark."""
        self._tar.close()


class FolderArchive(Archive):
    """A folder with the files under their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, size_bytes: int, content: Reader) -> None:
        """Write the file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            while chunk := content.read(CHUNK_BYTES):
                file.write(chunk)
        if path.stat().st_size != size_bytes:
            raise BackupError(f"{name} changed its size while it was copied.")


@contextmanager
def create_archive(target: Path) -> Iterator[Archive]:
    """Give an archive that appears as `target` when all went well: a tar file where it is called *.tar, else a folder.

    Raises:
        BackupError: there is something of that name already.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    remove_partial(partial)
    try:
        if target.suffix == TAR_SUFFIX:
            with partial.open("wb") as file:
                tar = TarArchive(file)
                yield tar
                tar.close()
        else:
            partial.mkdir()
            yield FolderArchive(partial)
        partial.rename(target)
    finally:
        remove_partial(partial)


def remove_partial(partial: Path) -> None:
    """Remove what a back-up that was not finished has left."""
    if partial.is_dir():
        rmtree(partial)
    partial.unlink(missing_ok=True)


def read_archive(source: Path) -> Iterator[Member]:
    """Yield the files of an archive in the order they were written; each has to be read before the next.

    Raises:
        DamagedArchiveError: it is no archive, or ends in the middle of a file.
    """
    return _read_folder(source) if source.is_dir() else _read_tar(source)


def _read_tar(source: Path) -> Iterator[Member]:
    last = "its beginning"
    try:
        with tarfile.open(source, mode="r|") as tar:
            while (entry := tar.next()) is not None:
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is None:
                    raise DamagedArchiveError(f"{entry.name} in {source} is no file.")
                last = entry.name
                yield Member(entry.name, entry.size, content)
                tar.members = []  # type: ignore[attr-defined]
    except FileNotFoundError as error:
        raise DamagedArchiveError(f"{source} is not there.") from error
    except (tarfile.TarError, EOFError) as error:
        raise DamagedArchiveError(f"{source} cannot be read after {last}: {error}.") from error


def _read_folder(source: Path) -> Iterator[Member]:
    for name in order_names(source):
        path = source / name
        try:
            with path.open("rb") as file:
                yield Member(name, path.stat().st_size, file)
        except FileNotFoundError as error:
            raise DamagedArchiveError(f"{name} is missing in {source}.") from error


def order_names(source: Path) -> Iterable[str]:
    """Return the names of the files of a folder in the order of its manifest, then all that it does not name.

    Raises:
        DamagedArchiveError: there is no manifest.
    """
    from backups.manifests import MANIFEST, list_names

    try:
        with (source / MANIFEST).open("rb") as lines:
            named = [name for name in list_names(lines) if PurePosixPath(name) != PurePosixPath(MANIFEST)]
    except FileNotFoundError as error:
        raise DamagedArchiveError(
            f"{MANIFEST} is missing in {source}: it is no back-up, or not a whole one."
        ) from error
    found = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    return [*named, *sorted(found - set(named) - {MANIFEST}), MANIFEST]
