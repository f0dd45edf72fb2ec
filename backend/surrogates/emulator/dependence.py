"""How metrics go with one input or two, all others as they may be: a surrogate goes in, curves or surfaces come out.

Source:
    J. H. Friedman (2001), "Greedy Function Approximation: A Gradient Boosting Machine", section 8.2; single curves: A.
    Goldstein et al. (2015), "Peeking Inside the Black Box".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from surrogates.emulator.designs import DesignWish, make_design
from surrogates.emulator.devices import Hardware
from surrogates.emulator.drawing import MetricDraws
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.space import Axis, Problem, Rows, Space, SpaceWish, Value
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

STAGE = "Dependence"
DRAWS = 64
LEVEL = 0.9  # of the intervals
MOST_INPUTS = 2
BOUNDS = {"points": (2, 200), "background": (16, 4096)}
MOST_POINTS = 100_000


@dataclass(frozen=True)
class DependenceWish:
    """What is to be shown.

    Attributes:
        inputs: one or two.
        metrics: of which; all of the surrogate's if empty.
        points: values of each input that has a range; of a list all are taken.
        background: points that stand for what the other inputs may be.
        curves: how many single curves to give beside the mean one.
        space: what the inputs are narrowed to.
        seed: of the background.
    """

    inputs: tuple[str, ...]
    metrics: tuple[str, ...] = ()
    points: int = 20
    background: int = 128
    curves: int = 0
    space: SpaceWish = field(default_factory=SpaceWish)
    seed: int = 0

    def check(self, emulator: Emulator) -> None:
        """Refuse what cannot be done.

        Raises:
            WishRefused: an input or a metric is unknown, or a number is out of bounds.
        """
        known = [column.name for column in emulator.inputs.columns]
        problems: list[Problem] = [
            (f"inputs[{place}]", f"This surrogate has no input '{name}'.", name, known)
            for place, name in enumerate(self.inputs)
            if name not in known
        ]
        problems += [
            (f"metrics[{place}]", f"The surrogate has no metric '{name}'.", name, list(emulator.targets.metrics))
            for place, name in enumerate(self.metrics)
            if name not in emulator.targets.metrics
        ]
        if not 1 <= len(set(self.inputs)) == len(self.inputs) <= MOST_INPUTS:
            problems.append(("inputs", "Write one input, or two different ones.", list(self.inputs), "1 or 2 inputs"))
        bounds = {**BOUNDS, "curves": (0, self.background)}
        for name, (low, high) in bounds.items():
            found = getattr(self, name)
            if not low <= found <= high:
                problems.append((name, f"Write another `{name}`.", found, f"{low} to {high:,}"))
        if problems:
            raise WishRefused(problems)


@dataclass(frozen=True)
class Dependence:
    """How metrics go with inputs.

    Attributes:
        inputs: their names.
        values: (points,) of each input, in its unit: of two inputs every combination, the second varying fastest.
        metrics: their names.
        mean: (points, metrics), over the background, in the metrics' units.
        low: (points, metrics), lower end of the 90 % interval for the surrogate's error of that mean.
        high: upper end.
        spread_low: (points, metrics), what a twentieth of the background lies below.
        spread_high: what a twentieth of the background lies above.
        curves: (curves, points, metrics), single points of the background.
        model_error: how functions were drawn for the surrogate's error.
        asked: points that were predicted.
        outside: of these, such as lie outside of the domain.
    """

    inputs: tuple[str, ...]
    values: Rows
    metrics: tuple[str, ...]
    mean: Floats
    low: Floats
    high: Floats
    spread_low: Floats
    spread_high: Floats
    curves: Floats
    model_error: str
    asked: int
    outside: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data: lists by point, of metrics by name."""
        ends = ("mean", "low", "high", "spread_low", "spread_high")
        metrics = {
            metric: {
                **{end: getattr(self, end)[:, place].tolist() for end in ends},
                "curves": self.curves[:, :, place].tolist(),
            }
            for place, metric in enumerate(self.metrics)
        }
        values = {name: found.tolist() for name, found in self.values.items()}
        told = {"model_error": self.model_error, "asked": self.asked, "outside": self.outside}
        return {"inputs": list(self.inputs), "values": values, "metrics": metrics, **told}


