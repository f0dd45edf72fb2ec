"""What each spread draws: its quantiles, its ends, its shares."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from studies.definition import Parameter
from studies.designs.distributions import (
    divide_evenly,
    divide_quantiles,
    draw_numbers,
    draw_positions,
    has_weight,
)

SHARES = np.concatenate([[0.0], np.linspace(0.001, 0.999, 99), [1 - 2.0**-53, 1.0]])
FINITE = st.floats(-1e6, 1e6, allow_nan=False)


def make_parameter(**spread: Any) -> Parameter:
    return Parameter.model_validate({"name": "a", **spread})


@pytest.mark.parametrize(
    ("spread", "distribution"),
    [
        ({"uniform": [-2, 6]}, stats.uniform(-2, 8)),
        ({"loguniform": [0.01, 100]}, stats.loguniform(0.01, 100)),
        ({"normal": {"mean": 3, "sd": 0.5}}, stats.norm(3, 0.5)),
        ({"truncated_normal": {"mean": 3, "sd": 2, "low": 0, "high": 4}}, stats.truncnorm(-1.5, 0.5, 3, 2)),
        ({"truncated_normal": {"mean": 0, "sd": 1, "low": 10, "high": 12}}, stats.truncnorm(10, 12, 0, 1)),
        ({"truncated_normal": {"mean": 0, "sd": 1, "low": -12, "high": -10}}, stats.truncnorm(-12, -10, 0, 1)),
        ({"triangular": {"low": 1, "mode": 2, "high": 5}}, stats.triang(0.25, 1, 4)),
        ({"triangular": {"low": 1, "mode": 1, "high": 5}}, stats.triang(0, 1, 4)),
        ({"triangular": {"low": 1, "mode": 5, "high": 5}}, stats.triang(1, 1, 4)),
    ],
)
def test_values_are_the_quantiles_of_the_distribution(spread: dict[str, Any], distribution: Any) -> None:
    inner = SHARES[1:-2]
    drawn = draw_numbers(make_parameter(**spread), inner)
    assert drawn == pytest.approx(distribution.ppf(inner), rel=1e-9)
    assert distribution.cdf(draw_numbers(make_parameter(**spread), SHARES[-2:])) == pytest.approx([1, 1])


@given(low=FINITE, width=st.floats(1e-9, 1e6), inner=st.floats(0, 1), share=st.floats(0, 1), sd=st.floats(1e-6, 1e6))
@settings(deadline=None)
def test_no_value_leaves_its_ends(low: float, width: float, inner: float, share: float, sd: float) -> None:
    high = low + width
    mode = min(low + inner * width, high)
    spreads: list[dict[str, Any]] = [{"uniform": [low, high]}]
    if high > low:
        spreads.append({"triangular": {"low": low, "mode": mode, "high": high}})
        spreads.append({"truncated_normal": {"mean": mode, "sd": sd, "low": low, "high": high}})
    if low > 0:
        spreads.append({"loguniform": [low, high]})
    for spread in spreads:
        values = draw_numbers(make_parameter(**spread), np.array([0.0, share, 1.0]))
        assert ((low <= values) & (values <= high)).all()
        assert (np.diff(values) >= 0).all()


def test_a_range_as_wide_as_numbers_go_is_drawn_still() -> None:
    values = draw_numbers(make_parameter(uniform=[-1.7e308, 1.7e308]), np.array([0.0, 0.5, 1.0]))
    assert values.tolist() == [-1.7e308, 0.0, 1.7e308]


def test_a_normal_distribution_is_finite_at_its_very_ends() -> None:
    values = draw_numbers(make_parameter(normal={"mean": 0, "sd": 1}), np.array([0.0, 1.0]))
    assert values == pytest.approx([-6.1208, 6.1208], abs=1e-3)


def test_a_truncated_normal_without_any_weight_is_known() -> None:
    assert has_weight(make_parameter(truncated_normal={"mean": 0, "sd": 1, "low": 30, "high": 31}))
    assert not has_weight(make_parameter(truncated_normal={"mean": 0, "sd": 1e-200, "low": 1, "high": 2}))
    assert has_weight(make_parameter(uniform=[0, 1]))


@given(count=st.integers(1, 10**15), share=st.floats(0, 1))
def test_every_position_is_one_of_the_list(count: int, share: float) -> None:
    assert 0 <= draw_positions(np.array([share]), count)[0] < count


def test_equal_shares_give_every_value_equally_often() -> None:
    positions = draw_positions((np.arange(1000) + 0.5) / 1000, 8)
    assert np.bincount(positions).tolist() == [125] * 8


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20))
@settings(deadline=None)
def test_weights_give_each_value_its_share(weights: list[float]) -> None:
    samples = 20_000
    positions = draw_positions((np.arange(samples) + 0.5) / samples, len(weights), weights)
    counts = np.bincount(positions, minlength=len(weights))
    assert counts / samples == pytest.approx(np.array(weights) / sum(weights), abs=1.5 / samples)


def test_the_largest_weights_do_not_overflow() -> None:
    assert draw_positions(np.array([0.2, 0.8]), 2, [1.7e308, 1.7e308]).tolist() == [0, 1]


def test_ranges_are_divided_with_their_exact_ends() -> None:
    for levels in (2, 3, 7, 1000):
        for key, ends in (("uniform", (0.1, 0.3)), ("loguniform", (0.1, 0.3))):
            values = divide_quantiles(make_parameter(**{key: ends}), levels)
            assert (values[0], values[-1], len(set(values))) == (*ends, levels)
    assert divide_evenly(make_parameter(triangular={"low": 0, "mode": 1, "high": 4}), 3) == (0, 2, 4)
    low, middle, high = divide_evenly(make_parameter(normal={"mean": 1, "sd": 2}), 3)
    assert stats.norm(1, 2).cdf([low, high]) == pytest.approx([0.05, 0.95])
    assert middle == 1
    assert divide_quantiles(make_parameter(normal={"mean": 1, "sd": 2}), 1) == (1,)
