"""An archive is written and read in order, as a tar file or a folder; whatever is wrong with it is named."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from backups.archives import create_archive
from backups.creation import add_file
from backups.errors import BackupError, DamagedArchiveError
from backups.manifests import DUMP, MANIFEST, Description, Entry, ManifestWriter
from backups.verification import verify_archive

DESCRIPTION = Description("2026-11-21T12:00:00+00:00", 18, [], case_files=True, rows={}, database_bytes=1)
CONTENTS = {DUMP: b"dump", "files/blobs/aa/1": b"one", "files/batches/b/table/part-000000.parquet": b"table" * 1000}


@pytest.fixture(params=["archive.tar", "archive"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive of three files and a further name of one."""
    return write(tmp_path / request.param)


def write(target: Path, names: Callable[[str], str] = str, *, same_as: str = "files/blobs/aa/1") -> Path:
    """Write an archive; return its path."""
    lines = io.BytesIO()
    with create_archive(target) as archive:
        manifest = ManifestWriter(lines, DESCRIPTION)
        for name, content in CONTENTS.items():
            add_file(archive, manifest, names(name), io.BytesIO(content), len(content))
        manifest.add(Entry("files/known/a/2", 3, "hash", same_as=same_as))
        manifest.close()
        size_bytes = lines.tell()
        lines.seek(0)
        archive.add(MANIFEST, size_bytes, lines)
    return target


def test_what_was_written_is_found_right(archive: Path, tmp_path: Path) -> None:
    found = verify_archive(archive, tmp_path)
    assert found.description == DESCRIPTION
    assert [entry.file for entry in found.entries()] == [*CONTENTS, "files/known/a/2"]
    assert (found.summary.files, found.summary.bytes) == (4, sum(map(len, CONTENTS.values())))


def test_an_archive_takes_the_place_of_nothing(archive: Path) -> None:
    with pytest.raises(BackupError, match="is there already"):
        write(archive)


def test_an_archive_that_could_not_be_finished_does_not_bear_its_name(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), create_archive(tmp_path / "archive.tar"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["files/../../etc/passwd", "/etc/passwd", "files/tmp/a", "files/blobs", "else"])
def test_a_file_that_would_lie_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "archive.tar", lambda known: name if known.startswith("files/blobs") else known)
    with pytest.raises(DamagedArchiveError, match="no file of a back-up"):
        verify_archive(source, tmp_path)


def test_a_further_name_of_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedArchiveError, match="files/blobs/zz"):
        verify_archive(write(tmp_path / "archive.tar", same_as="files/blobs/zz/9"), tmp_path)


def test_in_a_folder_a_missing_a_changed_and_a_strange_file_are_named(tmp_path: Path) -> None:
    source = write(tmp_path / "archive")
    (source / "files" / "stranger").write_bytes(b"?")
    with pytest.raises(DamagedArchiveError, match="stranger"):
        verify_archive(source, tmp_path)
    (source / "files" / "stranger").unlink()
    (source / "files/blobs/aa/1").write_bytes(b"two")
    with pytest.raises(DamagedArchiveError, match="files/blobs/aa/1 is not what was backed up"):
        verify_archive(source, tmp_path)
    (source / "files/blobs/aa/1").unlink()
    with pytest.raises(DamagedArchiveError, match="files/blobs/aa/1 is missing"):
        verify_archive(source, tmp_path)


def test_a_line_that_was_taken_out_of_the_manifest_is_noticed(tmp_path: Path) -> None:
    source = write(tmp_path / "archive")
    lines = (source / MANIFEST).read_bytes().splitlines(keepends=True)
    (source / MANIFEST).write_bytes(b"".join(line for line in lines if b"blobs" not in line))
    (source / "files/blobs/aa/1").unlink()
    with pytest.raises(DamagedArchiveError, match=MANIFEST):
        verify_archive(source, tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "archive")
    first, rest = (source / MANIFEST).read_bytes().split(b"\n", 1)
    changed = {**json.loads(first), "format": 9}
    (source / MANIFEST).write_bytes(json.dumps(changed).encode() + b"\n" + rest)
    with pytest.raises(DamagedArchiveError, match="format 9"):
        verify_archive(source, tmp_path)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_bytes(b"text")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    for name, told in (("text.tar", "cannot be read"), ("empty.tar", "missing"), ("none.tar", "is not there")):
        with pytest.raises(DamagedArchiveError, match=told):
            verify_archive(tmp_path / name, tmp_path)
