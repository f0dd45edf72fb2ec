"""Clean-up removes files by age, quota and total size, never what anybody needs, and says what it did."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from batches import storage
from batches.clean_up import plan, readers, removal, reports
from batches.clean_up.carrying_out import carry_out
from batches.errors import CleanUpBusyError
from batches.models import Batch, CleanUpReport, KnownCase, OutputAddition, Shard
from batches.states import BatchState, CleanUpRule, CleanUpState, ShardState
from library.models import StoredModel
from library.storage import path_of
from tests.backend.batches.clean_up.conftest import clean_up, days_ago, has_case_files, known_case, write_file
from tests.backend.stored import stored

MakeBatch = Callable[..., Batch]


def test_files_of_old_batches_go_and_their_tables_stay(ended: MakeBatch, owner: User) -> None:
    old, young = ended(31), ended(29)
    report = clean_up(user=owner)
    assert report.counts == {"age": {"items": 1, "bytes": 10}}
    assert (has_case_files(old), has_case_files(young)) == (False, True)
    assert stored(storage.part_path(old.pk, 0)).exists()
    old.refresh_from_db()
    assert (old.outputs_removed_at is not None, old.removal_alive_at) == (True, None)


def test_the_oldest_go_first_when_there_is_too_much(ended: MakeBatch) -> None:
    older, newer = ended(2, 600_000_000), ended(1, 600_000_000)
    assert clean_up().counts == {"total_size": {"items": 1, "bytes": 600_000_000}}
    assert (has_case_files(older), has_case_files(newer)) == (False, True)


def test_a_batch_from_before_there_were_counters_is_measured_by_its_folder(ended: MakeBatch) -> None:
    older, newer = ended(2, 600_000_000, counted=False), ended(1, 600_000_000)
    assert clean_up().counts == {"total_size": {"items": 1, "bytes": 600_000_000}}
    assert (has_case_files(older), has_case_files(newer)) == (False, True)


def test_shards_that_were_never_closed_count_too(ended: MakeBatch) -> None:
    cancelled = ended(2, 600_000_000, counted=False, state=BatchState.CANCELLED)
    Shard.objects.create(
        batch=cancelled,
        number=0,
        first_index=-2,
        size=4,
        epoch=1,
        state=ShardState.DISPATCHED,
        stored_bytes=600_000_000,
    )
    newer = ended(1, 600_000_000)
    assert clean_up().counts == {"total_size": {"items": 1, "bytes": 600_000_000}}
    assert (has_case_files(cancelled), has_case_files(newer)) == (False, True)


def test_an_owner_beyond_his_quota_loses_his_oldest_files_and_nobody_else_any(
    ended: MakeBatch, owner: User, other_user: User, settings: Any
) -> None:
    settings.CASEFARM_QUOTA_STORED_GB, settings.CASEFARM_KEEP_GB = 1, 100
    kept = ended(5, 800_000_000, keep=True)
    oldest, newest = ended(3, 300_000_000), ended(1, 100_000_000)
    others = ended(4, 900_000_000, owner=other_user)
    report = clean_up(user=owner)
    assert report.counts == {"owner_quota": {"items": 1, "bytes": 300_000_000}}
    assert [has_case_files(batch) for batch in (kept, oldest, newest, others)] == [True, False, True, True]
    assert (report.items[0]["owner"], report.items[0]["id"]) == ("owner", str(oldest.pk))


def test_batches_at_work_and_kept_ones_are_left_alone(ended: MakeBatch) -> None:
    running = ended(99, state=BatchState.RUNNING)
    kept = ended(99, keep=True)
    read = ended(99)
    OutputAddition.objects.create(batch=read, outputs=[], case_total=1)
    assert clean_up().counts == {}
    assert all(map(has_case_files, (running, kept, read)))


def test_a_dry_run_says_what_a_clean_up_then_removes_and_changes_nothing(
    ended: MakeBatch, owner: User, files: Path
) -> None:
    for days in (31, 32, 1):
        ended(days, 400_000_000)
    ended(3, 700_000_000)
    known_case("a", days_ago(40))
    orphan = stored(storage.batch_folder(uuid4())) / "cases" / "file"
    write_file(orphan, 3)
    upload = StoredModel.objects.create(owner=owner, name="old.idf", sha256="f" * 64, size_bytes=4)
    StoredModel.objects.filter(pk=upload.pk).update(last_used_at=days_ago(99))
    write_file(path_of("f" * 64), 4)
    before = snapshot(files)
    told = clean_up(dry_run=True, user=owner)
    assert snapshot(files) == before
    assert (told.state, told.dry_run) == (CleanUpState.FINISHED, True)
    done = clean_up(user=owner)
    assert (
        told.counts
        == done.counts
        == {
            "age": {"items": 2, "bytes": 800_000_000},
            "total_size": {"items": 1, "bytes": 700_000_000},
            "known_cases": {"items": 1, "bytes": 10},
            "orphans": {"items": 1, "bytes": 0},
            "uploads": {"items": 1, "bytes": 4},
        }
    )
    assert [item["id"] for item in told.items] == [item["id"] for item in done.items]
    assert (done.spared, done.finished_at is not None) == (0, True)
    assert not orphan.exists()
    assert not path_of("f" * 64).exists()


def snapshot(files: Path) -> tuple[list[Any], list[tuple[str, int, int]]]:
    """Return all rows that a clean-up may touch, and every file with size and time of its last change."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Batch, KnownCase, StoredModel)]
    found = sorted(path for path in files.rglob("*") if path.is_file())
    return rows, [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in found]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"state": BatchState.EXPANDING},
        {"keep": True},
        {"finished_at": timezone.now()},
        {"deleted_at": timezone.now()},
        {"files_read_until": timezone.now() + timedelta(hours=1)},
    ],
    ids=["extended", "kept", "ended anew", "deleted", "being read"],
)
def test_a_batch_that_is_needed_by_the_time_its_turn_comes_is_spared(
    ended: MakeBatch, meanwhile: dict[str, Any]
) -> None:
    batch = ended(31)
    (item,) = plan.make_plan([CleanUpRule.AGE])
    Batch.objects.filter(pk=batch.pk).update(**meanwhile)
    assert not carry_out(item)
    batch.refresh_from_db()
    assert batch.outputs_removed_at is None


