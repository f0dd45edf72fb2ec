"""Designs for sensitivity analysis: Morris trajectories, by SALib, and Saltelli's samples, in SALib's arrangement."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import MorrisDesign, SaltelliDesign, Study
from studies.designs.dimensions import close_shares, list_dimensions
from studies.designs.errors import DesignError
from studies.designs.rules import CrossedRule
from studies.designs.sequences import SobolSequence

Floats = NDArray[np.float64]
Indices = NDArray[Any]

BATCH = 64
"""Trajectories that are drawn together; each batch has a stream of its own, so none depends on how many there are."""


class MorrisRule(CrossedRule):
    """Trajectories of one step in each dimension (Morris 1991), one step more than there are dimensions."""

    hashed = 50_000

    def __init__(self, study: Study, design: MorrisDesign) -> None:
        dimensions = list_dimensions(study, with_places=False)
        super().__init__(study, dimensions, design.trajectories, len(dimensions) + 1)
        if design.levels % 2:
            message = "Write an even number of levels: half of them are one step."
            raise DesignError("design.levels", message, design.levels, "an even number")
        self._design = design

    def locate_steps(self, samples: Indices, steps: Indices) -> Floats:
        """Return the share of each range in some steps of some trajectories, (n, dimensions)."""
        shares = np.empty((len(samples), len(self._dimensions)))
        batches = samples // BATCH
        for batch in np.unique(batches).tolist():
            drawn = _draw_trajectories(len(self._dimensions), self._design.levels, self._design.seed, batch)
            chosen = batches == batch
            shares[chosen] = drawn[samples[chosen] % BATCH, steps[chosen]]
        for k, dimension in enumerate(self._dimensions):
            shares[:, k] = close_shares(dimension, shares[:, k], self._design.levels)
        return shares


@lru_cache(maxsize=8)
def _draw_trajectories(width: int, levels: int, seed: int, batch: int) -> Floats:
    """Return a batch of trajectories, (BATCH, width + 1, width), shares from 0 to 1 with both ends."""
    from SALib.sample import morris  # brings pandas along

    problem = {"num_vars": width, "names": [str(k) for k in range(width)], "bounds": [[0.0, 1.0]] * width}
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, batch])))
    drawn: Floats = morris.sample(problem, BATCH, num_levels=levels, seed=rng)
    return drawn.reshape(BATCH, width + 1, width)


class SaltelliRule(CrossedRule):
    """Saltelli's samples (2002, 2010): rows of two matrices A and B, and of mixtures of the two.

    For each base sample: A; A with one column of B, for each dimension; with second order, B with one column of A, for
    each; B. The order is SALib's, whose analysis reads it. A and B are a Sobol' sequence of twice the dimensions.
    """

    def __init__(self, study: Study, design: SaltelliDesign) -> None:
        dimensions = list_dimensions(study, with_places=False)
        width = len(dimensions)
        super().__init__(study, dimensions, design.samples, (2 * width if design.second_order else width) + 2)
        self._sequence = SobolSequence(2 * width, design.seed)

    def locate_steps(self, samples: Indices, steps: Indices) -> Floats:
        """Return the share of each range in some steps of some base samples, (n, dimensions)."""
        width = len(self._dimensions)
        base = self._sequence.take(samples)
        own, other = base[:, :width], base[:, width:]
        step = steps[:, None]
        column = np.arange(width)[None, :]
        crossed = (step == column + 1) | ((step > width) & (step != column + width + 1))
        # the last step is B itself, with as without second order
        crossed |= step == self.run_length - 1
        return np.where(crossed, other, own)
