"""Files in a local folder, `CASEFARM_FILES`: renames make them appear, hard links give them a second key."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from filestore.folders import link_file, make_empty_folder, remove_folder, rename_folder
from filestore.hashing import hash_file
from filestore.operations import DamagedFileError, FileStore, FolderDraft, Head, Key, Reader, StoredFile


class LocalDraft(FolderDraft):
    """A folder beside the one that it becomes."""

    def __init__(self, root: Path, path: Path) -> None:
        self._root, self.path = root, path

    def link_files(self, source: Key, names: Iterable[str]) -> None:
        """Give the files a second name."""
        folder = self._root / source
        for name in names:
            link_file(f"{folder}/{name}", f"{self.path}/{name}")

    def take_files(self, source: Key, hashes: Mapping[str, str]) -> None:
        """Link the files, and read each once to see that it is what it was."""
        for name, sha256 in hashes.items():
            self.link_files(source, [name])
            if hash_file(self.path / name) != sha256:
                raise DamagedFileError(name)


class LocalFiles(FileStore, FileSystemStorage):
    """A folder of this machine, or of a disk that all machines of the farm share."""

    @property
    def base_location(self) -> str:
        """The folder that is set now: tests each have one of their own."""
        return str(settings.CASEFARM_FILES)

    @property
    def location(self) -> str:
        """Likewise, absolute."""
        return str(Path(settings.CASEFARM_FILES).absolute())

    @property
    def root(self) -> Path:
        """The folder of all keys."""
        return Path(settings.CASEFARM_FILES)

    @contextmanager
    def fill_folder(self, key: Key) -> Iterator[FolderDraft]:
        """Give a folder beside the one that it becomes by a rename."""
        target = str(self.root / key)
        incoming = f"{target}.incoming"
        make_empty_folder(incoming)
        try:
            yield LocalDraft(self.root, Path(incoming))
            rename_folder(incoming, target)
        except BaseException:
            remove_folder(incoming)
            raise

    @contextmanager
    def fill_file(self, key: Key) -> Iterator[Path]:
        """Give a path beside the file that it becomes by a rename."""
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming = target.with_name(f"{target.name}.incoming")
        try:
            yield incoming
            incoming.replace(target)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise

    def take_file(self, path: Path, key: Key) -> None:
        """Rename the file; it is of the same file system (`passing_folder`)."""
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    def copy_file(self, source: Key, target: Key) -> None:
        """Link the file."""
        (self.root / source).stat()  # before anything is made
        path = self.root / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        link_file(self.root / source, path)

    @contextmanager
    def open_stored(self, key: Key) -> Iterator[Reader]:
        """Open the file where it lies."""
        with (self.root / key).open("rb") as stored:
            yield stored

    def read_head(self, key: Key, length: int) -> Head | None:
        """Read the beginning of the file where it lies."""
        try:
            with (self.root / key).open("rb") as stored:
                return Head(stored.read(length), os.fstat(stored.fileno()).st_size)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    @contextmanager
    def local_copy(self, key: Key) -> Iterator[Path]:
        """Give the file itself."""
        path = self.root / key
        path.stat()  # a missing file is told here, not somewhere in a reader
        yield path

    @contextmanager
    def hold_content(self, key: Key, sha256: str) -> Iterator[Path]:
        """Give the file itself: its hash was found when it came, and what is needed is not removed."""
        yield self.find_content(key, sha256)

    def find_content(self, key: Key, sha256: str) -> Path:
        """Return where the file lies."""
        return self.root / key

    def find_copy(self, key: Key) -> Path | None:
        """Return where the file lies."""
        path = self.root / key
        return path if path.is_file() else None

    def list_files(self, prefix: Key) -> Iterator[StoredFile]:
        """Walk the folder; what goes meanwhile is left out."""
        folder = str(self.root / prefix)
        for path, stat in walk(folder):
            written_at = datetime.fromtimestamp(stat.st_mtime, UTC)
            yield StoredFile(Key(f"{prefix}{path[len(folder) :]}"), stat.st_size, written_at)

    def list_folders(self, prefix: Key) -> Iterator[Key]:
        """List the folder."""
        folder = self.root / prefix
        names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        yield from (prefix / name for name in names)

    def find_written_at(self, prefix: Key) -> datetime | None:
        """Ask the file system."""
        try:
            return datetime.fromtimestamp((self.root / prefix).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def measure(self, prefix: Key) -> int:
        """Add the sizes up, each divided by how many links the file has."""
        return sum(stat.st_size // stat.st_nlink for _, stat in walk(str(self.root / prefix)))

    def measure_own(self, prefix: Key) -> int:
        """Add up the sizes of files that have one link."""
        return sum(stat.st_size for _, stat in walk(str(self.root / prefix)) if stat.st_nlink == 1)

    def remove(self, key: Key) -> None:
        """Remove the file, or the folder with all that is in it; somebody else may be doing so, too."""
        path = self.root / key
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def has_file(self, key: Key) -> bool:
        """Ask the file system."""
        return (self.root / key).is_file()

    def passing_folder(self) -> Path:
        """Return a folder of the same file system."""
        folder = self.root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def probe(self, timeout_s: float) -> str:
        """Write to the folder, and say how much room there is."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root) as probe:
            probe.write(b"casefarm")
        return f"writable, {shutil.disk_usage(self.root).free / 1e9:.1f} GB free"


def walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below a folder by name, with what is known of each; nothing where it is gone.

    `Path.rglob` takes three times as long, and a clean-up or an archive walks millions of files.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
            continue
        try:
            yield entry.path, entry.stat()
        except FileNotFoundError:  # gone meanwhile
            continue
