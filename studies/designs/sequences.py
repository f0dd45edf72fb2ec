"""Sequences of points in the unit cube, any of them without the ones before it; scipy.stats.qmc does the numbers.

What is computed is kept in blocks for the next question, so that single cases cost nothing more.
"""

from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.designs.latin import sample_latin_hypercube

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS


class Sequence(Protocol):
    """Points by index; the same ones in whatever order they are asked for."""

    is_endless: bool

    def take(self, indices: Indices) -> Floats:
        """Return the points of some indices, (n, width), float64, 0 <= share < 1."""


class SobolSequence:
    """Sobol's sequence, scrambled (linear matrix scramble and digital shift)."""

    is_endless = True

    def __init__(self, width: int, seed: int) -> None:
        self._width = width
        self._seed = seed

    def take(self, indices: Indices) -> Floats:
        """Return the points of some indices, (n, width)."""
        if self._width == 0 or not len(indices):
            return np.empty((len(indices), self._width))
        blocks, places = indices >> BLOCK_BITS, indices & (BLOCK - 1)
        first, last = int(blocks.min()), int(blocks.max())
        base, steps = _sobol_steps(self._width, self._seed, last.bit_length())
        offsets = np.zeros((last - first + 1, self._width), dtype=np.uint32)
        # the n-th point is the sum, without carries, of a step for each bit of n's Gray code
        numbers = np.arange(first, last + 1)
        gray = numbers ^ (numbers >> 1)
        for bit, step in enumerate(steps):
            offsets[(gray >> bit) & 1 == 1] ^= step
        points = base[places]
        points ^= offsets[blocks - first]
        shares: Floats = points * 2.0**-30
        return shares


@lru_cache(maxsize=8)
def _sobol_steps(width: int, seed: int, bits: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return a Sobol' sequence's first block, as whole numbers of 30 bits, and what leads from it to the others.

    Returns:
        (BLOCK, width), and a step for each bit of the Gray code of a block's number, (bits, width): added without
        carries to the first block they give the block.
    """
    engine = qmc.Sobol(d=width, scramble=True, rng=seed)
    base = _as_whole(engine.random(BLOCK))
    steps = np.zeros((bits, width), dtype=np.uint32)
    before = base[0]
    for bit in range(bits):
        engine.fast_forward((BLOCK << bit) - engine.num_generated)
        point = _as_whole(engine.random(1))[0]
        # block 2^bit has the two bits `bit` and `bit - 1` in its Gray code
        steps[bit] = point ^ before
        before = base[0] ^ steps[bit]
    return base, steps


def _as_whole(points: Floats) -> NDArray[np.uint32]:
    return (points * 2.0**30).astype(np.uint32)


class HaltonSequence:
    """Halton's sequence, scrambled (random permutations of the digits)."""

    is_endless = True

    def __init__(self, width: int, seed: int) -> None:
        self._key = (width, seed)

    def take(self, indices: Indices) -> Floats:
        """Return the points of some indices, (n, width)."""
        return _gather(_halton_block, self._key, indices)


@lru_cache(maxsize=8)
def _halton_block(width: int, seed: int, block: int) -> Floats:
    engine = qmc.Halton(d=width, scramble=True, rng=seed)
    engine.num_generated = block * BLOCK  # its fast_forward would compute every point before
    points: Floats = engine.random(BLOCK)
    return points


class RandomSequence:
    """Independent random points: a stream of its own for each block."""

    is_endless = True

    def __init__(self, width: int, seed: int) -> None:
        self._key = (width, seed)

    def take(self, indices: Indices) -> Floats:
        """Return the points of some indices, (n, width)."""
        return _gather(_random_block, self._key, indices)


@lru_cache(maxsize=8)
def _random_block(width: int, seed: int, block: int) -> Floats:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block]))).random((BLOCK, width))


class LatinHypercubeSequence:
    """A latin hypercube; it has its length and cannot be continued."""

    is_endless = False

    def __init__(self, width: int, seed: int, samples: int, *, centred: bool, is_maximin: bool) -> None:
        self._width = width
        self._arguments = (samples, width, seed, centred, is_maximin)

    def take(self, indices: Indices) -> Floats:
        """Return the points of some indices, (n, width)."""
        if self._width == 0:
            return np.empty((len(indices), 0))
        return sample_latin_hypercube(*self._arguments)[indices]


def _gather(make_block: Any, key: tuple[int, int], indices: Indices) -> Floats:
    """Return points from the blocks that they stand in; a run of ascending indices needs each block once."""
    width = key[0]
    points = np.empty((len(indices), width))
    if width == 0 or not len(indices):
        return points
    blocks = indices >> BLOCK_BITS
    cuts = np.flatnonzero(np.diff(blocks)) + 1
    for start, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(indices)], strict=True):
        block = make_block(*key, int(blocks[start]))
        points[start:stop] = block[indices[start:stop] & (BLOCK - 1)]
    return points