def test_a_known_case_that_is_used_between_plan_and_deed_is_spared(db: None) -> None:
    folder = known_case("a", days_ago(40))
    (item,) = plan.make_plan([CleanUpRule.KNOWN_CASES])
    KnownCase.objects.update(last_used_at=timezone.now())
    assert not carry_out(item)
    assert folder.exists()


def test_an_upload_that_an_ended_batch_was_made_of_stays_with_its_content(ended: MakeBatch, owner: User) -> None:
    upload = StoredModel.objects.create(owner=owner, name="used.idf", sha256="e" * 64, size_bytes=4)
    StoredModel.objects.filter(pk=upload.pk).update(last_used_at=days_ago(99))
    write_file(path_of("e" * 64), 4)
    write_file(path_of("d" * 64), 4)
    for letter in "ed":
        os.utime(path_of(letter * 64), (0, 0))
    pinned = {"id": str(upload.pk), "sha256": "e" * 64, "name": "used.idf", "attachments": {"a.csv": "d" * 64}}
    ended(99, inputs={"models": {"m": pinned}, "weathers": {}})
    assert clean_up([CleanUpRule.UPLOADS]).counts == {}
    assert path_of("e" * 64).exists()
    assert path_of("d" * 64).exists()


def test_removal_waits_for_a_reader_and_goes_on_afterwards(ended: MakeBatch) -> None:
    batch = ended(31)
    pieces = readers.hold_while_reading(batch.pk, iter(["a", "b"]))
    assert next(pieces) == "a"
    Batch.objects.filter(pk=batch.pk).update(outputs_removed_at=timezone.now(), removal_alive_at=timezone.now())
    further = removal.go_on(batch.pk, 0)
    assert further is not None
    assert further.pause_s > 0
    assert has_case_files(batch)
    Batch.objects.filter(pk=batch.pk).update(files_read_until=timezone.now())
    assert removal.go_on(batch.pk, further.step) is None
    assert not has_case_files(batch)


def test_a_removal_that_was_killed_is_found_and_goes_on(ended: MakeBatch) -> None:
    batch = ended(31)
    Batch.objects.filter(pk=batch.pk).update(outputs_removed_at=days_ago(1), removal_alive_at=timezone.now())
    assert removal.list_stalled() == []
    Batch.objects.filter(pk=batch.pk).update(removal_alive_at=days_ago(1))
    assert removal.list_stalled() == [(str(batch.pk), 0)]
    removal.finish(batch.pk)
    assert not has_case_files(batch)
    assert removal.list_stalled() == []


