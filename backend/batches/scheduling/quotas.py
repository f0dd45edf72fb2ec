"""What a user has of the farm's quotas in cases and stored files, and the refusal of more. Called by stages and API."""

from django.contrib.auth.models import User
from django.db import connection

from accounts.quotas import Limits, Use, require_room

CASES, STORED = "cases_in_flight", "stored_files"
ASK_AGAIN_AFTER_S = 60
ADVICE = {
    CASES: "Wait until some of your cases have run, cancel a batch, or submit fewer cases.",
    STORED: "Delete batches, or let go of their files, before you submit more.",
}

# A search counts what it may come to, as its progress does.
COUNT_CASES = """
    SELECT coalesce(sum(
               CASE WHEN batch.study->'design' ? 'generations' AND batch.resumed_at IS NULL
                    THEN greatest(batch.case_count, (batch.study->'design'->>'population')::bigint
                                                    * (batch.study->'design'->>'generations')::bigint)
                    ELSE batch.case_count END
               + batch.baseline_count
               - batch.closed_succeeded - batch.closed_failed - batch.closed_cancelled - coalesce(begun.final, 0)
           ), 0)
      FROM batches_batch AS batch LEFT JOIN LATERAL (
          SELECT sum(shard.succeeded + shard.failed + shard.cancelled) AS final FROM batches_shard AS shard
           WHERE shard.batch_id = batch.id AND shard.epoch > 0 AND shard.state <> 'finished'
      ) AS begun ON true
     WHERE batch.owner_id = %s AND batch.state IN ('queued', 'expanding', 'running', 'aggregating')
"""
COUNT_STORED = """
    SELECT coalesce(sum(batch.closed_bytes + coalesce(begun.stored, 0)), 0)
      FROM batches_batch AS batch LEFT JOIN LATERAL (
          SELECT sum(shard.stored_bytes) AS stored FROM batches_shard AS shard
           WHERE shard.batch_id = batch.id AND shard.epoch > 0 AND shard.state <> 'finished'
      ) AS begun ON true
     WHERE batch.owner_id = %s AND batch.deleted_at IS NULL AND batch.outputs_removed_at IS NULL
"""


def measure_cases(user: User, limits: Limits) -> Use:
    """Return how many cases of a user's active batches are not final."""
    return Use(CASES, _ask(COUNT_CASES, user), limits.cases, "cases")


def measure_stored(user: User, limits: Limits) -> Use:
    """Return how much the files take that the cases of a user's batches keep."""
    return Use(STORED, _ask(COUNT_STORED, user), limits.stored_bytes, "bytes")


def require_cases(user: User, limits: Limits, more: int) -> None:
    """Do nothing where a user may have so many cases more; call it under `accounts.quotas.lock_quotas`.

    Files are counted as they are stored: who has room left may fill it, and more, with the cases that he submits.

    Raises:
        TooMuch: the quota of cases has no room for them, or that of stored files is used up.
    """
    if limits.cases is not None:
        require_room(measure_cases(user, limits), more, advice=ADVICE[CASES], retry_after_s=ASK_AGAIN_AFTER_S)
    if limits.stored_bytes is not None:
        require_room(measure_stored(user, limits), 1, advice=ADVICE[STORED])


def _ask(statement: str, user: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [user.pk])
        (found,) = cursor.fetchone() or (0,)
        return int(found)
