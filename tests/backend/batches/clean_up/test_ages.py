"""`outputs_due_at` tells when the files of a batch go for their age, and the clean-up goes by the same rule."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from batches.models import Batch
from batches.states import BatchState
from tests.backend.batches.clean_up.conftest import clean_up, has_case_files

FINISHED = {"closed_succeeded": 3}
MakeBatch = Callable[..., Batch]


@pytest.fixture
def shown_date(log_in: Callable[[User], APIClient], owner: User) -> Callable[[Batch], str | None]:
    """Return when the API says that the files of a batch are due to go."""
    api = log_in(owner)

    def show(batch: Batch) -> str | None:
        due_at: str | None = api.get(f"/api/batches/{batch.pk}/").json()["outputs_due_at"]
        return due_at

    return show


def test_files_are_due_as_many_days_after_the_end_as_they_are_kept(
    ended: MakeBatch, shown_date: Callable[[Batch], str]
) -> None:
    batch = ended(29, **FINISHED)
    assert batch.finished_at is not None
    assert parse_datetime(shown_date(batch)) == batch.finished_at + timedelta(days=30)


def test_files_stay_until_they_are_due_and_no_clean_up_longer(
    ended: MakeBatch, shown_date: Callable[[Batch], str], settings: Any
) -> None:
    batch = ended(10, **FINISHED)
    settings.CASEFARM_KEEP_DAYS = 11
    clean_up()
    assert has_case_files(batch)
    settings.CASEFARM_KEEP_DAYS = 9
    due_at = parse_datetime(shown_date(batch))
    assert due_at is not None
    assert due_at < timezone.now()
    clean_up()
    assert (has_case_files(batch), shown_date(batch)) == (False, None)


@pytest.mark.parametrize(
    "changes",
    [
        {**FINISHED, "keep": True},
        {**FINISHED, "outputs_removed_at": timezone.now()},
        {**FINISHED, "state": BatchState.RUNNING, "finished_at": None},
        {"closed_cancelled": 3, "state": BatchState.CANCELLED},
    ],
    ids=["kept", "removed", "at work", "without an outcome"],
)
def test_no_date_is_told_of_a_batch_that_is(
    changes: dict[str, Any], ended: MakeBatch, shown_date: Callable[[Batch], str | None]
) -> None:
    assert shown_date(ended(1, **changes)) is None
