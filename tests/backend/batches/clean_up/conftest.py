"""Batches with files, old and young, and a clean-up of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from batches import storage
from batches.clean_up import removal, reports
from batches.models import Batch, CleanUpReport, KnownCase
from batches.states import BatchState, CleanUpRule
from tests.backend.stored import stored


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    """Files stay for 30 days, and as long as they take less than a gigabyte."""
    settings.CASEFARM_KEEP_DAYS, settings.CASEFARM_KEEP_GB, settings.CASEFARM_CASE_CACHE_GB = 30, 1, 1


def days_ago(days: float) -> datetime:
    """Return a time in the past."""
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def ended(make_batch: Callable[..., Batch]) -> Callable[..., Batch]:
    """Record a batch that ended some days ago, with a file of a case and a part of its table."""

    def make(days: float, size_bytes: int = 10, counted: bool = True, **changes: Any) -> Batch:
        owner = changes.pop("owner", None)
        inputs = changes.pop("inputs", {"models": {}, "weathers": {}})
        batch = make_batch(
            **{
                "state": BatchState.COMPLETED,
                "finished_at": days_ago(days),
                "closed_bytes": size_bytes if counted else 0,
                **changes,
            }
        )
        Batch.objects.filter(pk=batch.pk).update(owner=owner or batch.owner, inputs=inputs)
        write_file(stored(storage.case_folder(batch.pk, 0, 0, 1)) / "eplusout.sql", size_bytes)
        write_file(stored(storage.part_path(batch.pk, 0)), 5)
        return batch

    return make


def write_file(path: Path, size_bytes: int) -> None:
    """Write a file of a size, which takes no room."""
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(size_bytes)


def known_case(letter: str, used: datetime, size_bytes: int = 10) -> Path:
    """Record a known case with a file; return its folder."""
    holder = uuid4()
    KnownCase.objects.create(key=letter * 64, holder=holder, outcome={}, size_bytes=size_bytes, last_used_at=used)
    folder = stored(storage.known_case_folder(letter * 64, holder))
    write_file(folder / "eplusout.sql.zst", size_bytes)
    return folder


def clean_up(
    rules: Sequence[CleanUpRule] = tuple(CleanUpRule), *, dry_run: bool = False, user: User | None = None
) -> CleanUpReport:
    """Clean up as the task does, with the removal of files; return the report as it is shown."""
    report = reports.request_clean_up(dry_run=dry_run, requested_by=user, rules=rules)
    for batch_id in reports.run_clean_up(report.pk):
        removal.finish(batch_id)
    return CleanUpReport.objects.filter(pk=report.pk).first() or report


def has_case_files(batch: Batch) -> bool:
    """Return whether files of a batch's cases are there."""
    return stored(storage.case_folder(batch.pk, 0, 0, 1)).exists()
