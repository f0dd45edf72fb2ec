"""How many cases of a study are like an earlier one."""

import numpy as np
from numpy.typing import NDArray

from studies.designs.points import Points

MAX_COUNTED = 1_000_000
MAX_DRAWN = 10_000_000
"""Values of these cases: drawing them takes most of the time, a second for so many."""


def count_duplicates(points: Points) -> int | None:
    """Count the cases of a design whose model, weather and values are those of an earlier one; baselines aside.

    Returns:
        Their number; None beyond `MAX_COUNTED` cases or `MAX_DRAWN` values. Cases are compared by 64 bits of each:
        among a million different ones two look alike once in 37 million studies.
    """
    if not points.has_repeats:
        return 0
    if points.case_count > MAX_COUNTED or points.case_count * points.width > MAX_DRAWN:
        return None
    hashes = [_mix(keys) for keys in points.list_keys(0, points.case_count)]
    ordered = np.sort(np.concatenate(hashes)) if hashes else np.empty(0, dtype=np.uint64)
    return int((ordered[1:] == ordered[:-1]).sum())


def _mix(keys: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a hash of each row, (n,): the mixing steps of SplitMix64 (Steele, Lea and Flood 2014) for each column."""
    hashes = np.zeros(len(keys), dtype=np.uint64)
    for k in range(keys.shape[1]):
        hashes += keys[:, k].view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        hashes ^= hashes >> np.uint64(31)
    return hashes
