"""The cases of a batch as an analysis sees them: points of the design and what became of them, at one place or at all.

A place is a model under a weather. Designs of blocks (the trajectories of Morris, the base samples of Saltelli) are
whole at each place, one block after the other in the order of the index.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Extension, MoreRows, Study
from studies.designs.points import Points
from studies.problems import count_of
from studies.sensitivity.factors import PLACES, CodedFactor, Columns, Factor, code_factor

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
MOST_CASES = 200_000
MOST_VALUES = 20_000_000


class Fate(enum.IntEnum):
    """What became of a case."""

    USABLE = 0  # it succeeded; its metric may still be missing
    UNFINISHED = 1
    FAILED = 2
    CANCELLED = 3
    SUSPECT = 4


_TOLD = {
    Fate.UNFINISHED: ("has not finished", "have not finished"),
    Fate.FAILED: ("failed", "failed"),
    Fate.CANCELLED: ("was cancelled", "were cancelled"),
    Fate.SUSPECT: ("is suspect", "are suspect"),
}


@dataclass(frozen=True)
class Outcomes:
    """A metric in the cases of a batch, by case index from 0; baselines are none of them.

    Attributes:
        values: (n_cases,), float64, in the unit of the metric; NaN where a case has none.
        fates: (n_cases,), int8, each a `Fate`.
    """

    values: Floats
    fates: NDArray[np.int8]


@dataclass(frozen=True)
class Sample:
    """Some cases: their inputs, their metric, and where they stand in the design.

    Attributes:
        study: whose cases.
        columns: inputs by name, (n_cases,) each, as `Points.columns` gives them.
        values: (n_cases,), float64, the metric; NaN where a case has none.
        fates: (n_cases,), int8.
        ranks: (n_cases,), int64: how many points of the design come before at the same place; -1 for a row added by
            hand.
        places: (n_cases,), int64: number of the place.
    """

    study: Study
    columns: Columns
    values: Floats
    fates: NDArray[np.int8]
    ranks: NDArray[np.int64]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def choose(self, rows: Any) -> "Sample":
        """Return some of the cases, by a mask or by positions."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        arrays = (array[rows] for array in (self.values, self.fates, self.ranks, self.places))
        return Sample(self.study, columns, *arrays)

    @property
    def is_usable(self) -> Mask:
        """Which cases succeeded and are not doubted: (n_cases,), bool."""
        usable: Mask = self.fates == Fate.USABLE
        return usable

    def code(self, factors: Sequence[Factor]) -> list[CodedFactor]:
        """Return factors with their value in each case."""
        return [code_factor(self.study, factor, self.columns) for factor in factors]

    @property
    def unfinished(self) -> int:
        """How many cases have not ended."""
        return int((self.fates == Fate.UNFINISHED).sum())

    def tell_fates(self) -> list[str]:
        """Return how many cases cannot be used and why, a sentence for each reason."""
        counts = {fate: int((self.fates == fate).sum()) for fate in _TOLD}
        return [
            f"{count_of(count, 'case')} {_TOLD[fate][0 if count == 1 else 1]}"
            for fate, count in counts.items()
            if count
        ]


def count_readable(study: Study, case_count: int) -> int:
    """Return how many cases of a batch an analysis looks at: all, or the first of a huge one."""
    return min(case_count, MOST_CASES, MOST_VALUES // (len(study.parameters) + len(PLACES)))


def make_sample(
    study: Study, outcomes: Outcomes, extensions: Sequence[Extension] = (), columns: Columns | None = None
) -> Sample:
    """Return the first cases of a batch, as many as there are outcomes, with what became of them.

    Args:
        study: of the batch.
        outcomes: of its cases from index 0 on.
        extensions: of the batch, in their order.
        columns: of these cases, from who knows that they are those that were run; drawn anew where left out.
    """
    count = len(outcomes.values)
    points, is_designed = _grow(study, extensions, count)
    columns = points.columns(0, count) if columns is None else columns
    places = _number_places(study, columns, count)
    return Sample(study, columns, outcomes.values, outcomes.fates, _rank_within(places, is_designed), places)


def at_place(sample: Sample, chosen: Mapping[str, str | None]) -> Sample:
    """Return the cases of the chosen weather and model, of all where none is chosen."""
    rows = np.ones(len(sample), np.bool_)
    for what, ref in chosen.items():
        if ref:
            rows &= np.array([value == ref for value in sample.columns[what]], np.bool_)
    return sample.choose(rows)


def _number_places(study: Study, columns: Columns, count: int) -> NDArray[np.int64]:
    numbers = np.zeros(count, np.int64)
    for what, refs in (("model", study.models), ("weather", study.weathers)):
        if len(refs) > 1:
            position = {ref: number for number, ref in enumerate(refs)}
            numbers = numbers * len(refs) + np.array([position[ref] for ref in columns[what]], np.int64)
    return numbers


def _rank_within(places: NDArray[np.int64], is_designed: Mask) -> NDArray[np.int64]:
    ranks = np.full(len(places), -1, np.int64)
    for place in np.unique(places):
        rows = np.flatnonzero((places == place) & is_designed)
        ranks[rows] = np.arange(len(rows))
    return ranks


def _grow(study: Study, extensions: Sequence[Extension], count: int) -> tuple[Points, Mask]:
    """Return the points of a study with its extensions, and which of the first are of the design's own sequence.

    The others are rows that were added by hand.
    """
    points, is_designed = Points(study), np.ones(count, np.bool_)
    for more in extensions:
        start = points.case_count
        points = points.extend(more)
        is_designed[start : points.case_count] = not isinstance(more, MoreRows)
    return points, is_designed
