"""The order in which a grid is run: any point of it by its number, and every beginning a balanced design.

A number is written in digits, and every factor's level is a sum of digits, as in a digital net (Niederreiter 1992): the
first digit runs through all the factor's levels, the others shift them, by different amounts for different factors, so
that pairs of levels come equally often too. The numbers of a grid of 2 x 2 x 9 levels, 36, are split by the Chinese
remainder theorem into one for each prime, 4 and 9, so that digits of a prime are all alike. Which sums are best no
formula tells once factors are many: a few are tried and the one whose beginnings are most even is taken.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAX_JUDGED = 10_000_000
"""Grids of more points than can ever be run are ordered without a search."""
BEGINNINGS = 256
LONG_BEGINNINGS = 16_384
ACCEPTED_SPREAD = 3
BINS = 10
MARGINAL_WEIGHT = 8.0
CANDIDATES = 24


class GridOrder:
    """A permutation of the points of a full grid.

    Attributes:
        levels: Number of values of each factor.
        count: Number of points, the product of `levels`.
    """

    def __init__(self, levels: Sequence[int]) -> None:
        self.levels = tuple(levels)
        self.count = math.prod(self.levels)
        self._plan = _plan_order(self.levels)

    def positions(self, indices: Array) -> NDArray[np.int64]:
        """Return the level of each factor in some points.

        Args:
            indices: Numbers of points, (n,), int64; objects where the grid has more than 2^63 points.

        Returns:
            (n, factors), 0 … level - 1.
        """
        places = np.zeros((len(indices), len(self.levels)), dtype=np.int64)
        digits = _Digits(indices, self._plan.splits)
        for k, rule in enumerate(self._plan.rules):
            places[:, k] = rule.place(digits)
        return places


@dataclass(frozen=True)
class _Split:
    """How a number gives the digits of one prime.

    Attributes:
        prime: The prime.
        exponent: Number of digits: the sum of the exponents that the prime has in the levels.
        modulus, inner: The number is taken modulo `modulus`. Its lowest digits are those of the remainder by `inner`,
            `first` of them, the rest those of the quotient; `inner` 1 takes all from the quotient.
    """

    prime: int
    exponent: int
    modulus: int
    inner: int
    first: int


class _Digits:
    """The digits of some numbers, each computed when it is asked for."""

    def __init__(self, indices: Array, splits: dict[int, _Split]) -> None:
        self._indices = indices
        self._splits = splits
        self._sources: dict[int, tuple[Array, Array]] = {}
        self._known: dict[tuple[int, int], Array] = {}

    def get(self, prime: int, number: int) -> Array:
        """Return a digit of a prime, the fastest being number 0, (n,), int64."""
        if (prime, number) not in self._known:
            split = self._splits[prime]
            if prime not in self._sources:
                within = self._divide(self._indices, split.modulus)[1]
                self._sources[prime] = (within % split.inner, within // split.inner)
            inner, outer = self._sources[prime]
            source, shift = (inner, number) if number < split.first else (outer, number - split.first)
            self._known[prime, number] = (self._divide(source, prime**shift)[0] % prime).astype(np.int64)
        return self._known[prime, number]

    def _divide(self, numbers: Array, divisor: int) -> tuple[Array, Array]:
        """Return quotient and remainder, also by what is larger than any number of the machine."""
        if numbers.dtype != object and divisor >= 2**63:
            return np.zeros_like(numbers), numbers
        return numbers // divisor, numbers % divisor


@dataclass(frozen=True)
class _Row:
    """A digit of a level: the sum of digits of the number, each times a factor, modulo the prime."""

    prime: int
    place: int
    terms: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Rule:
    """How the level of one factor follows from the digits: its rows weighted, modulo the levels, then reordered."""

    level: int
    rows: tuple[tuple[_Row, int], ...]
    order: Array | None

    def place(self, digits: _Digits) -> Array:
        level: Array = np.int64(0)  # type: ignore[assignment]
        for row, weight in self.rows:
            total: Array = np.int64(0)  # type: ignore[assignment]
            for number, times in row.terms:
                total = total + times * digits.get(row.prime, number)
            level = level + (total % row.prime) * weight
        level = level % self.level
        return level if self.order is None else self.order[level]


@dataclass(frozen=True)
class _Plan:
    splits: dict[int, _Split]
    rules: tuple[_Rule, ...]
    unevenness: float


@lru_cache(maxsize=64)
def _plan_order(levels: tuple[int, ...]) -> _Plan:
    """Try the ways to split numbers into digits and take the one with the most even beginnings."""
    plans = [_make_plan(levels, inner) for inner in _list_inner(levels)]
    if len(plans) == 1:
        return plans[0]
    return min(plans, key=lambda plan: (max(_measure_spread(levels, plan), ACCEPTED_SPREAD), plan.unevenness))


def _measure_spread(levels: tuple[int, ...], plan: _Plan) -> int:
    """Return by how much the counts of two levels of a factor differ at most, about, in beginnings of a plan."""
    numbers = np.arange(min(math.prod(levels), LONG_BEGINNINGS))
    digits = _Digits(numbers, plan.splits)
    spread = 0
    for rule in plan.rules:
        if rule.level > 1:
            places = rule.place(digits)
            by_level = np.argsort(places, kind="stable")
            firsts = np.searchsorted(places[by_level], places)
            earlier = np.empty_like(numbers)
            earlier[by_level] = numbers
            ahead = earlier - firsts - numbers // rule.level
            spread = max(spread, 1 + int(ahead.max() - ahead.min()))
    return spread


def _list_inner(levels: tuple[int, ...]) -> list[int]:
    """Return candidates for the shortest stretch in which factors of composite levels run through all of them.

    The least common multiple of all levels leaves no factor's counts further apart than 1, but pairs uneven for long.
    """
    composite = sorted({level for level in levels if len(_factorise(level)) > 1}, key=levels.count, reverse=True)
    if not composite or math.prod(levels) > MAX_JUDGED:
        return [1]
    return list(dict.fromkeys([*composite[:3], math.lcm(*composite), 1, math.lcm(*levels)]))


def _factorise(number: int) -> dict[int, int]:
    """Return the exponents of the primes of a number."""
    exponents: dict[int, int] = {}
    prime = 2
    while prime * prime <= number:
        while number % prime == 0:
            exponents[prime] = exponents.get(prime, 0) + 1
            number //= prime
        prime += 1
    return exponents | ({number: exponents.get(number, 0) + 1} if number > 1 else {})


def _make_plan(levels: tuple[int, ...], inner: int) -> _Plan:
    exponents = [_factorise(level) for level in levels]
    splits = _split_primes(exponents, inner)
    makers = {split.prime: _RowMaker(split, max(e.get(split.prime, 0) for e in exponents)) for split in splits.values()}
    judge = _Judge(levels, splits)
    rules: list[_Rule] = [_Rule(1, (), None)] * len(levels)
    # composite levels have least choice, so they come first; of the others the long ones
    for k in sorted(range(len(levels)), key=lambda k: (-len(exponents[k]), -levels[k], k)):
        order = _spread_levels(levels[k], k)
        candidates = (_draw_rule(levels[k], exponents[k], makers, order) for _ in range(judge.candidates))
        rules[k] = judge.choose(candidates)
        for row, _ in rules[k].rows:
            makers[row.prime].keep(k, row)
    finished = {prime: maker.finish() for prime, maker in makers.items()}
    complete = (
        _Rule(rule.level, tuple((finished[row.prime][k, row.place], weight) for row, weight in rule.rows), rule.order)
        for k, rule in enumerate(rules)
    )
    return _Plan(splits, tuple(complete), judge.unevenness)


def _split_primes(exponents: Sequence[dict[int, int]], inner: int) -> dict[int, _Split]:
    totals: dict[int, int] = {}
    for factor in exponents:
        for prime, exponent in factor.items():
            totals[prime] = totals.get(prime, 0) + exponent
    inner_exponents = _factorise(inner)
    joint = math.prod(prime ** totals[prime] for prime in inner_exponents)
    splits = {}
    for prime, total in totals.items():
        if prime in inner_exponents:
            splits[prime] = _Split(prime, total, joint, inner, inner_exponents[prime])
        else:
            splits[prime] = _Split(prime, total, prime**total, 1, 0)
    return splits


def _draw_rule(level: int, exponents: dict[int, int], makers: "dict[int, _RowMaker]", order: Array | None) -> _Rule:
    rows: list[tuple[_Row, int]] = []
    for prime, exponent in exponents.items():
        part = prime**exponent
        rest = level // part
        # 1 modulo the prime's part and 0 modulo the rest
        unit = rest * pow(rest, -1, part) if rest > 1 else 1
        rows += [
            (makers[prime].draw(place, may_wait=level == 2), unit * prime**place % level) for place in range(exponent)
        ]
    return _Rule(level, tuple(rows), order)


class _RowMaker:
    """Draws rows of one prime: each starts at its own digit, so that a factor runs through its levels without gaps.

    Only a factor of two levels may start one digit later: of three such factors the first four points are half of all,
    and every pair is balanced, if the third one changes after every second point (0 0 0, 1 1 0, 0 1 1, 1 0 1).
    Rows are sums of the `width` fastest digits. Those that depend on earlier ones get a slow digit of their own in the
    end, so that the rows of all factors together are a bijection.
    """

    def __init__(self, split: _Split, longest: int) -> None:
        self._split = split
        self._width = min(split.exponent, longest + max(2, math.ceil(math.log(64, split.prime))))
        self._rng = np.random.Generator(np.random.PCG64(split.prime))
        self._kept: list[tuple[int, _Row]] = []

    def draw(self, place: int, *, may_wait: bool) -> _Row:
        """Return a row for one digit of a factor's level; the first factor's are single digits."""
        start = place + int(may_wait and place + 1 < self._width and self._rng.integers(3) == 0)
        later = self._rng.integers(self._split.prime, size=self._width - start - 1).tolist()
        if not self._kept:
            start, later = place, []
        terms = [(start, 1), *((start + 1 + i, times) for i, times in enumerate(later) if times)]
        return _Row(self._split.prime, place, tuple(terms))

    def keep(self, factor: int, row: _Row) -> None:
        self._kept.append((factor, row))

    def finish(self) -> dict[tuple[int, int], _Row]:
        """Return the rows by factor and place, together invertible."""
        basis: list[list[int]] = []
        rows = {}
        dependent = []
        for factor, row in self._kept:
            rows[factor, row.place] = row
            if not self._extend(basis, row):
                dependent.append((factor, row))
        free = [*(set(range(self._split.exponent)) - {_lead(vector) for vector in basis})]
        for (factor, row), digit in zip(dependent, sorted(free), strict=True):
            terms = (*(term for term in row.terms if term[0] != digit), (digit, 1 + dict(row.terms).get(digit, 0)))
            rows[factor, row.place] = _Row(row.prime, row.place, terms)
        return rows

    def _extend(self, basis: list[list[int]], row: _Row) -> bool:
        """Add a row to a basis in echelon form; False where it depends on the rows there."""
        prime = self._split.prime
        vector = [0] * self._width
        for digit, times in row.terms:
            vector[digit] = times
        for known in basis:
            lead = _lead(known)
            if vector[lead]:
                times = vector[lead] * pow(known[lead], -1, prime)
                vector = [(v - times * k) % prime for v, k in zip(vector, known, strict=True)]
        if not any(vector):
            return False
        basis.append(vector)
        return True


def _lead(vector: Sequence[int]) -> int:
    return next(digit for digit, times in enumerate(vector) if times)


class _Judge:
    """Chooses rules by how evenly pairs of levels come in the first points; long lists count in a few bins."""

    def __init__(self, levels: tuple[int, ...], splits: dict[int, _Split]) -> None:
        count = math.prod(levels)
        length = min(count, BEGINNINGS)
        self.candidates = CANDIDATES if count <= MAX_JUDGED else 1
        self.unevenness = 0.0
        self._digits = _Digits(np.arange(length), splits)
        ends = [length]
        while ends[0] > 4:
            ends.insert(0, ends[0] // 2)
        self._ends = ends
        self._chosen = np.empty((length, 0))
        self._shares = np.empty(0)

    def choose(self, candidates: Iterator[_Rule]) -> _Rule:
        """Return the candidate that fits best beside the rules chosen so far."""
        judged: list[tuple[float, int, _Rule, Array, Array]] = []
        for rule in candidates:
            marks, shares = self._mark(rule)
            judged.append((self._measure(marks, shares), len(judged), rule, marks, shares))
        unevenness, _, rule, marks, shares = min(judged, key=lambda entry: entry[:2])
        self.unevenness += unevenness
        self._chosen = np.hstack([self._chosen, marks])
        self._shares = np.concatenate([self._shares, shares])
        return rule

    def _mark(self, rule: _Rule) -> tuple[Array, Array]:
        """Return which bin each level falls into, (length, bins), one mark in each row; and the bins' shares."""
        bins = min(rule.level, BINS)
        places = np.broadcast_to(np.asarray(rule.place(self._digits)), (len(self._chosen),))
        edges = -(-np.arange(bins + 1) * rule.level // bins)
        return np.eye(bins)[places * bins // rule.level], np.diff(edges) / rule.level

    def _measure(self, marks: Array, shares: Array) -> float:
        """Return how much counts of bins and of pairs of bins differ from even ones; 1 for each at random, about."""
        total = 0.0
        for end in self._ends:
            single = marks[:end].sum(axis=0)
            total += MARGINAL_WEIGHT * float(((single - end * shares) ** 2).sum()) / end
            pairs = marks[:end].T @ self._chosen[:end]
            total += float(((pairs - end * np.outer(shares, self._shares)) ** 2).sum()) / end
        return total


def _spread_levels(level: int, factor: int) -> Array | None:
    """Return the order in which a factor takes its levels: far apart first, differently for each factor.

    The order of the fractional parts of multiples of the square root of a prime (Richtmyer's sequence).
    """
    if not 2 < level <= 1_000_000:
        return None
    steps = np.arange(level) * math.sqrt(_PRIMES[factor % len(_PRIMES)]) % 1.0
    order: Array = np.argsort(np.argsort(steps))
    return order


_PRIMES = (5, 2, 3, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
