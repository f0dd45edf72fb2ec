"""All listeners of one web process: one subscription to Redis, one watch per thing listened to. Called by `streams.py`.

A hub belongs to an event loop. It begins with the first listener and is idle without any.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error as DatabaseError
from redis import RedisError
from redis.asyncio import Redis

from batches.live.list_looks import Owners
from batches.live.listeners import Listener
from batches.live.looks import Reader, Since
from batches.live.notices import CHANNEL
from batches.live.positions import LIST
from batches.live.watches import Watch

log = logging.getLogger(__name__)

THREADS = 2
RETURN_S = 1.0
PATIENCE_S = 2.0
Key = tuple[str, int]
"""What is watched (the id of a batch, or `LIST`), and the user who watches it."""


class Hub:
    """The watches of one event loop."""

    def __init__(self) -> None:
        self._watches: dict[Key, Watch] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="looks")
        self._subscription: asyncio.Task[None] | None = None
        self._owners = Owners()
        self._is_away = False

    def count(self, user_id: int | None = None) -> int:
        """Return how many listen; those of one user where one is given. May be called from any thread."""
        watches = list(self._watches.items())
        return sum(len(watch.listeners) for key, watch in watches if user_id is None or key[1] == user_id)

    def join(self, key: Key, make_reader: Callable[[], Reader], since: Since) -> Listener:
        """Add a listener, who is told at once where things stand."""
        if self._subscription is None:
            loop = asyncio.get_running_loop()
            self._subscription = loop.create_task(self._stay_subscribed(), context=Context())
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Watch(make_reader(), self._threads)
        listener = Listener(key[1], since)
        watch.add(listener)
        return listener

    def leave(self, key: Key, listener: Listener) -> None:
        """Forget a listener, and the watch and the subscription that nobody else needs."""
        watch = self._watches[key]
        watch.listeners.discard(listener)
        if not watch.listeners:
            watch.stop()
            del self._watches[key]
        if not self._watches and self._subscription is not None:
            self._subscription.cancel()
            self._subscription = None

    def heed(self, key: Key) -> None:
        """Have one thing looked at again: a listener who was slow may be told now."""
        if key in self._watches:
            self._watches[key].heed()

    def end(self) -> None:
        """End every stream: the process is about to stop."""
        for watch in self._watches.values():
            for listener in watch.listeners:
                listener.end()

    async def _stay_subscribed(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, DatabaseError, OSError) as error:
                if not self._is_away:
                    log.warning("live events come late until Redis and the database answer again: %s", error)
                self._is_away = True
            await asyncio.sleep(RETURN_S)

    async def _listen(self) -> None:
        """Pass on what Redis says, until it stops."""
        redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE_S, socket_keepalive=True)
        async with redis, redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            self._is_away = False
            for watch in self._watches.values():
                watch.heed()  # what was said before nobody has heard
            async for message in subscription.listen():
                await self._pass_on(set(message["data"].decode().split()))

    async def _pass_on(self, changed: set[str]) -> None:
        """Have everything looked at that some batches belong to: these themselves, and their owners' lists."""
        owners: set[int] = set()
        if any(subject == LIST for subject, _ in self._watches):
            loop = asyncio.get_running_loop()
            owners = await loop.run_in_executor(self._threads, self._owners.find, changed)
        for (subject, user_id), watch in self._watches.items():
            if subject in changed or (subject == LIST and user_id in owners):
                watch.heed()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def find_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        if not _hubs:
            end_streams_on_exit()
        _hubs[loop] = Hub()
    return _hubs[loop]


def count_listeners(user_id: int | None = None) -> int:
    """Return how many listen in this process; those of one user where one is given."""
    return sum(hub.count(user_id) for hub in list(_hubs.values()))


def end_streams_on_exit() -> None:
    """Have streams end as soon as the process is asked to stop.

    The server waits for open answers before it tells the application anything, and a stream would be open for ever; so
    the handler that the server has set is called after ours. Where nobody has set one, nobody waits.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, _end_streams_before(handler))


def _end_streams_before(handler: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], Any]:
    def end_streams(number: int, frame: FrameType | None) -> None:
        for loop, hub in list(_hubs.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(hub.end)
        handler(number, frame)

    return end_streams
