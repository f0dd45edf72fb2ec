"""A rate in, what it is in each hour of each day of the week of each month out; and what its windows leave open.

A grid is (12, 7, 24), float64: months from January, days from Monday, hours from midnight, standard time of the site.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from energyplus.outputs import FREQUENCIES, Frequency
from studies.economics.definition import DAY_WORDS, Rate, RateWindow

GRID_SHAPE = (12, 7, 24)
Grid = NDArray[np.float64]
Mask = NDArray[np.bool_]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COARSE_TO_FINE: tuple[Frequency, ...] = tuple(reversed(FREQUENCIES))


def make_grid(rate: Rate) -> Grid:
    """Return a rate hour by hour.

    Args:
        rate: whose windows, if it has any, cover every hour once.

    Returns:
        (12, 7, 24), float64, the unit of the rate.
    """
    grid = np.full(GRID_SHAPE, np.nan)
    if rate.flat is not None:
        grid[:] = rate.flat
    elif rate.monthly is not None:
        grid[:] = np.array(rate.monthly)[:, None, None]
    for window in rate.time_of_use or ():
        grid[cover_hours(window)] = window.rate
    return grid


def cover_hours(window: RateWindow) -> Mask:
    """Return the hours of a window: (12, 7, 24), bool."""
    months, days, hours = (np.zeros(size, bool) for size in GRID_SHAPE)
    months[[month - 1 for month in window.months or range(1, 13)]] = True
    days[list(DAY_WORDS[window.days])] = True
    if window.from_hour < window.to_hour:
        hours[window.from_hour : window.to_hour] = True
    else:
        hours[window.from_hour :], hours[: window.to_hour] = True, True
    return months[:, None, None] & days[:, None] & hours


def find_gaps(windows: Sequence[RateWindow]) -> list[str]:
    """Return the hours that no window covers, in words."""
    covered = np.zeros(GRID_SHAPE, bool)
    for window in windows:
        covered |= cover_hours(window)
    return list(describe_hours(~covered))


def find_overlaps(windows: Sequence[RateWindow]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the positions of two windows that share hours, the earlier one first, and these hours in words."""
    covers = [cover_hours(window) for window in windows]
    for first, second in combinations(range(len(windows)), 2):
        shared = covers[first] & covers[second]
        if shared.any():
            yield first, second, list(describe_hours(shared))


def describe_hours(mask: Mask) -> Iterator[str]:
    """Yield what is true in a grid, block by block: "Jan–Mar, Mon–Fri, 12–14 h"."""
    for months, by_day in _group(mask):
        for days, by_hour in _group(by_day):
            hours = ", ".join(f"{first}–{last + 1}" for first, last in _runs(np.flatnonzero(by_hour)))
            yield f"{_name(months, _MONTHS)}, {_name(days, _DAYS)}, {hours} h"


def find_frequency(rate: Rate) -> Frequency:
    """Return how often energy has to be reported for a rate: the coarsest frequency that tells its amounts apart."""
    grid = make_grid(rate)
    if np.any(grid != grid[:, :, :1]):
        return "hourly"
    if np.any(grid != grid[:, :1, :1]):
        return "daily"
    return "monthly" if np.any(grid != grid[0, 0, 0]) else "run_period"


def finest(frequencies: Iterable[Frequency]) -> Frequency:
    """Return the finest of some frequencies; that of the run period where there are none."""
    return max(frequencies, key=_COARSE_TO_FINE.index, default="run_period")


def at_least(frequency: Frequency) -> tuple[Frequency, ...]:
    """Return the frequencies that are as fine as another or finer, the coarsest first."""
    return _COARSE_TO_FINE[_COARSE_TO_FINE.index(frequency) :]


@dataclass(frozen=True)
class _Block:
    indices: tuple[int, ...]
    pattern: Mask


def _group(mask: Mask) -> Iterator[tuple[tuple[int, ...], Mask]]:
    """Positions of the first axis that look the same, with how they look; those that are empty are left out."""
    found: dict[bytes, _Block] = {}
    for position, pattern in enumerate(mask):
        if pattern.any():
            known = found.get(pattern.tobytes())
            indices = (*known.indices, position) if known else (position,)
            found[pattern.tobytes()] = _Block(indices, pattern)
    for block in found.values():
        yield block.indices, block.pattern


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in map(int, numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _name(indices: Sequence[int], names: Sequence[str]) -> str:
    spans = (names[first] if first == last else f"{names[first]}–{names[last]}" for first, last in _runs(indices))
    return ", ".join(spans)
