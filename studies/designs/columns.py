"""Values of one parameter in many cases, as positions in a list of choices or as numbers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = float | int | str
Array = NDArray[Any]


class Choices:
    """The values that a discrete parameter takes, by position; position -1 means that a case leaves it alone."""

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether all are numbers."""
        return isinstance(self.values, range) or not any(isinstance(value, str) for value in self.values)

    @cached_property
    def _lookup(self) -> Array:
        if self.is_numeric:
            return np.array([*self.values, np.nan], dtype=np.float64)
        lookup = np.empty(len(self.values) + 1, dtype=object)
        lookup[:-1] = self.values
        return lookup

    def decode(self, positions: Array) -> Array:
        """Return the values at positions, (n,), float64 with NaN for -1, or objects with None for it."""
        if isinstance(self.values, range):  # may be too long to be written out
            return np.where(positions < 0, np.nan, positions + float(self.values.start))
        return self._lookup[positions]

    @cached_property
    def _keys(self) -> Array:
        if self.is_numeric:
            return self._lookup.view(np.int64)
        keys = [_hash_text(value) if isinstance(value, str) else _bits(value) for value in self.values]
        return np.array([*keys, _bits(np.nan)], dtype=np.int64)

    def keys(self, positions: Array) -> Array:
        """Return a whole number for each position, (n,), int64: equal values of any lists have equal ones."""
        if isinstance(self.values, range):
            return self.decode(positions).view(np.int64)
        return self._keys[positions]


def _bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def _hash_text(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little", signed=True)


@dataclass(frozen=True)
class Column:
    """One parameter in n cases.

    Attributes:
        cells: Positions in `choices`, (n,), int64, -1 where a case leaves the parameter alone; without choices the
            values themselves, (n,), float64, NaN where it does.
        choices: What the positions mean.
    """

    cells: Array
    choices: Choices | None = None

    @property
    def values(self) -> Array:
        """The values, (n,): float64 with NaN for missing, or objects with None for missing."""
        return self.cells if self.choices is None else self.choices.decode(self.cells)

    @property
    def keys(self) -> Array:
        """A whole number for each value, (n,), int64: equal for equal values, whatever they are written in."""
        return self.cells.view(np.int64) if self.choices is None else self.choices.keys(self.cells)

    def value(self, row: int) -> Value | None:
        """Return one value as it was written, a whole number as an integer; None where it is left alone."""
        cell = self.cells[row].item()
        if self.choices is not None:
            return None if cell < 0 else self.choices.values[cell]
        return None if np.isnan(cell) else float(cell)


def as_objects(values: Array) -> Array:
    """Return a column as objects, with None for what is missing."""
    if values.dtype == object:
        return values
    objects = values.astype(object)
    objects[np.isnan(values)] = None
    return objects
