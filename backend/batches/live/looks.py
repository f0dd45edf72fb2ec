"""One look at a batch for all who listen to it: rows in, the text of their events out. Called by `watches.py`."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from rest_framework.renderers import JSONRenderer

from batches.live.outcomes import Outcomes, read_outcomes, read_snapshot
from batches.live.positions import Position
from batches.models import Batch
from batches.queries import list_batches
from batches.representation import describe_summary
from batches.serializers import BatchSummarySerializer
from batches.states import ACTIVE_BATCH_STATES

MOST_IN_EVENT = 500
PACE_S = 0.25
Since = Position | None
"""How far listeners are; None for those that have been told nothing."""


@dataclass(frozen=True)
class Look:
    """What a look gave: for listeners at each position the text that brings them to the new one.

    Attributes:
        position: where all of them are then.
        texts: whole events; empty where a listener has nothing to be told.
        over: whether nothing will follow.
    """

    position: Position
    texts: dict[Since, str]
    over: bool


class Reader(Protocol):
    """Looks at one thing again and again, each time in a thread, never twice at a time.

    Attributes:
        pace_s: how long a look is to be from the last one, at least.
    """

    pace_s: float

    def read(self, sinces: Collection[Since]) -> Look:
        """Look once, for listeners at some positions."""


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Have everything that is read in the block be of one moment, and give the connection back after it.

    Between two looks others may have the connection: a listener stays for hours.
    """
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        connection.close()


class BatchReader:
    """Looks at a batch, as its owner may see it."""

    pace_s = PACE_S

    def __init__(self, batch_id: UUID, user_id: int) -> None:
        self._batch_id = batch_id
        self._user_id = user_id
        self._told: tuple[Since, dict[str, Any]] = (None, {})

    def read(self, sinces: Collection[Since]) -> Look:
        """Look once: what the batch is now, and for each position the outcomes since."""
        with one_snapshot():
            batch = self._find_batch()
            if batch is None:
                return self._part(sinces)
            now = Position(batch.state, read_snapshot())
            summary = dict(BatchSummarySerializer(describe_summary(batch)).data)
            found: dict[Since, Outcomes] = {
                since: read_outcomes(batch.pk, since, now) for since in sinces if since is not None
            }
        over = batch.state not in ACTIVE_BATCH_STATES
        known, self._told = self._told, (now, summary)
        texts: dict[Since, str] = {}
        for since in sinces:
            events = list(list_events(since, now, found.get(since), summary, is_news=(since, summary) != known))
            texts[since] = join_events([*events, write_event("end", summary)] if over else events, now)
        return Look(now, texts, over)

    def _find_batch(self) -> Batch | None:
        own = list_batches(User(pk=self._user_id)).filter(owner__is_active=True)
        return own.filter(pk=self._batch_id).first()

    def _part(self, sinces: Collection[Since]) -> Look:
        detail = "The batch was deleted, or is no longer yours."
        text = join_events([write_event("end", {"id": str(self._batch_id), "state": None, "detail": detail})])
        return Look(Position("", "0:0:"), dict.fromkeys(sinces, text), over=True)


def list_events(
    since: Since, now: Position, outcomes: Outcomes | None, summary: dict[str, Any], *, is_news: bool
) -> Iterator[str]:
    """Yield the events that bring a listener from `since` to `now`."""
    told = outcomes.told if outcomes else []
    for first in range(0, len(told), MOST_IN_EVENT):
        part = told[first : first + MOST_IN_EVENT]
        is_last = first + MOST_IN_EVENT >= len(told)
        left_out = outcomes.left_out if outcomes and is_last else 0
        yield write_event("outcomes", {"outcomes": part, "left_out": left_out})
    if since is not None and since.state not in ("", now.state):
        yield write_event("state", {"id": summary["id"], "state": now.state, "previous": since.state})
    gap = outcomes is not None and not outcomes.is_complete
    if is_news or told or gap:
        yield write_event("progress", {**summary, "gap": True} if gap else summary)


def write_event(kind: str, data: dict[str, Any]) -> str:
    """Return an event without its id: the JSON of `data` has no line break."""
    return f"event: {kind}\ndata: {JSONRenderer().render(data).decode()}\n"


def join_events(events: list[str], position: Position | None = None) -> str:
    """Return events as they are sent. Only the last has the id: who gets fewer of them is told them all again."""
    if not events:
        return ""
    foot = f"id: {position}\n" if position else ""
    return "\n".join(events) + f"{foot}\n"
