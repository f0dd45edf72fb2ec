"""What waits in the broker, and how full it is. Called by the reconciler's task, by dispatch and by `scheduling`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from redis import Redis

from batches.scheduling.lanes import list_case_queues

TIMEOUT_S = 2
# How kombu names the lists of a queue: by its priorities, of which the most urgent has the name of the queue.
_NAMING: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
PRIORITY_STEPS: list[int] = _NAMING["priority_steps"]
SEPARATOR: str = _NAMING["sep"]


def count_waiting_cases() -> int:
    """Return how many messages of cases no worker has taken yet, in all lanes and at all levels.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    return sum(count_waiting(list_case_queues()).values())


def count_waiting(queues: Iterable[str]) -> dict[str, int]:
    """Return how many messages no worker has taken yet of each of some queues, in one question.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    names = list(queues)
    with Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S) as broker, broker.pipeline() as lengths:
        for name in names:
            for key in list_keys(name):
                lengths.llen(key)
        found = lengths.execute()
    steps = len(PRIORITY_STEPS)
    return {name: sum(found[number * steps : (number + 1) * steps]) for number, name in enumerate(names)}


def list_keys(queue: str) -> list[str]:
    """Return the keys of the lists that a queue is made of, the most urgent first."""
    return [f"{queue}{SEPARATOR}{step}" if step else queue for step in PRIORITY_STEPS]


def measure_memory_bytes() -> int:
    """Return what the broker holds in memory, in bytes.

    Raises:
        redis.RedisError: it does not answer.
    """
    with Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S) as broker:
        return int(broker.info("memory")["used_memory"])
