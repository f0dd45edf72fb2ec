"""What a design is to `Points`: candidates by number, any of them at once. Grids and sampled designs are here."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from studies.definition import (
    GridDesign,
    HaltonDesign,
    LatinHypercubeDesign,
    RandomDesign,
    SobolDesign,
    Study,
)
from studies.designs.columns import Choices, Column
from studies.designs.dimensions import (
    MODEL,
    WEATHER,
    Dimension,
    draw_dimensions,
    list_dimensions,
    list_divided_dimensions,
)
from studies.designs.errors import DesignError
from studies.designs.grid_order import GridOrder
from studies.designs.latin import MAX_LATIN_NUMBERS
from studies.designs.maximin import MAX_MAXIMIN_SAMPLES
from studies.designs.sequences import (
    HaltonSequence,
    LatinHypercubeSequence,
    RandomSequence,
    SobolSequence,
)
from studies.designs.sequences import (
    Sequence as ShareSequence,
)

Indices = NDArray[Any]
Columns = dict[str, Column]


class Rule(ABC):
    """A design: candidates by number, before constraints.

    Attributes:
        size: Number of candidates of the study's own design.
        sample_size: Candidates that one sample more brings; 0 where the design cannot be continued.
        repeats: Whether two candidates may be alike.
        hashed: How many candidates a digest is made of at most, besides the last ones.
    """

    size: int
    sample_size: int = 0
    repeats: bool = True
    hashed: int = 1_000_000

    @abstractmethod
    def draw(self, indices: Indices, names: Collection[str]) -> Columns:
        """Return the named columns of some candidates; what a design does not vary is left out.

        Args:
            indices: Numbers of candidates, (n,), int64.
            names: Parameters, `model`, `weather`.
        """

    @abstractmethod
    def fingerprint(self, indices: Indices) -> bytes:
        """Return what tells some candidates from others, the same on every machine."""


class DimensionRule(Rule):
    """A design whose candidates have a coordinate in each dimension: a share of its range, or a position in its list.

    The coordinates are what a digest is made of: they are exact on every machine, unlike logarithms of them.
    """

    has_positions: ClassVar[bool] = False

    def __init__(self, study: Study, dimensions: Sequence[Dimension]) -> None:
        self._study = study
        self._dimensions = tuple(dimensions)

    @abstractmethod
    def locate(self, indices: Indices) -> NDArray[Any]:
        """Return the coordinates of some candidates, (n, dimensions)."""

    def draw(self, indices: Indices, names: Collection[str]) -> Columns:
        """Return the named columns of some candidates."""
        wanted = [k for k, dimension in enumerate(self._dimensions) if not set(names).isdisjoint(dimension.names)]
        columns: Columns = {}
        if wanted:
            coordinates = self.locate(indices)[:, wanted]
            columns = draw_dimensions(self._dimensions, coordinates, wanted, as_positions=self.has_positions)
        return columns

    def fingerprint(self, indices: Indices) -> bytes:
        """Return the coordinates as bytes, float64, little-endian."""
        return np.ascontiguousarray(self.locate(indices), dtype="<f8").tobytes()


class GridRule(DimensionRule):
    """Every value with every other, in an order whose every beginning is balanced."""

    has_positions = True
    repeats = False

    def __init__(self, study: Study, design: GridDesign) -> None:
        super().__init__(study, list_divided_dimensions(study, design.levels, to_the_ends=False))
        self._order = GridOrder([dimension.levels for dimension in self._dimensions])
        self.size = self._order.count

    def locate(self, indices: Indices) -> NDArray[Any]:
        """Return the position in each list, (n, dimensions)."""
        return self._order.positions(indices)


SampledDesign = SobolDesign | HaltonDesign | RandomDesign | LatinHypercubeDesign


class SampledRule(DimensionRule):
    """Points of a sequence in the unit cube; several models or weathers are a dimension each."""

    def __init__(self, study: Study, design: SampledDesign) -> None:
        super().__init__(study, list_dimensions(study, with_places=True))
        self._sequence = _make_sequence(len(self._dimensions), design)
        self.size = design.samples
        self.sample_size = int(self._sequence.is_endless)

    def locate(self, indices: Indices) -> NDArray[Any]:
        """Return the share of each range, (n, dimensions)."""
        return self._sequence.take(indices)


def _make_sequence(width: int, design: SampledDesign) -> ShareSequence:
    if isinstance(design, SobolDesign):
        return SobolSequence(width, design.seed)
    if isinstance(design, HaltonDesign):
        return HaltonSequence(width, design.seed)
    if isinstance(design, RandomDesign):
        return RandomSequence(width, design.seed)
    if design.samples * width > MAX_LATIN_NUMBERS:
        message = "Take fewer samples, or {method: sobol}: a latin hypercube is computed as a whole."
        accepted = f"at most {MAX_LATIN_NUMBERS // width:,} in {width} dimensions"
        raise DesignError("design.samples", message, design.samples, accepted)
    is_maximin = design.optimise == "maximin"
    if is_maximin and design.samples > MAX_MAXIMIN_SAMPLES:
        message = "Take fewer samples, or leave `optimise` out: the distances of so many are not compared."
        raise DesignError("design.samples", message, design.samples, f"at most {MAX_MAXIMIN_SAMPLES:,} with maximin")
    return LatinHypercubeSequence(width, design.seed, design.samples, centred=design.centred, is_maximin=is_maximin)


class CrossedRule(DimensionRule):
    """A design whose runs belong together, in full for each model and weather: sample by sample, place by place.

    A place is a model under a weather. Candidate `(sample * places + place) * run_length + step`.

    Attributes:
        run_length: Cases of one sample at one place.
    """

    run_length: int

    def __init__(self, study: Study, dimensions: Sequence[Dimension], samples: int, run_length: int) -> None:
        super().__init__(study, dimensions)
        if not dimensions:
            message = "Add a parameter: nothing varies that could be sampled."
            raise DesignError("design", message, None, "a parameter that varies")
        self.run_length = run_length
        self._places = len(study.models) * len(study.weathers)
        self.sample_size = self._places * run_length
        self.size = samples * self.sample_size

    @abstractmethod
    def locate_steps(self, samples: Indices, steps: Indices) -> NDArray[Any]:
        """Return the share of each range in some steps of some samples, (n, dimensions)."""

    def locate(self, indices: Indices) -> NDArray[Any]:
        """Return the share of each range, (n, dimensions)."""
        return self.locate_steps(indices // self.sample_size, indices % self.run_length)

    def draw(self, indices: Indices, names: Collection[str]) -> Columns:
        """Return the named columns of some candidates, models and weathers among them."""
        place = indices % self.sample_size // self.run_length
        return super().draw(indices, names) | cross_places(self._study, place)


def cross_places(study: Study, places: Indices) -> Columns:
    """Return the model and weather of some places, models first, (n,) each."""
    model, weather = np.divmod(places, len(study.weathers))
    return {MODEL: Column(model, Choices(study.models)), WEATHER: Column(weather, Choices(study.weathers))}
