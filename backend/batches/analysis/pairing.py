"""Inputs of two batches' cases in, which case of one belongs to which of the other out; called by `comparison`.

An input and its place become one 64-bit number, and a case the sum of its numbers, as in `effects`: equal sums are
equal inputs. That two different ones meet by chance happens once in billions of batches, at the most cases compared.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
Positions = NDArray[np.int64]
NOBODY = -1


class Match(StrEnum):
    """What became of a case; every case of both batches has one."""

    MATCHED = "matched"  # one case of the other batch has the same inputs
    DUPLICATE = "duplicate"  # an earlier case of its own batch has the same inputs, and stands for both
    AMBIGUOUS = "ambiguous"  # cases that differ in what only one batch varies have the same inputs otherwise
    OTHER_MODEL = "other_model"  # the other batch has no case of this model
    OTHER_WEATHER = "other_weather"  # it has none under this weather
    OTHER_VALUES = "other_values"  # it has none with these values


MATCHES = tuple(Match)


@dataclass(frozen=True)
class Inputs:
    """What cases of one batch are made of, as numbers; arrays of one length, by case index.

    Attributes:
        cases: indices, rising.
        models: of each case, its model's content.
        weathers: likewise.
        shared: of all that both batches vary.
        own: of all that this batch varies.
    """

    cases: NDArray[np.int64]
    models: Digests
    weathers: Digests
    shared: Digests
    own: Digests


@dataclass(frozen=True)
class Pairing:
    """Which cases belong together.

    Attributes:
        partners: of each case of the first batch, the position of its partner in the second, NOBODY without one.
        matches: of each case of the first batch, a position in `MATCHES`.
        other_matches: of each case of the second.
    """

    partners: Positions
    matches: Positions
    other_matches: Positions


def pair_by_inputs(first: Inputs, second: Inputs) -> Pairing:
    """Pair the cases of two batches whose inputs are equal."""
    alone, other_alone = _find_alone(first), _find_alone(second)
    keys, other_keys = first.shared[alone == 0], second.shared[other_alone == 0]
    positions, other_positions = np.flatnonzero(alone == 0), np.flatnonzero(other_alone == 0)
    _, mine, theirs = np.intersect1d(keys, other_keys, assume_unique=True, return_indices=True)
    partners = np.full(len(first.cases), NOBODY, np.int64)
    partners[positions[mine]] = other_positions[theirs]
    other_partners = np.full(len(second.cases), NOBODY, np.int64)
    other_partners[other_positions[theirs]] = positions[mine]
    return Pairing(
        partners,
        _tell(first, second, partners, alone, other_alone),
        _tell(second, first, other_partners, other_alone, alone),
    )


def pair_by_index(first: Inputs, second: Inputs) -> Pairing:
    """Pair the cases of two batches with the same design: the same index, where model and weather are the same."""
    partners = np.searchsorted(second.cases, first.cases)
    partners[partners == len(second.cases)] = 0
    same = second.cases[partners] == first.cases if len(second.cases) else np.zeros(len(first.cases), bool)
    same = same & (first.shared == second.shared[partners]) if len(second.cases) else same
    partners = np.where(same, partners, NOBODY)
    other_partners = np.full(len(second.cases), NOBODY, np.int64)
    other_partners[partners[same]] = np.flatnonzero(same)
    nothing, other_nothing = np.zeros(len(first.cases), np.int64), np.zeros(len(second.cases), np.int64)
    return Pairing(
        partners,
        _tell(first, second, partners, nothing, other_nothing),
        _tell(second, first, other_partners, other_nothing, nothing),
    )


_DUPLICATE, _AMBIGUOUS = 1, 2


def _find_alone(inputs: Inputs) -> Positions:
    """Tell the cases that stand for their inputs (0) from duplicates and from those that nothing tells apart."""
    order = np.lexsort((np.arange(len(inputs.cases)), inputs.shared))
    shared, own = inputs.shared[order], inputs.own[order]
    starts = np.flatnonzero(np.concatenate(([True], shared[1:] != shared[:-1]))) if len(shared) else np.empty(0, int)
    sizes = np.diff(np.append(starts, len(shared)))
    group = np.repeat(np.arange(len(starts)), sizes)
    same = np.minimum.reduceat(own, starts) == np.maximum.reduceat(own, starts) if len(starts) else np.empty(0, bool)
    is_first = np.zeros(len(shared), bool)
    is_first[starts] = True
    found = np.zeros(len(shared), np.int64)
    found[order] = np.where(same[group], np.where(is_first, 0, _DUPLICATE), _AMBIGUOUS)
    return found


def _tell(mine: Inputs, theirs: Inputs, partners: Positions, alone: Positions, other_alone: Positions) -> Positions:
    found = np.full(len(mine.cases), MATCHES.index(Match.OTHER_VALUES), np.int64)
    found[~np.isin(mine.weathers, theirs.weathers)] = MATCHES.index(Match.OTHER_WEATHER)
    found[~np.isin(mine.models, theirs.models)] = MATCHES.index(Match.OTHER_MODEL)
    unclear = np.isin(mine.shared, theirs.shared[other_alone == _AMBIGUOUS])
    found[unclear | (alone == _AMBIGUOUS) & np.isin(mine.shared, theirs.shared)] = MATCHES.index(Match.AMBIGUOUS)
    found[alone == _DUPLICATE] = MATCHES.index(Match.DUPLICATE)
    found[partners != NOBODY] = MATCHES.index(Match.MATCHED)
    return found
