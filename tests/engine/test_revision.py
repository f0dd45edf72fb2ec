"""Revisions follow the code: another way of reading gives another one, another comment does not."""

from pathlib import Path

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
