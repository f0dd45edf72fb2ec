"""Revisions follow the code: another way of reading gives another one, another comment does not."""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

import pytest

from energyplus.results.revision import digest_code, judging_revision, reading_revision


def revision_of(folder: Path, source: str) -> str:
    (folder / "metrics.py").write_text(source)
    return digest_code([folder / "metrics.py"])


def test_comments_and_layout_do_not_count(tmp_path: Path) -> None:
    assert revision_of(tmp_path, "LIMIT = 300\n") == revision_of(tmp_path, "# as in appendix G\nLIMIT  =  300\n")


def test_what_the_code_does_counts(tmp_path: Path) -> None:
    assert revision_of(tmp_path, "LIMIT = 300\n") != revision_of(tmp_path, "LIMIT = 301\n")


def test_judging_and_reading_have_revisions_of_their_own() -> None:
    assert len({judging_revision(), reading_revision()}) == 2


def test_no_two_threads_parse_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse, alone, second_came = ast.parse, Lock(), Event()

    def watch(source: bytes) -> ast.Module:
        assert alone.acquire(blocking=False), "two threads parse at once"
        second_came.wait(0.05)  # nobody sets it: time for another thread to come
        alone.release()
        return parse(source)

    monkeypatch.setattr(ast, "parse", watch)
    with ThreadPoolExecutor(4) as pool:
        (tmp_path / "metrics.py").write_text("LIMIT = 300\n")
        found = list(pool.map(lambda _: digest_code([tmp_path / "metrics.py"]), range(4)))
    assert len(set(found)) == 1
