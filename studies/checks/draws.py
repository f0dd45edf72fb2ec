"""What a design really draws, looked at before any case is made: how many are left by the constraints, and the values
that no list shows, of distributions without ends and of derived parameters."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.checks.drafts import ParameterDraft, StudyDraft, Value
from studies.checks.fields import Note
from studies.checks.limits import Fault
from studies.definition import Study
from studies.designs.errors import DesignError
from studies.designs.expressions import ExpressionError
from studies.designs.points import Points
from studies.problems import Problem, make_problem

MOST_DRAWN = 20_000
"""Cases whose values are looked at; of a longer design they are the first ones, which stand for it."""

Judge = Callable[[Value], Fault | None]


def make_points(study: Study, draft: StudyDraft, problems: list[Problem]) -> Points | None:
    """Return the points of a study; None, with a problem, where its design or its constraints give none."""
    try:
        points = Points(study)
        if points.case_count:
            points.columns(0, 1)
    except DesignError as error:
        problems.append(make_problem(error.path, error.message, error.found, error.accepted))
        return None
    except ExpressionError as error:
        path = next(iter(draft.constraints), "parameters")
        problems.append(make_problem(path, error.message, None, "an expression that every case has a value of"))
        return None
    if points.case_count == 0 and points.candidate_count:
        message = f"Loosen the constraints: none of the {points.candidate_count:,} cases keeps to them."
        problems.append(make_problem("constraints", message, list(draft.constraints.values()), "one case at least"))
        return None
    return points


def note_lost_share(points: Points) -> Iterator[Note]:
    """Tell how many cases the constraints leave."""
    lost = points.candidate_count - points.case_count
    if lost > 0:
        share = lost / points.candidate_count
        message = (
            f"The constraints leave {points.case_count:,} of {points.candidate_count:,} cases;"
            f" {_show_share(share)} are lost."
        )
        yield Note("constraints", message)


def check_drawn(
    parameter: ParameterDraft, points: Points, judges: Mapping[str, Judge], drawn: Mapping[str, NDArray[Any]]
) -> Iterator[Problem]:
    """Check the values that a design draws of one parameter against each model.

    Args:
        parameter: The parameter.
        points: The cases.
        judges: What says whether a value can be written, by the model's reference.
        drawn: Columns of the first cases, from `draw`.
    """
    values = drawn.get(parameter.name or "")
    if values is None or values.dtype == object:
        return
    models = drawn["model"]
    path = f"{parameter.path}.{'derived' if parameter.is_derived else 'normal'}"
    for ref, judge in judges.items():
        own = values[(models == ref) & ~np.isnan(values)]
        problem = _judge(path, own, judge, points)
        if problem is not None:
            yield problem


def draw(points: Points) -> Mapping[str, NDArray[Any]]:
    """Return the columns of the first `MOST_DRAWN` cases."""
    return points.columns(0, min(points.case_count, MOST_DRAWN))


def is_drawn(parameter: ParameterDraft) -> bool:
    """Tell whether a parameter's values are known only once they are drawn."""
    return "normal" in parameter.keys or parameter.is_derived


def _judge(path: str, values: NDArray[Any], judge: Judge, points: Points) -> Problem | None:
    """Refuse values beyond what can be written; the ends are looked at first, the share only where one is."""
    if not len(values):
        return None
    ends = (float(values.min()), float(values.max()))
    faults = [(end, fault) for end in ends if (fault := judge(_plain(end))) is not None]
    if not faults:
        return None
    end, (message, accepted) = faults[0]
    share = _count_refused(np.sort(values), judge) / len(values)
    which = "the cases" if len(values) == points.case_count else f"the first {len(values):,} cases"
    told = f"{message.removesuffix('.')}: {_show_share(share)} of {which} lie beyond, as far as {end:g}."
    return make_problem(path, told, end, accepted)


def _plain(value: float) -> Value:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _count_refused(ordered: NDArray[Any], judge: Judge) -> int:
    """Count the values that are refused, of ordered ones of which those at the two ends are refused."""
    refused = [judge(_plain(float(value))) is not None for value in _pick(ordered)]
    return round(sum(refused) * len(ordered) / len(refused))


def _pick(ordered: NDArray[Any], most: int = 2_000) -> Sequence[float]:
    """Return so many of ordered values, evenly."""
    step = max(math.ceil(len(ordered) / most), 1)
    return [float(value) for value in ordered[::step]]


def _show_share(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else ("less than 0.1 %" if percent < 0.1 else f"{percent:.1f} %")
