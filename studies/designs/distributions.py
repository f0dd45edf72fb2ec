"""Shares of the unit interval in, values of a parameter out: what each spread of the study language means in numbers.

Shares are float64 from 0 to 1; value and share rise together. No value leaves its ends, whatever rounding does.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri, ndtri_exp

from studies.definition import CONTINUOUS_SPREADS, Normal, Parameter, Triangular, TruncatedNormal

Floats = NDArray[np.float64]

OPEN_SHARE = 2.0**-31
"""How near a share comes to 0 or 1 where that end is infinite: half the finest step of a Sobol' sequence, 6.1 standard
deviations from the mean."""
OUTER_DEVIATIONS = 1.6448536269514722
"""What stands for the ends of a normal distribution, which has none: its 5 % and 95 % quantiles, in deviations."""


def draw_positions(shares: Floats, count: int, weights: Sequence[float] | None = None) -> NDArray[np.int64]:
    """Pick one of several values for each share.

    Args:
        shares: (n,).
        count: Number of values.
        weights: How likely each is, above 0; all alike if None.

    Returns:
        Positions, (n,), 0 … count - 1.
    """
    if weights is None:
        positions = np.floor(shares * count).astype(np.int64)
    else:
        steps = np.cumsum(np.asarray(weights, dtype=np.float64) / max(weights))
        positions = np.searchsorted(steps / steps[-1], shares, side="right").astype(np.int64)
    return np.clip(positions, 0, count - 1)


def draw_numbers(parameter: Parameter, shares: Floats) -> Floats:
    """Return the values of a continuous parameter at shares of its distribution.

    Args:
        parameter: With a spread of `CONTINUOUS_SPREADS`.
        shares: (n,).

    Returns:
        Values in the parameter's unit, (n,), float64.
    """
    draw, low, high = _describe(parameter)
    return np.clip(draw(shares), low, high) + 0.0  # -0.0 becomes 0.0


def has_ends(parameter: Parameter) -> bool:
    """Tell whether a continuous parameter has a lowest and a highest value."""
    return parameter.normal is None


def divide_quantiles(parameter: Parameter, levels: int) -> tuple[float, ...]:
    """Divide a continuous range for a grid.

    Returns:
        A uniform range evenly from end to end, a loguniform one evenly in the logarithm; of other distributions the
        middles of `levels` parts of equal probability, the quantiles (i + 0.5) / levels.
    """
    if parameter.uniform is not None or parameter.loguniform is not None:
        return divide_evenly(parameter, levels)
    return tuple(draw_numbers(parameter, (np.arange(levels) + 0.5) / levels).tolist())


def divide_evenly(parameter: Parameter, levels: int) -> tuple[float, ...]:
    """Divide a continuous range from end to end: evenly in value, or in the logarithm of a loguniform one.

    A normal distribution has no ends: its 5 % and 95 % quantiles stand for them.
    """
    if parameter.loguniform is not None:
        low, high = parameter.loguniform
        inner = draw_numbers(parameter, np.linspace(0.0, 1.0, levels)[1:-1])
        return (low, *inner.tolist(), high)
    if parameter.normal is not None:
        deviations = np.linspace(-OUTER_DEVIATIONS, OUTER_DEVIATIONS, levels)
        return tuple((parameter.normal.mean + parameter.normal.sd * deviations).tolist())
    _, low, high = _describe(parameter)
    return tuple((np.linspace(low, high, levels) + 0.0).tolist())


def has_weight(parameter: Parameter) -> bool:
    """Tell whether a truncated normal distribution has any probability between its ends that can be computed with."""
    spread = parameter.truncated_normal
    return spread is None or bool(np.isfinite(np.logaddexp(*_log_ends(spread, mirrored=_lies_above(spread)))))


def _describe(parameter: Parameter) -> tuple[Callable[[Floats], Floats], float, float]:
    """Return how shares become values, and the two ends."""
    if parameter.uniform is not None:
        low, high = parameter.uniform
        return (lambda shares: _stretch(low, high, shares)), low, high
    if parameter.loguniform is not None:
        low, high = parameter.loguniform
        return (lambda shares: np.exp(_stretch(float(np.log(low)), float(np.log(high)), shares))), low, high
    for spread in (parameter.truncated_normal, parameter.triangular):
        if spread is not None:
            return (lambda shares, spread=spread: _DRAWS[type(spread)](spread, shares)), spread.low, spread.high
    if parameter.normal is None:
        message = f"{parameter.name} has none of {', '.join(sorted(CONTINUOUS_SPREADS))}."
        raise TypeError(message)
    return (lambda shares, spread=parameter.normal: _draw_normal(spread, shares)), -np.inf, np.inf


def _stretch(low: float, high: float, shares: Floats) -> Floats:
    width = high - low
    return low + width * shares if np.isfinite(width) else low * (1.0 - shares) + high * shares


def _draw_normal(spread: Normal, shares: Floats) -> Floats:
    values: Floats = spread.mean + spread.sd * ndtri(np.clip(shares, OPEN_SHARE, 1.0 - OPEN_SHARE))
    return values


def _draw_truncated(spread: TruncatedNormal, shares: Floats) -> Floats:
    """Invert the distribution between the ends, in logarithms and from the nearer tail, where precision is."""
    mirrored = _lies_above(spread)
    log_low, log_high = _log_ends(spread, mirrored=mirrored)
    shares = 1.0 - shares if mirrored else shares
    with np.errstate(divide="ignore"):
        log_probabilities = np.logaddexp(log_low + np.log1p(-shares), log_high + np.log(shares))
    deviations: Floats = ndtri_exp(np.minimum(log_probabilities, 0.0))
    return spread.mean + (-spread.sd if mirrored else spread.sd) * deviations


def _lies_above(spread: TruncatedNormal) -> bool:
    return spread.low + spread.high > 2.0 * spread.mean


def _log_ends(spread: TruncatedNormal, *, mirrored: bool) -> tuple[float, float]:
    """Return the logarithms of the probabilities below the two ends; seen from above if `mirrored`."""
    low, high = ((end - spread.mean) / spread.sd for end in (spread.low, spread.high))
    if mirrored:
        low, high = -high, -low
    return float(log_ndtr(low)), float(log_ndtr(high))


def _draw_triangular(spread: Triangular, shares: Floats) -> Floats:
    width = spread.high - spread.low
    turn = (spread.mode - spread.low) / width
    rising = spread.low + np.sqrt(shares * width * (spread.mode - spread.low))
    falling = spread.high - np.sqrt((1.0 - shares) * width * (spread.high - spread.mode))
    return np.where(shares < turn, rising, falling)


_DRAWS: dict[type, Callable[..., Floats]] = {TruncatedNormal: _draw_truncated, Triangular: _draw_triangular}
