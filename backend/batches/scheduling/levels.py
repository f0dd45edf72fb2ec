"""How urgent the cases of a batch are in the broker, and how that grows while it waits. Called by this room.

A batch has waited since nobody gave cases of its owner with its priority a turn: who has many batches at work does not
grow more urgent with those that come after, or the longest list would always be first.
"""

from batches.states import Priority

FAST, HIGH, NORMAL, LOW = LEVELS = (0, 3, 6, 9)  # Redis takes 0 first
STEP = 3
BASE_LEVELS: dict[str, int] = {Priority.HIGH: HIGH, Priority.NORMAL: NORMAL, Priority.LOW: LOW}

# The rows of active batches with their levels, as a query to be named `standing` in a WITH clause.
STANDING = """
    SELECT batch.id, batch.owner_id, batch.state, batch.priority, batch.created_at, batch.shard_size,
           batch.shard_engine, batch.case_count, batch.case_count + batch.baseline_count AS total,
           batch.study->'design' ? 'generations' AND batch.resumed_at IS NULL AS is_search,
           greatest(%(high)s, base.level - %(step)s * greatest(0, floor(
               extract(epoch FROM now() - greatest(batch.waiting_since, base.turn_at)) / %(ageing_s)s
           ))::int) AS level
      FROM batches_batch AS batch
      LEFT JOIN batches_ownershare AS share ON share.owner_id = batch.owner_id
     CROSS JOIN LATERAL (
         SELECT CASE batch.priority WHEN 'high' THEN %(high)s WHEN 'low' THEN %(low)s ELSE %(normal)s END,
                CASE batch.priority WHEN 'normal' THEN share.normal_turn_at WHEN 'low' THEN share.low_turn_at END
     ) AS base (level, turn_at)
     WHERE batch.state IN ('queued', 'expanding', 'running', 'aggregating')
"""


def fill_standing(ageing_minutes: int) -> dict[str, float]:
    """Return the parameters of `STANDING`."""
    return {"high": HIGH, "normal": NORMAL, "low": LOW, "step": STEP, "ageing_s": ageing_minutes * 60}
