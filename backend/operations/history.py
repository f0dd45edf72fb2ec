"""Writes the history of background tasks (`TaskRun`): workers call it by Celery's signals, a chore removes what is old.

Two writes per task, none for a case: its own row tells worker, times and diagnosis, and a second one per case would
double what the farm writes. Tasks that beat sends every few seconds are kept only if they fail. A history that cannot
be written – the database is away, say – never fails a task: it is logged, and the task goes on.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from celery.signals import task_failure, task_postrun, task_prerun, task_retry
from django.db import Error as DatabaseError
from django.db.models.functions import Now

from batches.database import from_now, quick_transaction
from operations.models import TaskRun, TaskState

log = logging.getLogger(__name__)

CASES = "batches.simulate_"
OFTEN = frozenset({"batches.reconcile_batches", "batches.dispatch_shards", "operations.record_heartbeat"})
LONGEST_ABOUT, LONGEST_ERROR = 200, 2000


def never_fails(write: Callable[..., None]) -> Callable[..., None]:
    """Return a signal's receiver that logs what goes wrong with the database instead of handing it to the task."""

    @wraps(write)
    def receive(*args: Any, **kwargs: Any) -> None:
        try:
            write(*args, **kwargs)
        except DatabaseError as error:
            log.warning("the history of a task was not written: %s", error)

    return receive


@task_prerun.connect(weak=False, dispatch_uid="operations.history.begin")
@never_fails
def begin_run(task_id: str, task: Any, args: Any, **_: Any) -> None:
    """Write that a worker has begun a task; again under the same id where it was tried before."""
    if task.name.startswith(CASES) or task.name in OFTEN:
        return
    about = getattr(task.request, "argsrepr", None) or ", ".join(map(str, args))
    row = {
        "name": task.name,
        "about": about[:LONGEST_ABOUT],
        "batch_id": find_batch(task.name, args),
        "worker": str(task.request.hostname)[:120],
        "state": TaskState.STARTED,
        "retries": task.request.retries,
        "ended_at": None,
    }
    with quick_transaction():
        TaskRun.objects.update_or_create(task_id=task_id, defaults=row)


@task_postrun.connect(weak=False, dispatch_uid="operations.history.end")
@never_fails
def end_run(task_id: str, state: str, **_: Any) -> None:
    """Write that a task has come to an end without an error, which the two below write."""
    if state == "SUCCESS":
        with quick_transaction():
            TaskRun.objects.filter(pk=task_id).update(state=TaskState.SUCCEEDED, ended_at=Now(), error="")


@task_retry.connect(weak=False, dispatch_uid="operations.history.retry")
@never_fails
def note_retry(request: Any, reason: Any, **_: Any) -> None:
    """Write why a task comes again."""
    with quick_transaction():
        TaskRun.objects.filter(pk=request.id).update(
            state=TaskState.RETRIED, ended_at=Now(), error=str(reason)[:LONGEST_ERROR]
        )


@task_failure.connect(weak=False, dispatch_uid="operations.history.fail")
@never_fails
def note_failure(sender: Any, task_id: str, exception: BaseException, args: Any, **_: Any) -> None:
    """Write why a task failed, also one of those that are otherwise not kept."""
    if sender.name.startswith(CASES):
        return
    told = f"{type(exception).__name__}: {exception}"[:LONGEST_ERROR]
    new = {"name": sender.name, "batch_id": find_batch(sender.name, args), "worker": str(sender.request.hostname)[:120]}
    with quick_transaction():
        TaskRun.objects.update_or_create(
            task_id=task_id,
            defaults={"state": TaskState.FAILED, "ended_at": Now(), "error": told},
            create_defaults={**new, "state": TaskState.FAILED, "ended_at": Now(), "error": told},
        )


def find_batch(name: str, args: Any) -> UUID | None:
    """Return the batch that a task of `batches` is about: its first argument, where that is an id."""
    if not name.startswith("batches.") or not args:
        return None
    try:
        return UUID(str(args[0]))
    except ValueError:
        return None


def remove_old_runs(older_than: timedelta) -> int:
    """Remove what ended, or began and never ended, longer ago than that; return how many rows."""
    old = TaskRun.objects.filter(started_at__lt=from_now(-older_than.total_seconds()))
    return old.delete()[0]
