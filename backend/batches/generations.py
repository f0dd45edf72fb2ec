"""A search goes on: the outcomes of an optimiser's cases in, those of its next generation out. Called by `tasks.py`.

A generation is an extension of its batch (`extension.append_cases`), so its cases go through the same shards and chords
as any others. Nothing of the optimiser is kept: `studies.optimisation` replays it from the outcomes.
"""

from uuid import UUID

from django.db import transaction

from batches.aggregation import fail_batch
from batches.extension import append_cases
from batches.models import Batch, Case
from batches.plans import Plan, plan_of
from batches.states import BatchState, CaseState, ShardState
from studies.definition import MoreRows, OptimisationDesign
from studies.designs.errors import DesignError
from studies.optimisation.front import Metrics
from studies.optimisation.search import Key, SearchError, make_key, propose_generation


def begin_generation(batch_id: UUID) -> bool:
    """Append the next generation to a running search whose cases are all final; one caller gets True.

    Closes a batch whose search cannot go on as failed.

    Returns:
        False where the batch is no search, still has open cases, is over, or another caller was faster.
    """
    batch = Batch.objects.get(pk=batch_id)
    plan = plan_of(batch)
    if not isinstance(plan.study.design, OptimisationDesign) or not is_idle(batch):
        return False
    try:
        # Found without a lock, for it may take seconds in which the batch can be cancelled.
        generation = propose_generation(plan.study, collect_outcomes(batch, plan))
    except (SearchError, DesignError) as error:
        fail_batch(batch_id, str(error))
        return False
    if generation is None:
        return False
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch_id)
        if locked.case_count != batch.case_count or not is_idle(locked):
            return False
        append_cases(locked, MoreRows(rows=generation.rows))
    return True


def is_idle(batch: Batch) -> bool:
    """Return whether a running batch waits for nothing; baselines do not count before the first generation."""
    if batch.state != BatchState.RUNNING:
        return False
    return not batch.case_count or not batch.shards.exclude(state=ShardState.FINISHED).exists()


def collect_outcomes(batch: Batch, plan: Plan) -> dict[Key, Metrics | None]:
    """Return the metrics of a search's cases, None of those that failed, by their designs."""
    cases = Case.objects.filter(batch_id=batch.pk, index__gte=0).values_list("index", "state", "metrics")
    return {
        make_key(plan.study, plan.points[index].values): metrics if state == CaseState.SUCCEEDED else None
        for index, state, metrics in cases.iterator()
    }
