"""Streams read as a client reads them, and work that is done beside them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.db import connection

from batches.cases.attempts import Final, claim_case, finish_case
from batches.live.list_looks import ListReader
from batches.live.looks import BatchReader, Since
from batches.live.positions import LIST
from batches.live.streams import stream_events
from batches.models import Batch
from batches.states import CaseState, Verdict

T = TypeVar("T")
LIMIT_S = 60.0  # for what must come; nothing waits for it to pass


@dataclass(frozen=True)
class Event:
    """One event as a client sees it."""

    kind: str
    data: dict[str, Any]
    id: str

    @property
    def indices(self) -> list[int]:
        """The cases of an `outcomes` event."""
        return [outcome["index"] for outcome in self.data["outcomes"]]


def parse_event(block: str) -> Event | None:
    """Return the event of a block of lines; None for a comment or a hint when to come back."""
    fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
    if "event" not in fields:
        return None
    return Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))


async def listen(batch: Batch, since: Since = None) -> AsyncIterator[Event]:
    """Yield the events of a batch's stream in this process."""
    reader = partial(BatchReader, batch.pk, batch.owner_id)
    async with aclosing(stream_events((str(batch.pk), batch.owner_id), reader, since)) as texts:
        async for text in texts:
            for block in text.split("\n\n"):
                if event := parse_event(block):
                    yield event


async def until(events: AsyncIterator[Event], wanted: Callable[[list[Event]], bool]) -> list[Event]:
    """Return the events up to the one with which they are what is wanted."""
    seen: list[Event] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            async for event in events:
                seen.append(event)
                if wanted(seen):
                    return seen
    except TimeoutError:
        raise AssertionError(f"nothing followed {seen}") from None
    raise AssertionError(f"the stream ended with {seen}")


def has(kind: str) -> Callable[[list[Event]], bool]:
    """Say whether the last event is of a kind."""
    return lambda seen: seen[-1].kind == kind


def told(seen: list[Event]) -> list[int]:
    """Return the indices of all outcomes that were told, in order."""
    return [index for event in seen if event.kind == "outcomes" for index in event.indices]


def beside(work: Callable[..., T], *args: Any) -> Awaitable[T]:
    """Do something with the database in a thread of its own."""

    def do() -> T:
        try:
            return work(*args)
        finally:
            connection.close()

    return asyncio.to_thread(do)


def finish(batch: Batch, *indices: int) -> None:
    """Have cases succeed, as a worker would."""
    for index in indices:
        attempt = claim_case(batch.pk, index, 1)
        assert attempt
        assert finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {}))


async def listen_to_list(user_id: int) -> AsyncIterator[Event]:
    """Yield the events of the stream of a user's list in this process."""
    async with aclosing(stream_events((LIST, user_id), partial(ListReader, user_id), None)) as texts:
        async for text in texts:
            for block in text.split("\n\n"):
                if event := parse_event(block):
                    yield event
