"""Pareto fronts of many points: values that are to be small go in, who is on the front comes out. numpy; exact ties.

Points with the same values do not dominate each other: all of them are on the front, or none.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BLOCK_ROWS = 512
PAIRS_AT_ONCE = 4_000_000  # comparisons of a point with a point whose results are held at a time


def find_front(values: Floats) -> Mask:
    """Return which points no other one dominates, (points,).

    A point dominates another if it is as small in every objective and smaller in one.

    Args:
        values: (points, objectives), finite, each to be small.
    """
    if not len(values):
        return np.zeros(0, np.bool_)
    if values.shape[1] == 1:
        return np.asarray(values[:, 0] == values[:, 0].min())
    if values.shape[1] == 2:
        return _find_stairs(values)
    # Who dominates comes first in this order, also where rounding makes the sums alike.
    order = np.lexsort((*values.T[::-1], values.sum(axis=1)))
    on_front = np.zeros(len(values), np.bool_)
    kept = np.empty((0, values.shape[1]))
    for rows in np.array_split(order, range(BLOCK_ROWS, len(order), BLOCK_ROWS)):
        rows = rows[~is_dominated(values[rows], kept)]  # noqa: PLW2901 - the rest is of no interest
        rows = rows[~_is_dominated_by_any(values[rows], values[rows])]  # noqa: PLW2901
        on_front[rows] = True
        kept = np.concatenate([kept, values[rows]])
    return on_front


def is_dominated(values: Floats, front: Floats) -> Mask:
    """Return which points some point of a front dominates, (points,).

    Args:
        values: (points, objectives), each to be small.
        front: (others, objectives), none of which dominates another.
    """
    if not len(front) or not len(values):
        return np.zeros(len(values), np.bool_)
    if values.shape[1] == 1:
        return np.asarray(values[:, 0] > front[:, 0].min())
    if values.shape[1] == 2:
        return _is_above_stairs(values, front)
    dominated = np.zeros(len(values), np.bool_)
    # Most points are dominated by most of the front: a few of it rid us of them.
    few = front[:: max(len(front) // 32, 1)]
    for some in (few, front):
        rest = np.flatnonzero(~dominated)
        dominated[rest] = _is_dominated_by_any(values[rest], some)
    return dominated


def _find_stairs(values: Floats) -> Mask:
    order = np.lexsort((values[:, 1], values[:, 0]))
    first, second = values[order].T
    begun = np.searchsorted(first, first, side="left")  # where the points with the same first objective begin
    lowest = np.minimum.accumulate(second)
    before = np.where(begun > 0, lowest[np.maximum(begun, 1) - 1], np.inf)
    on_front = np.empty(len(values), np.bool_)
    on_front[order] = (before > second) & (second[begun] == second)
    return on_front


def _is_above_stairs(values: Floats, front: Floats) -> Mask:
    """Return which points lie above the staircase of a front of two objectives."""
    stairs = front[np.lexsort((front[:, 1], front[:, 0]))]
    place = np.searchsorted(stairs[:, 0], values[:, 0], side="right") - 1
    before = stairs[np.maximum(place, 0)]  # the step at or before: the lowest of those
    worse = (before[:, 1] < values[:, 1]) | ((before[:, 1] == values[:, 1]) & (before[:, 0] < values[:, 0]))
    return np.asarray((place >= 0) & worse)


def _is_dominated_by_any(values: Floats, others: Floats) -> Mask:
    dominated = np.zeros(len(values), np.bool_)
    if not len(others):
        return dominated
    step = max(PAIRS_AT_ONCE // len(others), 1)
    for start in range(0, len(values), step):
        part = values[start : start + step]
        as_small = np.ones((len(part), len(others)), np.bool_)
        smaller = np.zeros_like(as_small)
        for column in range(values.shape[1]):
            as_small &= others[:, column] <= part[:, column, None]
            smaller |= others[:, column] < part[:, column, None]
        dominated[start : start + step] = (as_small & smaller).any(axis=1)
    return dominated
