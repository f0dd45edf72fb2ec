"""What a search has found so far: its Pareto front and how it got there. Reads only; called by `front_api.py`."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from batches.errors import NoSearchError
from batches.models import Batch, Case
from batches.plans import Plan, plan_of, read_extensions
from batches.results.metric_facts import describe_metric
from batches.states import CaseState
from studies.definition import MoreRows, Objective, OptimisationDesign
from studies.designs.columns import Value
from studies.optimisation.front import find_front, list_metrics, list_objectives

MOST_POINTS = 5_000
"""Cases shown besides those on the front, the latest ones; the front itself is found among all."""


@dataclass(frozen=True)
class Candidate:
    """A case of a search that has ended, with the metrics that the search is about."""

    index: int
    generation: int
    state: str
    verdict: str | None
    values: dict[str, Value]
    metrics: dict[str, float | None] | None


@dataclass(frozen=True)
class Front:
    """Where a search stands.

    Attributes:
        objectives: metric, goal, label and unit of each.
        limits: what a solution must keep to.
        generations: how many the study wants.
        generation: how many have been begun.
        evaluated: how many cases have ended.
        candidates: the cases on the front and the latest others, by index.
        indices: of the cases on the front, the best in the first objective first.
    """

    objectives: list[dict[str, Any]]
    limits: list[str]
    generations: int
    generation: int
    evaluated: int
    candidates: list[Candidate]
    indices: list[int]


def find_batch_front(batch: Batch) -> Front:
    """Return what a search has found so far, from the cases that have ended.

    Raises:
        NoSearchError: the batch's design is no optimiser.
    """
    plan = plan_of(batch)
    design = plan.study.design
    if not isinstance(design, OptimisationDesign):
        raise NoSearchError(
            f"The design of this batch is `{design.method}`, which searches for nothing; a front belongs to a study"
            " with the design nsga2 or differential_evolution."
        )
    ended = list(list_ended_cases(batch, list_metrics(design)))
    outcomes = [case.metrics if case.state == CaseState.SUCCEEDED else None for case in ended]
    on_front = find_front(design, outcomes)
    shown = sorted({*on_front, *range(max(len(ended) - MOST_POINTS, 0), len(ended))})
    generations = list(list_generations(batch))
    candidates = [
        Candidate(
            index=ended[position].index,
            generation=find_generation(generations, ended[position].index),
            state=ended[position].state,
            verdict=ended[position].verdict,
            values=dict(plan.points[ended[position].index].values),
            metrics=outcomes[position],
        )
        for position in shown
    ]
    return Front(
        objectives=[describe_objective(plan, objective) for objective in list_objectives(design)],
        limits=list(design.limits),
        generations=design.generations,
        generation=max((number + 1 for _, number in generations), default=0),
        evaluated=len(ended),
        candidates=candidates,
        indices=[ended[position].index for position in on_front],
    )


@dataclass(frozen=True)
class EndedCase:
    """A case that has ended, with the metrics that its search is about: of a long search, all others are too many."""

    index: int
    state: str
    verdict: str | None
    metrics: dict[str, float | None]


def list_ended_cases(batch: Batch, names: Collection[str]) -> Iterator[EndedCase]:
    """Yield the cases of a search that have ended, by index, with the metrics of these names."""
    ended = Case.objects.filter(
        batch_id=batch.pk, index__gte=0, state__in=(CaseState.SUCCEEDED, CaseState.FAILED)
    ).order_by("index")
    for index, state, verdict, metrics in ended.values_list("index", "state", "verdict", "metrics").iterator():
        yield EndedCase(index, state, verdict, {name: (metrics or {}).get(name) for name in names})


def list_generations(batch: Batch) -> Iterator[tuple[int, int]]:
    """Yield the index of the first case and the number of each generation that brought cases.

    A generation is an extension that says its number; points of one's own, added when the search was over, say none.
    """
    start = 0
    for more in read_extensions(batch):
        if isinstance(more, MoreRows):
            if more.generation is not None:
                yield start, more.generation
            start += len(more.rows)


def find_generation(generations: Sequence[tuple[int, int]], index: int) -> int:
    """Return the number of the generation that a case is of, or that was the latest when it was added."""
    return generations[bisect_right(generations, index, key=itemgetter(0)) - 1][1]


def describe_objective(plan: Plan, objective: Objective) -> dict[str, Any]:
    """Return an objective with its metric's label and unit."""
    facts = describe_metric(plan, objective.metric)
    return {"metric": objective.metric, "goal": objective.goal, "label": facts.label, "unit": facts.unit or None}


def describe_front(front: Front) -> dict[str, Any]:
    """Return a front as the API shows it: the ended cases with their objectives, those on the front marked."""
    on_front = set(front.indices)
    names = [objective["metric"] for objective in front.objectives]
    points = [
        {
            "case": candidate.index,
            "generation": candidate.generation,
            "state": candidate.state,
            "verdict": candidate.verdict,
            "on_front": candidate.index in on_front,
            "parameters": candidate.values,
            "objectives": {name: (candidate.metrics or {}).get(name) for name in names},
        }
        for candidate in front.candidates
    ]
    return {
        "objectives": front.objectives,
        "limits": front.limits,
        "generations": front.generations,
        "generation": front.generation,
        "evaluated": front.evaluated,
        "front": front.indices,
        "points": points,
    }
