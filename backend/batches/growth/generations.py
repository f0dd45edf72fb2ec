"""A search goes on: the outcomes of an optimiser's cases in, those of its next generation out. Called by `tasks.py`.

A generation is an extension of its batch (`extension.append_cases`), so its cases go through the same shards and chords
as any others. Nothing of the optimiser is kept: `studies.optimisation` replays it from the outcomes.
"""

from enum import Enum
from uuid import UUID

from django.db import connection, transaction

from batches.aggregation import fail_batch
from batches.errors import NotExtensibleError
from batches.growth import rounds
from batches.growth.extension import append_cases
from batches.models import Batch, Case
from batches.plans import Plan, plan_of, read_extensions
from batches.states import OPEN_SHARD_STATES, BatchState, CaseState, ShardState
from studies.definition import MoreRows, OptimisationDesign
from studies.designs.errors import DesignError
from studies.optimisation.front import Metrics, list_metrics
from studies.optimisation.search import Generation, Key, SearchError, make_key, propose_generation


class Step(Enum):
    """What became of a call."""

    BEGUN = "begun"  # the next generation was appended
    WAITING = "waiting"  # for open cases, or another caller is at it, or the batch does not run
    GROWING = "growing"  # an adaptive batch: who chooses its next cases is to be told
    OVER = "over"  # no cases are to come: the batch may be closed


def begin_generation(batch_id: UUID) -> Step:
    """Append the next generation to a running search whose cases are all final; one caller gets `BEGUN`.

    Closes a batch whose search cannot go on as failed. A batch that is no search is `OVER`: it has all its cases. While
    one caller looks for the next generation, nobody else gets `OVER`, so that the batch is not closed before it comes.
    """
    found = Batch.objects.get(pk=batch_id)
    if rounds.is_open(found):
        return Step.GROWING if rounds.is_due(found) else Step.WAITING
    if not isinstance(plan_of(found).study.design, OptimisationDesign):
        return Step.OVER
    # The row is not locked, for it may take a minute in which the batch can be cancelled.
    with transaction.atomic():
        if not claim_search(batch_id):
            return Step.WAITING
        batch = Batch.objects.get(pk=batch_id)
        return continue_search(batch) if is_idle(batch) else Step.WAITING


def continue_search(batch: Batch) -> Step:
    """Append the next generation to an idle search that this caller has claimed, or close it with the reason."""
    plan = plan_of(batch)
    try:
        generation = propose_generation(plan.study, collect_outcomes(batch, plan))
        return Step.OVER if generation is None else append_generation(batch, generation)
    except (SearchError, DesignError, NotExtensibleError) as error:
        fail_batch(batch.pk, str(error))
        return Step.WAITING


def claim_search(batch_id: UUID) -> bool:
    """Let one caller at a time think about a search, until the end of its transaction or of its life.

    He may be silent for longer than the database allows others, who hold rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout TO '1h'")
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"search {batch_id}"])
        return bool(cursor.fetchall()[0][0])


def append_generation(batch: Batch, generation: Generation) -> Step:
    """Append a generation to a search that stands where it was found.

    Raises:
        NotExtensibleError: the batch would have too many cases, or the search has another past here than it has had.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.case_count != batch.case_count or not is_idle(locked):
        return Step.WAITING
    begun = count_generations(locked)
    if generation.number < begun:
        raise NotExtensibleError(
            f"The search cannot go on: its generation {generation.number + 1} has other cases here than when it was"
            " run. Workers need the same versions of pymoo, NumPy and SciPy throughout a search, and processors of one"
            " kind: install the same release of Casefarm on all, and submit the study again; what has run is known and"
            " is not run again."
        )
    append_cases(locked, MoreRows(rows=generation.rows, generation=generation.number))
    return Step.BEGUN


def count_generations(batch: Batch) -> int:
    """Return how many generations of a search have been begun, those included that brought nothing new."""
    numbers = [more.generation for more in read_extensions(batch) if isinstance(more, MoreRows)]
    return max((number + 1 for number in numbers if number is not None), default=0)


def is_idle(batch: Batch) -> bool:
    """Return whether a running batch waits for nothing; before the first generation baselines need not have run.

    Where they are at work, though, it waits for them: their shard takes no more cases until it is finished.
    """
    if batch.state != BatchState.RUNNING:
        return False
    open_states = OPEN_SHARD_STATES if batch.case_count else (ShardState.DISPATCHED,)
    return not batch.shards.filter(state__in=open_states).exists()


def collect_outcomes(batch: Batch, plan: Plan) -> dict[Key, Metrics | None]:
    """Return the metrics that a search is about of each of its cases, None of those that failed, by their designs.

    Of cases with the same design, as points of one's own may be, the first counts: it is what the search has seen.
    """
    design = plan.study.design
    assert isinstance(design, OptimisationDesign)  # noqa: S101 - nothing else is searched
    names = list_metrics(design)
    cases = Case.objects.filter(batch_id=batch.pk, index__gte=0).order_by("index")
    found = cases.values_list("index", "state", "metrics").iterator()
    known: dict[Key, Metrics | None] = {}
    points = (point for point in plan.points if not point.is_baseline)
    for (index, state, metrics), point in zip(found, points, strict=True):
        assert index == point.index  # noqa: S101 - rows and points have the same indices
        told = {name: (metrics or {}).get(name) for name in names} if state == CaseState.SUCCEEDED else None
        known.setdefault(make_key(plan.study, point.values), told)
    return known
