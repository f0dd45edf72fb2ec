"""Screening: a million designs go in, those on the Pareto front or the best few come out, as if all had been predicted.

The fast means of all designs throw away what cannot be kept; the rest is predicted exactly, the most promising first,
and what is found so far throws away more. A design is thrown away only if it falls behind by more than fast means were
seen to be off, the margin. Where an exact prediction shows that they are off by more, the margin grows and the
screening begins anew with what it has found.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.aims import Aims, Points, join_points
from surrogates.emulator.designs import Chunk, Design, DesignWish, make_design
from surrogates.emulator.devices import Hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.fronts import find_front, is_dominated
from surrogates.emulator.space import Space, SpaceWish
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Keep = Literal["front", "top"]

PILOTS = 1024  # designs from all over that the margin is first taken from, and as many of the most promising
MARGIN_SLACK = 1.5  # of the largest difference that was seen
ROUNDING = 1e-6  # of the largest value: float32 and another order of sums
ROUND_ROWS = 2048  # that are predicted exactly before others are thrown away again
MOST_KEPT = 10_000
MOST_REMEMBERED = 20_000_000  # fast means: 80 MB, and the numbers of their designs
STAGE = "Screening"


@dataclass(frozen=True)
class ScreeningWish:
    """What is to be screened, and for what.

    Attributes:
        aims: objectives and limits.
        design: how many designs, and how they are laid out.
        space: what the inputs are narrowed to.
        keep: `front`: what no other design is better than in every objective; `top`: the best of one objective.
        top: how many of them.
    """

    aims: Aims
    design: DesignWish = field(default_factory=DesignWish)
    space: SpaceWish = field(default_factory=SpaceWish)
    keep: Keep = "front"
    top: int = 100

    def check(self, metrics: tuple[str, ...]) -> None:
        """Refuse what cannot be done.

        Raises:
            WishRefused: see `Aims.check`; or `top` is asked for with more than one objective, or too many of them.
        """
        self.aims.check(metrics)
        if self.keep == "top" and len(self.aims.objectives) > 1:
            message = "Write one objective to have the top by, or keep the front."
            raise WishRefused([("keep", message, self.keep, "front")])
        if not 1 <= self.top <= MOST_KEPT:
            raise WishRefused([("top", "Write another number of designs.", self.top, f"1 to {MOST_KEPT:,}")])


@dataclass(frozen=True)
class Counts:
    """What became of the designs of a screening.

    Attributes:
        seen: designs of the space that were looked at.
        excluded: of these, such as break a constraint.
        hopeless: of the others, such as break a limit by their mean already.
        examined: such as were predicted exactly, with their intervals.
        feasible: of the examined, such as keep the limits with their intervals.
        outside: of the examined, such as lie outside of the domain.
        restarts: how often the margin turned out too small.
    """

    seen: int = 0
    excluded: int = 0
    hopeless: int = 0
    examined: int = 0
    feasible: int = 0
    outside: int = 0
    restarts: int = 0


@dataclass(frozen=True)
class Screened:
    """What a screening kept.

    Attributes:
        points: with their predictions; sorted by the first objective, the best first.
        numbers: (points,), of the designs: the same number is the same point.
        counts: what became of all.
        margins: by metric that counts, how far fast means were taken to be off, in its unit.
        is_cut: whether the front has more designs than are kept.
    """

    points: Points
    numbers: Numbers
    counts: Counts
    margins: dict[str, float]
    is_cut: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        points = [
            {"number": int(number), **point} for number, point in zip(self.numbers, self.points.to_json(), strict=True)
        ]
        return {"points": points, "counts": vars(self.counts), "margins": self.margins, "is_cut": self.is_cut}


def screen(emulator: Emulator, wish: ScreeningWish, hardware: Hardware, watch: Watch) -> Screened:
    """Return the best of many designs.

    Args:
        emulator: predicts.
        wish: what is wanted.
        hardware: where to compute; memory does not grow with the number of designs.
        watch: is told the designs seen of how many, and stops it.

    Raises:
        WishRefused: the wish cannot be done with this surrogate.
        TrainingStopped: as the watch says.
    """
    wish.check(emulator.targets.metrics)
    space = Space.make(emulator.inputs, wish.space)
    design = make_design(space, wish.design, hardware.device)
    return _Screening(emulator, wish, hardware, watch, space, design).run()


class _MarginExceeded(Exception):  # noqa: N818 - a turn, not a fault
    """Fast means are off by more than was taken for granted."""


@dataclass
class _Screening:
    """A screening that goes on.

    Attributes:
        margin: (metrics that count,): what fast means may be off by, in their units.
        found: designs that may be kept, by what is known: none of them dominates another.
        numbers: of them.
        known: fast means of chunks by their first number, for when the screening begins anew.
    """

    emulator: Emulator
    wish: ScreeningWish
    hardware: Hardware
    watch: Watch
    space: Space
    design: Design
    margin: Floats = field(default_factory=lambda: np.zeros(0))
    found: Points | None = None
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    counts: dict[str, int] = field(default_factory=dict)
    known: dict[int, tuple[Numbers, NDArray[np.float32]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.metrics = self.emulator.targets.metrics
        self.counted = [self.metrics.index(name) for name in self.wish.aims.list_metrics()]

    def run(self) -> Screened:
        self.margin = self._measure_margin()
        restarts = 0
        while not self._walk():
            restarts += 1
        return self._conclude(restarts)

    def _walk(self) -> bool:
        """Go through all designs; return False where the margin has turned out too small and has grown."""
        self.counts = dict.fromkeys(("seen", "excluded", "hopeless", "examined", "feasible", "outside"), 0)
        for chunk in self.design.walk():
            self.watch.check()
            try:
                self._screen_chunk(chunk)
            except _MarginExceeded:
                return False
            self.watch.tell(STAGE, self.counts["seen"], self.design.count, float("nan"))
        return True

    def _screen_chunk(self, chunk: Chunk) -> None:
        numbers, means = self.known.get(chunk.start) or self._look_at(chunk)
        self.counts["seen"] += len(chunk.shares)
        self.counts["excluded"] += len(chunk.shares) - len(numbers)
        if (chunk.start + len(chunk.shares)) * len(self.counted) <= MOST_REMEMBERED:
            self.known[chunk.start] = numbers, means
        if len(numbers):
            self._screen_means(numbers, means.astype(np.float64))

    def _look_at(self, chunk: Chunk) -> tuple[Numbers, NDArray[np.float32]]:
        """Return the designs of a chunk that keep the constraints, and their fast means, (designs, counted metrics)."""
        numbers, values = np.arange(chunk.start, chunk.start + len(chunk.shares)), self.space.decode(chunk.shares)
        kept = self.space.keep(values)
        if kept is not None:
            numbers = numbers[kept]
            mask = torch.from_numpy(kept).to(chunk.shares.device)
            values = {name: tensor[mask] for name, tensor in values.items()}
        if not len(numbers):
            return numbers, np.zeros((0, len(self.counted)), np.float32)
        return numbers, self._predict_fast(self.space.encode(values)).astype(np.float32)

    def _screen_means(self, numbers: Numbers, means: Floats) -> None:
        """Predict exactly those designs of a chunk that may have to be kept; means are (designs, counted metrics)."""
        hopeful = self._keeps_limits(means)
        self.counts["hopeless"] += int((~hopeful).sum())
        numbers, means = numbers[hopeful], means[hopeful]
        may_fill = bool(self.wish.aims.limits)  # else the front by the means throws most of the others away first
        while len(numbers):
            self.watch.check()
            rest = ~self._is_beaten(self._value(means, self.margin))
            numbers, means = numbers[rest], means[rest]
            if not len(numbers):
                return
            first = self._choose_round(means, may_fill=may_fill)
            self._examine(numbers[first], means[first])
            numbers, means = np.delete(numbers, first), np.delete(means, first, axis=0)
            may_fill = True

    def _examine(self, numbers: Numbers, means: Floats) -> None:
        """Predict designs exactly and keep the best of them.

        Raises:
            _MarginExceeded: fast means of them are off by more than the margin.
        """
        points = self._predict(numbers)
        off = np.abs(points.said.mean[:, self.counted] - means).max(axis=0, initial=0.0)
        feasible = self.wish.aims.keep(points.said)
        self.counts["examined"] += len(numbers)
        self.counts["feasible"] += int(feasible.sum())
        self.counts["outside"] += int((~points.said.inside).sum())
        self._merge(points.pick(feasible), numbers[feasible])
        if (off > self.margin).any():
            self.margin = np.maximum(self.margin, MARGIN_SLACK * off)
            raise _MarginExceeded

    def _merge(self, points: Points, numbers: Numbers) -> None:
        if self.found is not None:
            points = join_points([self.found, points])
            numbers = np.concatenate([self.numbers, numbers])
        numbers, first = np.unique(numbers, return_index=True)
        points = points.pick(first)
        kept = self._find_best(self.wish.aims.value(points.said.mean, self.metrics))
        self.found, self.numbers = points.pick(kept), numbers[kept]

    def _find_best(self, values: Floats) -> NDArray[Any]:
        if self.wish.keep == "front":
            return find_front(values)
        return np.argsort(values[:, 0], kind="stable")[: self.wish.top]

    def _is_beaten(self, optimistic: Floats) -> NDArray[np.bool_]:
        """Return which designs cannot be kept, however far off their means are within the margin."""
        if self.found is None or not len(self.found):
            return np.zeros(len(optimistic), np.bool_)
        known = self.wish.aims.value(self.found.said.mean, self.metrics)
        if self.wish.keep == "front":
            return is_dominated(optimistic, known)
        if len(known) < self.wish.top:
            return np.zeros(len(optimistic), np.bool_)
        return np.asarray(optimistic[:, 0] > known[:, 0].max())

    def _choose_round(self, means: Floats, *, may_fill: bool) -> Numbers:
        """Return which of the designs to predict next: the most promising ones by their means, and others if asked."""
        if len(means) <= ROUND_ROWS and may_fill:
            return np.arange(len(means))
        values = self._value(means, 0.0)
        if self.wish.keep == "top":
            return np.argsort(values[:, 0], kind="stable")[:ROUND_ROWS]
        front = np.flatnonzero(find_front(values))
        if len(front) >= ROUND_ROWS or not may_fill:
            return front[:ROUND_ROWS]
        # The front may turn out to break limits: take some from behind it, from everywhere.
        rest = np.delete(np.arange(len(means)), front)
        return np.concatenate([front, rest[:: max(len(rest) // (ROUND_ROWS - len(front)), 1)]])

    def _value(self, means: Floats, margin: Floats | float) -> Floats:
        """Return what is to be small of means of the metrics that count, as much better as the margin allows."""
        aims = self.wish.aims
        named = aims.list_metrics()
        values = aims.value(means, named)
        if isinstance(margin, float):
            return values - margin
        return values - margin[[named.index(objective.metric) for objective in aims.objectives]]

    def _keeps_limits(self, means: Floats) -> NDArray[np.bool_]:
        """Return which designs may keep the limits, as far as their means tell."""
        aims = self.wish.aims
        # The pessimistic end is never better than the mean; the mean itself is taken to be as good as it may be.
        excess = aims.measure_excess(means + self.margin, means - self.margin, aims.list_metrics())
        return np.asarray((excess <= 0).all(axis=1))

    def _measure_margin(self) -> Floats:
        """Return how far fast means may be off: designs from all over and promising ones of these are predicted."""
        step = max(self.design.count // (16 * PILOTS), 1)
        numbers = np.arange(0, self.design.count, step)[: 16 * PILOTS]
        values = self.space.decode(self.design.draw(numbers))
        means = self._predict_fast(self.space.encode(values))
        spread = np.arange(0, len(numbers), max(len(numbers) // PILOTS, 1))
        ranks = self._value(means, 0.0).argsort(axis=0).argsort(axis=0).min(axis=1)
        promising = np.argsort(ranks, kind="stable")[:PILOTS]
        chosen = np.union1d(spread, promising)
        exact = self._predict(numbers[chosen]).said.mean[:, self.counted]
        off = np.abs(exact - means[chosen]).max(axis=0)
        return np.asarray(MARGIN_SLACK * off + ROUNDING * np.abs(exact).max(axis=0))

    def _predict_fast(self, features: Tensor) -> Floats:
        means = self.emulator.answer_means(features, self.hardware)
        return np.asarray(means[:, self.counted], np.float64)

    def _predict(self, numbers: Numbers) -> Points:
        rows = self.space.name_values(self.space.decode(self.design.draw(numbers)))
        outside = "flag" if self.wish.aims.outside == "refuse" else self.wish.aims.outside
        return Points(rows, self.emulator.predict(rows, self.hardware, level=self.wish.aims.level, outside=outside))

    def _conclude(self, restarts: int) -> Screened:
        margins = dict(zip(self.wish.aims.list_metrics(), self.margin.tolist(), strict=True))
        counts = Counts(**self.counts, restarts=restarts)
        points = self.found if self.found is not None else self._predict(self.numbers)
        values = self.wish.aims.value(points.said.mean, self.metrics)
        order = np.lexsort((*values.T[:0:-1], values[:, 0]))
        kept = order[:MOST_KEPT]
        return Screened(points.pick(kept), self.numbers[kept], counts, margins, is_cut=len(order) > MOST_KEPT)
