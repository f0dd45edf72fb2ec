"""Beat goes on at once after its clock was wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from celery.utils.imports import symbol_by_name
from django.conf import settings
from django_celery_beat.models import PeriodicTask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("ahead", "soonest_s"), [(timedelta(hours=1), 1), (timedelta(hours=-1), 0)])
def test_a_chore_whose_last_time_lies_ahead_is_due_within_its_interval(ahead: timedelta, soonest_s: float) -> None:
    chore = PeriodicTask.objects.get(name="batches.reconcile_batches")
    chore.last_run_at = datetime.now(UTC) + ahead
    chore.save()
    entry = symbol_by_name(settings.CELERY_BEAT_SCHEDULER).Entry(chore, app=current_app._get_current_object())
    is_due, ask_again_s = entry.is_due()
    assert is_due is (ahead < timedelta())
    assert soonest_s < ask_again_s <= chore.interval.every
