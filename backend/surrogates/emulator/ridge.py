"""Quadratic ridge regression: the first gate, in closed form, with errors that leave one row out for free."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

PENALTIES = tuple(10.0**power for power in range(-6, 4))
CURVATURES = (1.0, 0.3, 0.1, 0.03)  # of squares and products beside 1 of the features: there are many more of them


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
    rows, offset = len(features), targets.mean(0)
    raw, wanted = make_terms(features), targets - offset
    centre, deviation = raw.mean(0), raw.std(0, correction=0)
    deviation = torch.where(deviation > 1e-9, deviation, 1.0)
    weights, spread = raw.new_zeros(raw.shape[1], targets.shape[1]), torch.ones_like(deviation)
    least = targets.new_full((targets.shape[1],), torch.inf)
    for curvature in CURVATURES:
        scale = deviation.clone()
        scale[features.shape[1] :] /= curvature
        left, singular, right = torch.linalg.svd((raw - centre) / scale, full_matrices=False)
        kept = singular > 1e-10 * singular[0]
        left, singular, right = left[:, kept], singular[kept], right[kept]
        projected = left.T @ wanted
        # What is left over is summed up itself: where there are more terms than rows, 1 less what is fitted would be
        # rounding, and the weakest penalty seem to leave no error.
        beside, free = wanted - left @ projected, (1 - 1 / rows - left.square().sum(1)).clamp_min(0)
        for penalty in PENALTIES:
            passed = penalty * rows / (singular.square() + penalty * rows)
            unfitted = (left.square() @ passed + free).clamp_min(1e-12)
            errors = ((left @ (passed[:, None] * projected) + beside) / unfitted[:, None]).square().mean(0)
            found = right.T @ (((1 - passed) / singular)[:, None] * projected) / scale[:, None]
            weights, least = torch.where(errors < least, found, weights), torch.minimum(errors, least)
    return QuadraticRidge(weights, centre, spread, offset, least)
