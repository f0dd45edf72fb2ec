"""Finds out which workers there are and what they do, by asking them through the broker; called by the operations API.

The answer is kept for two seconds in the cache, so that many open pages cost no more than one.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache

from batches import broker
from batches.models import Batch
from batches.scheduling.lanes import CASE_QUEUE, list_case_queues, merge_lanes

ANSWER_TIMEOUT_S = 0.8  # since the last answer
CACHE_KEY, CACHE_S = "operations:workers", 2


@dataclass(frozen=True)
class Worker:
    """A worker process.

    Attributes:
        queues: the names of the queues it takes tasks from.
        concurrency: how many tasks it does at a time.
        processed: how many tasks it has begun since it started.
        uptime_s: seconds since it started.
        tasks: what it is doing.
        sandbox: `{mode, reason}` of `operations.sandbox`; None where it does not simulate.
        host: the name of its machine; None where its release does not say, likewise the next two.
        release: of Casefarm, to be seen while a farm is upgraded.
        memory_bytes: resident memory of the worker itself; engines have processes of their own.
    """

    name: str
    pid: int
    queues: list[str]
    concurrency: int
    processed: int
    uptime_s: float
    tasks: list[dict[str, Any]]
    sandbox: dict[str, str] | None = None
    host: str | None = None
    release: str | None = None
    memory_bytes: int | None = None

    @property
    def active(self) -> int:
        """How many tasks it is doing now."""
        return len(self.tasks)


@dataclass(frozen=True)
class RunningTask:
    """A task that a worker is doing."""

    task_id: str
    name: str
    worker: str
    batch_id: str | None
    case_index: int | None
    started_at: datetime | None


def list_workers() -> list[Worker]:
    """Return the workers that answer, by name; takes up to a second."""
    answers = cache.get(CACHE_KEY)
    if answers is None:
        answers = ask_workers()
        cache.set(CACHE_KEY, answers, CACHE_S)
    return [make_worker(name, answers[name]) for name in sorted(answers)]


def make_worker(name: str, answer: dict[str, Any]) -> Worker:
    """Return a worker as it describes itself; the lanes of cases are one queue to everybody outside."""
    known = {field.name for field in fields(Worker)}
    told = {key: value for key, value in answer.items() if key in known}  # a newer release may say more
    return Worker(name=name, **{**told, "queues": merge_lanes(answer["queues"])})


def ask_workers() -> dict[str, dict[str, Any]]:
    """Ask every worker to describe itself (`operations.panel`); return the answers by worker."""
    replies = current_app.control.broadcast("describe_worker", reply=True, timeout=ANSWER_TIMEOUT_S) or []
    answers = {name: answer for reply in replies for name, answer in reply.items()}
    return {name: answer for name, answer in answers.items() if "queues" in answer}


def count_waiting() -> dict[str, int]:
    """Return how many tasks wait in each queue, those of cases in all lanes together."""
    found = broker.count_waiting(queue.name for queue in settings.CELERY_TASK_QUEUES)
    lanes = list_case_queues()
    others = {name: waiting for name, waiting in found.items() if name not in lanes}
    return {CASE_QUEUE: sum(found[name] for name in lanes), **others}


def list_running_tasks() -> list[RunningTask]:
    """Return what the workers are doing now."""
    return [describe_task(worker.name, task) for worker in list_workers() for task in worker.tasks]


def list_tasks_for(user: User, tasks: list[RunningTask]) -> list[RunningTask]:
    """Return those of `tasks` that `user` may see: all for an administrator, else those of his own batches."""
    if user.is_staff:
        return tasks
    ids = {task.batch_id for task in tasks if task.batch_id}
    own = {
        str(found)
        for found in Batch.objects.filter(owner=user, id__in=ids, deleted_at=None).values_list("id", flat=True)
    }
    return [task for task in tasks if task.batch_id in own]


def describe_task(worker: str, task: dict[str, Any]) -> RunningTask:
    """Return a worker's word on a task as ours; tasks of `batches` have the batch's id, then perhaps a case's index."""
    args = task["args"] if task["name"].startswith("batches.") else []
    started_at = datetime.fromtimestamp(task["time_start"], UTC) if task["time_start"] else None
    is_case = task["name"].startswith("batches.simulate_") and len(args) > 1
    return RunningTask(
        task_id=task["id"],
        name=task["name"],
        worker=worker,
        batch_id=args[0] if args and is_uuid(args[0]) else None,
        case_index=args[1] if is_case else None,
        started_at=started_at,
    )


def is_uuid(text: Any) -> bool:
    """Return whether a text is a UUID."""
    try:
        UUID(text)
    except (ValueError, AttributeError, TypeError):
        return False
    return True
