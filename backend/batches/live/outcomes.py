"""Outcomes that a listener has not been told of yet, asked of PostgreSQL alone. Called by `looks.py`.

A row's `xmin` is the transaction that wrote it; a row is new to a listener whose snapshot had not seen that one. Time
would not do: of two transactions the one that began first may commit last, and a listener would miss its outcome. A
case is made final in the transaction that counts it on its shard, so only the cases of shards that are new themselves
are looked at. No index is needed, and the rows stay where they are.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from batches.live.positions import Position
from batches.states import FINAL_CASE_STATES

MOST_OUTCOMES = 5000  # told in one go; a listener that has missed more reads the cases anew
MOST_LOOKED_AT = 100_000  # cases of shards that have changed
# `xmin` has 32 bits; the transactions of a snapshot count on. A visible row's is less than 2^32 before the next one.
WRITTEN_BY = "(%(next)s - ((%(next)s - {row}.xmin::text::bigint) & 4294967295))"
IS_NEW = (
    f"{WRITTEN_BY} >= %(oldest_open)s"  # settles nearly all of them, without a call for each
    f" AND NOT pg_visible_in_snapshot({WRITTEN_BY}::text::xid8, %(snapshot)s::pg_snapshot)"
)
HAS_SEEN_BATCH = f"""
    SELECT NOT ({IS_NEW.format(row="batch")}) FROM batches_batch AS batch WHERE batch.id = %(batch_id)s
"""  # noqa: S608 - of constants
NEW_SHARDS = f"""
    SELECT shard.first_index, shard.size FROM batches_shard AS shard
     WHERE shard.batch_id = %(batch_id)s AND {IS_NEW.format(row="shard")}
"""  # noqa: S608 - of constants
NEW_OUTCOMES = f"""
    SELECT "case"."index", "case".state, "case".verdict, "case".attempt, count(*) OVER ()
      FROM unnest(%(firsts)s::int[], %(sizes)s::int[]) AS span (first, size)
      JOIN batches_case AS "case" ON "case".batch_id = %(batch_id)s
       AND "case"."index" >= span.first AND "case"."index" < span.first + span.size
     WHERE "case".state = ANY(%(final)s) AND {IS_NEW.format(row='"case"')}
     ORDER BY "case".finished_at, "case"."index" LIMIT %(most)s
"""  # noqa: S608 - of constants
Outcome = dict[str, Any]
"""`index`, `state`, `verdict` and `attempt` of a case that is final."""


@dataclass(frozen=True)
class Outcomes:
    """What is new: some of the outcomes, and how many more there are; None where they were too many to count."""

    told: list[Outcome]
    left_out: int | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return self.left_out == 0


def read_snapshot() -> str:
    """Return what the open transaction sees, and so all that is read in it, if its isolation is repeatable read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def read_outcomes(batch_id: UUID, since: Position, now: Position) -> Outcomes:
    """Return the outcomes of a batch that `since` has not seen, oldest first.

    Args:
        batch_id: whose outcomes.
        since: the listener's position.
        now: what the open transaction sees.
    """
    if is_foreign(since, now):
        return Outcomes([], None)
    known = compare_with(since, now) | {"batch_id": batch_id}
    with connection.cursor() as cursor:
        cursor.execute(NEW_SHARDS, known)
        spans = cursor.fetchall()
        if sum(size for _, size in spans) > MOST_LOOKED_AT:
            return Outcomes([], None)
        limits: dict[str, Any] = {"final": list(FINAL_CASE_STATES), "most": MOST_OUTCOMES}
        firsts, sizes = [first for first, _ in spans], [size for _, size in spans]
        cursor.execute(NEW_OUTCOMES, {**known, **limits, "firsts": firsts, "sizes": sizes})
        rows = cursor.fetchall()
    told = [{"index": row[0], "state": row[1], "verdict": row[2], "attempt": row[3]} for row in rows]
    return Outcomes(told, rows[0][4] - len(rows) if rows else 0)


def has_seen_batch(since: Position, batch_id: UUID) -> bool:
    """Return whether the row of a batch is still the one that a listener has been told of."""
    now = Position("", read_snapshot())
    if is_foreign(since, now):
        return False
    with connection.cursor() as cursor:
        cursor.execute(HAS_SEEN_BATCH, compare_with(since, now) | {"batch_id": batch_id})
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def is_foreign(since: Position, now: Position) -> bool:
    """Return whether a position cannot be of this database: it names transactions to come, or is unreadable."""
    return not 0 < since.next_transaction <= now.next_transaction


def compare_with(since: Position, now: Position) -> dict[str, Any]:
    """Return the parameters of `IS_NEW`."""
    return {"next": now.next_transaction, "oldest_open": since.oldest_open, "snapshot": since.snapshot}
