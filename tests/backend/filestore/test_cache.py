"""What a machine has fetched from S3: once, verified, and never removed while somebody uses it."""

import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from pytest_django import Settings

from filestore import cache
from filestore.operations import DamagedFileError

CONTENT = b"weather" * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_cache(settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_CACHE = tmp_path / "cache"
    settings.CASEFARM_CACHE_GB = 100


@pytest.fixture
def little_room(settings: Settings) -> Callable[[], None]:
    """Says that the cache may have a gigabyte from now on."""

    def limit() -> None:
        settings.CASEFARM_CACHE_GB = 1

    return limit


def bring(content: bytes) -> Callable[[Path], str]:
    """Return a fetch that gives a content."""

    def fetch(path: Path) -> str:
        path.write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    return fetch


def never(path: Path) -> str:
    raise AssertionError("fetched once more")


def put(number: int, size_bytes: int, unused_s: float) -> str:
    """Have a content in the cache, of a size that takes no room, that was last used some time ago."""
    content = str(number).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    with cache.hold_content(sha256, bring(content)) as path:
        pass
    os.truncate(path, size_bytes)
    os.utime(path, (time.time() - unused_s, time.time() - unused_s))
    return sha256


def is_there(sha256: str) -> bool:
    return (cache.contents_folder() / sha256).exists()


def test_a_content_is_fetched_once() -> None:
    for fetch in (bring(CONTENT), never):
        with cache.hold_content(SHA256, fetch) as path:
            assert path.read_bytes() == CONTENT


def test_of_many_who_want_it_at_once_one_fetches_it() -> None:
    fetched, together = [], Barrier(8)

    def fetch(path: Path) -> str:
        fetched.append(path)
        return bring(CONTENT)(path)

    def use(_: int) -> bytes:
        together.wait()
        with cache.hold_content(SHA256, fetch) as path:
            return path.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [CONTENT] * 8
    assert len(fetched) == 1


def test_a_content_with_another_hash_is_not_kept() -> None:
    with pytest.raises(DamagedFileError), cache.hold_content(SHA256, bring(b"something else")):
        pass
    assert not is_there(SHA256)
    assert list(cache.passing_folder().iterdir()) == []


def test_the_longest_unused_go_until_there_is_room(little_room: Callable[[], None]) -> None:
    oldest, older, young = (put(number, 600_000_000, unused_s) for number, unused_s in enumerate((9e5, 9e4, 9e3)))
    little_room()
    assert cache.trim_cache() == 1_200_000_000
    assert [is_there(sha256) for sha256 in (oldest, older, young)] == [False, False, True]


def test_what_was_used_just_now_stays_however_little_room_there_is(little_room: Callable[[], None]) -> None:
    for number in range(3):
        put(number, 600_000_000, unused_s=1)
    little_room()
    assert cache.trim_cache() == 0


def hold_until_told(folder: str, sha256: str, line: Any) -> None:
    """Hold a content in another process."""
    from django.conf import settings

    settings.CASEFARM_CACHE = folder
    with cache.hold_content(sha256, never):
        line.send("held")
        line.recv()


def test_what_another_process_holds_stays(settings: Settings, little_room: Callable[[], None]) -> None:
    held, free = put(1, 900_000_000, unused_s=9e5), put(2, 900_000_000, unused_s=9e4)
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=hold_until_told, args=(str(settings.CASEFARM_CACHE), held, there))
    little_room()
    process.start()
    assert here.recv() == "held"
    long_ago = time.time() - 9e5
    os.utime(cache.contents_folder() / held, (long_ago, long_ago))  # it has run for long
    cache.trim_cache()
    assert (is_there(held), is_there(free)) == (True, False)
    here.send("go")
    process.join()
    put(2, 900_000_000, unused_s=9e4)
    cache.trim_cache()
    assert not is_there(held)


def test_a_content_that_is_removed_at_the_last_moment_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with cache.hold_content(SHA256, bring(CONTENT)) as path:
        pass
    opened = os.open

    def open_late(*arguments: Any) -> int:
        handle = opened(*arguments)
        if arguments[0] == path:
            monkeypatch.undo()
            assert cache.remove_unheld(path)
        return handle

    monkeypatch.setattr(cache.os, "open", open_late)
    with cache.hold_content(SHA256, bring(CONTENT)) as found:
        assert found.read_bytes() == CONTENT


def test_what_a_killed_process_has_left_on_its_way_goes_after_a_day() -> None:
    old, young, folder = (cache.passing_folder() / name for name in ("fetch-1", "fetch-2", "folder-1"))
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    folder.mkdir()
    (folder / "eplusout.sql.zst").write_bytes(b"half")
    for path in (old, folder):
        os.utime(path, (0, 0))
    cache.trim_cache()
    assert list(cache.passing_folder().iterdir()) == [young]
