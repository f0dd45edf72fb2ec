"""A study in, its cases by index out: any point of any design at once, without the points before it; the farm's workers
ask for one case at a time and get the same one every time."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.definition import GridDesign, LatinHypercubeDesign, Parameter, Study, TableDesign

Value = float | int | str
_Choice = TypeVar("_Choice")


@dataclass(frozen=True)
class CasePoint:
    """One case: which model, which weather, which value for each parameter.

    Attributes:
        index: 0 … case count - 1 for the points of the design, negative for baselines.
        is_baseline: Whether this is the unmodified model.
        model: Reference of the model as the study writes it; blank where a declared program runs without any.
        weather: Reference of the weather as the study writes it; likewise.
        values: A value for each parameter in the study's order, in the field's unit for `set` and `add`, a factor for
            `scale`; empty for a baseline.
    """

    index: int
    is_baseline: bool
    model: str
    weather: str
    values: Mapping[str, Value]


class _Rule(Protocol):
    """Picks the choices of one design point."""

    case_count: int

    def pick(self, index: int) -> tuple[str, str, dict[str, Value]]: ...

    def describe(self) -> list[object]: ...


class Points:
    """The cases of a study by case index.

    `points[i]` is design point `i` for `0 <= i < case_count` and a baseline for `-baseline_count <= i < 0`: the index
    is the number the case bears in the result table, not a position counted from the end. `len` is the number of all
    cases; iteration yields the baselines first.

    Attributes:
        case_count: Design points, models and weathers included.
        baseline_count: Runs of the unmodified models: one for each model and weather, or none.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._rule = _make_rule(study)
        self.case_count = self._rule.case_count
        self.baseline_count = len(study.models) * len(study.weathers) if study.baseline else 0

    def __len__(self) -> int:
        return self.case_count + self.baseline_count

    def __iter__(self) -> Iterator[CasePoint]:
        return (self[index] for index in range(-self.baseline_count, self.case_count))

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
        model_ref, weather_ref, values = self._rule.pick(index)
        return CasePoint(index, False, model_ref, weather_ref, values)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the design matrix, in hexadecimal: equal digests mean the same cases under the same indices."""
        study = self._study
        described = [
            [parameter.name for parameter in study.parameters], study.models, study.weathers, study.baseline,
            *self._rule.describe(),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(described, separators=(",", ":")).encode()).hexdigest()


def count_cases(levels: Sequence[int]) -> int:
    """Return how many points a full grid has, from the number of values of each dimension."""
    return math.prod(levels)


def split_index(index: int, levels: Sequence[int]) -> list[int]:
    """Write a grid's index in mixed radix: the position in each dimension, the last one changing fastest.

    Args:
        index: 0 … product of `levels` - 1.
        levels: Number of values of each dimension, at least 1 each.
    """
    digits = []
    for level in reversed(levels):
        index, digit = divmod(index, level)
        digits.append(digit)
    return digits[::-1]


def _make_rule(study: Study) -> _Rule:
    if isinstance(study.design, TableDesign):
        return _Table(study, study.design)
    if isinstance(study.design, LatinHypercubeDesign):
        return _LatinHypercube(study, study.design)
    if isinstance(study.design, GridDesign):
        return _Grid(study, study.design)
    raise NotImplementedError(study.design.method)


class _Grid:
    """Every value with every other: models, then weathers, then the parameters, the last changing fastest."""

    def __init__(self, study: Study, _design: GridDesign) -> None:
        self._names = [parameter.name for parameter in study.parameters]
        self._choices: list[Sequence[Value]] = [study.models, study.weathers]
        self._choices += [parameter.values or () for parameter in study.parameters]
        self._levels = [len(choices) for choices in self._choices]
        self.case_count = count_cases(self._levels)

    def pick(self, index: int) -> tuple[str, str, dict[str, Value]]:
        digits = split_index(index, self._levels)
        model, weather, *values = (choices[digit] for choices, digit in zip(self._choices, digits, strict=True))
        return str(model), str(weather), dict(zip(self._names, values, strict=True))

    def describe(self) -> list[object]:
        return ["grid", self._choices]


class _LatinHypercube:
    """Samples in equal strata: models, weathers and listed values get equal shares, uniform ranges are stretched."""

    def __init__(self, study: Study, design: LatinHypercubeDesign) -> None:
        self._study = study
        self._design = design
        self._sampled = [len(refs) > 1 for refs in (study.models, study.weathers)]
        self._width = sum(self._sampled) + len(study.parameters)
        self.case_count = design.samples

    def pick(self, index: int) -> tuple[str, str, dict[str, Value]]:
        shares = iter(self._matrix()[index].tolist())
        study = self._study
        model = _choose(study.models, next(shares)) if self._sampled[0] else study.models[0]
        weather = _choose(study.weathers, next(shares)) if self._sampled[1] else study.weathers[0]
        values = {parameter.name: _draw(parameter, next(shares)) for parameter in study.parameters}
        return model, weather, values

    def describe(self) -> list[object]:
        ranges = [[parameter.values, parameter.uniform] for parameter in self._study.parameters]
        matrix = hashlib.sha256(self._matrix().tobytes()).hexdigest()
        return ["lhs", self._design.samples, self._design.seed, ranges, matrix]

    def _matrix(self) -> NDArray[np.float64]:
        return sample_latin_hypercube(self._design.samples, self._width, self._design.seed)


@lru_cache(maxsize=4)
def sample_latin_hypercube(samples: int, width: int, seed: int) -> NDArray[np.float64]:
    """Sample a latin hypercube; the last few are kept, so that asking for single cases costs nothing more.

    Args:
        samples: Number of points.
        width: Number of dimensions.
        seed: The same seed gives the same points.

    Returns:
        Shares of each dimension's range, (samples, width), float64, 0 <= share < 1, read-only.
    """
    sampler = qmc.LatinHypercube(d=max(width, 1), scramble=True, optimization=None, rng=seed)
    matrix: NDArray[np.float64] = np.ascontiguousarray(sampler.random(samples), dtype=np.float64)
    matrix.setflags(write=False)
    return matrix


def _draw(parameter: Parameter, share: float) -> Value:
    if parameter.uniform is not None:
        low, high = parameter.uniform
        # rounding may step over the upper end
        return min(low + (high - low) * share, high)
    return _choose(parameter.values or (), share)


def _choose(choices: Sequence[_Choice], share: float) -> _Choice:
    return choices[min(int(share * len(choices)), len(choices) - 1)]


class _Table:
    """The rows as they were written; what a row leaves out is the study's only model or weather."""

    def __init__(self, study: Study, design: TableDesign) -> None:
        self._study = study
        self._rows = design.rows
        self.case_count = len(design.rows)

    def pick(self, index: int) -> tuple[str, str, dict[str, Value]]:
        row = self._rows[index]
        model = str(row.get("model", self._study.models[0]))
        weather = str(row.get("weather", self._study.weathers[0]))
        return model, weather, {parameter.name: row[parameter.name] for parameter in self._study.parameters}

    def describe(self) -> list[object]:
        return ["table", [[model, weather, *values.values()] for model, weather, values in self._pick_all()]]

    def _pick_all(self) -> Iterator[tuple[str, str, dict[str, Value]]]:
        return (self.pick(index) for index in range(self.case_count))
