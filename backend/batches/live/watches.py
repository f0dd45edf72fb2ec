"""Watches one thing for all who listen to it in this process: one look at the database serves them all. For `hub.py`.

A look follows at once when something is said to have changed, but no sooner than the reader's pace allows; and after
`SLOW_S` in any case, since messages may be lost and some things change without one (a lease that runs out).
"""

import asyncio
import logging
from concurrent.futures import Executor
from contextvars import Context

from batches.live.listeners import Listener
from batches.live.looks import Look, Reader, Since

log = logging.getLogger(__name__)

SLOW_S = 5.0
MOST_POSITIONS = 20  # looked at in one go; listeners at others have their turn with the next look


class Watch:
    """The listeners of one thing and the task that looks at it for them.

    Args:
        reader: looks at it.
        threads: where looks are made; how many there are bounds the connections to the database.
    """

    def __init__(self, reader: Reader, threads: Executor) -> None:
        self.listeners: set[Listener] = set()
        self._reader = reader
        self._threads = threads
        self._news = asyncio.Event()
        self._is_blind = False
        # The request that happens to come first must not lend its context to a task that outlives it.
        self._task = asyncio.get_running_loop().create_task(self._keep_looking(), context=Context())

    def add(self, listener: Listener) -> None:
        """Have somebody told where the thing stands, and then what changes."""
        self.listeners.add(listener)
        self.heed()

    def heed(self) -> None:
        """Look as soon as the pace allows."""
        self._news.set()

    def stop(self) -> None:
        """Look no more."""
        self._task.cancel()

    async def _keep_looking(self) -> None:
        while True:
            try:
                async with asyncio.timeout(SLOW_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self._look()
            await asyncio.sleep(self._reader.pace_s)

    async def _look(self) -> None:
        """Look once for all listeners that have taken what they were given."""
        ready = [listener for listener in self.listeners if listener.is_free]
        for listener in self.listeners.difference(ready):
            listener.fall_behind()
        sinces = list(dict.fromkeys(listener.since for listener in ready))
        if not sinces:
            return
        if len(sinces) > MOST_POSITIONS:
            self.heed()
        loop = asyncio.get_running_loop()
        try:
            look = await loop.run_in_executor(self._threads, self._reader.read, sinces[:MOST_POSITIONS])
        except Exception:  # a database that is away, above all: listeners stay until it answers again
            if not self._is_blind:
                log.exception("listeners are told nothing until it can be looked at again")
            self._is_blind = True
            return
        self._is_blind = False
        self._tell(ready, look)

    def _tell(self, ready: list[Listener], look: Look) -> None:
        told: dict[Since, str] = look.texts
        for listener in ready:
            if listener.since in told and listener.is_free:
                text, listener.since = told[listener.since], look.position
                listener.give(text, over=look.over)
