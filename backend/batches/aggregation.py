"""Stage 5: outcomes → the result table. Called by the tasks `finish_shard` and `finish_batch`."""

import logging
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models.functions import Now

from batches import storage
from batches.case_counts import fold_shard
from batches.live import notices
from batches.models import Batch, Case, Shard
from batches.plans import load_plan, plan_of
from batches.previews import run_samples
from batches.queries import names_of_open_shard
from batches.results import findings, tables, timeseries
from batches.results.metric_facts import list_columns
from batches.states import ACTIVE_BATCH_STATES, FINAL_CASE_STATES, OPEN_SHARD_STATES, BatchState, ShardState

log = logging.getLogger(__name__)


def aggregate_shard(batch_id: UUID, number: int, epoch: int) -> bool:
    """Write a shard's part of the table once all its cases are final; outliers among them become suspect first.

    Returns:
        False where the message is stale, the shard is finished already, or cases are still open.
    """
    with transaction.atomic():
        shard = (
            Shard.objects.select_for_update()
            .filter(batch_id=batch_id, number=number, epoch=epoch, state=ShardState.DISPATCHED)
            .first()
        )
        if shard is None or count_open_cases(shard):
            return False
        plan = load_plan(batch_id, shard.indices[-1])
        if plan.shard_engine is None:  # of cases that an engine has run
            shard.suspect += findings.doubt_outliers(plan, shard)
            timeseries.merge_shard(plan, shard)
            run_samples.record_samples(plan, shard)
        shard.metric_names = sorted(names_of_open_shard(shard))
        schema = tables.table_schema(plan, list_columns(plan, shard.metric_names))
        tables.write_part(storage.part_path(batch_id, number), tables.read_cases(plan, shard, schema))
        shard.state = ShardState.FINISHED
        shard.save(update_fields=["metric_names", "state", "suspect"])
        fold_shard(shard)
    notices.tell_change(batch_id)
    return True


def count_open_cases(shard: Shard) -> int:
    """Return how many of a shard's cases are not final."""
    # Not `index__in`: of a shard of ten thousand that is as many words.
    inside = {"index__gte": shard.first_index, "index__lt": shard.indices.stop}
    cases = Case.objects.filter(batch_id=shard.batch_id, **inside)
    return cases.exclude(state__in=FINAL_CASE_STATES).count()


def begin_finish(batch_id: UUID) -> bool:
    """Set a running batch aggregating once every shard is finished. One caller gets True.

    Looks at the shards under the batch's lock, like whoever adds some: a batch that has been extended, or whose search
    has gone on, between the look and the change would be closed with cases that have not run.
    """
    with transaction.atomic():
        running = Batch.objects.filter(pk=batch_id, state=BatchState.RUNNING, retrying__isnull=True)
        if not running.select_for_update().exists():
            return False
        if Shard.objects.filter(batch_id=batch_id, state__in=OPEN_SHARD_STATES).exists():
            return False
        notices.tell_change(batch_id)
        return bool(running.update(state=BatchState.AGGREGATING))


def finish_batch(batch_id: UUID) -> None:
    """Close an aggregating batch: completed with its findings, or failed where no case succeeded. Safe to repeat."""
    batch = Batch.objects.get(pk=batch_id)
    # A doubled message that is late must not close what has grown or was tried again since with the findings of before.
    closing = Batch.objects.filter(
        pk=batch_id, state=BatchState.AGGREGATING, case_count=batch.case_count, resumed_at=batch.resumed_at
    )
    if batch.closed_succeeded:
        closing.update(state=BatchState.COMPLETED, finished_at=Now(), findings=collect_findings(batch))
    else:
        closing.update(state=BatchState.FAILED, finished_at=Now(), failure="Every case failed; see their errors.")
    notices.tell_change(batch_id)


def collect_findings(batch: Batch) -> list[findings.Finding]:
    """Return what was found at submission and what the finished cases show together.

    The results are complete without: what cannot be examined is said, and does not fail the batch.
    """
    try:
        shown = findings.find_effects(batch, plan_of(batch))
    except (DatabaseError, OSError):
        raise  # passes, and is tried again
    except Exception:
        log.exception("findings of %s", batch.pk)
        message = "The results could not be examined for parameters without effect; the worker's log says why."
        shown = [findings.Finding(kind="not_examined", parameter=None, message=message)]
    return findings.merge_findings(batch.findings, shown)


def fail_batch(batch_id: UUID, message: str) -> None:
    """Close an active batch that one of its stages cannot carry on with; its owner reads why."""
    active = Batch.objects.filter(pk=batch_id, state__in=ACTIVE_BATCH_STATES)
    active.update(state=BatchState.FAILED, finished_at=Now(), failure=message, retrying=None)
    notices.tell_change(batch_id)
