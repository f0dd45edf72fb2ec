"""The trajectories and base samples of a design: which cases belong together, and which of these are all there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.definition import MorrisDesign, SaltelliDesign, Study
from studies.sensitivity.answers import SensitivityRefused
from studies.sensitivity.factors import list_factors
from studies.sensitivity.sample import Floats, Sample


@dataclass(frozen=True)
class Blocks:
    """The complete blocks of one place.

    Attributes:
        rows: (n_blocks, block_size), int64: positions in the sample.
        incomplete: how many usable cases belong to blocks that lack another.
    """

    rows: NDArray[np.int64]
    incomplete: int


def count_block(study: Study) -> int | None:
    """Return how many cases a trajectory or a base sample of a design has; None where it has none of these."""
    design, factors = study.design, len(list_factors(study))
    if isinstance(design, MorrisDesign):
        return factors + 1
    if isinstance(design, SaltelliDesign):
        return (2 * factors if design.second_order else factors) + 2
    return None


def find_blocks(sample: Sample) -> Blocks:
    """Return the blocks of a place all of whose cases can be used, in the design's order; the design has some.

    Args:
        sample: cases of one place.
    """
    size = count_block(sample.study) or 1
    designed = np.flatnonzero(sample.ranks >= 0)
    ordered = designed[np.argsort(sample.ranks[designed], kind="stable")]
    rows = ordered[: len(ordered) // size * size].reshape(-1, size)
    complete = sample.is_usable[rows].all(axis=1)
    usable = int(sample.is_usable[designed].sum())
    return Blocks(rows[complete], usable - int(complete.sum()) * size)


def check_trajectories(positions: Floats) -> None:
    """Check that one factor moves at a time.

    Args:
        positions: (n_trajectories, n_factors + 1, n_factors), float64.

    Raises:
        SensitivityRefused: the cases are no trajectories.
    """
    moves = np.diff(positions, axis=1) != 0
    if (moves.sum(axis=2) > 1).any() or (moves.sum(axis=1) > 1).any():
        raise SensitivityRefused("method", "The cases of this batch are no whole trajectories of one step at a time.")


def check_base_samples(positions: Floats, *, second_order: bool) -> None:
    """Check that each base sample is A, A with each factor of B (and B with each of A), and B.

    Args:
        positions: (n_base_samples, block_size, n_factors), float64.
        second_order: whether the rows for pairs are there.

    Raises:
        SensitivityRefused: the cases are no base samples.
    """
    factors = positions.shape[2]
    first, last = positions[:, 0], positions[:, -1]
    expected = [first]
    for own, other in ((first, last), (last, first))[: 2 if second_order else 1]:
        for factor in range(factors):
            mixed = own.copy()
            mixed[:, factor] = other[:, factor]
            expected.append(mixed)
    if not np.array_equal(np.stack([*expected, last], axis=1), positions):
        raise SensitivityRefused("method", "The cases of this batch are no whole base samples of Saltelli's.")
