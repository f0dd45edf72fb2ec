"""The scheduler of beat: that of django-celery-beat, for clocks that have been wrong. Named in the settings."""

from datetime import datetime

from celery import schedules
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry


class Chore(ModelEntry):  # type: ignore[misc]  # the package has no types
    """A chore that is also due where its last time lies ahead.

    That time was written by a beat whose clock was ahead and has been put right, or that ran on another machine. The
    reconciler would else not look for lost work until that time has come.
    """

    last_run_at: datetime

    def is_due(self) -> schedules.schedstate:
        """Say whether the chore is due, and in how many seconds to ask again."""
        self.last_run_at = min(self.last_run_at, self._default_now())
        return super().is_due()  # type: ignore[no-any-return]


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    """Chores from the database, as administrators have them."""

    Entry = Chore
