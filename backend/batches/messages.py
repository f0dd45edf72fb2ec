"""Which work has a message – in a queue of the broker, or with a worker that answers – and which has lost its own.

PostgreSQL says what is due (`reconciliation`); the broker and the workers say what is under way. What is due and under
way nowhere, twice in a row, has lost its message: no time is guessed at, so a long queue or a long case is never taken
for a loss. Called by the reconciler's task; `describe_messages` runs in every worker.
"""

import base64
import json
import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from celery import current_app
from celery.worker.control import inspect_command
from celery.worker.request import Request
from celery.worker.state import active_requests, reserved_requests
from django.conf import settings
from kombu.transport.redis import PRIORITY_STEPS
from redis import Redis

log = logging.getLogger(__name__)

ROOM = "batches."
_followed: set[str] = set()  # tasks of rooms above that do work of batches
EPOCH_KEY = "casefarm:broker-epoch"  # is there for as long as Redis keeps what it was told
SUSPECTS_KEY = "casefarm:suspects"  # work that had no message, with the time since when
CLAIM_KEY, CLAIM_S = "casefarm:resent:", 5  # who sets it sends the work; who looked at the same moment does not
# Between two looks: a message that changes from a queue to a worker or back is for a moment seen in neither.
SECOND_LOOK_AFTER_S = 5
FORGET_AFTER_S = 120
ANSWER_TIMEOUT_S = 1.0  # since the last answer
PAGE = 1000
SEPARATOR = "\x06\x16"  # between a queue's name and a priority, as kombu names the lists of a queue
BODY, TASK = b'{"body": "', b'"task": "'  # as kombu writes a message


@dataclass(frozen=True)
class Work:
    """Something that a message has to be sent for, or has been: a task and its arguments, as JSON has them.

    Attributes:
        task: the task's name.
        arguments: plain values.
        is_begun: an attempt had begun it and has let its lease run out; that attempt's own message, wherever it is,
            will not begin it again, and nobody needs a second look.
    """

    task: str
    arguments: tuple[str | int, ...]
    is_begun: bool = False

    @property
    def key(self) -> str:
        """What it is called among the suspects."""
        return json.dumps([self.task, *self.arguments])


def follow_task(name: str) -> None:
    """Have messages of a task of another room counted as well; called once by each app, in every process."""
    _followed.add(name)


def is_ours(task: str) -> bool:
    """Return whether a task does work that PostgreSQL waits for here."""
    return task.startswith(ROOM) or task in _followed


def notice_loss() -> bool:
    """Return whether the broker has lost all it was told since the last time somebody asked; one caller gets True.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with open_broker() as broker:
        return bool(broker.set(EPOCH_KEY, uuid.uuid4().hex, nx=True))


def is_loss_unnoticed() -> bool:
    """Return whether the broker has lost all it was told and nobody has seen to it yet.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with open_broker() as broker:
        return not broker.exists(EPOCH_KEY)


