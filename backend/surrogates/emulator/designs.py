"""Designs of a surrogate, a chunk at a time: numbers of points go in, shares of the unit cube come out.

A point follows from its number alone, so that a screening keeps numbers and draws again what it kept. Of Sobol'
sequence the numbers of an aligned chunk differ in their low bits only: one exclusive or makes a chunk of another.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.quasirandom import SobolEngine

from surrogates.emulator.errors import WishRefused
from surrogates.emulator.space import Problem, Space

Method = Literal["sobol", "grid"]
CHUNK_ROWS = 1 << 16  # a power of two, which the exclusive or needs
MOST_POINTS = 1 << SobolEngine.MAXBIT
LEAST_LEVELS = 2


@dataclass(frozen=True)
class Chunk:
    """Some points of a design.

    Attributes:
        start: number of the first.
        shares: (points, width), float64, on the device.
    """

    start: int
    shares: Tensor


@dataclass(frozen=True)
class SobolDesign:
    """The first points of Sobol' sequence, scrambled.

    Attributes:
        space: what is drawn.
        count: number of points.
        seed: of the scrambling: the same seed, the same points on every device.
        device: where.

    Source:
        I. M. Sobol' (1967); direction numbers of S. Joe and F. Y. Kuo (2008); scrambling of J. Matousek (1998), as
        torch's SobolEngine has them.
    """

    space: Space
    count: int
    seed: int
    device: torch.device

    @cached_property
    def _engine(self) -> SobolEngine:
        return SobolEngine(max(self.space.width, 1), scramble=True, seed=self.seed)  # type: ignore[no-untyped-call]

    @cached_property
    def _low_bits(self) -> Tensor:
        """What the low bits of a number make, (CHUNK_ROWS or fewer, width), int32."""
        return self._mix(torch.arange(min(CHUNK_ROWS, 1 << (self.count - 1).bit_length()), device=self.device))

    def _mix(self, numbers: Tensor) -> Tensor:
        """Return the exclusive or of the direction numbers that the Gray code of numbers picks."""
        state = self._engine.sobolstate[:, : max(self.count - 1, 1).bit_length()].to(self.device, torch.int32)
        gray = numbers ^ (numbers >> 1)
        mixed = torch.zeros(len(numbers), len(state), dtype=torch.int32, device=self.device)
        for bit in range(state.shape[1]):
            mixed ^= ((gray >> bit) & 1).to(torch.int32)[:, None] * state[:, bit]
        return mixed

    def _to_shares(self, mixed: Tensor) -> Tensor:
        shift = self._engine.shift.to(self.device, torch.int32)
        return ((mixed ^ shift).double() / MOST_POINTS)[:, : self.space.width]

    def draw(self, numbers: NDArray[np.int64]) -> Tensor:
        """Return the points of numbers, (points, width), float64, on the device."""
        return self._to_shares(self._mix(torch.from_numpy(numbers).to(self.device)))

    def walk(self) -> Iterator[Chunk]:
        """Yield all points in chunks."""
        low = self._low_bits
        for start in range(0, self.count, CHUNK_ROWS):
            high = self._mix(torch.tensor([start], device=self.device))
            rows = min(CHUNK_ROWS, self.count - start)
            yield Chunk(start, self._to_shares(low[:rows] ^ high))


@dataclass(frozen=True)
class GridDesign:
    """Every combination of levels; the last input varies fastest.

    Attributes:
        space: what is drawn.
        levels: of each dimension of the space.
        device: where.
    """

    space: Space
    levels: tuple[int, ...]
    device: torch.device

    @property
    def count(self) -> int:
        """Number of points."""
        return math.prod(self.levels)

    def draw(self, numbers: NDArray[np.int64]) -> Tensor:
        """Return the points of numbers, (points, width), float64, on the device."""
        return self._to_shares(torch.from_numpy(numbers).to(self.device))

    def _to_shares(self, numbers: Tensor) -> Tensor:
        shares = torch.empty(len(numbers), len(self.levels), dtype=torch.float64, device=self.device)
        rest = numbers
        for place in reversed(range(len(self.levels))):
            level, rest = rest % self.levels[place], rest // self.levels[place]
            if self.space.varying[place].choices:
                shares[:, place] = (level.double() + 0.5) / self.levels[place]
            else:
                shares[:, place] = level.double() / max(self.levels[place] - 1, 1)
        return shares

    def walk(self) -> Iterator[Chunk]:
        """Yield all points in chunks."""
        for start in range(0, self.count, CHUNK_ROWS):
            stop = min(start + CHUNK_ROWS, self.count)
            yield Chunk(start, self._to_shares(torch.arange(start, stop, device=self.device)))


Design = SobolDesign | GridDesign


@dataclass(frozen=True)
class DesignWish:
    """How the points of a space are laid out.

    Attributes:
        method: `sobol` or `grid`.
        count: of Sobol' points; of a grid, the most.
        seed: of Sobol' points.
        levels: of a grid, by input with a range; the others take equally many, as many as `count` allows.
    """

    method: Method = "sobol"
    count: int = 100_000
    seed: int = 0
    levels: Mapping[str, int] | None = None


def make_design(space: Space, wish: DesignWish, device: torch.device) -> Design:
    """Return a design of a space.

    Raises:
        WishRefused: the count is not possible, or a grid of the fewest levels has more points.
    """
    if not 1 <= wish.count <= MOST_POINTS:
        raise WishRefused([("count", "Write another number of designs.", wish.count, f"1 to {MOST_POINTS:,}")])
    if wish.method == "sobol":
        return SobolDesign(space, wish.count, wish.seed, device)
    return GridDesign(space, choose_levels(space, wish), device)


def choose_levels(space: Space, wish: DesignWish) -> tuple[int, ...]:
    """Return the number of levels of each dimension of a grid.

    Raises:
        WishRefused: levels are told of what has no range, are fewer than two, or make more points than allowed.
    """
    told = dict(wish.levels or {})
    ranged = {axis.column.name for axis in space.varying if not axis.choices}
    problems: list[Problem] = [
        (f"levels.{name}", f"'{name}' has no range to take levels of; leave it out.", name, sorted(ranged))
        for name in sorted(told.keys() - ranged)
    ]
    problems += [
        (f"levels.{name}", "Write two levels or more.", count, f"{LEAST_LEVELS} or more")
        for name, count in told.items()
        if name in ranged and count < LEAST_LEVELS
    ]
    if problems:
        raise WishRefused(problems)
    given = [len(axis.choices) or told.get(axis.column.name, 0) for axis in space.varying]
    fixed, free = math.prod(count for count in given if count), given.count(0)
    each = LEAST_LEVELS
    while free and fixed * (each + 1) ** free <= wish.count:
        each += 1
    levels = tuple(count or each for count in given)
    if math.prod(levels) > wish.count:
        found = f"{math.prod(levels):,} designs of {' x '.join(map(str, levels))} levels"
        message = "The grid has more designs than `count`: raise it, fix inputs, or take `sobol`."
        raise WishRefused([("count", message, found, f"at most {wish.count:,}")])
    return levels
