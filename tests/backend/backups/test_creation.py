"""A back-up holds what rows refer to, once, and says what is missing."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from backups import creation, restoration
from backups.errors import NotEmptyError, UnfitArchiveError
from backups.verification import VerifiedArchive, verify_archive
from batches.expansion import expand_batch
from batches.models import Batch, Case, KnownCase, Shard
from batches.states import BatchState, CaseState, ShardState
from filestore.hashing import hash_file
from tests.backend.batches.conftest import make_batch, owner  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch(make_batch: Callable[..., Batch], files: Path) -> Batch:  # noqa: F811 - the fixture
    """An ended batch whose case 0 is known to others, whose case 1 failed; beside them what nobody refers to."""
    found = make_batch()
    Batch.objects.filter(pk=found.pk).update(inputs={"models": {}, "weathers": {}})
    expand_batch(found.pk)
    Batch.objects.filter(pk=found.pk).update(state=BatchState.COMPLETED, finished_at=timezone.now())
    Shard.objects.filter(batch=found).update(state=ShardState.FINISHED, epoch=1)
    Case.objects.filter(batch_id=found.pk, index=0).update(state=CaseState.SUCCEEDED, attempt=2)
    Case.objects.filter(batch_id=found.pk, index=1).update(state=CaseState.FAILED, attempt=1)
    root = files / "batches" / str(found.pk)
    for shard in Shard.objects.filter(batch=found):
        put(root / "table" / f"part-{shard.number:06d}.parquet")
    for name in ("0/2/eplusout.sql.zst", "0/1/late.zst", "1/1/eplusout.err.zst", "0/2.incoming/half.zst"):
        put(root / "cases" / "000000" / name)
    return found


def put(path: Path) -> Path:
    """Write a file of its own content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(str(path).encode())
    return path


def back_up(tmp_path: Path, **options: Any) -> VerifiedArchive:
    """Make a back-up and verify it."""
    target = tmp_path / f"{uuid4().hex}.tar"
    creation.make_backup(target, case_files=options.get("case_files", True), say=lambda _: None)
    return verify_archive(target, tmp_path)


def names(archive: VerifiedArchive) -> set[str]:
    """Return the names of the files of batches and known cases in an archive, from the batch's folder on."""
    parts = (entry.file.split("/") for entry in archive.entries())
    return {"/".join(part[3:]) for part in parts if part[1:2] in (["batches"], ["known"])}


def test_published_files_are_there_and_nobodys_are_not(batch: Batch, tmp_path: Path) -> None:
    assert names(back_up(tmp_path)) == {
        *(f"table/part-{number:06d}.parquet" for number in range(3)),
        "cases/000000/0/2/eplusout.sql.zst",
        "cases/000000/1/1/eplusout.err.zst",
    }
    assert names(back_up(tmp_path, case_files=False)) == {f"table/part-{number:06d}.parquet" for number in range(3)}


def test_a_file_that_others_share_is_there_once(batch: Batch, files: Path, tmp_path: Path) -> None:
    holder, key = uuid4(), "a" * 64
    own = files / "batches" / str(batch.pk) / "cases/000000/0/2/eplusout.sql.zst"
    shared = files / "known" / "aa" / f"{key}-{holder}" / "eplusout.sql.zst"
    shared.parent.mkdir(parents=True)
    os.link(own, shared)
    outcome = {"files": {"eplusout.sql.zst": hash_file(own)}}
    KnownCase.objects.create(key=key, holder=holder, outcome=outcome)
    same = [entry for entry in back_up(tmp_path).entries() if entry.same_as]
    assert [(entry.file.endswith(str(holder) + "/eplusout.sql.zst"), entry.sha256) for entry in same] == [
        (True, hash_file(own))
    ]


def test_what_is_missing_or_damaged_is_told_apart_from_what_was_removed(
    batch: Batch, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = files / "batches" / str(batch.pk)
    (root / "table" / "part-000001.parquet").unlink()
    (root / "cases/000000/0/2/eplusout.sql.zst").unlink()
    lost = back_up(tmp_path).summary
    assert sorted(Path(key).name for key in lost.lost) == ["changes.json.zst", "part-000001.parquet"]
    put(root / "table" / "part-000001.parquet")

    def remove_meanwhile(*arguments: Any) -> None:
        Batch.objects.filter(pk=batch.pk).update(outputs_removed_at=timezone.now())
        (root / "cases/000000/1/1/eplusout.err.zst").unlink(missing_ok=True)
        add_files(*arguments)

    add_files = creation.add_files
    monkeypatch.setattr(creation, "add_files", remove_meanwhile)
    summary = back_up(tmp_path).summary
    assert (summary.lost, [Path(key).name for key in summary.removed]) == (
        [],
        ["eplusout.err.zst", "changes.json.zst"],
    )


def test_a_stack_that_has_something_is_not_restored_into(batch: Batch, tmp_path: Path) -> None:
    archive = back_up(tmp_path)
    with pytest.raises(NotEmptyError, match=r"1 batches, 1 users"):
        restoration.restore_backup(archive.source, say=lambda _: None)
    assert Batch.objects.count() == 1


def test_a_back_up_of_a_newer_release_or_server_or_too_large_is_refused(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = back_up(tmp_path)
    restoration.refuse_unfit(archive)
    newer = replace(archive.description, migrations=["batches.9999_from_the_future"])
    with pytest.raises(UnfitArchiveError, match="9999_from_the_future"):
        restoration.refuse_unfit(replace(archive, description=newer))
    with pytest.raises(UnfitArchiveError, match="PostgreSQL 99"):
        restoration.refuse_unfit(replace(archive, description=replace(archive.description, server_version=99)))
    archive.summary.bytes = 10**18
    with pytest.raises(UnfitArchiveError, match="GB free"):
        restoration.refuse_unfit(archive)


def test_what_processes_held_is_free_after_a_restore(batch: Batch, tmp_path: Path) -> None:
    archive = back_up(tmp_path, case_files=False)
    Case.objects.filter(batch_id=batch.pk, index=2).update(
        state=CaseState.RUNNING, leased_until=timezone.now() + timedelta(hours=1)
    )
    Shard.objects.filter(batch=batch, number=1).update(state=ShardState.DISPATCHED, lane=1, level=0)
    KnownCase.objects.create(key="b" * 64, holder=uuid4(), leased_until=timezone.now())
    restoration.make_ready(archive)
    case = Case.objects.get(batch_id=batch.pk, index=2)
    shard = Shard.objects.get(batch=batch, number=1)
    assert (case.state, case.leased_until, shard.epoch, shard.lane) == (CaseState.PENDING, None, 2, None)
    assert not KnownCase.objects.exists()
    batch.refresh_from_db()
    assert batch.outputs_removed_at is not None


def test_rows_are_counted_by_table(batch: Batch, other_user: User) -> None:
    rows = creation.count_rows()
    assert (rows["batches_batch"], rows["batches_case"], rows["auth_user"]) == (1, 10, 2)
