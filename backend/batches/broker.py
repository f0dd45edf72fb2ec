"""What waits in the broker. Called by the reconciler's task before it takes silence for a loss."""

from django.conf import settings
from redis import Redis

CASE_QUEUE = "simulations"


def count_waiting_cases() -> int:
    """Return how many messages of cases no worker has taken yet.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with Redis.from_url(settings.REDIS_URL) as broker:
        return int(broker.llen(CASE_QUEUE))
