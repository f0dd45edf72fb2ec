"""The history of background tasks: a row per task, except the cases, whose rows are their own history."""

from django.db import models
from django.db.models.functions import Now


class TaskState(models.TextChoices):
    """How a task came out."""

    STARTED = "started"  # at work, or its worker vanished
    SUCCEEDED = "succeeded"
    RETRIED = "retried"  # it failed and comes again, under the same id
    FAILED = "failed"


class TaskRun(models.Model):
    """One task as a worker saw it, kept for administrators. Nothing is decided by it."""

    task_id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=120)
    about = models.CharField(max_length=200, blank=True, default="")  # its arguments, as Flower shows them
    batch_id = models.UUIDField(null=True)  # no constraint: the history outlives the batch
    worker = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=TaskState)
    retries = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())  # the first time
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-started_at"]
        verbose_name = "task"
        verbose_name_plural = "tasks that have run"
        indexes = [
            models.Index(fields=["-started_at"], name="task_by_time"),
            models.Index(fields=["batch_id", "-started_at"], name="task_of_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.about}"
