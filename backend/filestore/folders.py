"""Folders of this machine that every case makes and gives up: paths go in, as few questions to the system as it takes.

Plain texts as paths: what `pathlib` costs for a case's twenty files is more than the files. Called by `local.py` and by
who keeps run folders and their files.
"""

import errno
import os
import shutil
from pathlib import Path

_IS_THERE = frozenset({errno.ENOTEMPTY, errno.EEXIST})


def make_empty_folder(path: str) -> None:
    """Make a folder, and those above it where they are missing; what lies in one of that name goes."""
    try:
        os.mkdir(path)
    except FileNotFoundError:
        os.makedirs(path, exist_ok=True)
    except FileExistsError:
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path, exist_ok=True)


def rename_folder(source: str, target: str) -> None:
    """Give a folder its name; one that had it before goes."""
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno not in _IS_THERE:
            raise
        shutil.rmtree(target, ignore_errors=True)
        os.rename(source, target)


def remove_folder(path: str) -> None:
    """Remove a folder with all that is in it, as far as that can be; most have files only."""
    try:
        for name in os.listdir(path):
            os.unlink(f"{path}/{name}")
        os.rmdir(path)
    except OSError:
        shutil.rmtree(path, ignore_errors=True)


def write_new_file(path: str, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: it is.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def link_file(source: str | Path, target: str | Path) -> None:
    """Give a file a second name; copy it where the file system has no links, or not that many."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
