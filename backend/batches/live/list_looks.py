"""One look at the list of a user's batches for all of their listeners: which have changed. Called by `watches.py`."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection

from batches.live.looks import Look, Since, join_events, one_snapshot, write_event
from batches.live.outcomes import IS_NEW, compare_with, read_snapshot
from batches.live.positions import LIST, Position
from batches.models import Batch
from batches.queries import list_batches
from batches.representation import describe_summary
from batches.serializers import BatchSummarySerializer
from batches.states import ACTIVE_BATCH_STATES, ShardState

MOST_BATCHES = 50  # told one by one; where more have changed, the list is read again
MOST_OWNERS = 10_000  # remembered
LIST_PACE_S = 1.0
NEW_BATCHES = f"""
    SELECT batch.id FROM batches_batch AS batch
     WHERE batch.owner_id = %(user_id)s AND ({IS_NEW.format(row="batch")} OR (
           batch.state = ANY(%(active)s) AND EXISTS (
               SELECT FROM batches_shard AS shard
                WHERE shard.batch_id = batch.id AND shard.state = %(at_work)s AND {IS_NEW.format(row="shard")}
           )))
     ORDER BY batch.created_at DESC LIMIT %(most)s
"""  # noqa: S608 - of constants


class ListReader:
    """Looks at the batches of a user."""

    pace_s = LIST_PACE_S

    def __init__(self, user_id: int) -> None:
        self._user_id = user_id

    def read(self, sinces: Collection[Since]) -> Look:
        """Look once: the batches that are new to listeners at each position."""
        with one_snapshot():
            now = Position(LIST, read_snapshot())
            if not User.objects.filter(pk=self._user_id, is_active=True).exists():
                end = write_event("end", {"detail": "You may not see these batches any more."})
                return Look(now, dict.fromkeys(sinces, join_events([end])), over=True)
            texts = {since: join_events(self._list_events(since, now)) for since in sinces}
        return Look(now, texts, over=False)

    def _list_events(self, since: Since, now: Position) -> list[str]:
        changed = find_new_batches(self._user_id, since, now) if since else []
        if since is None or len(changed) > MOST_BATCHES:
            return [write_event("list", {"gap": True})]
        seen = {batch.pk: batch for batch in list_batches(User(pk=self._user_id)).filter(pk__in=changed)}
        return [describe_change(batch_id, seen.get(batch_id)) for batch_id in changed]


def find_new_batches(user_id: int, since: Position, now: Position) -> list[UUID]:
    """Return the ids of a user's batches that `since` has not seen as they are, newest first, deleted ones too."""
    chosen: dict[str, Any] = {"user_id": user_id, "most": MOST_BATCHES + 1}
    chosen |= {"active": list(ACTIVE_BATCH_STATES), "at_work": ShardState.DISPATCHED}
    with connection.cursor() as cursor:
        cursor.execute(NEW_BATCHES, compare_with(since, now) | chosen)
        return [batch_id for (batch_id,) in cursor.fetchall()]


def describe_change(batch_id: UUID, batch: Batch | None) -> str:
    """Return the event of a batch that has changed, or that its owner sees no more."""
    if batch is None:
        return write_event("removed", {"id": str(batch_id)})
    return write_event("batch", dict(BatchSummarySerializer(describe_summary(batch)).data))


class Owners:
    """Remembers whose batches are, so that a change makes nobody else's list be looked at."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def find(self, batch_ids: Collection[str]) -> set[int]:
        """Return the ids of the users who own some of these batches."""
        unknown = [batch_id for batch_id in batch_ids if batch_id not in self._known]
        if unknown:
            if len(self._known) > MOST_OWNERS:
                self._known.clear()
            try:
                rows = Batch.objects.filter(pk__in=unknown).values_list("pk", "owner_id")
                self._known |= {str(batch_id): owner for batch_id, owner in rows}
            finally:
                connection.close()
        return {self._known[batch_id] for batch_id in batch_ids if batch_id in self._known}
