"""Latin hypercubes whose every beginning is balanced: the strata of scipy's, paired in the order of a Sobol' sequence.

A latin hypercube says how each dimension is cut, not which stratum of one goes with which of another. Here sample i
takes, in each dimension, the stratum of the rank that point i of a scrambled Sobol' sequence has among the first n: the
first samples then lie as evenly as those of the sequence, at any number.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.designs.maximin import spread_apart

Floats = NDArray[np.float64]
Strata = NDArray[np.int64]

CANDIDATES = 8
MAX_LATIN_NUMBERS = 10_000_000
"""Most samples times dimensions: a latin hypercube is computed as a whole, in the web service as in every worker."""


@lru_cache(maxsize=2)
def sample_latin_hypercube(samples: int, width: int, seed: int, centred: bool, is_maximin: bool) -> Floats:
    """Sample a latin hypercube; the last ones are kept, so that asking for single cases costs nothing more.

    Args:
        samples: Number of points.
        width: Number of dimensions, at least 1.
        seed: The same seed gives the same points.
        centred: Whether each point stands in the middle of its stratum.
        is_maximin: Whether the smallest distance between two points is made as large as a bounded search can.

    Returns:
        Shares of each dimension's range, (samples, width), float64, 0 <= share < 1, read-only.
    """
    strata = _find_strata(samples, width, seed, is_maximin=is_maximin)
    points: Floats = qmc.LatinHypercube(d=width, scramble=not centred, rng=seed).random(samples)
    for k in range(width):
        points[:, k] = _order_by_stratum(points[:, k])[strata[:, k]]
    points.setflags(write=False)
    return points


def _order_by_stratum(column: Floats) -> Floats:
    """Sort the points of one dimension, one of which stands in each stratum: each goes to its own place."""
    ordered = np.full(len(column), np.nan)
    ordered[np.minimum((column * len(column)).astype(np.int64), len(column) - 1)] = column
    # rounding may put a point at the edge of its stratum into the next
    return np.sort(column) if np.isnan(ordered).any() else ordered


def _find_strata(samples: int, width: int, seed: int, *, is_maximin: bool) -> Strata:
    """Return the stratum of each point in each dimension, (samples, width): each of 0 … samples - 1 once a column."""
    if not is_maximin:
        return _rank_sobol(samples, width, [seed, 0])
    candidates = (_rank_sobol(samples, width, [seed, candidate]) for candidate in range(CANDIDATES))
    return spread_apart(candidates, np.random.Generator(np.random.PCG64([seed, 1])))


def _rank_sobol(samples: int, width: int, seed: list[int]) -> Strata:
    """Return the rank of each of the first points of a Sobol' sequence in each dimension, (samples, width)."""
    engine = qmc.Sobol(d=width, scramble=True, rng=np.random.default_rng(seed))
    # of 2^k points one stands in each of 2^k parts of a dimension: where, is as good as sorted
    parts = 1 << (samples - 1).bit_length()
    places: Strata = (engine.random(parts)[:samples] * parts).astype(np.int64)
    strata: Strata = np.empty_like(places)
    for k in range(width):
        taken = np.zeros(parts, dtype=np.int64)
        taken[places[:, k]] = 1
        strata[:, k] = np.cumsum(taken)[places[:, k]] - 1
    return strata
