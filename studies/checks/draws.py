"""What a design really draws, looked at before any case is made: how many cases the constraints leave, and the values
that no list shows, those of normal distributions and of derived parameters."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from studies.checks.drafts import ParameterDraft, StudyDraft, Value
from studies.checks.fields import Note
from studies.checks.limits import Fault
from studies.definition import OptimisationDesign, SobolDesign, Study
from studies.designs.errors import DesignError
from studies.designs.points import Points
from studies.problems import Problem, make_problem

MOST_DRAWN = 16_384
"""Cases whose values are looked at in a preview; a study that is submitted has every case looked at."""
MOST_JUDGED = 1_000

Columns = Mapping[str, NDArray[Any]]
Judge = Callable[[Value], Fault | tuple[str, tuple[str, ...]] | None]


def make_points(study: Study, draft: StudyDraft, max_cases: int, problems: list[Problem]) -> Points | None:
    """Return the points of a study; None, with a problem, where its design or its constraints give none or too many."""
    try:
        points = Points(study)
        tried = _look_ahead(study, points, MOST_DRAWN) if draft.constraints else points
    except DesignError as error:
        problems.append(make_problem(error.path, error.message, error.found, error.accepted))
        return None
    if tried.case_count == 0 and tried.candidate_count:
        message = f"Loosen the constraints: none of the {tried.candidate_count:,} cases keeps to them."
        problems.append(make_problem("constraints", message, list(draft.constraints.values()), "one case at least"))
        return None
    if draft.constraints and len(points) > max_cases:
        message = f"Run fewer cases: of {points.candidate_count:,} the constraints leave too many."
        problems.append(make_problem("design", message, f"{len(points):,} cases", f"at most {max_cases:,} cases"))
    return points


def note_lost_share(points: Points) -> Iterator[Note]:
    """Tell how many cases the constraints leave."""
    lost = points.candidate_count - points.case_count
    if lost > 0:
        message = (
            f"The constraints leave {points.case_count:,} of {points.candidate_count:,} cases:"
            f" {_show_share(lost / points.candidate_count)} are lost."
        )
        yield Note("constraints", message)


def is_drawn(parameter: ParameterDraft) -> bool:
    """Tell whether a parameter's values are known only once they are drawn."""
    return "normal" in parameter.keys or parameter.is_derived


def check_draws(
    study: Study,
    draft: StudyDraft,
    points: Points,
    judges: Mapping[str, Mapping[str, Judge]],
    most: int = MOST_DRAWN,
) -> dict[str, list[Problem]]:
    """Check the values that a design draws where no list shows them.

    Args:
        study: The study.
        draft: The same as it was read, for the paths.
        points: Its cases.
        judges: What says why a value cannot be written, by the parameter's path and the model's reference.
        most: Cases whose values are looked at; of a longer design the first ones and the expected ends stand for it.

    Returns:
        Problems by the model's reference.
    """
    found: dict[str, list[Problem]] = {ref: [] for ref in study.models}
    if not any(is_drawn(parameter) for parameter in draft.parameters):
        return found
    try:
        columns, count = _draw(study, points, most)
    except DesignError as error:
        problem = make_problem(error.path, error.message, error.found, error.accepted)
        return {ref: [problem] for ref in study.models}
    for parameter in draft.parameters:
        for ref, judge in judges.get(parameter.path, {}).items():
            of_model = columns[parameter.name or ""][columns["model"] == ref]
            if of_model.dtype != object:
                drawn = of_model[~np.isnan(of_model)]
                found[ref] += _judge(parameter, _add_tails(parameter, drawn, count, most), judge)
    return found


def _draw(study: Study, points: Points, most: int) -> tuple[Columns, int]:
    """Return the columns of the first cases, and how many cases there are in all."""
    points = _look_ahead(study, points, MOST_JUDGED)
    return points.columns(0, min(points.case_count, most)), points.case_count


def _look_ahead(study: Study, points: Points, samples: int) -> Points:
    """Return the points of a study; of an optimiser, whose choice is not known, any of the space that it searches."""
    if not isinstance(study.design, OptimisationDesign):
        return points
    return Points(study.model_copy(update={"design": SobolDesign(method="sobol", samples=samples)}))


def _add_tails(parameter: ParameterDraft, drawn: NDArray[Any], count: int, most: int) -> NDArray[Any]:
    """Add the lowest and the highest value that a longer normal sample is expected to have."""
    if count <= most or not {"mean", "sd"} <= parameter.parts.keys():
        return drawn
    reach = parameter.parts["sd"] * float(ndtri(0.5 / count))
    return np.append(drawn, [parameter.parts["mean"] + reach, parameter.parts["mean"] - reach])


def _judge(parameter: ParameterDraft, values: NDArray[Any], judge: Judge) -> Iterator[Problem]:
    """Refuse values beyond what can be written; the ends are looked at first, the share only where one is."""
    if not len(values):
        return
    ends = (float(values.min()), float(values.max()))
    faults = [(end, fault) for end in ends if (fault := judge(_plain(end))) is not None]
    if faults:
        end, (message, accepted) = faults[0]
        path = f"{parameter.path}.{'derived' if parameter.is_derived else 'normal'}"
        share = _show_share(_count_refused(values, judge))
        told = f"{message.removesuffix('.')}; {share} of the cases would have another value, such as {end:.4g}."
        yield make_problem(path, told, end, list(accepted) if isinstance(accepted, tuple) else accepted)


def _plain(value: float) -> Value:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _count_refused(values: NDArray[Any], judge: Judge) -> float:
    """Return the share of values that are refused; of many, evenly picked ones stand for all."""
    ordered = np.sort(values)[:: max(len(values) // MOST_JUDGED, 1)]
    return sum(judge(_plain(float(value))) is not None for value in ordered) / len(ordered)


def _show_share(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else ("less than 0.1 %" if percent < 0.1 else f"{percent:.1f} %")