def claim_lost(due: Iterable[Work], *, at_once: bool = False) -> list[Work]:
    """Return the work that is due and has no message any more; of several callers one gets each.

    Args:
        due: what PostgreSQL says is to be done now.
        at_once: the broker was emptied just now: what it does not hold is lost without a second look.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with open_broker() as broker:
        queued = set(list_queued(broker))
        missing = {work.key: work for work in due if (work.task, work.arguments) not in queued}
        ripe = _suspect(broker, missing, 0 if at_once else SECOND_LOOK_AFTER_S)
        if not ripe:
            return []
        begun, waiting = list_held()
        held = {work.key for work in ripe if is_held(work, begun, waiting)}
        lost = [work for work in ripe if work.key not in held]
        if not lost:
            return []
        with broker.pipeline(transaction=False) as changes:
            for work in lost:
                changes.set(f"{CLAIM_KEY}{work.key}", "", nx=True, ex=CLAIM_S)
            claimed = changes.execute()
            changes.zrem(SUSPECTS_KEY, *(work.key for work in lost))
            changes.execute()
    return [work for work, is_ours in zip(lost, claimed, strict=True) if is_ours]


def _suspect(broker: Redis, missing: dict[str, Work], patience_s: float) -> list[Work]:
    """Note what has no message in a queue; return what is known for that long enough to be asked of the workers."""
    now = int(broker.time()[0])
    with broker.pipeline() as changes:
        changes.zremrangebyscore(SUSPECTS_KEY, "-inf", now - FORGET_AFTER_S)
        changes.zrange(SUSPECTS_KEY, 0, -1, withscores=True)
        known = {key.decode(): since for key, since in changes.execute()[1]}
        found = {key: now for key in missing if key not in known}
        gone = [key for key in known if key not in missing]
        if found:
            changes.zadd(SUSPECTS_KEY, found, nx=True)
        if gone:
            changes.zrem(SUSPECTS_KEY, *gone)
        changes.execute()
    return [work for key, work in missing.items() if work.is_begun or now - known.get(key, now) >= patience_s]


def is_held(work: Work, begun: set[tuple[Any, ...]], waiting: set[tuple[Any, ...]]) -> bool:
    """Return whether a worker has a message that will have the work done.

    Args:
        work: what is due.
        begun: task and arguments of the messages that workers are at.
        waiting: of those that they have taken and not begun, because they are early or no slot is free.
    """
    message = (work.task, work.arguments)
    return message in waiting or (not work.is_begun and message in begun)


def list_queued(broker: Redis) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield task and arguments of this room's messages that no worker has taken, from the youngest to the oldest.

    Read page by page: what is sent meanwhile only moves messages towards the next page.
    """
    for queue in settings.CELERY_TASK_QUEUES:
        for key in (f"{queue.name}{SEPARATOR}{step}" if step else queue.name for step in PRIORITY_STEPS):
            start = 0
            while page := broker.lrange(key, start, start + PAGE - 1):
                yield from filter(None, map(read_message, page))  # type: ignore[arg-type]  # bytes: nothing is decoded
                start += PAGE


def read_message(raw: bytes) -> tuple[str, tuple[Any, ...]] | None:
    """Return task and arguments of a message as kombu puts it into Redis; None where it is none of ours.

    There may be thousands, so their headers, most of what they are, are not read as JSON.
    """
    begins = raw.find(TASK) + len(TASK)
    task = raw[begins : raw.find(b'"', begins)].decode()
    if not is_ours(task):
        return None
    body = raw[len(BODY) : raw.index(b'"', len(BODY))] if raw.startswith(BODY) else json.loads(raw)["body"]
    arguments, _keywords, _embedded = json.loads(base64.b64decode(body))
    return task, flatten(arguments)


def flatten(arguments: Iterable[Any]) -> tuple[Any, ...]:
    """Return a message's arguments so that they can be compared."""
    return tuple(value if isinstance(value, str | int) else json.dumps(value, default=str) for value in arguments)


def list_held() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Ask all workers what they have taken; return what they are at, and what they have not begun.

    Who does not answer counts as gone: what it holds is sent to others, and whoever claims it first does it.
    """
    replies = current_app.control.broadcast("describe_messages", reply=True, timeout=ANSWER_TIMEOUT_S) or []
    answers = [answer for reply in replies for answer in reply.values()]
    begun, waiting = (
        {(task, tuple(arguments)) for answer in answers for task, arguments in answer.get(kind, ())}
        for kind in ("begun", "waiting")
    )
    return begun, waiting


@inspect_command()
def describe_messages(state: Any) -> dict[str, Any]:
    """Answer with this room's messages that the worker has taken: `{begun, waiting}`, both `[[task, arguments]]`."""
    begun = copy_of(active_requests)
    at_work = {request.id for request in begun}
    reserved = (request for request in copy_of(reserved_requests) if request.id not in at_work)
    return {"begun": describe(begun), "waiting": describe(chain(reserved, list_early(state.consumer.timer)))}


def list_early(timer: Any) -> Iterator[Request]:
    """Yield what a worker keeps until its time has come: cases that wait for others or for room on a disk."""
    for entry in list(timer.schedule.queue):
        arguments = entry.entry.args
        if arguments and isinstance(arguments[0], Request):
            yield arguments[0]


def describe(requests: Iterable[Request]) -> list[list[Any]]:
    """Return tasks and arguments of this room's requests, as JSON."""
    told = ((request.name, request.info()["args"]) for request in requests if is_ours(request.name))
    return [[name, flatten(arguments)] for name, arguments in told]


def copy_of(requests: Iterable[Request]) -> list[Request]:
    """Return a set's members although the threads of the pool change it meanwhile."""
    while True:
        try:
            return list(requests)
        except RuntimeError:  # changed while it was read
            continue


def open_broker() -> Redis:
    """Return a connection to the broker, to be closed by a `with`."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=10)