def measure_dependence(emulator: Emulator, wish: DependenceWish, hardware: Hardware, watch: Watch) -> Dependence:
    """Return how metrics go with inputs.

    Args:
        emulator: predicts.
        wish: what is wanted.
        hardware: where to compute.
        watch: is told the points predicted of how many, and stops it.

    Raises:
        WishRefused: the wish cannot be done with this surrogate, or no point of the background keeps the constraints.
        TrainingStopped: as the watch says.
    """
    wish.check(emulator)
    space = Space.make(emulator.inputs, wish.space)
    grid = list(product(*(list_values(_find_axis(space, name), wish.points) for name in wish.inputs)))
    background = _draw_background(space, wish)
    count = len(next(iter(background.values())))
    if len(grid) * count > MOST_POINTS:
        found = f"{len(grid):,} x {count:,}"
        raise WishRefused([("background", "Write fewer points or a smaller background.", found, f"{MOST_POINTS:,}")])
    rows: Rows = {name: np.tile(values, len(grid)) for name, values in background.items()}
    for place, name in enumerate(wish.inputs):
        told = np.array([point[place] for point in grid], rows[name].dtype)
        rows[name] = np.repeat(told, count)
    named = wish.metrics or emulator.targets.metrics
    columns = [emulator.targets.metrics.index(name) for name in named]
    features = torch.from_numpy(emulator.inputs.encode(rows))
    said = emulator.predict(rows, hardware)
    mean = said.mean[:, columns].reshape(len(grid), count, len(columns))
    ends, method = _measure_error(emulator, features, said.mean, (len(grid), hardware, watch, wish.seed))
    low, high = ends[:, :, columns]
    spread_low, spread_high = np.quantile(mean, (0.05, 0.95), axis=1)
    values = {name: np.array([point[place] for point in grid]) for place, name in enumerate(wish.inputs)}
    curves = np.moveaxis(mean[:, : wish.curves], 1, 0)
    whole = (len(features), int((~said.inside).sum()))
    return Dependence(
        wish.inputs, values, named, mean.mean(axis=1), low, high, spread_low, spread_high, curves, method, *whole
    )


def list_values(axis: Axis, points: int) -> Sequence[Value]:
    """Return the values of an input that are shown: all of a list, equal steps of a range with both ends."""
    return axis.choices or [float(value) for value in np.linspace(axis.low, axis.high, points)]


def _find_axis(space: Space, name: str) -> Axis:
    return next(axis for axis in space.axes if axis.column.name == name)


def _draw_background(space: Space, wish: DependenceWish) -> Rows:
    design = make_design(space, DesignWish("sobol", wish.background, wish.seed), torch.device("cpu"))
    values = space.decode(design.draw(np.arange(wish.background)))
    kept = space.keep(values)
    rows = space.name_values(values)
    if kept is None:
        return rows
    if not kept.any():
        message = f"None of {wish.background} points keeps the constraints; loosen them."
        raise WishRefused([("constraints", message, list(wish.space.constraints), "conditions that points keep")])
    return {name: found[kept] for name, found in rows.items()}


def _measure_error(
    emulator: Emulator, features: torch.Tensor, mean: Floats, means: tuple[int, Hardware, Watch, int]
) -> tuple[Floats, str]:
    """Return the ends of the intervals of means over the background, (2, points, metrics), and how they are drawn."""
    points, hardware, watch, seed = means
    draws = MetricDraws.make(emulator, DRAWS, hardware, seed)
    parts, done = [], 0
    for part in draws.walk(features, mean):
        watch.check()
        parts.append(part)
        done += part.shape[1]
        watch.tell(STAGE, done, len(features), float("nan"))
    drawn = np.concatenate(parts, axis=1)
    averages = drawn.reshape(len(drawn), points, -1, drawn.shape[2]).mean(axis=2)
    tail = (1 - LEVEL) / 2
    return np.quantile(averages, (tail, 1 - tail), axis=0), draws.method