def test_folders_without_a_batch_go(ended: MakeBatch) -> None:
    batch = ended(1)
    batch_id = batch.pk
    batch.delete()
    assert clean_up().counts == {"orphans": {"items": 1, "bytes": 0}}
    assert not stored(storage.batch_folder(batch_id)).exists()


def test_known_cases_go_when_they_were_not_used_for_long(db: None) -> None:
    old, young = known_case("a", days_ago(31)), known_case("b", days_ago(29))
    assert clean_up().counts == {"known_cases": {"items": 1, "bytes": 10}}
    assert (old.exists(), young.exists()) == (False, True)
    assert [row.key[0] for row in KnownCase.objects.all()] == ["b"]


def test_the_longest_unused_known_cases_go_when_there_are_too_many(db: None) -> None:
    folders = [known_case(letter, days_ago(days), 400_000_000) for letter, days in (("a", 1), ("b", 3), ("c", 2))]
    assert clean_up().counts["known_cases"]["items"] == 1
    assert [folder.exists() for folder in folders] == [True, False, True]


def test_what_killed_workers_left_of_known_cases_goes_after_a_day(db: None) -> None:
    kept = known_case("a", days_ago(0))
    orphan = stored(storage.known_case_folder("b" * 64, uuid4()))
    torn = orphan.with_name(f"{orphan.name}.incoming")
    fresh = stored(storage.known_case_folder("c" * 64, uuid4()))
    for folder in (orphan, torn, fresh):
        folder.mkdir(parents=True)
    for folder in (kept, orphan, torn):
        os.utime(folder, (0, 0))
    KnownCase.objects.create(key="d" * 64, holder=uuid4(), leased_until=days_ago(2))
    assert clean_up().counts["orphans"]["items"] == 2
    assert [folder.exists() for folder in (kept, orphan, torn, fresh)] == [True, False, False, True]
    assert [row.key[0] for row in KnownCase.objects.all()] == ["a"]


def test_a_clean_up_of_beat_that_finds_nothing_leaves_no_report_and_one_that_was_asked_for_does(
    ended: MakeBatch, owner: User
) -> None:
    clean_up()
    assert not CleanUpReport.objects.exists()
    assert clean_up(user=owner).state == CleanUpState.FINISHED
    ended(31)
    clean_up()
    assert CleanUpReport.objects.count() == 2


def test_a_clean_up_that_fails_says_so_in_its_report(ended: MakeBatch, owner: User, files: Path) -> None:
    files.write_text("not a folder")
    report = reports.request_clean_up(dry_run=False, requested_by=owner, rules=[CleanUpRule.UPLOADS])
    CleanUpReport.objects.filter(pk=report.pk).update(rules=["no such rule"])
    with pytest.raises(ValueError, match="no such rule"):
        reports.run_clean_up(report.pk)
    report.refresh_from_db()
    assert (report.state, "no such rule" in report.failure) == (CleanUpState.FAILED, True)
    assert reports.list_forgotten() == []


@pytest.mark.django_db(transaction=True)
def test_one_clean_up_works_at_a_time_and_the_other_comes_again(ended: MakeBatch, owner: User) -> None:
    ended(31)
    report = reports.request_clean_up(dry_run=False, requested_by=owner)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with reports.hold_clean_up():
                entered.set()
                leave.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(30)
    try:
        with pytest.raises(CleanUpBusyError):
            reports.run_clean_up(report.pk)
    finally:
        leave.set()
        holder.join()
    assert reports.list_forgotten() == [(report.pk,)]
    assert len(reports.run_clean_up(report.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_outputs_that_begin_to_be_added_in_the_same_moment_keep_the_files(ended: MakeBatch) -> None:
    batch = ended(31)
    (item,) = plan.make_plan([CleanUpRule.AGE])
    done: list[bool] = []

    def deed() -> None:
        try:
            done.append(carry_out(item))
        finally:
            connection.close()

    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=batch.pk)
        OutputAddition.objects.create(batch=batch, outputs=[], case_total=1)
        cleaner = threading.Thread(target=deed)
        cleaner.start()
        wait_until_somebody_waits_for_a_lock()
    cleaner.join()
    assert done == [False]
    assert has_case_files(batch)


def wait_until_somebody_waits_for_a_lock() -> None:
    """Return once another session of this database waits for a lock."""
    asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(asking)
            if cursor.fetchone()[0]:
                return
