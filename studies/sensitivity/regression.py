"""Standardised regression and rank coefficients of any cases, with R² and confidence: numbers in, numbers out.

SRC (Saltelli, Ratto et al., Global Sensitivity Analysis: The Primer, Wiley 2008, chapter 1.2.5): coefficients of a
linear least-squares fit to standardised values; the square of one is the share of the metric's variance that the factor
makes where factors are independent and the fit is good. SRRC: the same of ranks. A factor of several columns, which is
an unordered list coded by one column per level, has no single coefficient: it gets the standard deviation of its fitted
part, in standard deviations of the metric. For one column that is the absolute coefficient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.sensitivity.answers import NORMAL_QUANTILE, SEED

RESAMPLES = 200
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """A standardised linear fit.

    Attributes:
        coefficients: (n_factors,), float64, without unit.
        confidence: (n_factors,), float64: half width of the 95 % interval.
        r2: share of the variance that the fit explains.
        is_unique: whether no column is a combination of others; the coefficients are arbitrary otherwise.
    """

    coefficients: Floats
    confidence: Floats
    r2: float
    is_unique: bool


def fit_standardised(blocks: Sequence[Floats], metric: Floats, groups: NDArray[np.int64]) -> Regression:
    """Fit a metric by least squares to standardised columns.

    Args:
        blocks: a matrix for each factor, (n_cases, n_columns), float64; every column varies.
        metric: (n_cases,), float64; it varies.
        groups: (n_cases,), int64, 0 … n_groups - 1: cases that were drawn together, like those of a trajectory, are
            drawn together in the bootstrap too.

    Returns:
        Coefficients with the confidence of a bootstrap of 200 resamples, seeded.
    """
    matrix = np.column_stack([*(_standardise(block) for block in blocks), _standardise(metric[:, None])])
    spans = _find_spans(blocks)
    solution, _, rank, _ = np.linalg.lstsq(matrix[:, :-1], matrix[:, -1], rcond=None)
    covariance = matrix.T @ matrix / len(matrix)
    coefficients = _read_coefficients(solution, covariance, spans)
    drawn = _resample(matrix, groups, spans)
    confidence = NORMAL_QUANTILE * drawn.std(axis=0, ddof=1)
    residual = matrix[:, -1] - matrix[:, :-1] @ solution
    r2 = 1.0 - float(residual @ residual) / len(matrix)
    return Regression(coefficients, confidence, r2, bool(rank == matrix.shape[1] - 1))


def _standardise(columns: Floats) -> Floats:
    centred = columns - columns.mean(axis=0)
    scaled: Floats = centred / columns.std(axis=0)
    return scaled


def _find_spans(blocks: Sequence[Floats]) -> list[slice]:
    ends = accumulate(block.shape[1] for block in blocks)
    return [slice(end - block.shape[1], end) for block, end in zip(blocks, ends, strict=True)]


def _read_coefficients(solution: NDArray[Any], covariance: NDArray[Any], spans: Sequence[slice]) -> Floats:
    """Return each factor's coefficient from a solution and the covariance of all columns, the metric's the last."""
    spread = np.sqrt(np.diag(covariance))
    found = []
    for span in spans:
        own = solution[span]
        if len(own) == 1:
            found.append(own[0] * spread[span][0])
        else:
            found.append(np.sqrt(max(own @ covariance[span, span] @ own, 0.0)))
    coefficients: Floats = np.array(found) / spread[-1] if spread[-1] > 0 else np.zeros(len(spans))
    return coefficients


def _resample(matrix: Floats, groups: NDArray[np.int64], spans: Sequence[slice]) -> Floats:
    """Return the coefficients of resampled cases, (RESAMPLES, n_factors): a resample is a weight for each group."""
    rng = np.random.default_rng(SEED)
    count = int(groups.max()) + 1
    drawn = np.empty((RESAMPLES, len(spans)))
    for number in range(RESAMPLES):
        weights = np.bincount(rng.integers(count, size=count), minlength=count)[groups].astype(np.float64)
        weights /= weights.sum()
        centred = matrix - weights @ matrix
        covariance = (centred * weights[:, None]).T @ centred
        solution = np.linalg.lstsq(covariance[:-1, :-1], covariance[:-1, -1], rcond=1e-12)[0]
        drawn[number] = _read_coefficients(solution, covariance, spans)
    return drawn
