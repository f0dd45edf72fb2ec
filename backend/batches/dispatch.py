"""Stage 3: which shards of all batches may go to the workers now, and where they wait there. Called by `tasks`.

The rules stand in `scheduling/turns.py`. One dispatch decides for the whole farm at a time: who comes while another is
at it waits for it, then sees what that one has done, so that no event passes unseen.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from batches import broker
from batches.models import Batch, Case, OwnerShare, Shard
from batches.scheduling import farm_state, levels
from batches.scheduling.turns import OwnerStanding, Turn, choose_turns
from batches.states import FINAL_CASE_STATES, BatchState, Priority

TURN_LOCK = 0x0CA5E_FA12  # one number that no other advisory lock has: those of contents have 60 bits
TURN_COLUMNS = {Priority.LOW: "low_turn_at", Priority.NORMAL: "normal_turn_at"}  # no batch grows beyond high

CLAIM = """
    UPDATE batches_shard AS shard
       SET state = 'dispatched', epoch = epoch + 1, last_progress_at = now(), lane = turn.lane, level = turn.level
      FROM unnest(%(batches)s::uuid[], %(numbers)s::int[], %(lanes)s::int[], %(levels)s::int[])
           AS turn (batch_id, number, lane, level)
     WHERE shard.batch_id = turn.batch_id AND shard.number = turn.number AND shard.state = 'pending'
    RETURNING shard.batch_id, shard.number
"""
# Each owner has as many with the broker as keep a worker at it while the next ones are claimed.
CLAIM_WHOLE = """
    WITH standing AS (
        SELECT batch.id, batch.owner_id,
               CASE batch.priority WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END AS urgency, batch.created_at
          FROM batches_batch AS batch WHERE batch.state = 'running' AND batch.shard_engine <> ''
    ), ranked AS (
        SELECT shard.batch_id, shard.number, standing.owner_id,
               row_number() OVER (
                   PARTITION BY standing.owner_id
                   ORDER BY standing.urgency, standing.created_at, shard.batch_id, shard.number
               ) AS place
          FROM standing CROSS JOIN LATERAL (
              SELECT batch_id, number FROM batches_shard
               WHERE batch_id = standing.id AND state = 'pending' ORDER BY number LIMIT %(window)s
          ) AS shard
    ), sent AS (
        SELECT standing.owner_id, count(*) AS shards
          FROM standing JOIN batches_shard AS shard ON shard.batch_id = standing.id AND shard.state = 'dispatched'
         GROUP BY standing.owner_id
    ), chosen AS (
        SELECT ranked.batch_id, ranked.number FROM ranked LEFT JOIN sent ON sent.owner_id = ranked.owner_id
         WHERE ranked.place <= %(window)s - coalesce(sent.shards, 0)
    )
    UPDATE batches_shard AS shard
       SET state = 'dispatched', epoch = epoch + 1, last_progress_at = now(), lane = NULL, level = NULL
      FROM chosen, batches_batch AS batch
     WHERE shard.batch_id = chosen.batch_id AND shard.number = chosen.number AND shard.state = 'pending'
       AND batch.id = chosen.batch_id AND batch.state = 'running'
    RETURNING shard.batch_id, shard.number
"""
WHOLE_SHARDS_SENT = 2  # of an owner at a time: a worker's third thread is for who waits for a prediction
# None of a batch's cases is at work: it waits, in the broker, at a level that it has outgrown.
RESEND = f"""
    WITH standing AS ({levels.STANDING}), outgrown AS (
        SELECT shard.batch_id, shard.number, standing.level
          FROM standing JOIN batches_shard AS shard ON shard.batch_id = standing.id
         WHERE shard.state = 'dispatched' AND standing.state = 'running' AND shard.level > standing.level
           AND NOT EXISTS (
               SELECT FROM batches_shard AS sent JOIN batches_case AS held
                   ON held.batch_id = sent.batch_id AND held."index" >= sent.first_index
                  AND held."index" < sent.first_index + sent.size
                WHERE sent.batch_id = shard.batch_id AND sent.state = 'dispatched'
                  AND held.state = 'running' AND held.leased_until >= now()
           )
         ORDER BY shard.batch_id, shard.number FOR UPDATE OF shard SKIP LOCKED
    )
    UPDATE batches_shard AS shard SET epoch = epoch + 1, level = outgrown.level, last_progress_at = now()
      FROM outgrown WHERE shard.batch_id = outgrown.batch_id AND shard.number = outgrown.number
    RETURNING shard.batch_id, shard.number
