"""How many cases run at a time on the whole farm: every simulation worker says how many it runs, with its heartbeat.

They say so in a sorted set of Redis, each in a member of its own with the server's time as score: no clock of a worker
is asked, and who has been silent for a minute counts no more. Called by `config.celery` and by this room.
"""

import logging

from django.conf import settings
from redis import Redis, RedisError

log = logging.getLogger(__name__)

KEY = "casefarm:slots"
REPORT_EVERY_S = 15
FORGET_AFTER_S = 60


def report_slots(worker: str, slots: int) -> None:
    """Say how many cases a worker runs at a time; it counts for a minute.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    with Redis.from_url(settings.REDIS_URL) as broker:
        now = int(broker.time()[0])
        with broker.pipeline() as changes:
            changes.zadd(KEY, {f"{slots} {worker}": now})
            changes.zremrangebyscore(KEY, "-inf", now - FORGET_AFTER_S)
            changes.execute()


def count_slots() -> int:
    """Return the slots of all workers that have reported in the last minute; this machine's setting where none has.

    A broker that does not answer is no reason to show nothing, so it counts as none: what is sent would fail anyway.
    """
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=2) as broker:
            oldest = int(broker.time()[0]) - FORGET_AFTER_S
            found: list[bytes] = broker.zrangebyscore(KEY, oldest, "+inf")
    except RedisError as error:
        log.warning("slots are taken for those of this machine: %s", error)
        found = []
    slots = {name: int(number) for number, name in (member.decode().split(" ", 1) for member in found)}
    return sum(slots.values()) or settings.CASEFARM_SLOTS
