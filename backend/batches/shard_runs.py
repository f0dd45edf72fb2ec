"""A shard that an engine takes as a whole: its inputs from the design, its answers into rows and table, all at once.

Called by the task of the app whose engine it is (`shard_engines`). Nothing is claimed beforehand and nothing leased:
two workers that have the same shard both compute, and one of them writes. What a killed one had done is lost, not half
there, and the reconciler sends the shard again (`reconciliation.list_due_shards`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from numpy.typing import NDArray

from batches import aggregation, storage
from batches.aggregation import count_open_cases
from batches.case_counts import fold_shard
from batches.live import notices
from batches.models import Shard
from batches.plans import Plan, load_plan
from batches.results import tables
from batches.results.metric_facts import list_columns
from batches.shard_engines import ShardEngine, ShardEngineError
from batches.states import ACTIVE_BATCH_STATES, BatchState, CaseState, ShardState, Verdict

Answers = Mapping[str, NDArray[Any]]

ACTIVE = f"({', '.join(repr(state.value) for state in ACTIVE_BATCH_STATES)})"
PUBLISH = f"""
    WITH ended AS (
        UPDATE batches_case AS ended
           SET state = 'succeeded', verdict = 'valid', metrics = told.metrics::jsonb, attempt = attempt + 1,
               finished_at = now()
          FROM string_to_table(%(metrics)s, chr(10)) WITH ORDINALITY AS told (metrics, place)
         WHERE ended.batch_id = %(batch_id)s AND ended."index" = %(first)s + told.place::int - 1
           AND ended.state = 'pending' AND EXISTS (
               SELECT FROM batches_shard AS shard JOIN batches_batch AS batch ON batch.id = shard.batch_id
                WHERE shard.batch_id = %(batch_id)s AND shard.number = %(number)s AND shard.epoch = %(epoch)s
                  AND shard.state = 'dispatched' AND batch.state IN {ACTIVE}
           )
        RETURNING true
    ), counted AS (
        UPDATE batches_shard SET succeeded = succeeded + (SELECT count(*) FROM ended), last_progress_at = now()
         WHERE batch_id = %(batch_id)s AND number = %(number)s AND EXISTS (SELECT FROM ended)
    )
    SELECT count(*) FROM ended
"""  # noqa: S608 - put together from constants


def run_shard(engine: ShardEngine, batch_id: UUID, number: int, epoch: int) -> bool:
    """Have an engine answer for a shard, and close it.

    A batch that the engine cannot answer for is failed, with the reason.

    Returns:
        Whether this call has closed the shard: its batch is to go on. Not where the message is stale, the batch has
        ended, or somebody else was faster.
    """
    shard = find_wanted(batch_id, number, epoch)
    if shard is None:
        return False
    plan = load_plan(batch_id, shard.indices[-1])
    try:
        answers = compute_answers(engine, plan, shard)
    except ShardEngineError as error:
        aggregation.fail_batch(batch_id, str(error))
        return False
    is_closed = publish_answers(plan, shard, answers)
    notices.tell_change(batch_id)
    return is_closed


def find_wanted(batch_id: UUID, number: int, epoch: int) -> Shard | None:
    """Return the shard that a message means; None where nobody waits for it."""
    wanted = Shard.objects.filter(batch_id=batch_id, number=number, epoch=epoch, state=ShardState.DISPATCHED)
    return wanted.filter(batch__state=BatchState.RUNNING).select_related("batch").first()


def compute_answers(engine: ShardEngine, plan: Plan, shard: Shard) -> Answers:
    """Return every metric of a shard's cases, (cases,).

    Raises:
        ShardEngineError: the engine cannot answer, or its answer is none.
    """
    pinned = plan.shard_engine
    assert pinned is not None  # noqa: S101 - the shard is of such a batch
    inputs = plan.points.columns(shard.first_index, shard.indices.stop)
    answers = engine.answer(pinned, inputs)
    for name in pinned.metrics:
        if not np.isfinite(answers[name]).all():
            strange = shard.first_index + int(np.flatnonzero(~np.isfinite(answers[name]))[0])
            raise ShardEngineError(f"{pinned.label} has no finite {name} for case {strange}; nothing of it is kept.")
    return {name: answers[name] for name in pinned.metrics}


@transaction.atomic
def publish_answers(plan: Plan, shard: Shard, answers: Answers) -> bool:
    """Make a shard's pending cases final, write its part of the table and close it; all of it or nothing.

    The order of locks is that of `case_counts`: cases, the shard, the batch.
    """
    place: dict[str, Any] = {"batch_id": shard.batch_id, "number": shard.number, "epoch": shard.epoch}
    with connection.cursor() as cursor:
        cursor.execute(PUBLISH, {**place, "first": shard.first_index, "metrics": write_metrics(answers)})
        count = cursor.fetchall()[0][0]
    locked = Shard.objects.select_for_update().filter(**place, state=ShardState.DISPATCHED).first()
    if locked is None or count_open_cases(locked):
        return False
    schema = tables.table_schema(plan, list_columns(plan, answers))
    part = make_part(plan, locked, answers, schema) if count == locked.size else None
    tables.write_part(
        storage.part_path(locked.batch_id, locked.number), part or tables.read_cases(plan, locked, schema)
    )
    locked.metric_names, locked.state = sorted(answers), ShardState.FINISHED
    locked.save(update_fields=["metric_names", "state"])
    fold_shard(locked)
    return True


def write_metrics(answers: Answers) -> str:
    """Return the metrics of each case as a line of JSON: numbers as short as they read back the same.

    One text: to write ten thousand of them as an array for the database takes longer than all else of a shard.
    """
    pieces: list[Any] = []
    for place, (name, values) in enumerate(answers.items()):
        pieces += [f'{", " if place else "{"}"{name}": ', pc.cast(pa.array(values), pa.string())]
    return "\n".join(pc.binary_join_element_wise(*pieces, "}", "").to_pylist())


def make_part(plan: Plan, shard: Shard, answers: Answers, schema: pa.Schema) -> pa.Table:
    """Return a shard's part of the table straight from its answers, where all its cases became final together."""
    inputs = plan.points.columns(shard.first_index, shard.indices.stop)
    columns: dict[str, Any] = {
        "case": np.arange(shard.first_index, shard.indices.stop),
        "state": pa.repeat(CaseState.SUCCEEDED.value, shard.size),
        "verdict": pa.repeat(Verdict.VALID.value, shard.size),
        **{name: pa.array(values, from_pandas=True) for name, values in inputs.items()},
        **answers,
    }
    columns["weather"] = pa.array([ref or None for ref in inputs["weather"]], pa.string())
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in schema]
    return pa.table(arrays, schema=schema)
