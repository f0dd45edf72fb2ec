"""PAWN: how far a metric's distribution shifts once a factor is known, from any independent sample.

F. Pianosi and T. Wagener, Distribution-based sensitivity analysis from a generic input-output sample, Environmental
Modelling & Software 108 (2018): the cases are divided into classes by the factor, and the Kolmogorov-Smirnov distance
between the metric in a class and in all cases is summed up over the classes by median, mean and maximum. SALib's
function of the same name divides by quantiles only; here a factor of few values has a class for each of them, so that
lists and names are analysed as what they are. Both agree where every value is different (a test holds that).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.sensitivity.answers import NORMAL_QUANTILE, SEED

RESAMPLES = 100
MOST_CLASSES = 10
LEAST_IN_CLASS = 10
Floats = NDArray[np.float64]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Distances:
    """Median, mean and maximum of one factor's distances, each 0 to 1, and half widths of their 95 % intervals."""

    values: tuple[float, float, float]
    confidence: tuple[float, float, float]


def classify(codes: Floats, class_count: int) -> Classes:
    """Divide cases by a factor: a class for each value where there are few, else classes of equal size.

    Args:
        codes: (n_cases,), float64: values, or positions of categories.
        class_count: how many classes at most.

    Returns:
        (n_cases,), int64: the class of each case, 0 … n_classes - 1; equal values are in one class.
    """
    values, positions = np.unique(codes, return_inverse=True)
    if len(values) <= class_count:
        return positions.astype(np.int64)
    inner = np.quantile(codes, np.arange(1, class_count) / class_count)
    _, numbers = np.unique(np.searchsorted(inner, codes, side="right"), return_inverse=True)
    return numbers.astype(np.int64)


def measure_distances(classes: Classes, metric: Floats) -> Floats:
    """Return the Kolmogorov-Smirnov distance between each class and all cases.

    Args:
        classes: (n_cases,), int64, 0 … n_classes - 1.
        metric: (n_cases,), float64, any unit.

    Returns:
        (n_classes,), float64, 0 to 1; those of classes without a case are left out.
    """
    order = np.argsort(metric, kind="stable")
    ordered = metric[order]
    ends = np.flatnonzero(np.concatenate((ordered[1:] != ordered[:-1], [True])))
    overall = (ends + 1) / len(metric)
    sizes = np.bincount(classes)
    member = classes[order] == np.flatnonzero(sizes)[:, None]
    within = np.cumsum(member, axis=1)[:, ends] / sizes[sizes > 0][:, None]
    distances: Floats = np.abs(within - overall).max(axis=1)
    return distances


def measure_pawn(classes: Classes, metric: Floats) -> Distances:
    """Return the PAWN indices of one factor with the confidence of a bootstrap of 100 resamples, seeded.

    Args:
        classes: (n_cases,), int64.
        metric: (n_cases,), float64, any unit.
    """
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(metric), size=(RESAMPLES, len(metric)))
    resampled = np.array([_sum_up(measure_distances(classes[rows], metric[rows])) for rows in drawn])
    median, mean, maximum = (NORMAL_QUANTILE * resampled.std(axis=0, ddof=1)).tolist()
    return Distances(_sum_up(measure_distances(classes, metric)), (median, mean, maximum))


def measure_noise(class_count: int, metric: Floats) -> float:
    """Return the median that a factor without any influence would show: the mean over shuffled classes of equal size.

    Args:
        class_count: number of classes.
        metric: (n_cases,), float64, any unit.
    """
    rng = np.random.default_rng(SEED)
    classes = np.arange(len(metric)) % class_count
    medians = [_sum_up(measure_distances(rng.permutation(classes), metric))[0] for _ in range(RESAMPLES)]
    return float(np.mean(medians))


def _sum_up(distances: Floats) -> tuple[float, float, float]:
    return float(np.median(distances)), float(np.mean(distances)), float(np.max(distances))
