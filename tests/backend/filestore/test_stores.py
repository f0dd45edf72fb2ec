"""A local folder and S3 keep files alike: complete or not at all, given back as they were, gone when removed."""

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filestore.operations import DamagedFileError, FileStore, Key

CONTENTS = {"eplusout.sql.zst": b"meter " * 1000, "eplusout.end.zst": b"", "series.parquet": b"PAR1"}
HASHES = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
CASE = Key("batches/b/cases/000000/0/1")
LARGE = 40 * 1024 * 1024  # goes in three parts


@pytest.fixture
def folder(store: FileStore) -> Key:
    """A stored folder."""
    with store.fill_folder(CASE) as draft:
        for name, content in CONTENTS.items():
            (draft.path / name).write_bytes(content)
    return CASE


def read(store: FileStore, key: Key) -> bytes:
    return b"".join(store.read_chunks(key))


def names_in(store: FileStore, folder: Key) -> set[str]:
    return {file.key.name for file in store.list_files(folder)}


def test_a_folder_comes_out_as_it_went_in(store: FileStore, folder: Key) -> None:
    assert {file.key.name: read(store, file.key) for file in store.list_files(folder)} == CONTENTS
    assert {file.key.name: file.size_bytes for file in store.list_files(folder)} == {
        name: len(content) for name, content in CONTENTS.items()
    }


def test_a_folder_that_could_not_be_filled_leaves_nothing(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError, match="lacking"), store.fill_folder(CASE) as draft:
        (draft.path / "half").write_bytes((draft.path / "lacking").read_bytes())
    assert names_in(store, Key("batches")) == set()


def test_a_folder_takes_the_place_of_one_that_stood_there(store: FileStore, folder: Key) -> None:
    with store.fill_folder(CASE) as draft:
        (draft.path / "other").write_bytes(b"other")
    assert names_in(store, folder) == {"other"}


def test_a_folder_takes_files_of_another_one(store: FileStore, folder: Key) -> None:
    target = CASE.with_name("2")
    with store.fill_folder(target) as draft:
        draft.take_files(folder, HASHES)
        (draft.path / "own").write_bytes(b"own")
    assert {file.key.name: read(store, file.key) for file in store.list_files(target)} == {**CONTENTS, "own": b"own"}
    store.remove(folder)
    assert read(store, target / "series.parquet") == b"PAR1"


def test_a_taken_file_that_is_gone_is_told(store: FileStore, folder: Key) -> None:
    store.remove(folder / "series.parquet")
    with pytest.raises(FileNotFoundError), store.fill_folder(CASE.with_name("2")) as draft:
        draft.take_files(folder, HASHES)
    assert names_in(store, CASE.with_name("2")) == set()


def test_a_taken_file_that_is_another_one_is_told(store: FileStore, folder: Key) -> None:
    with store.fill_file(folder / "series.parquet") as path:
        path.write_bytes(b"PAR2")
    with pytest.raises(DamagedFileError, match=r"series\.parquet"), store.fill_folder(CASE.with_name("2")) as draft:
        draft.take_files(folder, HASHES)


def test_a_file_appears_only_when_all_went_well(store: FileStore) -> None:
    key = Key("batches/b/table/part-000000.parquet")
    with pytest.raises(FileNotFoundError, match="lacking"), store.fill_file(key) as path:
        shutil.copyfile(path.with_name("lacking"), path)
    assert not store.has_file(key)
    assert names_in(store, Key("batches")) == set()
    with store.fill_file(key) as path:
        path.write_bytes(b"whole")
    with store.local_copy(key) as path:
        assert path.read_bytes() == b"whole"


def test_a_large_file_goes_in_parts_and_comes_out_as_it_was(store: FileStore, tmp_path: Path) -> None:
    source, key = tmp_path / "large", Key("blobs/aa/large")
    source.write_bytes(bytes(range(256)) * (LARGE // 256))
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    store.keep_file(source, key)
    store.copy_file(key, Key("blobs/aa/copy"))
    with store.hold_content(Key("blobs/aa/copy"), sha256) as path:
        assert path.stat().st_size == LARGE
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_the_beginning_of_a_file_tells_its_size(store: FileStore, folder: Key) -> None:
    for name, content in CONTENTS.items():
        head = store.read_head(folder / name, 18)
        assert head
        assert (head.content, head.size_bytes) == (content[:18], len(content))
    assert store.read_head(folder / "nothing", 18) is None


def test_what_is_not_there_is_not_found(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        read(store, CASE / "nothing")
    with pytest.raises(FileNotFoundError), store.local_copy(CASE / "nothing"):
        pass
    with pytest.raises(FileNotFoundError):
        store.copy_file(CASE / "nothing", CASE / "copy")
    assert list(store.list_files(CASE)) == []
    assert list(store.list_folders(CASE)) == []
    assert store.measure(CASE) == 0
    assert store.find_written_at(CASE) is None
    store.remove(CASE)


def test_a_folder_is_listed_measured_and_removed(store: FileStore, folder: Key) -> None:
    store.copy_file(folder / "series.parquet", CASE.with_name("10") / "series.parquet")
    assert [key.name for key in store.list_folders(CASE.parent)] == ["1", "10"]
    assert store.measure_own(CASE) in (6000, 6004)  # a copy takes room of its own, a link does not
    written_at = store.find_written_at(CASE)
    assert written_at
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)
    store.remove(CASE)
    assert [key.name for key in store.list_folders(CASE.parent)] == ["10"]


def test_a_moved_file_is_gone_here(store: FileStore) -> None:
    path = store.passing_folder() / "upload"
    path.write_bytes(b"content")
    store.take_file(path, Key("blobs/aa/content"))
    assert not path.exists()
    assert read(store, Key("blobs/aa/content")) == b"content"


def test_a_folder_of_this_machine_is_copied(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(b"mine")
    store.keep_folder(tmp_path / "mine", CASE)
    assert read(store, CASE / "file") == b"mine"
    assert (tmp_path / "mine" / "file").exists()


def test_a_store_says_that_it_can_be_written(store: FileStore) -> None:
    assert "writable" in store.probe(2)
