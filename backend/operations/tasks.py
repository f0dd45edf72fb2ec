"""The farm's housekeeping: a maintenance worker does it when beat says so (`operations.schedule`)."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from batches import tasks as batch_tasks
from batches.clean_up import reports
from batches.states import CleanUpRule
from operations import health, history, panel, sandbox

__all__ = [
    "history",
    "panel",
    "record_heartbeat",
    "remove_expired_sessions",
    "remove_old_outputs",
    "remove_old_task_history",
    "remove_unused_uploads",
    "sandbox",
]


@shared_task(name="operations.record_heartbeat", ignore_result=True)
def record_heartbeat() -> None:
    """Show that beat and a worker are alive."""
    health.record_heartbeat()


@shared_task(name="operations.remove_old_outputs", ignore_result=True)
def remove_old_outputs() -> None:
    """Remove files of old batches, known cases and folders that no row names."""
    clean_up([rule for rule in CleanUpRule if rule != CleanUpRule.UPLOADS])


@shared_task(name="operations.remove_unused_uploads", ignore_result=True)
def remove_unused_uploads() -> None:
    """Remove uploads that nobody uses any more, and what broken uploads have left."""
    clean_up([CleanUpRule.UPLOADS])


def clean_up(rules: list[CleanUpRule]) -> None:
    """Record what is to be cleaned up and have it done; the report of one that finds nothing is not kept."""
    with transaction.atomic():
        report = reports.request_clean_up(dry_run=False, requested_by=None, rules=rules)
        transaction.on_commit(lambda: batch_tasks.clean_up.delay(report.pk))


@shared_task(name="operations.remove_expired_sessions", ignore_result=True)
def remove_expired_sessions() -> None:
    """Remove log-ins that have expired."""
    call_command("clearsessions")


@shared_task(name="operations.remove_old_task_history", ignore_result=True)
def remove_old_task_history() -> None:
    """Remove the history of tasks that nobody will ask about any more."""
    history.remove_old_runs(older_than=timedelta(days=settings.CASEFARM_KEEP_TASK_HISTORY_DAYS))
