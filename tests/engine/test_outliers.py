"""Outliers are values that no design makes, not its ordinary variation."""

import numpy as np
import pytest

from energyplus.results.outliers import find_outliers

NARROW = np.linspace(99.0, 101.0, 40)


@pytest.mark.parametrize("value", [1000.0, 5.0])
def test_a_value_far_from_all_others_is_an_outlier(value: float) -> None:
    (outlier,) = find_outliers(np.append(NARROW, value))
    assert (outlier.position, outlier.value, outlier.group_size) == (40, value, 41)
    assert outlier.median == pytest.approx(100.0, rel=1e-3)
    assert outlier.score > 100


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.append(NARROW, 290.0), "less than three times the median, however narrow the group"),
        (np.append(NARROW, 34.0), "more than a third of it"),
        (np.append(np.linspace(30.0, 300.0, 40), 1000.0), "a wide group has wide limits"),
        (np.concatenate([NARROW, np.full(3, 1000.0)]), "three of 43 are a cluster that the study asked for"),
        (np.repeat([50.0, 400.0], [30, 10]), "so are the levels of a strong parameter"),
        (np.append(NARROW[:18], 1000.0), "nineteen values are too few to judge by"),
        (np.append(NARROW, [0.0, np.nan]), "no energy and no number are told of elsewhere"),
    ],
)
def test_ordinary_variation_of_a_design_is_not(values: np.ndarray, why: str) -> None:
    assert find_outliers(values) == [], why


def test_among_equal_values_the_one_that_is_far_off_is_an_outlier() -> None:
    (outlier,) = find_outliers(np.append(np.full(30, 100.0), 1000.0))
    assert outlier.score == float("inf")


@pytest.mark.parametrize("seed", range(20))
def test_random_designs_of_many_strong_parameters_have_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    factors = random.uniform(0.6, 1.6, size=(1000, 6))
    assert find_outliers(100.0 * factors.prod(axis=1)) == []
