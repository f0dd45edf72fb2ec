"""What dispatch decides from, read in three queries whatever waits: what owners have with the broker, and what is next.

Called by `dispatch` under its lock. Of each owner only as many shards are looked at as he could be given at a time.
"""

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Sum

from batches.models import OwnerShare, Shard
from batches.scheduling.levels import FAST, STANDING, fill_standing
from batches.scheduling.slots import count_slots
from batches.scheduling.turns import FarmRoom, OwnerStanding, WaitingShard
from batches.states import BatchState, ShardState

MOST_BATCHES = 64  # of an owner that are looked at: more only where they are needed to keep every slot busy
# A batch whose shards have all gone is out before anything is ranked. A search waits for its first generation: it fills
# the shard of its baselines, which nobody can once that is with the broker.
WAITING = f"""
    WITH standing AS ({STANDING}), ranked AS (
        SELECT standing.*, total <= %(most_fast)s AND NOT is_search AS is_small,
               row_number() OVER (
                   PARTITION BY owner_id, total <= %(most_fast)s AND NOT is_search ORDER BY level, created_at, id
               ) AS place
          FROM standing
         WHERE state = 'running' AND shard_engine = '' AND NOT (is_search AND case_count = 0) AND EXISTS (
             SELECT FROM batches_shard WHERE batch_id = standing.id AND batches_shard.state = 'pending'
         )
    )
    SELECT ranked.owner_id, ranked.id, shard.number, shard.size, ranked.level, ranked.priority, ranked.is_small
      FROM ranked CROSS JOIN LATERAL (
          SELECT number, size FROM batches_shard
           WHERE batch_id = ranked.id AND batches_shard.state = 'pending'
           ORDER BY number LIMIT 2 + ceil(%(most_cases)s::float / ranked.shard_size)
      ) AS shard
     WHERE ranked.place <= %(most_batches)s
     ORDER BY ranked.owner_id, ranked.level, ranked.created_at, ranked.id, shard.number
"""  # noqa: S608 - put together from constants


def read_room() -> FarmRoom:
    """Return what the farm holds: its slots as its workers report them, and its settings."""
    slots = count_slots()
    return FarmRoom(
        slots=slots,
        shard_size=settings.CASEFARM_SHARD_SIZE,
        lanes=settings.CASEFARM_LANES,
        most_cases=max(settings.CASEFARM_QUEUE_CASES, 4 * slots),
        most_fast_cases=settings.CASEFARM_FAST_LANE_CASES,
    )


def read_owners(room: FarmRoom) -> list[OwnerStanding]:
    """Return everybody who has cases with the broker or waits, with what he could be given now."""
    owners: dict[int, OwnerStanding] = {}
    for owner_id, lane, level, shards, cases in _list_dispatched():
        owner = owners.setdefault(owner_id, OwnerStanding(owner_id))
        owner.lane = owner.lane if lane is None else lane % room.lanes
        if level == FAST:
            owner.fast_cases += cases
        else:
            owner.shards, owner.cases = owner.shards + shards, owner.cases + cases
    for owner_id, shard in _list_waiting(room):
        owners.setdefault(owner_id, OwnerStanding(owner_id)).waiting.append(shard)
    for share in OwnerShare.objects.filter(owner_id__in=owners):
        owners[share.owner_id].had = share.had
    return list(owners.values())


def read_most_had() -> int:
    """Return how much that owner has had who has had most, whether he has anything to run or not."""
    return OwnerShare.objects.aggregate(most=Max("had"))["most"] or 0


def _list_dispatched() -> list[tuple[int, int | None, int | None, int, int]]:
    # Of a batch that has ended nobody begins a case any more, and of one that a stage failed shards are never closed.
    # What goes out shard by shard takes no slot and has its own window (`dispatch.claim_whole_shards`).
    running = {"batch__state": BatchState.RUNNING, "batch__shard_engine": ""}
    dispatched = Shard.objects.filter(state=ShardState.DISPATCHED, **running).order_by()
    grouped = dispatched.values_list("batch__owner_id", "lane", "level").annotate(
        shards=Count("number"), cases=Sum(F("size") - F("succeeded") - F("failed") - F("cancelled"))
    )
    return list(grouped.order_by("batch__owner_id", F("cases").asc()))


def _list_waiting(room: FarmRoom) -> list[tuple[int, WaitingShard]]:
    parameters = {
        **fill_standing(settings.CASEFARM_AGEING_MINUTES),
        "most_fast": room.most_fast_cases,
        "most_cases": max(2 * room.slots, room.shard_size),  # of an owner's window
        "most_batches": max(2 * room.slots, MOST_BATCHES),
    }
    with connection.cursor() as cursor:
        cursor.execute(WAITING, parameters)
        return [
            (owner_id, WaitingShard(batch_id, number, size, level, priority, is_small))
            for owner_id, batch_id, number, size, level, priority, is_small in cursor.fetchall()
        ]
