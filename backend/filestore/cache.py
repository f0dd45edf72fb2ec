"""Contents that this machine has fetched from S3, by hash, for all its processes. Called by `s3.py`.

A content lies at `contents/<sha256>` complete and verified, or not at all. Who uses one holds a shared lock on it: the
longest unused go beyond `CASEFARM_CACHE_GB`, never one that somebody holds. A lock ends with its process, so that
nothing needs to be tidied after a crash but files on their way, which go once they are a day old.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from filestore.operations import CHUNK_BYTES, DamagedFileError, Reader

log = logging.getLogger(__name__)

GIGABYTE = 10**9
ABANDONED_AFTER_S = 86_400
JUST_USED_S = 300  # somebody who was given a path may still be about to open it

Fetch = Callable[[Path], str]
"""Writes a content to a path and returns its sha256."""


def contents_folder() -> Path:
    """Return the folder of the contents."""
    return Path(settings.CASEFARM_CACHE) / "contents"


def passing_folder() -> Path:
    """Return the folder of files on their way to or from the service."""
    folder = Path(settings.CASEFARM_CACHE) / "passing"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def hold_content(sha256: str, fetch: Fetch) -> Iterator[Path]:
    """Give the path of a content, fetched if need be, and keep it from being removed while the block lasts.

    Raises:
        DamagedFileError: what was fetched has another hash.
        OSError: it cannot be fetched.
    """
    path = contents_folder() / sha256
    handle = _open_held(path)
    while handle is None:
        _fetch_once(path, fetch)
        handle = _open_held(path)
    try:
        os.utime(path)
        yield path
    finally:
        os.close(handle)


def _open_held(path: Path) -> int | None:
    """Return a handle that holds the file under this path; None where there is none, or it was just removed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(handle, fcntl.LOCK_SH)
    if os.fstat(handle).st_nlink:
        return handle
    os.close(handle)
    return None


def _fetch_once(path: Path, fetch: Fetch) -> None:
    """Bring a content here, unless another thread or process is just doing so: then wait for that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(_locks_folder() / path.name[:2]):
        if path.exists():
            return
        incoming = make_passing_file()
        try:
            found = fetch(incoming)
            if found != path.name:
                raise DamagedFileError(f"The store's content {path.name[:12]}… has the hash {found[:12]}….")
            incoming.rename(path)
        finally:
            incoming.unlink(missing_ok=True)
    trim_cache()


def _locks_folder() -> Path:
    folder = Path(settings.CASEFARM_CACHE) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_passing_file() -> Path:
    """Return a new empty file in the folder of files on their way."""
    handle, name = tempfile.mkstemp(dir=passing_folder(), prefix="fetch-")
    os.close(handle)
    return Path(name)


def write_stored(stored: Reader, path: Path) -> str:
    """Write what is read from a store to a path, piece by piece, and return its sha256."""
    digest = hashlib.sha256()
    with path.open("wb") as copy:
        while chunk := stored.read(CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file for oneself among all threads and processes of this machine."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def trim_cache() -> int:
    """Remove the longest unused contents beyond `CASEFARM_CACHE_GB`, and abandoned files; return the freed bytes."""
    remove_abandoned()
    # One at a time: a second one might remove what has just come in place of what the first took.
    with locked(_locks_folder() / "trim"):
        return _remove_longest_unused()


def _remove_longest_unused() -> int:
    found = sorted(_list_contents(), key=lambda entry: entry[1].st_mtime)
    excess = sum(stat.st_size for _, stat in found) - settings.CASEFARM_CACHE_GB * GIGABYTE
    freed = 0
    for path, stat in found:
        if freed >= excess or time.time() - stat.st_mtime < JUST_USED_S:
            break
        if remove_unheld(path):
            freed += stat.st_size
    if freed:
        log.info("removed %d bytes of contents that this machine had fetched", freed)
    return freed


def _list_contents() -> Iterator[tuple[Path, os.stat_result]]:
    folder = contents_folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue


def remove_unheld(path: Path) -> bool:
    """Remove a content unless somebody holds it. Returns whether it went."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(handle)
    return True


def remove_abandoned() -> None:
    """Remove what a killed process has left on its way."""
    for path in passing_folder().iterdir():
        try:
            abandoned = time.time() - path.stat().st_mtime > ABANDONED_AFTER_S
        except FileNotFoundError:
            continue
        if abandoned and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif abandoned:
            path.unlink(missing_ok=True)