"""  # noqa: S608 - put together from constants

MOVE = f"""
    WITH standing AS ({levels.STANDING})
    UPDATE batches_shard AS shard SET epoch = epoch + 1, level = standing.level, last_progress_at = now()
      FROM standing
     WHERE shard.batch_id = %(batch_id)s AND standing.id = shard.batch_id AND standing.state = 'running'
       AND shard.state = 'dispatched' AND shard.level <> standing.level AND shard.level <> %(fast)s
    RETURNING shard.batch_id, shard.number
"""  # noqa: S608 - put together from constants


def claim_shards() -> list[Shard]:
    """Mark the shards that get a turn now as dispatched, with their lane and level, and return them.

    Raises:
        redis.RedisError: the broker does not say how much waits there already; nothing is marked.
    """
    with transaction.atomic():
        _lock_turns()
        room = farm_state.read_room()
        owners = farm_state.read_owners(room)
        chosen = choose_turns(
            owners, room, most_had=farm_state.read_most_had(), cases_with_broker=broker.count_waiting_cases()
        )
        turns = _keep_running(chosen)
        if not turns:
            return []
        claimed = _execute(CLAIM, _as_columns(turns))
        _note_turns(turns, owners)
    return _find_shards(claimed)


def claim_whole_shards() -> list[Shard]:
    """Mark shards as dispatched that go out as one message each, of batches that no slot is needed for.

    They take no turns with those that are simulated: other workers take them, by a queue of their own.
    """
    with transaction.atomic():
        _lock_turns()
        return _find_shards(_execute(CLAIM_WHOLE, {"window": WHOLE_SHARDS_SENT}))


def claim_outgrown_shards() -> list[Shard]:
    """Give shards that wait in the broker at a less urgent level than their batch has by now the new one, and an epoch.

    Their messages of before do nothing when they are taken at last. While the broker is full nothing is sent again.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    if broker.count_waiting_cases() >= settings.CASEFARM_QUEUE_CASES:
        return []
    with transaction.atomic():
        _lock_turns()
        return _find_shards(_execute(RESEND, levels.fill_standing(settings.CASEFARM_AGEING_MINUTES)))


def claim_misplaced_shards(batch_id: UUID) -> list[Shard]:
    """Give shards of a batch that wait in the broker at another level than the batch has the new one, and an epoch.

    Those of the fast lane stay in it. Cases that are at work go on: a message of the new epoch leaves them alone.
    """
    parameters = {**levels.fill_standing(settings.CASEFARM_AGEING_MINUTES), "batch_id": batch_id, "fast": levels.FAST}
    with transaction.atomic():
        _lock_turns()
        return _find_shards(_execute(MOVE, parameters))


def list_open_indices(shard: Shard) -> list[int]:
    """Return the indices of a shard's cases that are not final yet: the header of its chord."""
    cases = Case.objects.filter(batch_id=shard.batch_id, index__in=shard.indices)
    return list(cases.exclude(state__in=FINAL_CASE_STATES).values_list("index", flat=True))


def _lock_turns() -> None:
    """Wait until no other dispatch decides; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN_LOCK])


def _keep_running(turns: list[Turn]) -> list[Turn]:
    """Lock the batches that get a turn, in one order, and leave out those that have been cancelled meanwhile."""
    wanted = Batch.objects.filter(pk__in={turn.shard.batch_id for turn in turns}, state=BatchState.RUNNING)
    running = set(wanted.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    return [turn for turn in turns if turn.shard.batch_id in running]


def _as_columns(turns: Iterable[Turn]) -> dict[str, list[Any]]:
    rows = [(turn.shard.batch_id, turn.shard.number, turn.lane, turn.level) for turn in turns]
    return dict(zip(("batches", "numbers", "lanes", "levels"), map(list, zip(*rows, strict=True)), strict=True))


def _execute(statement: str, parameters: dict[str, Any]) -> list[tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _note_turns(turns: list[Turn], owners: list[OwnerStanding]) -> None:
    """Write who has had a turn: the batches for their ageing, the owners for their share."""
    Batch.objects.filter(pk__in={turn.shard.batch_id for turn in turns}).update(waiting_since=Now())
    served = {turn.owner_id for turn in turns}
    OwnerShare.objects.bulk_create(
        [OwnerShare(owner_id=owner.owner_id, had=owner.had) for owner in owners if owner.owner_id in served],
        update_conflicts=True,
        unique_fields=["owner"],
        update_fields=["had"],
    )
    for priority, column in TURN_COLUMNS.items():
        had = {turn.owner_id for turn in turns if turn.shard.priority == priority}
        OwnerShare.objects.filter(owner_id__in=had).update(**{column: Now()})


def _find_shards(keys: list[tuple[UUID, int]]) -> list[Shard]:
    if not keys:
        return []
    return list(
        Shard.objects.filter(pk__in=keys)
        .select_related("batch")
        .order_by("level", "last_progress_at", "batch_id", "number")
    )
