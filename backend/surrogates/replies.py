"""Answers on their way from a worker to the web process that waits for them: a list in Redis for each question.

Celery's own result client has one subscription that all threads of a process share, which a web process of many threads
cannot use safely; a list that the one fills and the other blocks on needs none, and wakes the waiting thread at once.
Called by `prediction` (web) and by the task `predict` (worker).
"""

import json
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis

KEPT_S = 30  # an answer that nobody fetches: who asked has given up


@cache
def open_redis() -> Redis:
    """Return this process's connections for answers; threads share the pool, never a connection."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)


def name_reply(question_id: str) -> str:
    """Return the key of the list that the answer to a question comes in."""
    return f"casefarm:surrogates:answer:{question_id}"


def send_reply(question_id: str, answer: dict[str, Any]) -> None:
    """Give an answer to whoever waits for it.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with open_redis().pipeline() as changes:
        changes.rpush(name_reply(question_id), json.dumps(answer))
        changes.expire(name_reply(question_id), KEPT_S)
        changes.execute()


def wait_for_reply(question_id: str, wait_s: float) -> dict[str, Any] | None:
    """Return the answer to a question as soon as it is there; None where it has not come in time.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    found: Any = open_redis().blpop([name_reply(question_id)], timeout=wait_s)
    if found is None:
        return None
    answer: dict[str, Any] = json.loads(found[1])
    return answer
