"""Every beginning of a design is a balanced design: the order of a grid, of latin hypercubes, of sequences."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from studies.designs.grid_order import GridOrder
from studies.designs.latin import sample_latin_hypercube
from studies.designs.maximin import MAX_MAXIMIN_SAMPLES

LEVELS = st.lists(st.integers(1, 12), min_size=1, max_size=5).filter(lambda levels: math.prod(levels) <= 20_000)
PRIME_POWERS = st.lists(st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 11, 13]), min_size=1, max_size=5).filter(
    lambda levels: math.prod(levels) <= 20_000
)


def order_of(levels: list[int], length: int | None = None) -> Any:
    order = GridOrder(levels)
    return order.positions(np.arange(order.count if length is None else min(length, order.count)))


def count_spread(column: Any, levels: int) -> int:
    """By how much the counts of two levels differ at most in any beginning."""
    counts = np.cumsum(np.eye(levels, dtype=np.int64)[column], axis=0)
    return int((counts.max(axis=1) - counts.min(axis=1)).max())


def pair_error(places: Any, levels: list[int]) -> float:
    """By how much the count of a pair of levels of two factors differs from an even one at most, in any beginning."""
    worst = 0.0
    for i, j in itertools.combinations(range(len(levels)), 2):
        cells = levels[i] * levels[j]
        counts = np.cumsum(np.eye(cells)[places[:, i] * levels[j] + places[:, j]], axis=0)
        even = np.arange(1, len(places) + 1)[:, None] / cells
        worst = max(worst, float(np.abs(counts - even).max()))
    return worst


@given(LEVELS)
@settings(deadline=None, max_examples=40)
def test_the_order_of_a_grid_has_every_point_once(levels: list[int]) -> None:
    places = order_of(levels)
    assert len(np.unique(places, axis=0)) == math.prod(levels) == len(places)
    assert (places >= 0).all()
    assert (places < np.array(levels)).all()


@given(PRIME_POWERS)
@settings(deadline=None, max_examples=40)
def test_levels_that_are_powers_of_primes_come_equally_often_in_every_beginning(levels: list[int]) -> None:
    places = order_of(levels)
    # the first four of three factors of two levels are half of all, which no order with 1 has
    assert all(count_spread(places[:, k], level) <= (2 if level == 2 else 1) for k, level in enumerate(levels))


@given(LEVELS)
@settings(deadline=None, max_examples=40)
def test_any_levels_differ_by_three_in_count_at_most_in_every_beginning(levels: list[int]) -> None:
    places = order_of(levels, 16_384)
    assert all(count_spread(places[:, k], level) <= 3 for k, level in enumerate(levels))


@pytest.mark.parametrize(
    ("levels", "bound"),
    [
        ([2, 2, 3, 4, 5], 2.5), ([2] * 3, 0.75), ([2] * 10, 2.5), ([3] * 6, 2.5), ([4] * 5, 2), ([10] * 3, 2),
        ([5] * 4, 1), ([7, 11, 13], 1), ([2, 10, 10], 2), ([8, 4, 2], 1), ([12, 10, 6], 4),
    ],
)  # fmt: skip
def test_pairs_of_levels_come_about_equally_often_in_every_beginning(levels: list[int], bound: float) -> None:
    places = order_of(levels)
    assert pair_error(places, levels) <= bound
    shuffled = np.random.default_rng(1).permutation(places)
    assert pair_error(places, levels) < pair_error(shuffled, levels)


def test_the_first_case_of_every_weather_comes_among_the_first() -> None:
    places = order_of([1, 20, 3, 4])
    assert sorted(places[:20, 1].tolist()) == list(range(20))


@given(
    st.lists(st.integers(2, 1000), min_size=3, max_size=6).filter(lambda levels: math.prod(levels) <= 10**12), st.data()
)
@settings(deadline=None, max_examples=30)
def test_any_stretch_of_a_huge_grid_has_no_point_twice(levels: list[int], data: st.DataObject) -> None:
    order = GridOrder(levels)
    starts = [data.draw(st.integers(0, max(order.count - 500, 0))) for _ in range(3)]
    indices = np.unique(np.concatenate([np.arange(s, min(s + 500, order.count)) for s in starts]))
    places = order.positions(indices)
    assert len(np.unique(places, axis=0)) == len(indices)
    assert (places < np.array(levels)).all()


@pytest.mark.parametrize("is_maximin", [False, True])
def test_the_beginnings_of_a_latin_hypercube_are_more_even_than_those_of_a_random_one(is_maximin: bool) -> None:
    ours = sample_latin_hypercube(256, 5, 1, False, is_maximin)
    for length in (16, 32, 64, 128):
        random = [qmc.discrepancy(qmc.LatinHypercube(5, rng=seed).random(256)[:length]) for seed in range(5)]
        assert qmc.discrepancy(ours[:length]) < min(random)


@pytest.mark.parametrize(("samples", "width"), [(1, 1), (2, 3), (3, 1), (7, 4), (64, 2), (100, 6)])
@pytest.mark.parametrize("is_maximin", [False, True])
def test_a_latin_hypercube_has_one_sample_in_each_stratum(samples: int, width: int, is_maximin: bool) -> None:
    for centred in (False, True):
        points = sample_latin_hypercube(samples, width, 5, centred, is_maximin)
        strata = np.floor(points * samples).astype(int)
        assert all(sorted(column) == list(range(samples)) for column in strata.T.tolist())
        if centred:
            assert points * samples - strata == pytest.approx(0.5)


@pytest.mark.parametrize(("samples", "width"), [(20, 2), (50, 3), (200, 6), (500, 10)])
def test_maximin_keeps_points_further_apart_than_the_best_of_many(samples: int, width: int) -> None:
    def distance(points: Any) -> float:
        squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
        return math.sqrt(float(squares[~np.eye(len(points), dtype=bool)].min()))

    ours = distance(sample_latin_hypercube(samples, width, 1, True, True))
    plain = distance(sample_latin_hypercube(samples, width, 1, True, False))
    random = max(distance(qmc.LatinHypercube(width, scramble=False, rng=seed).random(samples)) for seed in range(20))
    assert ours > 1.1 * max(plain, random)


def test_maximin_ends_at_its_largest_number_of_samples() -> None:
    assert sample_latin_hypercube(MAX_MAXIMIN_SAMPLES, 3, 1, True, True).shape == (MAX_MAXIMIN_SAMPLES, 3)
