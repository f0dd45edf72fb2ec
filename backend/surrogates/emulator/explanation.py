"""Which inputs matter to a surrogate: designs of SALib go in, indices whose intervals include its error come out.

Two errors are told apart: that of the sample, from resampling it, and that of the surrogate, from functions it might as
well have learnt (`drawing`). The interval of an index holds both: each of many resamples is taken under another of
these functions.

Source:
    L. Le Gratiet, C. Cannamela and B. Iooss (2014), "A Bayesian Approach for Global Sensitivity Analysis of
    (Multifidelity) Computer Codes", SIAM/ASA Journal on Uncertainty Quantification 2 (1), for that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from studies.sensitivity.screening import measure_effects, step_length
from studies.sensitivity.variance import measure_variance
from surrogates.emulator.devices import Hardware
from surrogates.emulator.drawing import MetricDraws
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.space import Problem, Space, SpaceWish
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]
Method = Literal["sobol", "morris"]
Estimator = Callable[[Floats, Floats, Floats], Floats]
Summary = Callable[[Floats], Floats]  # (samples, factors) of (samples, trajectories, factors)

STAGE = "Sensitivity"
DRAWS, FEWEST_DRAWS = 64, 8
MOST_VALUES = 25_000_000  # points x metrics x draws
RESAMPLES = 256
LEVELS = 4
CONFIDENCE = 0.95  # as studies.sensitivity has it
HALF_WIDTH = 1.96  # standard deviations of a normal distribution at that
BOUNDS = {"sobol": (64, 16_384), "morris": (4, 1_000)}
MOST_POINTS = 500_000
SUMMARIES: dict[str, Summary] = {
    "mu_star": lambda effects: np.asarray(np.abs(effects).mean(axis=1), np.float64),
    "mu": lambda effects: np.asarray(effects.mean(axis=1), np.float64),
    "sigma": lambda effects: np.asarray(effects.std(axis=1, ddof=1), np.float64),
}


@dataclass(frozen=True)
class SensitivityWish:
    """What is to be explained.

    Attributes:
        metrics: of which; all of the surrogate's if empty.
        method: `sobol`: shares of the variance; `morris`: elementary effects.
        samples: base samples of Sobol' indices, a power of two; trajectories of Morris.
        space: what the inputs are narrowed to; without constraints, for inputs have to be independent.
        seed: the same seed gives the same indices.
    """

    metrics: tuple[str, ...] = ()
    method: Method = "sobol"
    samples: int = 1024
    space: SpaceWish = field(default_factory=SpaceWish)
    seed: int = 0

    def check(self, metrics: tuple[str, ...]) -> None:
        """Refuse what cannot be done.

        Raises:
            WishRefused: no such metric; the number of samples is out of bounds; there are constraints.
        """
        problems: list[Problem] = [
            (f"metrics[{place}]", f"The surrogate has no metric '{name}'.", name, list(metrics))
            for place, name in enumerate(self.metrics)
            if name not in metrics
        ]
        low, high = BOUNDS[self.method]
        is_power = self.samples & (self.samples - 1) == 0 or self.method == "morris"
        if not low <= self.samples <= high or not is_power:
            accepted = f"{low} to {high:,}" if self.method == "morris" else f"a power of two, {low} to {high:,}"
            problems.append(("samples", "Write another number of samples.", self.samples, accepted))
        if self.space.constraints:
            message = "Indices need inputs that do not depend on each other: leave the constraints out, narrow ranges."
            problems.append(("constraints", message, list(self.space.constraints), "no constraints"))
        if problems:
            raise WishRefused(problems)


@dataclass(frozen=True)
class Estimate:
    """A number with its interval at 95 %.

    Attributes:
        value: from what the surrogate predicts.
        low: lower end, for errors of sample and surrogate together.
        high: upper end.
        sampling: half width of the interval for the error of the sample alone.
        model: half width for the error of the surrogate alone.
    """

    value: float
    low: float
    high: float
    sampling: float
    model: float


@dataclass(frozen=True)
class Sensitivity:
    """Indices of a surrogate's metrics.

    Attributes:
        method: `sobol` or `morris`.
        model_error: how functions were drawn for the surrogate's error.
        asked: points that were predicted.
        indices: by metric, then by input, then by name: `s1`, `st`; or `mu_star`, `mu`, `sigma`, in the metric's unit
            for a way across the whole range. Inputs of one value have none.
    """

    method: Method
    model_error: str
    asked: int
    indices: Mapping[str, Mapping[str, Mapping[str, Estimate]]]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        indices = {
            metric: {
                name: {index: vars(estimate) for index, estimate in found.items()} for name, found in inputs.items()
            }
            for metric, inputs in self.indices.items()
        }
        return {"method": self.method, "model_error": self.model_error, "asked": self.asked, "indices": indices}


def explain(emulator: Emulator, wish: SensitivityWish, hardware: Hardware, watch: Watch) -> Sensitivity:
    """Return which inputs matter.

    Args:
        emulator: predicts.
        wish: what is wanted.
        hardware: where to compute.
        watch: is told the points predicted of how many, and stops it.

    Raises:
        WishRefused: the wish cannot be done with this surrogate.
        TrainingStopped: as the watch says.
    """
    metrics = emulator.targets.metrics
    wish.check(metrics)
    space = Space.make(emulator.inputs, wish.space)
    if not space.width:
        raise WishRefused([("space", "Leave an input or more to vary.", 0, "1 or more that vary")])
    shares = _draw_shares(space.width, wish)
    if len(shares) > MOST_POINTS:
        most = MOST_POINTS // (space.width + 2)
        raise WishRefused([("samples", "Write fewer samples.", wish.samples, f"at most {most:,} for these inputs")])
    named = wish.metrics or metrics
    columns = [metrics.index(name) for name in named]
    mean, drawn, method = _answer(emulator, space, shares, columns, (hardware, watch, wish.seed))
    names = [axis.column.name for axis in space.varying]
    measure = _measure_sobol if wish.method == "sobol" else _measure_morris
    indices = {}
    for place, metric in enumerate(named):
        watch.check()
        found = measure(shares, mean[:, place], drawn[:, :, place], wish)
        indices[metric] = {
            name: {index: estimates[column] for index, estimates in found.items()} for column, name in enumerate(names)
        }
    return Sensitivity(wish.method, method, len(shares), indices)


def _draw_shares(width: int, wish: SensitivityWish) -> Floats:
    """Return SALib's points, (samples x (width + 2 or 1), width)."""
    problem = {"num_vars": width, "names": [str(number) for number in range(width)], "bounds": [[0.0, 1.0]] * width}
    if wish.method == "sobol":
        from SALib.sample import sobol  # here: it brings pandas and more along

        drawn = sobol.sample(problem, wish.samples, calc_second_order=False, seed=wish.seed)
    else:
        from SALib.sample import morris

        drawn = morris.sample(problem, wish.samples, num_levels=LEVELS, seed=wish.seed)
    return np.asarray(drawn, np.float64)


