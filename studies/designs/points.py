"""A study in, its cases by index out: any point of any design at once, without the points before it; the farm's workers
ask for one case at a time and get the same one every time.

The order of the index is the order in which cases are run: every beginning of it is a balanced design by itself.
"""

import copy
import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studies.definition import SPREADS, Extension, MoreSamples, Study
from studies.designs.columns import Value, as_objects
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.errors import DesignError
from studies.designs.formulas import Array, Formulas, Values
from studies.designs.making import explain_refusal, make_rule
from studies.designs.rows import RowsRule
from studies.designs.rules import Columns, cross_places
from studies.designs.segments import Segment, fill_values, make_segment

__all__ = ["CasePoint", "Points", "Value"]

ORDER_VERSION = 1
"""Part of every digest; raised when the same study is to give other cases, or the same ones in another order."""
HASHED_AT_THE_END = 1_000
READ_AT_ONCE = 1024
READ_OVER = 50
DRAWN_AT_ONCE = 64
"""Neighbours of a case that is asked for by its index: drawing them too costs little, and they are asked for next."""


@dataclass(frozen=True)
class CasePoint:
    """One case: which model, which weather, which value for each parameter.

    Attributes:
        index: 0 … case count - 1 for the points of the design, negative for baselines.
        is_baseline: Whether this is the unmodified model.
        model: Reference of the model as the study writes it; blank where a declared program runs without any.
        weather: Reference of the weather as the study writes it; likewise.
        values: A value for each parameter in the study's order, in the field's unit for `set` and `add`, a factor for
            `scale`; without those that the case leaves as the model has them, all of them for a baseline.
    """

    index: int
    is_baseline: bool
    model: str
    weather: str
    values: Mapping[str, Value]


