"""The farm's housekeeping: a maintenance worker does it when beat says so (`operations.schedule`)."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command

from batches import retention
from library import services as library_services
from operations import health, panel, sandbox

__all__ = [
    "panel",
    "record_heartbeat",
    "remove_expired_sessions",
    "remove_old_outputs",
    "remove_unused_uploads",
    "sandbox",
]


@shared_task(name="operations.record_heartbeat", ignore_result=True)
def record_heartbeat() -> None:
    """Show that beat and a worker are alive."""
    health.record_heartbeat()


@shared_task(name="operations.remove_old_outputs", ignore_result=True)
def remove_old_outputs() -> None:
    """Remove files of old batches: by age, then by total size."""
    retention.remove_old_outputs()


@shared_task(name="operations.remove_unused_uploads", ignore_result=True)
def remove_unused_uploads() -> None:
    """Remove uploads that nobody uses any more, and what broken uploads have left."""
    library_services.remove_unused_uploads(older_than=timedelta(days=settings.CASEFARM_KEEP_UNUSED_UPLOADS_DAYS))


@shared_task(name="operations.remove_expired_sessions", ignore_result=True)
def remove_expired_sessions() -> None:
    """Remove log-ins that have expired."""
    call_command("clearsessions")
