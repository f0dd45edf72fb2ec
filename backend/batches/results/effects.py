"""Which parameters had no effect on any output of a batch's cases; called by `findings` with parts of the result table.

Two cases differ in one parameter alone where the rest of their inputs is equal, whatever the design. To find them
without comparing every case with every other, an input and its place become one 64-bit number and a case the sum of
its numbers: the sum without one parameter's number is equal for just those cases. Outputs become one number likewise.
That two different ones meet in one number by chance happens once in billions of batches, at the most cases examined.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Digests = NDArray[np.uint64]


class EffectExamination:
    """Collects the cases of a batch part by part; holds 8 bytes per case and parameter.

    Args:
        places: names of the columns that are inputs but not parameters: model and weather.
        parameters: names of the parameters.
        outputs: names of the metrics that count as outputs.
    """

    def __init__(self, places: Sequence[str], parameters: Sequence[str], outputs: Sequence[str]) -> None:
        self._places = list(places)
        self._parameters = list(parameters)
        self._outputs = list(outputs)
        self._parts: list[tuple[Digests, Digests, Digests]] = []

    def add(self, part: pa.Table) -> None:
        """Take a part of the table: the cases of the design that succeeded, with every column named at the start."""
        at_place = _sum_digests(part, self._places)
        values = [digest_column(part.column(name), name) for name in self._parameters]
        parameters = np.stack(values, axis=1) if values else np.empty((part.num_rows, 0), np.uint64)
        self._parts.append((at_place, parameters, _sum_digests(part, self._outputs)))

    def find_without_effect(self) -> list[str]:
        """Return the names of parameters without effect.

        One that some cases alone differ in has none if the outputs of all such cases are equal. Where there are no such
        cases (a sampled design), it has none only if all outputs under the same model and weather are equal.
        """
        if not any(len(outputs) for _, _, outputs in self._parts):
            return []
        at_place, parameters, outputs = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
        inputs = at_place + parameters.sum(axis=1, dtype=np.uint64)
        return [
            name
            for position, name in enumerate(self._parameters)
            if _is_without_effect(inputs - parameters[:, position], parameters[:, position], outputs, at_place)
        ]


def _is_without_effect(others: Digests, values: Digests, outputs: Digests, at_place: Digests) -> bool:
    for groups in (others, at_place):
        varied = _varies_within(groups, values)
        if varied.any():
            return not bool((varied & _varies_within(groups, outputs)).any())
    return False


def _varies_within(groups: Digests, values: Digests) -> NDArray[np.bool_]:
    """Tell for each group, in the order of its number, whether it holds different values: (n_groups,), bool."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sorted_values = values[order]
    varies: NDArray[np.bool_] = np.minimum.reduceat(sorted_values, starts) != np.maximum.reduceat(sorted_values, starts)
    return varies


def _sum_digests(part: pa.Table, names: Sequence[str]) -> Digests:
    total = np.zeros(part.num_rows, np.uint64)
    for name in names:
        total += digest_column(part.column(name), name)
    return total


def digest_column(column: pa.ChunkedArray, name: str) -> Digests:
    """Make a 64-bit number of each value of a column and the column's name: (n,), uint64. Nulls are equal."""
    if pa.types.is_string(column.type):
        coded = column.combine_chunks().dictionary_encode()
        known = np.array([_digest_text(str(text)) for text in coded.dictionary.to_pylist()] + [0], np.uint64)
        bits = known[pc.fill_null(coded.indices, len(known) - 1).to_numpy(zero_copy_only=False)]
    else:
        # Not "safe": whole numbers beyond 2**53, which no parameter is, would raise; they are rounded.
        numbers = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64, copy=True)
        numbers[np.isnan(numbers)] = np.nan  # one bit pattern for all that are none
        bits = (numbers + 0.0).view(np.uint64)  # and one for both zeros
    return _mix(bits ^ np.uint64(_digest_text(name)))


def _digest_text(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix(bits: Digests) -> Digests:
    """Spread the bits: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
