"""The Pareto front of the cases that have run, for the page that shows a search while it goes on."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from studies.definition import Objective, OptimisationDesign
from studies.designs.expressions import Expression, ExpressionError
from studies.optimisation.violations import measure_violation

Metrics = Mapping[str, float | None]


def list_objectives(design: OptimisationDesign) -> tuple[Objective, ...]:
    """Return the objectives of a design, one or more."""
    return design.objectives if design.method == "nsga2" else (design.objective,)


def list_metrics(design: OptimisationDesign) -> frozenset[str]:
    """Return the names of the metrics that a search is about: those of its objectives and of its limits."""
    names = frozenset(objective.metric for objective in list_objectives(design))
    return names.union(*(Expression.parse(limit).names for limit in design.limits))


def measure_objectives(design: OptimisationDesign, outcomes: Sequence[Metrics | None]) -> NDArray[np.float64]:
    """Return what an optimiser makes small.

    Args:
        design: The optimiser's design.
        outcomes: Metrics of each case, None where it has failed.

    Returns:
        (n_cases, n_objectives), float64, in the metrics' units, with the sign turned where more is better; NaN where a
        case has no such metric.
    """
    objectives = list_objectives(design)
    values = np.full((len(outcomes), len(objectives)), np.nan)
    for row, outcome in enumerate(outcomes):
        for column, objective in enumerate(objectives):
            value = (outcome or {}).get(objective.metric)
            if value is not None:
                values[row, column] = value if objective.goal == "minimise" else -value
    return values


def measure_violations(design: OptimisationDesign, outcomes: Sequence[Metrics | None]) -> NDArray[np.float64]:
    """Return by how much cases break the design's limits.

    Args:
        design: The optimiser's design.
        outcomes: Metrics of each case, None where it has failed.

    Returns:
        (n_cases, n_limits), float64, in the units of the limits' metrics, 0 where a limit is kept; NaN where a case
        lacks a metric that the limit is about, or the limit has no value for it.
    """
    violations = np.full((len(outcomes), len(design.limits)), np.nan)
    for column, limit in enumerate(design.limits):
        names = Expression.parse(limit).names
        known = [
            row for row, outcome in enumerate(outcomes) if all((outcome or {}).get(name) is not None for name in names)
        ]
        metrics = {name: np.array([outcomes[row][name] for row in known], dtype=np.float64) for name in names}  # type: ignore[index]
        violations[known, column] = _measure(limit, metrics)
    return violations


def _measure(limit: str, metrics: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Measure all rows at once; one by one where the limit has no value in some, which are NaN then."""
    try:
        return measure_violation(limit, metrics)
    except ExpressionError:
        rows = len(next(iter(metrics.values())))
    found = np.full(rows, np.nan)
    for row in range(rows):
        with suppress(ExpressionError):
            found[row] = measure_violation(limit, {name: values[row : row + 1] for name, values in metrics.items()})[0]
    return found


def find_front(design: OptimisationDesign, outcomes: Sequence[Metrics | None]) -> list[int]:
    """Find the cases that no other one is better than in every objective.

    Args:
        design: The optimiser's design.
        outcomes: Metrics of each case, None where it has failed.

    Returns:
        Positions of the cases on the front, those with the smallest first objective first; cases that failed, lack a
        metric or break a limit are never on it. With one objective the front is the best case.
    """
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    values = measure_objectives(design, outcomes)
    keeps = ~np.isnan(values).any(axis=1) & (measure_violations(design, outcomes) <= 0).all(axis=1)
    allowed = np.flatnonzero(keeps)
    if not len(allowed):
        return []
    first = NonDominatedSorting().do(values[allowed], only_non_dominated_front=True)
    found = allowed[np.asarray(first, dtype=np.intp)]
    return [int(position) for position in found[np.lexsort(values[found].T[::-1])]]