class Points:
    """The cases of a study by case index.

    `points[i]` is design point `i` for `0 <= i < case_count` and a baseline for `-baseline_count <= i < 0`: the index
    is the number the case bears in the result table, not a position counted from the end. `len` is the number of all
    cases; iteration yields the baselines first.

    Attributes:
        case_count: Design points that keep to the constraints, models and weathers included.
        baseline_count: Runs of the unmodified models: one for each model and weather, or none.
        candidate_count: Design points before constraints.

    Args:
        study: The study.
        extensions: What was added to its points, in that order.

    Raises:
        DesignError: The design has no points, or a constraint no value for one of them.
    """

    def __init__(self, study: Study, extensions: Sequence[Extension] = ()) -> None:
        self._study = study
        self._formulas = Formulas(study)
        self._rule = make_rule(study)
        self.baseline_count = len(study.models) * len(study.weathers) if study.baseline else 0
        self._names = frozenset({MODEL, WEATHER, *(parameter.name for parameter in study.parameters)})
        self._set_segments([make_segment(study, self._formulas, self._rule, 0, self._rule.size)])
        for more in extensions:
            self._set_segments([*self._segments, self._continue(more)])

    def _set_segments(self, segments: Sequence[Segment]) -> None:
        self._segments = tuple(segments)
        self._drawn: tuple[tuple[int, int], Columns, Values] | None = None
        self._starts = [0]
        for segment in segments:
            self._starts.append(self._starts[-1] + segment.case_count)
        self.case_count = self._starts[-1]
        self.candidate_count = sum(segment.candidate_count for segment in segments)

    def _continue(self, more: Extension) -> Segment:
        refusal = explain_refusal(self._study, self._rule, more)
        if refusal is not None:
            raise DesignError("samples" if isinstance(more, MoreSamples) else "rows", refusal)
        if isinstance(more, MoreSamples):
            drawn = sum(segment.candidate_count for segment in self._segments if segment.rule is self._rule)
            count = more.samples * self._rule.sample_size
            return make_segment(self._study, self._formulas, self._rule, drawn, count)
        return Segment(RowsRule(self._study, more.rows), 0, len(more.rows))

    def extend(self, more: Extension) -> "Points":
        """Return the points with more after them; those there are keep their indices and values.

        Raises:
            DesignError: The design cannot be continued so; `explain_extension` tells without raising.
        """
        grown = copy.copy(self)
        for name in ("digest", "_objects"):
            grown.__dict__.pop(name, None)
        grown._set_segments([*self._segments, self._continue(more)])  # noqa: SLF001 - its own kind
        return grown

    @property
    def lost_share(self) -> float:
        """Share of the candidates that the constraints reject, 0 to 1."""
        return 1 - self.case_count / self.candidate_count if self.candidate_count else 0.0

    @property
    def width(self) -> int:
        """How many columns a case has: model, weather and each parameter."""
        return len(self._names)

    @property
    def has_repeats(self) -> bool:
        """Whether two cases may be alike; the cases of a grid never are."""
        return len(self._segments) > 1 or self._rule.repeats

    def __len__(self) -> int:
        return self.case_count + self.baseline_count

    def __iter__(self) -> Iterator[CasePoint]:
        for index in range(-self.baseline_count, 0):
            yield self[index]
        for number, segment in enumerate(self._segments):
            for start in range(0, segment.case_count, READ_AT_ONCE):
                yield from self._read(number, start, min(start + READ_AT_ONCE, segment.case_count))

    def __getitem__(self, index: int) -> CasePoint:
        """Return the case of an index.

        Args:
            index: From `-baseline_count` to `case_count - 1`.

        Raises:
            IndexError: The study has no such case.
        """
        if not -self.baseline_count <= index < self.case_count:
            message = f"The study has no case {index}; it has {-self.baseline_count} to {self.case_count - 1}."
            raise IndexError(message)
        if index < 0:
            models, weathers = self._study.models, self._study.weathers
            model, weather = divmod(index + self.baseline_count, len(weathers))
            return CasePoint(index, True, models[model], weathers[weather], {})
        number = bisect_right(self._starts, index) - 1
        place = index - self._starts[number]
        first = place - place % DRAWN_AT_ONCE
        drawn = self._drawn
        if drawn is None or drawn[0] != (number, first):
            last = min(first + DRAWN_AT_ONCE, self._segments[number].case_count)
            drawn = self._drawn = ((number, first), *self._draw(number, first, last))
        return self._make_point(number, first, place - first, drawn[1], drawn[2])

    def pick(self, indices: Iterable[int]) -> dict[int, CasePoint]:
        """Return several cases by index: those that lie close together cost little more than one of them.

        Raises:
            IndexError: The study has no such case.
        """
        wanted = sorted(set(indices))
        found = {index: self[index] for index in wanted if index < 0}
        for first, last in _join_neighbours([index for index in wanted if index >= 0]):
            if last >= self.case_count:
                message = f"The study has no case {last}; it has {-self.baseline_count} to {self.case_count - 1}."
                raise IndexError(message)
            for number, start, stop in self._overlaps(first, last + 1):
                for begin in range(start, stop, READ_AT_ONCE):
                    points = self._read(number, begin, min(begin + READ_AT_ONCE, stop))
                    found.update((point.index, point) for point in points)
        return {index: found[index] for index in wanted}

    def columns(self, start: int, stop: int) -> dict[str, Array]:
        """Return consecutive cases as columns.

        Args:
            start: First index, from `-baseline_count`.
            stop: Index after the last, up to `case_count`.

        Returns:
            `model`, `weather` and each parameter, (stop - start,): float64, NaN where a case leaves the parameter as
            the model has it, or objects with None there if the study has texts for it.

        Raises:
            IndexError: The study has no such cases.
        """
        if not -self.baseline_count <= start <= stop <= self.case_count:
            message = f"The study has no cases {start} to {stop - 1}."
            raise IndexError(message)
        names = (MODEL, WEATHER, *(parameter.name for parameter in self._study.parameters))
        columns = {name: np.empty(stop - start, object if name in self._objects else np.float64) for name in names}
        filled = 0
        for values, count in self._stretches(start, stop):
            for name in names:
                part = values[name]
                columns[name][filled : filled + count] = as_objects(part) if name in self._objects else part
            filled += count
        return columns

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the design matrix, in hexadecimal: equal digests mean the same cases under the same indices.

        Of what the design draws in the unit cube and what it draws from, so that it is the same on every machine: the
        logarithms and quantiles of processors differ in their last digit. Of designs beyond `Rule.hashed` cases the
        first ones and the last.
        """
        digest = hashlib.sha256(json.dumps(self._describe(), separators=(",", ":")).encode())
        for segment in self._segments:
            digest.update(b"\0%d\0" % segment.case_count)
            hashed = min(segment.case_count, segment.rule.hashed)
            for first, last in ((0, hashed), (max(segment.case_count - HASHED_AT_THE_END, hashed), segment.case_count)):
                for start, stop in segment.chunks(first, last):
                    digest.update(segment.rule.fingerprint(segment.candidates(start, stop)))
        return digest.hexdigest()

    def verify(self, digest: str) -> bool:
        """Tell whether these are the points that a digest was made of: whether the libraries still draw the same."""
        return self.digest == digest

    def list_keys(self, start: int, stop: int) -> Iterator[Array]:
        """Yield whole numbers that tell the values of cases apart, (n, columns), int64, a stretch at a time."""
        names = [MODEL, WEATHER, *(p.name for p in self._study.parameters if p.derived is None)]
        for number, first, last in self._overlaps(start, stop):
            segment = self._segments[number]
            for begin, end in segment.chunks(first, last):
                everywhere = cross_places(self._study, np.zeros(end - begin, dtype=np.int64))
                columns = everywhere | segment.rule.draw(segment.candidates(begin, end), names)
                yield np.stack([columns[name].keys for name in names], axis=1)

    @cached_property
    def _objects(self) -> frozenset[str]:
        """Columns that hold texts in some case."""
        objects = {MODEL, WEATHER}
        for segment in self._segments:
            if segment.case_count:
                columns = segment.rule.draw(segment.candidates(0, 1), self._names)
                objects |= {name for name, column in columns.items() if column.values.dtype == object}
        return frozenset(objects)

    def _overlaps(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        for number, (first, last) in enumerate(zip(self._starts, self._starts[1:], strict=False)):
            if max(start, first) < min(stop, last):
                yield number, max(start, first) - first, min(stop, last) - first

    def _stretches(self, start: int, stop: int) -> Iterator[tuple[Values, int]]:
        """Yield the values of consecutive cases in stretches, with the number of cases of each."""
        if start < 0:
            yield self._read_baselines(start, min(stop, 0)), min(stop, 0) - start
        for number, first, last in self._overlaps(start, stop):
            for begin, end in self._segments[number].chunks(first, last):
                yield self._draw(number, begin, end)[1], end - begin

    def _read_baselines(self, start: int, stop: int) -> Values:
        places = cross_places(self._study, np.arange(start, stop) + self.baseline_count)
        values: Values = {name: np.full(stop - start, np.nan) for name in self._names}
        return values | {name: column.values for name, column in places.items()}

    def _draw(self, number: int, start: int, stop: int) -> tuple[Columns, Values]:
        segment = self._segments[number]
        columns = segment.rule.draw(segment.candidates(start, stop), self._names)
        values = fill_values(self._study, columns, self._names, stop - start)
        self._formulas.derive(values, self._names)
        return columns, values

    def _read(self, number: int, start: int, stop: int) -> Iterator[CasePoint]:
        columns, values = self._draw(number, start, stop)
        for row in range(stop - start):
            yield self._make_point(number, start, row, columns, values)

    def _make_point(self, number: int, start: int, row: int, columns: Columns, values: Values) -> CasePoint:
        derived = self._formulas.derived_names
        cells: dict[str, Value] = {}
        for parameter in self._study.parameters:
            name = parameter.name
            value = _as_value(values[name][row]) if name in derived else columns[name].value(row)
            if value is not None:
                cells[name] = value
        index = self._starts[number] + start + row
        return CasePoint(index, False, str(values[MODEL][row]), str(values[WEATHER][row]), cells)

    def _describe(self) -> list[object]:
        study = self._study
        spreads = [
            parameter.model_dump(mode="json", include={"name", "weights", "derived", *SPREADS})
            for parameter in study.parameters
        ]
        design = study.design.model_dump(mode="json", exclude={"rows"})
        places = [study.models, study.weathers, study.baseline]
        return [ORDER_VERSION, places, spreads, study.linked, study.constraints, design]


def _join_neighbours(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last index of each stretch; to read over a small gap is cheaper than to begin anew."""
    first = last = -1
    for index in indices:
        if first < 0:
            first = index
        elif index - last > READ_OVER:
            yield first, last
            first = index
        last = index
    if first >= 0:
        yield first, last


def _as_value(number: np.float64) -> Value | None:
    return None if np.isnan(number) else float(number)
