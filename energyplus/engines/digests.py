"""Digests of what computes, as it lies on the disk now: files go in, sha256 comes out, for the identities of engines.

Engines are asked for theirs before every case, and an administrator may put another program in the same place at any
time; so a file is looked at each time, and read again only where its size or its time has changed.
"""

import hashlib
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_VIRTUAL = tuple(map(Path, ("/proc", "/sys", "/dev")))  # the kernel's own word, another one each time
_LEFT_OUT = "__pycache__"  # what an interpreter makes of files that count already


def hash_now(path: Path) -> str:
    """The sha256 of a file's present content, hex."""
    found = path.stat()
    return _hash_file(path, found.st_mtime_ns, found.st_size)


def describe_file(path: Path) -> str:
    """A line with name and sha256 of a file as it is now; blank where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if not stat.S_ISREG(found.st_mode) or _is_virtual(path):
        return ""
    return f"\n{path.name} {_hash_file(path, found.st_mtime_ns, found.st_size)}"


def list_contents(path: Path) -> Iterator[tuple[str, Path]]:
    """A file, or every file below a folder: its name seen from there, and its path; in the order of the names."""
    if _is_virtual(path):
        return
    if path.is_file():
        yield path.name, path
        return
    for entry in sorted(path.rglob("*")):
        if entry.is_file() and _LEFT_OUT not in entry.parts:
            yield str(entry.relative_to(path)), entry


@lru_cache(maxsize=50_000)
def _is_virtual(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _VIRTUAL)


@lru_cache(maxsize=50_000)
def _hash_file(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
