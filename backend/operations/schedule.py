"""What beat does by itself: enters the table below, leave rows of django-celery-beat that administrators may then edit.

Called after every `migrate`. A row that is there is left alone, switched off or on another schedule as it may be.
"""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from operations.health import HEARTBEAT_S

# Beat writes the end of a message by its clock and a worker reads it by its own: with one of them an hour wrong, no
# chore would ever be done. What piles up in two hours without a worker is done in seconds.
CLOCKS_DIFFER_S = 2 * 3600
BEAT_TABLE = "django_celery_beat_periodictask"


@dataclass(frozen=True)
class Chore:
    """A task that beat sends again and again.

    Attributes:
        task: its name.
        every_s: seconds from one time to the next; a message that has waited much longer is dropped.
        description: what administrators read beside it.
    """

    task: str
    every_s: int
    description: str


CHORES = (
    Chore("operations.record_heartbeat", HEARTBEAT_S, "Shows the health page that beat and a worker are alive."),
    Chore("batches.reconcile_batches", 10, "Sends again what lost its message."),
    Chore("operations.remove_old_outputs", 3600, "Removes files of old batches."),
    Chore("operations.remove_unused_uploads", 6 * 3600, "Removes uploads nobody uses."),
    Chore("operations.remove_old_task_history", 24 * 3600, "Removes the history of old tasks."),
    Chore("operations.remove_expired_sessions", 24 * 3600, "Removes log-ins that have expired."),
)


def register_chores(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Write a row for every chore that has none; does nothing before beat's own tables are there."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    if BEAT_TABLE not in connections[using].introspection.table_names():
        return
    for chore in CHORES:
        interval, _ = IntervalSchedule.objects.get_or_create(every=chore.every_s, period=IntervalSchedule.SECONDS)
        PeriodicTask.objects.get_or_create(
            name=chore.task,
            defaults={
                "task": chore.task,
                "interval": interval,
                "expire_seconds": chore.every_s + CLOCKS_DIFFER_S,
                "description": chore.description,
            },
        )
        # As earlier releases registered it; what an administrator has chosen is left alone.
        registered = PeriodicTask.objects.filter(name=chore.task, expire_seconds=chore.every_s)
        registered.update(expire_seconds=chore.every_s + CLOCKS_DIFFER_S)
