"""Stretches of a design's candidates, without those that the constraints reject: what a study's cases are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.errors import DesignError
from studies.designs.formulas import Array, Formulas, Values
from studies.designs.rules import Columns, Indices, Rule

MAX_CONSTRAINED = 10_000_000
"""Candidates of a study with constraints: each is tried."""
CHUNK = 1 << 16


@dataclass(frozen=True)
class Segment:
    """Candidates of one design that became cases.

    Attributes:
        rule: The design.
        first: Number of its first candidate.
        candidate_count: How many candidates were tried.
        kept: Which became cases, counted from the first, ascending; None for all.
    """

    rule: Rule
    first: int
    candidate_count: int
    kept: NDArray[np.int32] | None = None

    @property
    def case_count(self) -> int:
        """Number of cases."""
        return self.candidate_count if self.kept is None else len(self.kept)

    def candidates(self, start: int, stop: int) -> Indices:
        """Return the numbers of the candidates of cases, counted from the segment's first, (n,)."""
        if self.kept is not None:
            return self.kept[start:stop].astype(np.int64) + self.first
        last = self.first + stop
        return np.arange(self.first + start, last, dtype=np.int64 if last < 2**63 else object)

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield stretches of cases that are computed together, so that memory stays small."""
        for position in range(start, stop, CHUNK):
            yield position, min(position + CHUNK, stop)


def fill_values(study: Study, columns: Columns, names: frozenset[str], count: int) -> Values:
    """Return the values of columns, with the study's only model and weather where a design does not vary them."""
    values: Values = {name: column.values for name, column in columns.items() if name in names}
    for name, ref in ((MODEL, study.models[0]), (WEATHER, study.weathers[0])):
        if name in names and name not in values:
            values[name] = np.full(count, ref, dtype=object)
    return values


def make_segment(study: Study, formulas: Formulas, rule: Rule, first: int, count: int) -> Segment:
    """Return the candidates `first` … `first + count - 1` of a design, without those that the constraints reject.

    Raises:
        DesignError: They are too many to be tried, or a constraint has no value for one of them.
    """
    if not formulas.has_constraints or not count:
        return Segment(rule, first, count)
    if first + count > MAX_CONSTRAINED:
        message = "Take fewer cases, or leave the constraints out: each case has to be tried."
        raise DesignError("constraints", message, f"{count:,} cases", f"at most {MAX_CONSTRAINED:,}")
    segment = Segment(rule, first, count)
    names = formulas.close_names(formulas.constrained_names)
    kept: list[Array] = []
    for start, stop in segment.chunks(0, count):
        columns = rule.draw(segment.candidates(start, stop), names)
        values = fill_values(study, columns, names, stop - start)
        formulas.derive(values, names)
        kept.append((np.flatnonzero(formulas.keep(values)) + start).astype(np.int32))
    return Segment(rule, first, count, np.concatenate(kept))
