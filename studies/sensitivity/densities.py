"""Delta: how much a metric's density shifts once a factor is known, from any independent sample; SALib's estimator.

E. Borgonovo, A new uncertainty importance measure, Reliability Engineering & System Safety 92 (2007). The estimate from
given data, with its bias taken off by a bootstrap: E. Plischke, E. Borgonovo and C. L. Smith, Global sensitivity
measures from given data, European Journal of Operational Research 226 (2013), equations 26 and 30. The estimator is
`SALib.analyze.delta.calc_delta`; SALib's driver around it draws from numpy's global generator and changes the filters
of warnings of the whole process, which a service must not, so the classes and the bootstrap are made here.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studies.sensitivity.answers import NORMAL_QUANTILE, SEED
from studies.sensitivity.distributions import classify

RESAMPLES = 50
LEAST_RESAMPLES = 10
# cases x factors x resamples: some seconds
MOST_EVALUATIONS = 400_000
GRID_POINTS = 100
CASES_PER_CLASS = 10
MOST_VARIANCE_CLASSES = 20
MOST_CLASSES = 48
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """The indices of one factor, without unit, and the half widths of their 95 % intervals."""

    delta: float
    delta_conf: float
    s1: float
    s1_conf: float


def count_classes(cases: int) -> int:
    """Return into how many classes a factor is divided: the rule of Plischke et al. (2013), which SALib follows too."""
    exponent = 2.0 / (7.0 + np.tanh((1500.0 - cases) / 500.0))
    return int(min(int(np.ceil(cases**exponent)), MOST_CLASSES))


def count_resamples(cases: int, factors: int) -> int:
    """Return how many resamples can be paid for: 50 for the usual number of cases, 10 at least."""
    return int(np.clip(MOST_EVALUATIONS // (cases * factors), LEAST_RESAMPLES, RESAMPLES))


def find_edges(codes: Floats, class_count: int) -> NDArray[np.float64]:
    """Return the edges of the classes of a factor in ranks, as SALib takes them: (n_classes + 1,), float64.

    Each value is a class of its own where there are few; the classes are of equal size otherwise.
    """
    _, counts = np.unique(codes, return_counts=True)
    if len(counts) <= class_count:
        return np.concatenate(([0.0], np.cumsum(counts)))
    return np.linspace(0, len(codes), class_count + 1)


def has_constant_class(codes: Floats, metric: Floats) -> bool:
    """Tell whether the metric is the same in all cases of a class: no density can be estimated there."""
    edges = find_edges(codes, count_classes(len(codes)))
    order = np.argsort(codes, kind="stable")
    ends = np.floor(edges).astype(np.int64)
    parts = (metric[order[start:end]] for start, end in pairwise(ends))
    return any(np.ptp(part) == 0 for part in parts if len(part))


def measure_first_order(codes: Floats, metric: Floats) -> float:
    """Return the share of the variance that a factor makes by itself: that between its classes.

    There are more classes than delta has, so that what goes up and down is seen, and not many, because what chance
    makes of them is taken off (T. L. Kelley's ε², 1935), which is too much where cases are spread evenly.
    """
    classes = classify(codes, min(max(len(codes) // CASES_PER_CLASS, 2), MOST_VARIANCE_CLASSES))
    sizes = np.bincount(classes)
    means = np.bincount(classes, metric) / sizes
    within = float(((metric - means[classes]) ** 2).sum())
    whole = float(((metric - metric.mean()) ** 2).sum())
    if whole == 0:
        return 0.0
    freedom = max(len(metric) - len(sizes), 1)
    return 1.0 - (within / freedom) * (len(metric) - 1) / whole


def measure_shift(codes: Floats, metric: Floats, resamples: int) -> Shift:
    """Return delta and first-order index of one factor with the confidence of a seeded bootstrap.

    Args:
        codes: (n_cases,), float64: values, or positions of categories; they vary.
        metric: (n_cases,), float64, any unit; it varies in every class.
        resamples: of the bootstrap.
    """
    from SALib.analyze.delta import calc_delta  # here: it brings pandas and more along

    grid = np.linspace(metric.min(), metric.max(), GRID_POINTS)
    class_count = count_classes(len(metric))

    def estimate(rows: NDArray[np.int64]) -> tuple[float, float]:
        edges = find_edges(codes[rows], class_count)
        return calc_delta(metric[rows], grid, codes[rows], edges), measure_first_order(codes[rows], metric[rows])

    rng = np.random.default_rng(SEED)
    delta, s1 = estimate(np.arange(len(metric)))
    drawn = np.array([estimate(rng.integers(len(metric), size=len(metric))) for _ in range(resamples)])
    widths = NORMAL_QUANTILE * drawn.std(axis=0, ddof=1)
    return Shift(float(2 * delta - drawn[:, 0].mean()), float(widths[0]), float(s1), float(widths[1]))
