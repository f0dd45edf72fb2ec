"""Elementary effects: the cases of Morris trajectories in, mu, mu*, sigma and the confidence of mu* out; by SALib.

M. D. Morris, Factorial sampling plans for preliminary computational experiments, Technometrics 33 (1991); mu*: F.
Campolongo, J. Cariboni and A. Saltelli, An effective screening design for sensitivity analysis of large models,
Environmental Modelling & Software 22 (2007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.sensitivity.answers import CONFIDENCE_LEVEL, SEED

RESAMPLES = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effects:
    """Statistics of elementary effects, each (n_factors,), float64, in the unit of the metric per whole range."""

    mu: Floats
    mu_star: Floats
    mu_star_conf: Floats
    sigma: Floats


def step_length(levels: int) -> float:
    """Return the length of a step as share of the range: half the levels, as Morris has it."""
    return levels / (2.0 * (levels - 1))


def measure_effects(positions: Floats, metric: Floats, levels: int, lengths: Floats) -> Effects:
    """Return the statistics of the elementary effects of trajectories.

    An effect is the difference that a step makes, divided by its length: the change across a factor's whole range were
    it straight.

    Args:
        positions: (n_trajectories, n_factors + 1, n_factors), float64: one factor moves at a time; only the direction
            in which it moves is read.
        metric: (n_trajectories, n_factors + 1), float64.
        levels: of the design.
        lengths: (n_trajectories, n_factors), float64: of each step, as share of the range of the factor that moves; 0
            where none does.
    """
    from SALib.analyze import morris  # here: it brings pandas and more along

    factors = positions.shape[2]
    problem = {"num_vars": factors, "names": [str(number) for number in range(factors)], "bounds": [[0, 1]] * factors}
    found = morris.analyze(
        problem, positions.reshape(-1, factors), _even_out(metric, lengths, step_length(levels)).reshape(-1),
        num_levels=levels, num_resamples=RESAMPLES, conf_level=CONFIDENCE_LEVEL, seed=SEED,
    )  # fmt: skip
    mu, mu_star, conf, sigma = (
        np.asarray(found[name], np.float64) for name in ("mu", "mu_star", "mu_star_conf", "sigma")
    )
    return Effects(mu, mu_star, conf, sigma)


def _even_out(metric: Floats, lengths: Floats, usual: float) -> Floats:
    """Return the metric as it were if every step had the usual length, by which SALib divides whatever a step was."""
    if (lengths == usual).all():
        return metric
    factors = np.divide(usual, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    evened: Floats = np.cumsum(np.column_stack([metric[:, :1], np.diff(metric, axis=1) * factors]), axis=1)
    return evened
