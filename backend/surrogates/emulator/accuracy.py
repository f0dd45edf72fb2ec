"""How good a surrogate is, by metric, from rows that were not learnt from; and how many more cases would do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WANTED_CVRMSE = 0.10
MOST_CASES_TO_ASK_FOR = 100_000


@dataclass(frozen=True)
class MetricAccuracy:
    """How good a surrogate is at one metric, by cross-validation or out of the bag.

    Attributes:
        metric: its name.
        mean: of the training rows, in its unit.
        train_r2: share of the variance explained on the rows that it was trained on.
        r2: likewise on rows that it was not trained on.
        rmse: root of the mean squared error, in the metric's unit.
        cvrmse: that over the mean; None where the mean is 0.
        nmbe: mean error over the mean (ASHRAE Guideline 14-2014, 5.2.11.3); None likewise.
        coverage: share of the rows within their interval.
        width: mean width of the intervals over the mean; None likewise.
    """

    metric: str
    mean: float
    train_r2: float | None
    r2: float | None
    rmse: float
    cvrmse: float | None
    nmbe: float | None
    coverage: float
    width: float | None


def measure_accuracy(
    metrics: Sequence[str], actual: Floats, trained: Floats, tested: Floats, coverage: Floats, widths: Floats
) -> tuple[MetricAccuracy, ...]:
    """Return how good predictions are.

    Args:
        metrics: names.
        actual: (rows, metrics), as simulated, in their units.
        trained: (rows, metrics), as predicted by what was trained on these rows.
        tested: (rows, metrics), as predicted by what was not.
        coverage: (metrics,), share of the rows within their interval.
        widths: (rows, metrics), of the intervals.
    """
    found = []
    for column, metric in enumerate(metrics):
        truth, mean = actual[:, column], float(actual[:, column].mean())
        rmse = float(np.sqrt(np.square(tested[:, column] - truth).mean()))
        bias, width = float((tested[:, column] - truth).mean()), float(widths[:, column].mean())
        found.append(
            MetricAccuracy(
                metric=metric,
                mean=mean,
                train_r2=explain_variance(truth, trained[:, column]),
                r2=explain_variance(truth, tested[:, column]),
                rmse=rmse,
                cvrmse=rmse / abs(mean) if mean else None,
                nmbe=bias / abs(mean) if mean else None,
                coverage=float(coverage[column]),
                width=width / abs(mean) if mean else None,
            )
        )
    return tuple(found)


def explain_variance(truth: Floats, predicted: Floats) -> float | None:
    """Return the coefficient of determination; None where the truth does not vary."""
    spread = float(np.square(truth - truth.mean()).sum())
    return 1 - float(np.square(truth - predicted).sum()) / spread if spread > 0 else None


def judge_error(actual: Floats, tested: Floats) -> float:
    """Return the mean over metrics of the root mean squared error by the metric's own standard deviation."""
    deviation = actual.std(axis=0)
    varied = deviation > 0
    errors = np.sqrt(np.square(tested - actual).mean(axis=0))
    return float((errors[varied] / deviation[varied]).mean()) if varied.any() else 0.0


@dataclass(frozen=True)
class LearningPoint:
    """The error of a metric after so many cases.

    Attributes:
        cases: number of rows learnt from.
        cvrmse: by metric; None where the mean is 0.
    """

    cases: int
    cvrmse: dict[str, float | None]


def count_wanted_cases(curve: Sequence[LearningPoint], metric: str, wanted: float = WANTED_CVRMSE) -> int | None:
    """Return how many cases would bring a metric to a CVRMSE, by the power law through its learning curve.

    Returns:
        None where the curve is too short, does not fall, or would take more than `MOST_CASES_TO_ASK_FOR`.
    """
    points = [(point.cases, error) for point in curve if (error := point.cvrmse.get(metric))]
    if len(points) < 3:
        return None
    logs = np.log(np.array(points))
    slope, level = np.polyfit(logs[:, 0], logs[:, 1], 1)
    if slope >= -0.05:
        return None
    needed = math.exp((math.log(wanted) - level) / slope)
    return math.ceil(needed) if needed <= MOST_CASES_TO_ASK_FOR else None
