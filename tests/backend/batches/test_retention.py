"""Clean-up removes files of old batches and never those of one that is at work or kept."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from batches import retention, storage
from batches.errors import StillActiveError
from batches.expansion import expand_batch
from batches.models import Batch, Case, KnownCase
from batches.states import BatchState


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    """Keep files in a folder of the test's own."""
    settings.CASEFARM_FILES, settings.CASEFARM_SCRATCH = tmp_path / "files", tmp_path / "scratch"
    settings.CASEFARM_KEEP_DAYS, settings.CASEFARM_KEEP_GB = 30, 1
    settings.CASEFARM_CASE_CACHE_GB = 1


def with_files(batch: Batch, size_bytes: int = 10) -> Batch:
    folder = storage.case_folder(batch.pk, 0, 0, 1)
    folder.mkdir(parents=True)
    with (folder / "eplusout.sql").open("wb") as file:
        file.truncate(size_bytes)
    table = storage.part_path(batch.pk, 0)
    table.parent.mkdir(parents=True)
    table.write_bytes(b"table")
    return batch


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_files_of_old_batches_go_and_their_tables_stay(make_batch: Callable[..., Batch]) -> None:
    old = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(31)))
    young = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(29)))
    report = retention.remove_old_outputs()
    assert (report.batches, report.freed_bytes) == (1, 10)
    assert not (storage.batch_folder(old.pk) / "cases").exists()
    assert storage.part_path(old.pk, 0).exists()
    assert storage.measure_case_files(young.pk) == 10
    old.refresh_from_db()
    assert old.outputs_removed_at is not None


def test_the_oldest_go_first_when_there_is_too_much(make_batch: Callable[..., Batch]) -> None:
    older = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(2)), 600_000_000)
    newer = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(1)), 600_000_000)
    assert retention.remove_old_outputs().batches == 1
    assert storage.measure_case_files(older.pk) == 0
    assert storage.measure_case_files(newer.pk) == 600_000_000


def test_batches_at_work_and_kept_ones_are_left_alone(make_batch: Callable[..., Batch]) -> None:
    running = with_files(make_batch(state=BatchState.RUNNING))
    kept = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(99), keep=True))
    assert retention.remove_old_outputs().batches == 0
    assert storage.measure_case_files(running.pk) == storage.measure_case_files(kept.pk) == 10


def test_folders_without_a_batch_go(make_batch: Callable[..., Batch]) -> None:
    batch = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(1)))
    batch_id = batch.pk
    batch.delete()
    assert retention.remove_old_outputs().orphans == 1
    assert not storage.batch_folder(batch_id).exists()


def known_case(letter: str, used: Any, size_bytes: int = 10) -> Path:
    """A known case with a file; its folder."""
    holder = uuid4()
    KnownCase.objects.create(key=letter * 64, holder=holder, outcome={}, size_bytes=size_bytes, last_used_at=used)
    folder = storage.known_case_folder(letter * 64, holder)
    folder.mkdir(parents=True)
    (folder / "eplusout.sql.zst").write_bytes(b"results")
    return folder


def test_known_cases_go_when_they_were_not_used_for_long(db: None) -> None:
    old, young = known_case("a", days_ago(31)), known_case("b", days_ago(29))
    report = retention.remove_old_outputs()
    assert (report.known_cases, report.freed_bytes) == (1, 10)
    assert (old.exists(), young.exists()) == (False, True)
    assert [row.key[0] for row in KnownCase.objects.all()] == ["b"]


def test_the_longest_unused_known_cases_go_when_there_are_too_many(db: None) -> None:
    folders = [known_case(letter, days_ago(days), 400_000_000) for letter, days in (("a", 1), ("b", 3), ("c", 2))]
    assert retention.remove_old_outputs().known_cases == 1
    assert [folder.exists() for folder in folders] == [True, False, True]


def test_what_killed_workers_left_of_known_cases_goes_after_a_day(db: None) -> None:
    kept = known_case("a", days_ago(0))
    orphan = storage.known_case_folder("b" * 64, uuid4())
    torn = orphan.with_name(f"{orphan.name}.incoming")
    fresh = storage.known_case_folder("c" * 64, uuid4())
    for folder in (orphan, torn, fresh):
        folder.mkdir(parents=True)
    for folder in (kept, orphan, torn):
        os.utime(folder, (0, 0))
    KnownCase.objects.create(key="d" * 64, holder=uuid4(), leased_until=days_ago(2))
    assert retention.remove_old_outputs().orphans == 2
    assert [folder.exists() for folder in (kept, orphan, torn, fresh)] == [True, False, False, True]
    assert [row.key[0] for row in KnownCase.objects.all()] == ["a"]


def test_a_shared_file_counts_once_for_all_who_share_it(make_batch: Callable[..., Batch]) -> None:
    batch = with_files(make_batch(state=BatchState.COMPLETED, finished_at=days_ago(1)), 1000)
    shared = storage.case_folder(batch.pk, 0, 0, 1) / "eplusout.sql"
    os.link(shared, known_case("a", days_ago(0)) / "shared")
    assert storage.measure_case_files(batch.pk) == 500


@pytest.mark.django_db(transaction=True)
def test_deleting_a_batch_leaves_no_row_and_no_file(make_batch: Callable[..., Batch]) -> None:
    batch = with_files(make_batch())
    expand_batch(batch.pk)
    with pytest.raises(StillActiveError, match="cancel it"):
        retention.delete_batch(batch=batch)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED)
    retention.delete_batch(batch=batch)
    assert not Case.objects.filter(batch_id=batch.pk).exists()
    assert not storage.batch_folder(batch.pk).exists()