def _answer(
    emulator: Emulator, space: Space, shares: Floats, columns: list[int], means: tuple[Hardware, Watch, int]
) -> tuple[Floats, Floats, str]:
    """Return means (points, metrics), draws (draws, points, metrics), and how these are drawn."""
    hardware, watch, seed = means
    features = space.encode(space.decode(torch.from_numpy(shares)))
    mean, _ = emulator.answer(features, hardware)
    count = min(DRAWS, max(FEWEST_DRAWS, MOST_VALUES // (len(shares) * len(columns))))
    draws = MetricDraws.make(emulator, count, hardware, seed)
    parts, done = [], 0
    for part in draws.walk(features, mean):
        watch.check()
        parts.append(part[:, :, columns])
        done += part.shape[1]
        watch.tell(STAGE, done, len(features), float("nan"))
    return mean[:, columns], np.concatenate(parts, axis=1), draws.method


def _measure_sobol(shares: Floats, mean: Floats, drawn: Floats, wish: SensitivityWish) -> dict[str, list[Estimate]]:
    """Return first and total indices with both errors."""
    from SALib.analyze.sobol import first_order, total_order

    factors = shares.shape[1]
    blocks = mean.reshape(wish.samples, factors + 2)
    if float(np.ptp(blocks)) == 0.0:
        nothing = [Estimate(0.0, 0.0, 0.0, 0.0, 0.0)] * factors
        return {"s1": nothing, "st": nothing}
    known = measure_variance(blocks, factors, second_order=False)
    cubes = _standardise(drawn.reshape(len(drawn), wish.samples, factors + 2))
    rng = np.random.default_rng(wish.seed)
    picks = rng.integers(wish.samples, size=(RESAMPLES, wish.samples))
    functions = np.arange(RESAMPLES)[:, None] % len(cubes)
    resampled = [cubes[functions, picks, place].T for place in (0, -1)]
    found = {}
    estimators: tuple[Estimator, Estimator] = (first_order, total_order)
    values, errors = (known.s1, known.st), (known.s1_conf, known.st_conf)
    for name, order, value, conf in zip(("s1", "st"), estimators, values, errors, strict=True):
        moved = (cubes[functions, picks, 1 + place].T for place in range(factors))
        both = np.array([order(resampled[0], one, resampled[1]) for one in moved])
        whole = np.moveaxis(cubes, 0, 2)  # (samples, factors + 2, functions)
        alone = np.array([order(whole[:, 0], whole[:, 1 + place], whole[:, -1]) for place in range(factors)])
        found[name] = _estimate(np.asarray(value), both, np.asarray(conf), HALF_WIDTH * alone.std(axis=1))
    return found


def _standardise(cubes: Floats) -> Floats:
    """Return values of mean 0 and variance 1 under each function: the estimators suffer from a large mean."""
    spread = cubes.std(axis=(1, 2), keepdims=True)
    return np.asarray((cubes - cubes.mean(axis=(1, 2), keepdims=True)) / np.where(spread > 0, spread, 1.0), np.float64)


def _measure_morris(shares: Floats, mean: Floats, drawn: Floats, wish: SensitivityWish) -> dict[str, list[Estimate]]:
    """Return statistics of elementary effects with both errors."""
    factors = shares.shape[1]
    positions = shares.reshape(wish.samples, factors + 1, factors)
    blocks = mean.reshape(wish.samples, factors + 1)
    lengths = np.full((wish.samples, factors), step_length(LEVELS))
    known = measure_effects(positions, blocks, LEVELS, lengths)
    cubes = drawn.reshape(len(drawn), wish.samples, factors + 1)
    effects = np.stack([list_effects(positions, cube) for cube in [blocks, *cubes]])
    rng = np.random.default_rng(wish.seed)
    picks = rng.integers(wish.samples, size=(RESAMPLES, wish.samples))
    both = np.stack([effects[1 + number % len(cubes)][pick] for number, pick in enumerate(picks)])
    sampled = np.stack([effects[0][pick] for pick in picks])
    values = {"mu_star": known.mu_star, "mu": known.mu, "sigma": known.sigma}
    found = {}
    for name, summarise in SUMMARIES.items():
        sampling, model = HALF_WIDTH * summarise(sampled).std(axis=0), HALF_WIDTH * summarise(effects[1:]).std(axis=0)
        found[name] = _estimate(values[name], summarise(both).T, sampling, model)
    return found


def list_effects(positions: Floats, values: Floats) -> Floats:
    """Return elementary effects, (trajectories, factors), of (trajectories, factors + 1, factors) and their values."""
    moves = np.diff(positions, axis=1)
    moved = np.abs(moves).argmax(axis=2)
    steps = np.take_along_axis(moves, moved[:, :, None], axis=2)[:, :, 0]
    effects = np.empty(moved.shape)
    np.put_along_axis(effects, moved, np.diff(values, axis=1) / steps, axis=1)
    return effects


def _estimate(value: Floats, both: Floats, sampling: Floats, model: Floats) -> list[Estimate]:
    """Return estimates of each factor; `both` is (factors, resamples)."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(both, (tail, 1 - tail), axis=1)
    rows = zip(value, np.minimum(low, value), np.maximum(high, value), sampling, model, strict=True)
    return [Estimate(*(float(number) for number in row)) for row in rows]
