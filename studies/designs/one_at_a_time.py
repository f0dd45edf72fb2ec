"""One parameter varies at a time, the others stay as the models have them; the unmodified models are the centre."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from studies.definition import OneAtATimeDesign, Study
from studies.designs.dimensions import list_divided_dimensions
from studies.designs.rules import Columns, DimensionRule, Indices, cross_places

LEFT_ALONE = -1


class OneAtATimeRule(DimensionRule):
    """The centre, unless the study has it as baseline; then value by value, in turns of all parameters, the ends first.

    Every step is run at each place, a model under a weather, before the next one.
    """

    has_positions = True

    def __init__(self, study: Study, design: OneAtATimeDesign) -> None:
        super().__init__(study, list_divided_dimensions(study, design.levels, to_the_ends=True))
        self._places = len(study.models) * len(study.weathers)
        self._dimension, self._position = _list_steps([dimension.levels for dimension in self._dimensions])
        if not study.baseline:
            self._dimension = np.concatenate([[LEFT_ALONE], self._dimension])
            self._position = np.concatenate([[LEFT_ALONE], self._position])
        self.size = len(self._dimension) * self._places

    def locate(self, indices: Indices) -> NDArray[np.int64]:
        """Return the position in each list, -1 where a parameter is left alone, (n, dimensions)."""
        steps = indices // self._places
        varied = self._dimension[steps]
        positions = np.full((len(indices), len(self._dimensions)), LEFT_ALONE, dtype=np.int64)
        rows = np.flatnonzero(varied != LEFT_ALONE)
        positions[rows, varied[rows]] = self._position[steps[rows]]
        return positions

    def draw(self, indices: Indices, names: Collection[str]) -> Columns:
        """Return the named columns of some candidates, models and weathers among them."""
        return super().draw(indices, names) | cross_places(self._study, indices % self._places)


def _list_steps(levels: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which dimension each step varies, and to which position: one step of each dimension in turn."""
    dimensions = np.repeat(np.arange(len(levels)), levels)
    turns = np.concatenate([np.arange(0), *(np.arange(level) for level in levels)])
    positions = np.concatenate([np.arange(0), *(_order_ends_first(level) for level in levels)])
    order = np.lexsort((dimensions, turns))
    return dimensions[order], positions[order]


def _order_ends_first(level: int) -> NDArray[np.int64]:
    """Return the positions of a list: both ends, then what lies in the middle of the largest gaps."""
    last = level - 1
    depth = max(last, 1).bit_length()
    # fractions by their denominator, a power of two: 0, 1, 1/2, 1/4, 3/4, 1/8, …
    fractions = [0.0, 1.0, *(odd / 2**d for d in range(1, depth + 1) for odd in range(1, 2**d, 2))]
    found = dict.fromkeys(min(round(fraction * last), last) for fraction in fractions)
    return np.array([*found, *(k for k in range(level) if k not in found)], dtype=np.int64)
