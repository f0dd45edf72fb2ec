"""Intervals that hold what they promise: conformal prediction from errors on rows that were not learnt from.

A score is an error divided by the standard deviation that the regressor itself gave; the interval at a level takes the
score that the level's share of the training rows did not exceed, of the same group (weather) where it has enough.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ENOUGH = 30  # rows of a group that is calibrated by itself; smaller ones by all rows together
WIDENED = 3.0  # outside of the domain: with one climate left out, errors of the yardstick grew six-fold


@dataclass(frozen=True)
class Calibration:
    """Scores of the training rows.

    Attributes:
        scores: (rows, metrics), |error| / standard deviation, on rows that were not learnt from.
        groups: names of the groups.
        group_of: (rows,), place of each row's group.
    """

    scores: Floats
    groups: tuple[str, ...]
    group_of: NDArray[np.int64]

    @classmethod
    def fit(cls, errors: Floats, deviation: Floats, labels: Sequence[str]) -> "Calibration":
        """Return the calibration of errors, both (rows, metrics), and each row's group."""
        groups, places = np.unique(np.asarray(labels, str), return_inverse=True)
        scores = np.abs(errors) / np.maximum(deviation, _tiny(deviation))
        return cls(scores, tuple(groups.tolist()), places.astype(np.int64))

    def factors(self, level: float) -> Floats:
        """Return what a standard deviation is multiplied by for an interval at a level, (groups + 1, metrics).

        The last row is for rows of no known group.
        """
        pooled = find_quantile(self.scores, level)
        rows = []
        for place in range(len(self.groups)):
            own = self.scores[self.group_of == place]
            rows.append(find_quantile(own, level) if len(own) >= ENOUGH else pooled)
        return np.array([*rows, pooled])

    def place(self, labels: Sequence[str] | NDArray[np.object_]) -> NDArray[np.int64]:
        """Return the rows of `factors` for labels; unknown ones get the last."""
        known = {name: place for place, name in enumerate(self.groups)}
        names, places = np.unique(np.asarray(labels, str), return_inverse=True)
        rows: NDArray[np.int64] = np.array([known.get(name, len(known)) for name in names.tolist()], np.int64)[places]
        return rows

    def measure_coverage(self, folds: NDArray[np.int64], level: float) -> Floats:
        """Return the share of rows within an interval that the other folds calibrate, (metrics,)."""
        inside = np.zeros_like(self.scores, dtype=bool)
        for fold in np.unique(folds):
            held = folds == fold
            others = Calibration(self.scores[~held], self.groups, self.group_of[~held])
            inside[held] = self.scores[held] <= others.factors(level)[self.group_of[held]]
        covered: Floats = inside.mean(axis=0)
        return covered


def find_quantile(scores: Floats, level: float) -> Floats:
    """Return the score that a new row does not exceed with probability `level`, (metrics,).

    Source:
        The ceil((n + 1) level)-th smallest of n exchangeable scores: V. Vovk, A. Gammerman and G. Shafer, Algorithmic
        Learning in a Random World, 2005; R. F. Barber et al. (2021), "Predictive inference with the jackknife+".
    """
    rows = len(scores)
    if rows == 0:
        return np.full(scores.shape[1], math.inf)
    place = min(math.ceil((rows + 1) * level), rows) - 1
    found: Floats = np.partition(scores, place, axis=0)[place]
    return found


def _tiny(deviation: Floats) -> Floats:
    least: Floats = np.maximum(1e-9 * np.abs(deviation).max(axis=0, initial=0.0), 1e-300)
    return least
