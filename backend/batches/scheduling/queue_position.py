"""Where a batch stands in the queue and when it is expected to begin. Called by `representation`.

What is told is an estimate, from one look at all active batches, two seconds old at most. Ahead of a batch's first case
are: all cases that wait at a more urgent level; those of its owner's own batches before it, at its level; and of every
other owner at its level as many as come in turns with these, one more than the owner's own, as far as he has so many.
The position is the batch's place among all that have not begun, by the cases ahead. It begins when these have been
taken by as many slots as the farm has, each of which takes the mean time of the runs ahead: of those batches that are
at work from cases that they have finished, of the others from what the same models have taken over the same run period
(`previews/run_samples.py`). Where that is known of less than half of the cases in question, nothing is said.
"""

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from batches.models import Batch
from batches.scheduling.levels import STANDING, fill_standing
from batches.scheduling.run_times import expect_run_times
from batches.scheduling.slots import count_slots
from batches.states import BatchState

LOOK_AGAIN_AFTER_S = 2.0
QUEUEING_STATES = (BatchState.QUEUED, BatchState.EXPANDING, BatchState.RUNNING)

# Of a batch whose shards are with the broker the level is that of its messages.
LINE = f"""
    WITH standing AS ({STANDING})
    SELECT standing.id, standing.owner_id, coalesce(sent.level, standing.level), standing.created_at,
           (standing.total - batch.closed_succeeded - batch.closed_failed - batch.closed_cancelled
               - coalesce(sent.final, 0) - coalesce(sent.running, 0))::int,
           coalesce(sent.running, 0)::int, coalesce(sent.final + sent.running, 0) > 0, sent.batch_id IS NOT NULL
      FROM standing JOIN batches_batch AS batch ON batch.id = standing.id
      LEFT JOIN (
          SELECT shard.batch_id, min(shard.level) AS level,
                 sum(shard.succeeded + shard.failed + shard.cancelled) AS final,
                 sum((SELECT count(*) FROM batches_case AS held
                       WHERE held.batch_id = shard.batch_id AND held."index" >= shard.first_index
                         AND held."index" < shard.first_index + shard.size
                         AND held.state = 'running' AND held.leased_until >= now())) AS running
            FROM batches_shard AS shard WHERE shard.state = 'dispatched' GROUP BY shard.batch_id
      ) AS sent ON sent.batch_id = standing.id
     WHERE standing.state <> 'aggregating' AND (standing.shard_engine <> '') = %(whole)s
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True)
class QueuePosition:
    """Where a batch stands.

    Attributes:
        position: 1 for the batch that begins next.
        cases_ahead: cases of others and own ones that are taken before its first.
        expected_start_at: None where the times of the runs ahead are not known.
    """

    position: int
    cases_ahead: int
    expected_start_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """An active batch in line: `waiting` cases that nobody has taken, `running` ones; sent: it is with the broker."""

    batch_id: UUID
    owner_id: int
    level: int
    created_at: datetime
    waiting: int
    running: int
    is_begun: bool
    is_sent: bool


def find_position(batch: Batch) -> QueuePosition | None:
    """Return where a batch stands that waits to begin; None for one that has begun or ended."""
    if batch.state not in QUEUEING_STATES:
        return None
    return _look().get(batch.pk)


_last_look: tuple[float, Mapping[UUID, QueuePosition]] = (float("-inf"), {})


def _look() -> Mapping[UUID, QueuePosition]:
    """Return the positions of all batches that wait; many who ask at the same time get the same answer."""
    global _last_look  # noqa: PLW0603 - one pair, replaced as a whole
    looked_at, found = _last_look
    if time.monotonic() - looked_at > LOOK_AGAIN_AFTER_S:
        # Shards that go out as a whole wait in a line of their own, and what they take is no time of runs.
        whole = {
            batch_id: replace(position, expected_start_at=None)
            for batch_id, position in find_positions(read_line(whole=True)).items()
        }
        found = find_positions(read_line()) | whole
        _last_look = (time.monotonic(), found)
    return found


def forget_look() -> None:
    """Have the next who asks look anew: what is known is about another database."""
    global _last_look  # noqa: PLW0603 - as above
    _last_look = (float("-inf"), {})


def read_line(*, whole: bool = False) -> list[Standing]:
    """Return all active batches that have cases to run; or those whose shards go out as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(LINE, {**fill_standing(settings.CASEFARM_AGEING_MINUTES), "whole": whole})
        return [Standing(*row) for row in cursor.fetchall()]


def find_positions(line: list[Standing]) -> dict[UUID, QueuePosition]:
    """Return the positions of the batches that have not begun."""
    queued = [one for one in line if not one.is_begun]
    if not queued:
        return {}
    ahead = count_ahead(line)
    run_times = expect_run_times([one.batch_id for one in line])
    slots, now = count_slots(), timezone.now()
    is_busy = sum(one.running for one in line) >= slots
    run_s = {
        level: average_run_s((one for one in line if one.level <= level), run_times) if is_busy else 0.0
        for level in {one.level for one in queued}
    }
    ranked = sorted(queued, key=lambda one: (ahead[one.batch_id], one.level, one.created_at, one.batch_id))
    positions: dict[UUID, QueuePosition] = {}
    for place, one in enumerate(ranked, start=1):
        cases = ahead[one.batch_id]
        mean_s = run_s[one.level]
        start_at = None if mean_s is None else now + timedelta(seconds=(cases + 1) * mean_s / slots)
        positions[one.batch_id] = QueuePosition(place, cases, start_at)
    return positions


def count_ahead(line: list[Standing]) -> dict[UUID, int]:
    """Return how many cases are taken before the first of each batch."""
    levels = sorted({one.level for one in line})
    counts: dict[UUID, int] = {}
    before = 0
    for level in levels:
        here = [one for one in line if one.level == level]
        counts.update({batch_id: before + cases for batch_id, cases in _count_at_level(here).items()})
        before += sum(one.waiting for one in here)
    return counts


def _count_at_level(here: list[Standing]) -> dict[UUID, int]:
    by_owner: dict[int, list[Standing]] = defaultdict(list)
    for one in sorted(here, key=lambda one: (not one.is_sent, one.created_at, one.batch_id)):
        by_owner[one.owner_id].append(one)
    totals = sorted(sum(one.waiting for one in own) for own in by_owner.values())
    sums = [0, *accumulate(totals)]
    counts: dict[UUID, int] = {}
    for own in by_owner.values():
        own_total, before = sum(one.waiting for one in own), 0
        for one in own:
            counts[one.batch_id] = before + _sum_capped(totals, sums, before + 1) - min(own_total, before + 1)
            before += one.waiting
    return counts


def _sum_capped(totals: list[int], sums: list[int], most: int) -> int:
    """Return the sum of some sorted numbers, none of which counts for more than `most`."""
    place = bisect_left(totals, most)
    return sums[place] + most * (len(totals) - place)


def average_run_s(line: Iterable[Standing], run_times: Mapping[UUID, float]) -> float | None:
    """Return the mean time of a run in s, of batches weighted by their cases; None where too little of it is known."""
    total = known = seconds = 0.0
    for one in line:
        cases = one.waiting + one.running
        total += cases
        if one.batch_id in run_times:
            known += cases
            seconds += cases * run_times[one.batch_id]
    return seconds / known if known and 2 * known >= total else None
