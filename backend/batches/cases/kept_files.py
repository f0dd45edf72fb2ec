"""The files that a case keeps, compressed with zstd: a run folder goes in, the files come out under their plain names.

`eplusout.sql` lies as `eplusout.sql.zst`; its frame tells its plain size and has a checksum. A case's folder appears
whole or not at all. What is compressed in itself (Parquet) lies as it is, to be read in place; so do files from before
there was compression.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zstandard

log = logging.getLogger(__name__)

SUFFIX = ".zst"
LEVEL = 3  # level 10 takes eight times the processor time for a few per cent fewer bytes
CHUNK_BYTES = 1 << 20
LONGEST_FRAME_HEADER = 18
COMPRESSED_IN_ITSELF = (".parquet",)


@dataclass(frozen=True)
class KeptFile:
    """A file of a case: its plain name, where it lies, and its plain size in bytes."""

    name: str
    path: Path
    size_bytes: int

    @property
    def is_compressed(self) -> bool:
        """Whether it lies compressed."""
        return self.path.suffix == SUFFIX


@dataclass(frozen=True)
class KeptCase:
    """What a case has kept: its folder, and the sha256 of each file as it is stored, by stored name."""

    folder: Path
    hashes: dict[str, str]


def keep_files(run_folder: Path, names: list[str], target: Path) -> dict[str, str]:
    """Compress the named files of a run folder into `target`, which appears whole or not at all.

    Returns:
        The sha256 of each file as it is stored, by its stored name.
    """
    with fill_folder(target) as incoming:
        return dict(keep_file(run_folder / name, incoming) for name in names)


def keep_file(source: Path, folder: Path) -> tuple[str, str]:
    """Put a file into a folder, compressed unless it is so in itself; return its stored name and stored sha256."""
    if source.suffix in COMPRESSED_IN_ITSELF:
        shutil.copyfile(source, folder / source.name)
        return source.name, hash_stored(folder / source.name)
    return source.name + SUFFIX, compress_file(source, folder / (source.name + SUFFIX))


@contextmanager
def fill_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write to that becomes `target` when all went well; what stood there before is gone."""
    incoming = target.with_name(f"{target.name}.incoming")
    for folder in (target, incoming):
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        yield incoming
        incoming.rename(target)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise


def measure_own_files(folder: Path) -> int:
    """Return the size of a case's files as stored, in bytes; what it shares with a known case is counted there.

    A file that a case has just kept by itself has one name; one that was taken over is a further name of a known one.
    """
    found = (path.stat() for path in folder.iterdir())
    return sum(stat.st_size for stat in found if stat.st_nlink == 1)


def compress_file(source: Path, target: Path) -> str:
    """Write a compressed copy of a file and return the sha256 of the copy."""
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with source.open("rb") as plain, target.open("xb") as stored:
        for chunk in compressor.read_to_iter(plain, size=source.stat().st_size):
            digest.update(chunk)
            stored.write(chunk)
    return digest.hexdigest()


def keep_text(folder: Path, name: str, text: str) -> None:
    """Put a text into a folder as a compressed file, in place of one of that name, which may have others' links."""
    content = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(text.encode())
    path = folder / (name + SUFFIX)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def hash_stored(path: Path) -> str:
    """Return the sha256 of a file as it is stored."""
    with path.open("rb") as stored:
        head = stored.read(CHUNK_BYTES)
        digest = hashlib.sha256(head)
        while len(head) == CHUNK_BYTES:  # most files end within the first piece
            head = stored.read(CHUNK_BYTES)
            digest.update(head)
        return digest.hexdigest()


def list_files(folder: Path) -> list[KeptFile]:
    """Return the files of a case's folder by name; none where the folder is gone; a damaged one is left out."""
    paths = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return sorted(filter(None, map(_describe, paths)), key=lambda file: file.name)


def find_file(folder: Path, name: str) -> KeptFile | None:
    """Return a file of a case's folder by its plain name."""
    return next((file for file in list_files(folder) if file.name == name), None)


def _describe(path: Path) -> KeptFile | None:
    if path.suffix != SUFFIX:
        return KeptFile(path.name, path, path.stat().st_size)
    try:
        with path.open("rb") as stored:
            return KeptFile(path.stem, path, zstandard.frame_content_size(stored.read(LONGEST_FRAME_HEADER)))
    except zstandard.ZstdError as error:  # cut off in a crash of the machine: the case's other files are still there
        log.warning("%s is damaged: %s", path, error)
        return None


def read_chunks(file: KeptFile) -> Iterator[bytes]:
    """Yield the plain content of a file in pieces of at most 1 MiB.

    Raises:
        zstandard.ZstdError: the file is damaged.
    """
    with file.path.open("rb") as stored:
        read: Callable[[int], bytes] = stored.read
        if file.is_compressed:
            read = zstandard.ZstdDecompressor().stream_reader(stored).read
        left = file.size_bytes
        while chunk := read(CHUNK_BYTES):
            left -= len(chunk)
            yield chunk
        if left:
            raise zstandard.ZstdError(f"{file.name} is cut off.")


def read_file(folder: Path, name: str) -> bytes | None:
    """Return the plain content of a small file of a case's folder; None where there is none."""
    file = find_file(folder, name)
    return b"".join(read_chunks(file)) if file else None


def unpack_file(file: KeptFile, target: Path) -> None:
    """Write the plain content of a file to `target`."""
    with target.open("wb") as plain:
        for chunk in read_chunks(file):
            plain.write(chunk)
