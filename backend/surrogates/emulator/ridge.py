"""Quadratic ridge regression: the first gate, in closed form, with errors that leave one row out for free."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

PENALTIES = tuple(10.0**power for power in range(-6, 4))


@dataclass
class QuadraticRidge:
    """A penalised sum of the features, their squares and their products.

    Attributes:
        weights: (terms, components), float64.
        centre: (terms,), mean of the terms over the training rows.
        spread: (terms,), their standard deviation.
        offset: (components,), mean of the targets.
        noise: (components,), variance of the errors that leave one row out.
    """

    weights: Tensor
    centre: Tensor
    spread: Tensor
    offset: Tensor
    noise: Tensor

    def predict(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance at points, both (points, components), in the dtype of `features`."""
        terms = (make_terms(features) - self.centre.to(features.dtype)) / self.spread.to(features.dtype)
        mean = terms @ self.weights.to(features.dtype) + self.offset.to(features.dtype)
        return mean, self.noise.to(features.dtype).expand_as(mean)

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; `from_tensors` reads them back."""
        return dict(vars(self))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "QuadraticRidge":
        """Return the regression of tensors by name."""
        return cls(*(tensors[name] for name in ("weights", "centre", "spread", "offset", "noise")))


def make_terms(features: Tensor) -> Tensor:
    """Return features, squares and products, (points, d + d (d + 1) / 2)."""
    dimensions = features.shape[1]
    left, right = torch.triu_indices(dimensions, dimensions, device=features.device)
    return torch.cat([features, features[:, left] * features[:, right]], 1)


def fit_ridge(features: Tensor, targets: Tensor) -> QuadraticRidge:
    """Return the regression whose penalty predicts left-out rows best.

    Args:
        features: (rows, dimensions), float64, standardised.
        targets: (rows, components), float64, standardised.

    Source:
        Leave-one-out residuals of a linear smoother: G. H. Golub, M. Heath and G. Wahba (1979), "Generalized
        Cross-Validation as a Method for Choosing a Good Ridge Parameter", Technometrics 21 (2).
    """
    raw = make_terms(features)
    centre, spread = raw.mean(0), raw.std(0, correction=0)
    spread = torch.where(spread > 1e-9, spread, 1.0)
    terms, offset = (raw - centre) / spread, targets.mean(0)
    left, singular, right = torch.linalg.svd(terms, full_matrices=False)
    projected = left.T @ (targets - offset)
    best: tuple[Tensor, Tensor, Tensor] | None = None
    for penalty in PENALTIES:
        shrink = singular.square() / (singular.square() + penalty * len(features))
        leverage = (left.square() @ shrink) + 1 / len(features)
        residuals = (targets - offset - left @ (shrink[:, None] * projected)) / (1 - leverage).clamp_min(1e-6)[:, None]
        errors = residuals.square().mean(0)
        weights = right.T @ ((shrink / singular.clamp_min(1e-12))[:, None] * projected)
        if best is None:
            best = weights, errors, residuals
        else:
            better = errors < best[1]
            best = torch.where(better, weights, best[0]), torch.where(better, errors, best[1]), residuals
    assert best is not None  # noqa: S101 - there are penalties
    return QuadraticRidge(best[0], centre, spread, offset, best[1])
