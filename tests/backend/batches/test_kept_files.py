"""What a case keeps lies compressed and comes out as it was; a folder is there whole or not at all."""

import hashlib
from pathlib import Path

import pytest
import zstandard

from batches.cases import kept_files
from batches.cases.kept_files import find_file, keep_files, list_files, read_chunks, read_file
from filestore.hashing import hash_file
from filestore.store import files

CONTENTS = {"eplusout.sql": b"meter " * 100_000, "eplusout.end": b"", "series.parquet": b"PAR1 and the rest"}


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run folder with a few files."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    return folder


def test_files_come_out_as_they_were_under_their_plain_names_and_sizes(run_folder: Path, tmp_path: Path) -> None:
    keep_files(run_folder, sorted(CONTENTS), tmp_path / "kept")
    files = list_files(tmp_path / "kept")
    assert {file.name: file.size_bytes for file in files} == {name: len(text) for name, text in CONTENTS.items()}
    assert {file.name: b"".join(read_chunks(file)) for file in files} == CONTENTS
    assert read_file(tmp_path / "kept", "eplusout.sql") == CONTENTS["eplusout.sql"]


def test_they_take_little_room_and_parquet_lies_as_it_is(run_folder: Path, tmp_path: Path) -> None:
    keep_files(run_folder, sorted(CONTENTS), tmp_path / "kept")
    assert (tmp_path / "kept" / "eplusout.sql.zst").stat().st_size < 1000
    assert (tmp_path / "kept" / "series.parquet").read_bytes() == CONTENTS["series.parquet"]


def test_the_hashes_are_those_of_the_stored_bytes(run_folder: Path, tmp_path: Path) -> None:
    kept = keep_files(run_folder, sorted(CONTENTS), tmp_path / "kept", {"notes.txt": "of no file"})
    hashes = {name: found.sha256 for name, found in kept.files.items()}
    stored = {path.name: path.read_bytes() for path in (tmp_path / "kept").iterdir()}
    assert hashes == {name: hashlib.sha256(content).hexdigest() for name, content in stored.items()}
    assert all(hash_file(tmp_path / "kept" / name) == sha256 for name, sha256 in hashes.items())
    assert kept.stored_bytes == sum(map(len, stored.values()))
    assert read_file(tmp_path / "kept", "notes.txt") == b"of no file"


def test_a_file_of_before_compression_is_read_as_it_is(run_folder: Path) -> None:
    file = find_file(run_folder, "eplusout.sql")
    assert file
    assert not file.is_compressed
    assert b"".join(read_chunks(file)) == CONTENTS["eplusout.sql"]


def test_a_damaged_file_is_not_read_as_a_whole_one(run_folder: Path, tmp_path: Path) -> None:
    keep_files(run_folder, ["eplusout.sql"], tmp_path / "kept")
    path = tmp_path / "kept" / "eplusout.sql.zst"
    content = path.read_bytes()
    for damaged in (content[:-1] + bytes([content[-1] ^ 1]), content[:-20]):  # its checksum; its end
        path.write_bytes(damaged)
        with pytest.raises(zstandard.ZstdError):
            read_file(tmp_path / "kept", "eplusout.sql")


def test_a_folder_that_cannot_be_filled_is_not_there(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep_files(run_folder, ["eplusout.sql", "gone.txt"], tmp_path / "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_a_folder_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with files.fill_folder(tmp_path / "kept") as draft:
            (draft.path / name).write_text(name)
    assert [file.name for file in list_files(tmp_path / "kept")] == ["second"]


def test_nothing_is_listed_where_the_folder_is_gone(tmp_path: Path) -> None:
    assert list_files(tmp_path / "gone") == []
    assert kept_files.read_file(tmp_path / "gone", "eplusout.sql") is None


def test_a_file_that_was_cut_off_does_not_hide_the_others(run_folder: Path, tmp_path: Path) -> None:
    keep_files(run_folder, list(CONTENTS), tmp_path / "kept")
    (tmp_path / "kept" / "eplusout.sql.zst").write_bytes(b"")
    assert [file.name for file in list_files(tmp_path / "kept")] == ["eplusout.end", "series.parquet"]
    assert find_file(tmp_path / "kept", "eplusout.sql") is None
