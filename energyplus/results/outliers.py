"""Which values of a group are so far from the others that something is likely wrong; numbers in, outliers out.

A case is an outlier within its group when all three hold, so that ordinary variation of a design is not:

- its modified z-score, 0.6745 · (x − median) / MAD of the logarithms, is beyond 10; B. Iglewicz and D. C. Hoaglin (How
  to Detect and Handle Outliers, ASQC Quality Press, 1993), whose score it is, label values beyond 3.5;
- it is more than three times the median, or less than a third of it: a narrow group does not make small steps outliers;
- no more than one in twenty is so far off: more of them are a cluster that the study asked for.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMALLEST_GROUP = 20
MOST_SCORE = 10.0
MOST_RATIO = 3.0
MOST_SHARE = 0.05
_NORMAL_QUARTILE = 0.6745


@dataclass(frozen=True)
class Outlier:
    """A value far from those of its group.

    Attributes:
        position: of the value in the group, from 0.
        value: the value.
        median: of the group, in the unit of the value.
        score: modified z-score of its logarithm; infinite where half the group is equal.
        group_size: how many values the group has.
    """

    position: int
    value: float
    median: float
    score: float
    group_size: int


def find_outliers(values: NDArray[np.float64]) -> list[Outlier]:
    """Find the outliers of a group.

    Args:
        values: (n,), float64, any unit; what is not positive and finite is not looked at.

    Returns:
        The outliers by position; none in a group of fewer than 20 values.
    """
    positions = np.flatnonzero(np.isfinite(values) & (values > 0))
    if len(positions) < SMALLEST_GROUP:
        return []
    logarithms = np.log(values[positions])
    median = float(np.median(logarithms))
    distance = np.abs(logarithms - median)
    spread = float(np.median(distance))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = _NORMAL_QUARTILE * distance / spread
    far = np.flatnonzero((scores > MOST_SCORE) & (distance > math.log(MOST_RATIO)))
    if len(far) > MOST_SHARE * len(positions):
        return []
    return [
        Outlier(int(positions[at]), float(values[positions[at]]), math.exp(median), float(scores[at]), len(positions))
        for at in far
    ]
