"""Sobol' indices: the cases of Saltelli's sample in, first, total and second order with confidence out; by SALib.

Estimators: A. Saltelli et al., Variance based sensitivity analysis of model output, Computer Physics Communications 181
(2010), for first and total order; A. Saltelli, Making best use of model evaluations to compute sensitivity indices,
Computer Physics Communications 145 (2002), for second order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.sensitivity.answers import CONFIDENCE_LEVEL, SEED

RESAMPLES = 100
LEAST_RESAMPLES = 20
# base samples x pairs of factors x resamples: some seconds
MOST_EVALUATIONS = 150_000_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SobolIndices:
    """Shares of the metric's variance, without unit, and half widths of their 95 % intervals.

    Attributes:
        s1: first order, (n_factors,), float64; so are `s1_conf`, `st` (total order) and `st_conf`.
        s2: second order, (n_factors, n_factors), float64, NaN but above the diagonal; None where it was not sampled.
        s2_conf: likewise.
    """

    s1: Floats
    s1_conf: Floats
    st: Floats
    st_conf: Floats
    s2: Floats | None
    s2_conf: Floats | None


def count_resamples(samples: int, factors: int, *, second_order: bool) -> int:
    """Return how many resamples can be paid for: 100, or fewer where there are very many pairs."""
    indices = factors * factors // 2 if second_order else factors
    return max(min(MOST_EVALUATIONS // (samples * max(indices, 1)), RESAMPLES), LEAST_RESAMPLES)


def measure_variance(metric: Floats, factors: int, *, second_order: bool) -> SobolIndices:
    """Return the Sobol' indices of a metric over Saltelli's sample.

    Args:
        metric: (n_base_samples, factors + 2 or 2 factors + 2), float64: a row is A, A with each factor of B in turn,
            for second order B with each factor of A in turn, and B.
        factors: how many.
        second_order: whether the sample has the rows for pairs.
    """
    from SALib.analyze import sobol  # here: it brings pandas and more along

    problem = {"num_vars": factors, "names": [str(number) for number in range(factors)], "bounds": [[0, 1]] * factors}
    found = sobol.analyze(
        problem, metric.reshape(-1), calc_second_order=second_order,
        num_resamples=count_resamples(len(metric), factors, second_order=second_order),
        conf_level=CONFIDENCE_LEVEL, seed=SEED,
    )  # fmt: skip
    s2, s2_conf = (found["S2"], found["S2_conf"]) if second_order else (None, None)
    return SobolIndices(found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], s2, s2_conf)
