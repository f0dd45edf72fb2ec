"""The strata of a latin hypercube, exchanged within their columns until no two points lie close together.

Distances are squared differences of strata, whole numbers: every machine takes the same decisions.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Strata = NDArray[np.int64]

MAX_MAXIMIN_SAMPLES = 2_000
PARTNERS = 24
WORK = 40_000_000
"""Bounds the search: so many differences of strata are computed at most, about half a second's work."""


def spread_apart(candidates: Iterable[Strata], rng: np.random.Generator) -> Strata:
    """Keep the smallest distance between two points as large as a bounded search can.

    The candidate with the largest smallest distance is taken. Then, again and again, one of the two points that lie
    closest together exchanges its stratum in one dimension with another point, where that brings none as close.

    Args:
        candidates: Strata of each point in each dimension, (n, width), whole numbers.
        rng: Chooses whom to exchange with.

    Returns:
        (n, width), a latin hypercube like the candidates, its points in an order like theirs.
    """
    strata = max(candidates, key=lambda candidate: int(_compare(candidate).min(initial=_FAR)))
    count, width = strata.shape
    if count < 3 or width < 2:
        return strata
    search = _Search(strata, rng)
    failures = 0
    for _ in range(WORK // (count * (PARTNERS * 2 + 8))):
        failures = 0 if search.improve() else failures + 1
        if failures > 4 * width:
            break
    return _order_like(search.strata, strata)


def _order_like(strata: Strata, reference: Strata) -> Strata:
    """Order points so that each is the nearest one left to the reference's of its number: as even from the start."""
    left = _square_distances(reference, strata)
    order = np.empty(len(strata), dtype=np.int64)
    for k in range(len(strata)):
        order[k] = np.argmin(left[k])
        left[:, order[k]] = _FAR
    return strata[order]


_FAR = np.iinfo(np.int64).max


def _square_distances(these: Strata, those: Strata) -> Strata:
    """Return squared distances between the points of two hypercubes, (n, n)."""
    # whole numbers far below 2^53: the products are exact, in whatever order they are summed
    middle = (len(these) - 1) / 2
    left, right = these - middle, those - middle
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :] - 2.0 * left @ right.T
    rounded: Strata = np.rint(squares).astype(np.int64)
    return rounded


def _compare(strata: Strata) -> Strata:
    """Return squared distances between points, (n, n), with the far end of the numbers on the diagonal."""
    squares = _square_distances(strata, strata)
    np.fill_diagonal(squares, _FAR)
    return squares


class _Search:
    """A latin hypercube and the distances between its points, kept up to date from exchange to exchange."""

    def __init__(self, strata: Strata, rng: np.random.Generator) -> None:
        self.strata = strata.copy()
        self._rng = rng
        self._squares = _compare(strata)
        self._nearest = self._squares.min(axis=1)

    def improve(self) -> bool:
        """Move one of the closest two points apart from the other; False where no exchange that was tried does it."""
        closest = np.flatnonzero(self._nearest == self._nearest.min())
        point = int(self._rng.choice(closest))
        column = int(self._rng.integers(self.strata.shape[1]))
        partners = self._rng.integers(len(self.strata), size=PARTNERS)
        partners = partners[partners != point]
        if not len(partners):
            return False
        moved, met = self._try_exchanges(point, partners, column)
        closeness = np.minimum(moved.min(axis=1), met.min(axis=1))
        best = int(np.argmax(closeness))
        if closeness[best] <= self._nearest[point]:
            return False
        self._exchange(point, int(partners[best]), column, moved[best], met[best])
        return True

    def _try_exchanges(self, point: int, partners: NDArray[np.int64], column: int) -> tuple[Strata, Strata]:
        """Return the squared distances that a point, and each partner, would have to all, (partners, n) each."""
        places = self.strata[:, column]
        near = (places[point] - places) ** 2
        far = (places[partners][:, None] - places[None, :]) ** 2
        moved = self._squares[point] - near + far
        met = self._squares[partners] - far + near
        turns = np.arange(len(partners))
        # the two keep their distance; to itself a point has none
        for squares in (moved, met):
            squares[turns, partners] = self._squares[point, partners]
            squares[:, point] = self._squares[point, partners]
        moved[:, point] = _FAR
        met[turns, partners] = _FAR
        return moved, met

    def _exchange(self, point: int, partner: int, column: int, moved: Strata, met: Strata) -> None:
        self.strata[[point, partner], column] = self.strata[[partner, point], column]
        touched = (self._nearest == self._squares[point]) | (self._nearest == self._squares[partner])
        for one, squares in ((point, moved), (partner, met)):
            self._squares[one] = self._squares[:, one] = squares
        self._nearest = np.minimum(self._nearest, np.minimum(moved, met))
        touched[[point, partner]] = True
        self._nearest[touched] = self._squares[touched].min(axis=1)
