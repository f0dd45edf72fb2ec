"""Where cases fail: inputs of cases and whether they succeeded go in, the probability of success elsewhere comes out.

Constraints that a study declares come first: what breaks them is no candidate. This learns what nobody declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from surrogates.emulator.inputs import Inputs
from surrogates.emulator.ridge import make_terms

Floats = NDArray[np.float64]

FEWEST_OF_EACH = 5  # that succeeded, and that failed: of fewer nothing can be learnt, nor judged
FOLDS = 5
WORTHWHILE = 0.9  # of the log loss of the plain share of failures: what comes closer to it may be chance


@dataclass(frozen=True)
class Feasibility:
    """A logistic regression on inputs, their squares and their products.

    Attributes:
        inputs: of the surrogate.
        centre: (terms,), mean over the cases.
        spread: (terms,), standard deviation.
        weights: (terms,), of standardised terms.
        offset: logarithm of the odds at the centre.
    """

    inputs: Inputs
    centre: Floats
    spread: Floats
    weights: Floats
    offset: float

    @classmethod
    def fit(
        cls, inputs: Inputs, rows: Mapping[str, NDArray[Any]], succeeded: NDArray[np.bool_]
    ) -> "Feasibility | None":
        """Return what can be learnt of failures.

        Args:
            inputs: of the surrogate.
            rows: values by input, (cases,), of cases that have ended by themselves.
            succeeded: (cases,).

        Returns:
            None where too few failed, or where left-out cases are predicted no better than by the share that failed.
        """
        if min(int(succeeded.sum()), int((~succeeded).sum())) < FEWEST_OF_EACH:
            return None
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from sklearn.metrics import log_loss  # type: ignore[import-untyped]
        from sklearn.model_selection import StratifiedKFold, cross_val_predict  # type: ignore[import-untyped]

        raw = _expand(inputs, rows)
        centre, spread = raw.mean(axis=0), raw.std(axis=0)
        spread = np.where(spread > 1e-9, spread, 1.0)
        terms = (raw - centre) / spread
        model = LogisticRegression(C=1.0, max_iter=1000)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        tested = cross_val_predict(model, terms, succeeded, cv=folds, method="predict_proba")[:, 1]
        if log_loss(succeeded, tested) > WORTHWHILE * log_loss(succeeded, np.full(len(succeeded), succeeded.mean())):
            return None
        model.fit(terms, succeeded)
        return cls(inputs, centre, spread, model.coef_[0], float(model.intercept_[0]))

    def judge(self, rows: Mapping[str, NDArray[Any]]) -> Floats:
        """Return the probability that cases succeed, (cases,)."""
        terms = (_expand(self.inputs, rows) - self.centre) / self.spread
        return np.asarray(1 / (1 + np.exp(-np.clip(terms @ self.weights + self.offset, -500, 500))), np.float64)


def _expand(inputs: Inputs, rows: Mapping[str, NDArray[Any]]) -> Floats:
    features = torch.from_numpy(inputs.encode(inputs.check(rows)))
    return np.asarray(make_terms(features).numpy(), np.float64)
