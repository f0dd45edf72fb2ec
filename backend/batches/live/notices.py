"""Tells web processes which batches have changed, by a message over Redis pub/sub. Called by stages and views.

A message only says where to look: PostgreSQL holds the truth, and a stream that misses a message looks again by itself
after some seconds (`watches.py`). So whoever tells a change pays about a microsecond, never waits and never fails: a
thread of this process sends what was collected, at most four times a second, and drops it where Redis is away.
"""

import atexit
import logging
import os
from functools import partial
from threading import Event, Lock, Thread
from time import sleep
from uuid import UUID

from django.conf import settings
from django.db import transaction
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

CHANNEL = "casefarm.batches.changed"
PAUSE_S = 0.25
PATIENCE_S = 1.0  # with Redis


def tell_change(batch_id: UUID) -> None:
    """Have everybody who watches a batch look at it again, once the transaction that is open has committed."""
    transaction.on_commit(partial(teller.add, batch_id))


class Teller:
    """Collects the batches that have changed and sends their ids, in one message for all of them."""

    def __init__(self) -> None:
        self._start_over()

    def _start_over(self) -> None:
        """Begin with nothing: a forked process has neither the thread nor a right to what its parent will send."""
        self._changed: set[UUID] = set()
        self._lock = Lock()
        self._news = Event()
        self._thread: Thread | None = None
        self._redis: Redis | None = None
        self._is_away = False

    def add(self, batch_id: UUID) -> None:
        """Note that a batch has changed."""
        with self._lock:
            self._changed.add(batch_id)
            if self._thread is None:
                self._thread = Thread(target=self._send_for_ever, name="notices", daemon=True)
                self._thread.start()
        self._news.set()

    def flush(self) -> None:
        """Send what was noted; it is dropped where Redis does not take it, which the log says once."""
        with self._lock:
            changed, self._changed = self._changed, set()
        if not changed:
            return
        try:
            self._connect().publish(CHANNEL, " ".join(map(str, changed)))
        except RedisError as error:
            if not self._is_away:
                log.warning("live events come late until Redis answers again: %s", error)
            self._is_away = True
        else:
            self._is_away = False

    def _connect(self) -> Redis:
        if self._redis is None:
            self._redis = Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=PATIENCE_S,
                socket_connect_timeout=PATIENCE_S,
                retry=Retry(NoBackoff(), 0),
            )
        return self._redis

    def _send_for_ever(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            self.flush()
            sleep(PAUSE_S)


teller = Teller()
atexit.register(teller.flush)
os.register_at_fork(after_in_child=teller._start_over)  # noqa: SLF001 - its own
