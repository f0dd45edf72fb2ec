"""Hourly series of a meter, 8,760 values for each design, by a low-rank head: few shapes, and how much of each.

The series of the training designs are taken apart into their mean and the shapes that explain most of what is left
(singular value decomposition); what a design has of each shape is learnt like any other component. Its own report says
how far hours and sums are off on designs that were not learnt from, decomposition included.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.candidates import FOLDS, Workshop, fit_once
from surrogates.emulator.devices import Hardware
from surrogates.emulator.errors import TrainingRefused
from surrogates.emulator.regressors import Kind, Regressor
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

MOST_SHAPES = 32
KEPT = 0.999  # of the variance of the training series, if `MOST_SHAPES` shapes reach it
CHUNK_VALUES = 20_000_000  # values of series that are made at a time


@dataclass(frozen=True)
class HourlyAccuracy:
    """How good a head is, on designs that it has not learnt from; the shapes were made without them as well.

    Attributes:
        cvrmse: root mean squared error of all hours over their mean; None where the mean is 0.
        nmbe: mean error over the mean; None likewise.
        sum_cvrmse: of the sums of the series, likewise.
        kept: share of the variance of the training series that the shapes keep.
        floor: CVRMSE that these shapes would have if all coefficients were right; None likewise.
    """

    cvrmse: float | None
    nmbe: float | None
    sum_cvrmse: float | None
    kept: float
    floor: float | None


@dataclass(frozen=True)
class HourlyHead:
    """A surrogate of a series.

    Attributes:
        name: of what the series is of, such as a meter.
        unit: of its values.
        mean: (hours,), float32, in the unit: of the training series.
        shapes: (shapes, hours), float32: of length 1, the strongest first.
        scales: (shapes,), float64, in the unit: standard deviation of the coefficients.
        regressor: of the coefficients, standardised, one component for each shape.
        is_positive: whether no training series was ever below 0; answers are then not either.
        accuracy: how good it is.
    """

    name: str
    unit: str
    mean: Tensor
    shapes: Tensor
    scales: Tensor
    regressor: Regressor
    is_positive: bool
    accuracy: HourlyAccuracy

    def predict(self, features: Tensor, hardware: Hardware) -> Tensor:
        """Return series, (rows, hours), float32, in the unit, on the CPU.

        Args:
            features: (rows, dimensions), float64, standardised, as the surrogate's inputs make them.
            hardware: where to compute; the answer alone takes 4 bytes for each hour of each row.
        """
        said, _ = self.regressor.predict(features, hardware)
        found = torch.empty(len(features), len(self.mean))
        rows = max(1, CHUNK_VALUES // max(len(self.mean), 1))
        for begun in range(0, len(features), rows):
            coefficients = (said[begun : begun + rows] * self.scales).float()
            part = found[begun : begun + rows]
            torch.addmm(self.mean, coefficients, self.shapes, out=part)
            if self.is_positive:
                part.clamp_min_(0)
        return found


@dataclass(frozen=True)
class Series:
    """What a head learns from.

    Attributes:
        name: of what the series are of.
        unit: of their values.
        values: (rows, hours), of the rows of the surrogate's table, without gaps.
    """

    name: str
    unit: str
    values: NDArray[np.float32]


def train_hourly(
    series: Series, features: Tensor, folds: NDArray[np.int64], hardware: Hardware, watch: Watch, *, kind: Kind = "gp"
) -> HourlyHead:
    """Return a head for series.

    Args:
        series: of the training rows.
        features: (rows, dimensions), float64, standardised.
        folds: (rows,), which rows are left out together: see `training.draw_folds`.
        hardware: where to compute.
        watch: is told, stops it.
        kind: of the regressor of the coefficients: `gp`, `ridge` or `boosting`.

    Raises:
        TrainingRefused: the series have gaps, never vary, or are too few.
        TrainingStopped: as the watch says.
    """
    values = torch.from_numpy(np.ascontiguousarray(series.values, np.float32))
    check_series(series, features)

    def grow(rows: Tensor) -> HourlyHead:
        return _grow(series, values[rows], _make_shop(features[rows], folds[rows.numpy()], hardware, watch), kind)

    squares, bias, floor, sums = 0.0, 0.0, 0.0, 0.0
    for fold in range(FOLDS):
        watch.check()
        held = torch.from_numpy(folds == fold)
        head, actual = grow(~held), values[held]
        off = head.predict(features[held], hardware) - actual
        squares += float(off.double().square().sum())
        bias += float(off.double().sum())
        sums += float(off.double().sum(1).square().sum())
        left = actual - head.mean
        floor += float((left - (left @ head.shapes.T) @ head.shapes).double().square().sum())
        watch.tell(f"Hourly {series.name}", fold + 1, FOLDS + 1, float("nan"))
    whole = grow(torch.ones(len(values), dtype=torch.bool))
    watch.tell(f"Hourly {series.name}", FOLDS + 1, FOLDS + 1, float("nan"))
    mean = abs(float(values.double().mean()))
    share: Callable[[float], float | None] = lambda total: total / mean if mean else None  # noqa: E731
    accuracy = HourlyAccuracy(
        cvrmse=share((squares / values.numel()) ** 0.5),
        nmbe=share(bias / values.numel()),
        sum_cvrmse=share((sums / len(values)) ** 0.5 / values.shape[1]),
        kept=whole.accuracy.kept,
        floor=share((floor / values.numel()) ** 0.5),
    )
    return HourlyHead(**{**vars(whole), "accuracy": accuracy})


def check_series(series: Series, features: Tensor) -> None:
    """Refuse series that no head can learn from.

    Raises:
        TrainingRefused: they have gaps, do not vary, or are not as many as there are rows.
    """
    if series.values.ndim != 2 or len(series.values) != len(features):
        shape = list(series.values.shape)
        raise TrainingRefused(f"'{series.name}': the series are {shape}, and there are {len(features)} cases.")
    if not np.isfinite(series.values).all():
        gone = int((~np.isfinite(series.values)).any(axis=1).sum())
        raise TrainingRefused(f"'{series.name}' has gaps in the series of {gone} cases; leave these out.")
    if not (np.ptp(series.values, axis=0) > 0).any():
        raise TrainingRefused(f"'{series.name}' is the same in all {len(features)} cases: there is nothing to learn.")


def decompose(values: Tensor) -> tuple[Tensor, Tensor, Tensor, float]:
    """Return mean, shapes, coefficients and the share of variance that they keep, of series.

    Args:
        values: (rows, hours), float32.

    Returns:
        (hours,) and (shapes, hours), float32; (rows, shapes), float64; and the share.
    """
    mean = values.double().mean(0)
    left = values.double() - mean
    # Rows are few and hours many: their products among each other have the same shapes in them.
    strengths, vectors = torch.linalg.eigh(left @ left.T)
    strengths, vectors = strengths.flip(0).clamp_min(0), vectors.flip(1)
    shares = strengths.cumsum(0) / strengths.sum()
    wanted = int((shares < KEPT).sum()) + 1
    count = min(wanted, MOST_SHAPES, int((strengths > 1e-10 * strengths[0]).sum()))
    lengths = strengths[:count].sqrt()
    shapes = (vectors[:, :count] / lengths).T @ left
    return mean.float(), shapes.float(), vectors[:, :count] * lengths, float(shares[count - 1])


def _grow(series: Series, values: Tensor, shop: Workshop, kind: Kind) -> HourlyHead:
    mean, shapes, coefficients, kept = decompose(values)
    scales = coefficients.std(0, correction=0)
    placed = (coefficients / scales).to(shop.features.device)  # their mean is 0, for that of the series is taken off
    regressor = fit_once(kind, Workshop(shop.features, placed, shop.folds, shop.hardware, shop.seed, shop.watch))
    accuracy = HourlyAccuracy(None, None, None, kept, None)
    return HourlyHead(series.name, series.unit, mean, shapes, scales, regressor, bool((values >= 0).all()), accuracy)


def _make_shop(features: Tensor, folds: NDArray[np.int64], hardware: Hardware, watch: Watch) -> Workshop:
    placed = features.to(hardware.device)
    return Workshop(placed, placed[:, :0], torch.from_numpy(folds), hardware, 0, watch)
