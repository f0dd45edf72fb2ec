"""The files that a case keeps, compressed with zstd: a run folder goes in, the files come out under their plain names.

`eplusout.sql` lies as `eplusout.sql.zst`; its frame tells its plain size and has a checksum. Where they lie is the
business of `filestore`; a case's row says that its folder is whole. What is compressed in itself (Parquet) lies as it
is; so do files from before there was compression.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import IO, cast

import zstandard

from filestore.folders import write_new_file
from filestore.hashing import hash_file
from filestore.operations import CHUNK_BYTES, Head, Key
from filestore.store import files

log = logging.getLogger(__name__)

SUFFIX = ".zst"
LEVEL = 3  # level 10 takes eight times the processor time for a few per cent fewer bytes
LONGEST_FRAME_HEADER = 18
COMPRESSED_IN_ITSELF = (".parquet",)
_of_thread = local()


@dataclass(frozen=True)
class KeptFile:
    """A file of a case: its plain name, where it lies, its plain size and its size as it is stored, both in bytes."""

    name: str
    key: Key
    size_bytes: int
    stored_bytes: int

    @property
    def is_compressed(self) -> bool:
        """Whether it lies compressed."""
        return self.key.suffix == SUFFIX


@dataclass(frozen=True)
class Stored:
    """What was written of a file: the sha256 of its bytes as they are stored, and how many there are."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class KeptCase:
    """What a case has kept: its folder, and what was written of each file, by stored name."""

    folder: Key
    files: dict[str, Stored]

    @property
    def stored_bytes(self) -> int:
        """What the case takes."""
        return sum(stored.size_bytes for stored in self.files.values())


def keep_files(run_folder: Path, names: Iterable[str], target: Key, texts: Mapping[str, str] | None = None) -> KeptCase:
    """Compress files into the folder `target`.

    Args:
        run_folder: has the named files.
        names: of them.
        target: comes to be when all are there.
        texts: contents of further files, by name.
    """
    with files.fill_folder(target) as draft:
        kept = dict(keep_file(run_folder / name, draft.path) for name in names)
        for name, text in (texts or {}).items():
            kept[name + SUFFIX] = compress_content(text.encode(), f"{draft.path}/{name}{SUFFIX}")
    return KeptCase(target, kept)


def keep_file(source: Path, folder: Path) -> tuple[str, Stored]:
    """Put a file into a folder, compressed unless it is so in itself; return its stored name, and what was written."""
    if source.suffix in COMPRESSED_IN_ITSELF:
        target = folder / source.name
        shutil.copyfile(source, target)
        return source.name, Stored(hash_file(target), target.stat().st_size)
    return source.name + SUFFIX, compress_file(source, folder / (source.name + SUFFIX))


def compress_file(source: Path, target: Path) -> Stored:
    """Write a compressed copy of a file, a large one piece by piece."""
    with source.open("rb", buffering=0) as plain:
        size_bytes = os.fstat(plain.fileno()).st_size
        if size_bytes <= CHUNK_BYTES:
            return compress_content(plain.read(), str(target))
        digest, written = hashlib.sha256(), 0
        compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with target.open("xb") as stored:
            for chunk in compressor.read_to_iter(plain, size=size_bytes):
                digest.update(chunk)
                written += stored.write(chunk)
    return Stored(digest.hexdigest(), written)


def compress_content(content: bytes, target: str) -> Stored:
    """Write a file's content compressed."""
    compressed = compress_bytes(content)
    write_new_file(target, compressed)
    return Stored(hashlib.sha256(compressed).hexdigest(), len(compressed))


def compress_bytes(content: bytes) -> bytes:
    """Return a content as a frame of its own; a thread's compressor serves again, which costs as much to make."""
    compressor: zstandard.ZstdCompressor | None = getattr(_of_thread, "compressor", None)
    if compressor is None:
        compressor = _of_thread.compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    return compressor.compress(content)


def keep_text(folder: Path, name: str, text: str) -> None:
    """Put a text into a folder as a compressed file, in place of one of that name, which may have others' links."""
    path = folder / (name + SUFFIX)
    path.unlink(missing_ok=True)
    write_new_file(str(path), compress_bytes(text.encode()))


def list_files(folder: Key) -> list[KeptFile]:
    """Return the files of a case's folder by name; none where the folder is gone; a damaged one is left out."""
    stored = list(files.list_files(folder))
    heads = files.read_heads([file.key for file in stored], LONGEST_FRAME_HEADER)
    found = (_describe(file.key, head) for file, head in zip(stored, heads, strict=True) if head)
    return sorted(filter(None, found), key=lambda file: file.name)


def find_file(folder: Key, name: str) -> KeptFile | None:
    """Return a file of a case's folder by its plain name."""
    if Key(name).name != name or "\0" in name:
        return None
    lies_as = [name + SUFFIX, *([name] if not name.endswith(SUFFIX) else [])]
    if name.endswith(COMPRESSED_IN_ITSELF):
        lies_as = [name]
    for stored_name in lies_as:
        head = files.read_head(folder / stored_name, LONGEST_FRAME_HEADER)
        if head:
            return _describe(folder / stored_name, head)
    return None


def _describe(key: Key, head: Head) -> KeptFile | None:
    if key.suffix != SUFFIX:
        return KeptFile(key.name, key, head.size_bytes, head.size_bytes)
    try:
        return KeptFile(key.stem, key, zstandard.frame_content_size(head.content), head.size_bytes)
    except zstandard.ZstdError as error:  # cut off in a crash of the machine: the case's other files are still there
        log.warning("%s is damaged: %s", key, error)
        return None


def read_chunks(file: KeptFile) -> Iterator[bytes]:
    """Yield the plain content of a file in pieces of at most 1 MiB.

    Raises:
        zstandard.ZstdError: the file is damaged.
    """
    with files.open_stored(file.key) as stored:
        read: Callable[[int], bytes] = stored.read
        if file.is_compressed:
            read = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", stored)).read
        left = file.size_bytes
        while chunk := read(CHUNK_BYTES):
            left -= len(chunk)
            yield chunk
        if left:
            raise zstandard.ZstdError(f"{file.name} is cut off.")


def read_file(folder: Key, name: str) -> bytes | None:
    """Return the plain content of a small file of a case's folder; None where there is none."""
    file = find_file(folder, name)
    return b"".join(read_chunks(file)) if file else None


def unpack_file(file: KeptFile, target: Path) -> None:
    """Write the plain content of a file to `target`."""
    with target.open("wb") as plain:
        for chunk in read_chunks(file):
            plain.write(chunk)
