"""Where a surrogate may be believed: within the ranges it was trained on, and near to some row of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.inputs import Inputs

MOST_ROWS = 2000  # that distances are taken to
SLACK = 1.2  # beyond the largest distance between a training row and the one nearest to it
RANGE_SLACK = 1e-6  # of a range: what writing a number down and reading it again may cost


@dataclass(frozen=True)
class Domain:
    """What distances are compared with.

    Attributes:
        rows: (rows, features), float32, standardised: of training rows.
        reach: largest distance to the nearest row that is still inside, in standard deviations.
    """

    rows: Tensor
    reach: float

    @classmethod
    def fit(cls, features: Tensor, generator: torch.Generator) -> "Domain":
        """Return the domain of training rows, (rows, features)."""
        rows = features.float().cpu()
        if len(rows) > MOST_ROWS:
            rows = rows[torch.randperm(len(rows), generator=generator)[:MOST_ROWS]]
        distances = torch.cdist(rows, rows)
        distances.fill_diagonal_(torch.inf)
        nearest = distances.min(1).values
        return cls(rows, SLACK * float(nearest.max()) if len(rows) > 1 else 0.0)

    def is_near(self, features: Tensor) -> Tensor:
        """Return whether rows are near enough to a training row, (points,), bool, on the device of `features`."""
        known = self.rows.to(features.device)
        return torch.cdist(features.float(), known).min(1).values <= self.reach


def find_strays(inputs: Inputs, rows: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.bool_]]:
    """Return, for each input, which rows are outside of what it was trained on; inputs without any are left out."""
    found = {}
    for column in inputs.columns:
        values = rows[column.name]
        if column.is_text:
            strange = ~np.isin(values.astype(str), column.values)
        else:
            assert column.low is not None and column.high is not None  # noqa: S101, PT018 - numbers have a range
            slack = RANGE_SLACK * max(column.high - column.low, abs(column.high) * 1e-6)
            numbers = values.astype(np.float64)
            strange = (numbers < column.low - slack) | (numbers > column.high + slack)
        if strange.any():
            found[column.name] = strange
    return found
