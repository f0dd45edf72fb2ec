"""Which cases to simulate next: candidates and what is still pending go in, the candidates to add come out, in order.

The next case is the one that the surrogate knows least of, given that those before it and the pending ones will have
run: a Gaussian process says so exactly, for its variance does not depend on what they come to. A share of the cases
fills space instead, against what the surrogate is wrongly sure of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.devices import Hardware, choose_hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.ensemble import Networks
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.feasibility import Feasibility
from surrogates.emulator.gaussian_process import Posterior, covariance

Floats = NDArray[np.float64]

MOST_CANDIDATES = 4096  # their covariance with the rows learnt from is held for each component
LIKELY = 0.5  # probability of success below which a candidate is taken only if there are no others
SAME = 1e-6  # distance of standardised features within which two points are one


@dataclass(frozen=True)
class Manner:
    """How cases are chosen.

    Attributes:
        share_space_filling: of the cases that fill space instead.
        metric: whose error is to fall; all that is learnt alike if left out.
    """

    share_space_filling: float = 0.2
    metric: str | None = None


USUAL = Manner()


def choose_points(
    emulator: Emulator,
    candidates: Mapping[str, Any],
    pending: Mapping[str, Any] | None,
    count: int,
    manner: Manner = USUAL,
    feasibility: Feasibility | None = None,
) -> NDArray[np.int64]:
    """Return which candidates to simulate next.

    The same candidates in the same order give the same choice: nothing is drawn.

    Args:
        emulator: trained on the cases that have run.
        candidates: values by input; such as keep the constraints. They may lie outside of what was trained on.
        pending: likewise, of cases that are under way; None where there are none.
        count: how many to choose.
        manner: how.
        feasibility: where cases fail, if that is known.

    Returns:
        (count,) or fewer, int64: positions of candidates, the first choice first. Fewer where there are no more
        candidates that are not pending.

    Raises:
        WishRefused: there are too many candidates, or no such metric.
        PredictionRefused: an input is missing or strange.
    """
    rows = emulator.inputs.check(candidates)
    features = torch.from_numpy(emulator.inputs.encode(rows))
    if len(features) > MOST_CANDIDATES:
        raise WishRefused([("candidates", "Draw fewer candidates.", len(features), f"at most {MOST_CANDIDATES:,}")])
    if manner.metric is not None and manner.metric not in emulator.targets.metrics:
        message = f"The surrogate has no metric '{manner.metric}'."
        raise WishRefused([("metric", message, manner.metric, list(emulator.targets.metrics))])
    waiting = features[:0]
    if pending is not None:
        waiting = torch.from_numpy(emulator.inputs.encode(emulator.inputs.check(pending)))
    likely = np.ones(len(features)) if feasibility is None else feasibility.judge(rows)
    return _choose(emulator, features, waiting, (count, manner), torch.from_numpy(likely))


def _choose(
    emulator: Emulator, features: Tensor, waiting: Tensor, wanted: tuple[int, Manner], likely: Tensor
) -> NDArray[np.int64]:
    count, manner = wanted
    everything = torch.cat([features, waiting])
    doubt = make_doubt(emulator, everything, manner.metric)
    known = emulator.domain.rows.double()
    nearest = measure_nearest(features, torch.cat([known, waiting]))
    is_open = measure_nearest(features, waiting) > SAME
    for place in range(len(features), len(everything)):
        doubt.expect(place)
    chosen: list[int] = []
    for number in range(count):
        if not bool(is_open.any()):
            break
        allowed = is_open & (likely >= LIKELY)
        allowed = allowed if bool(allowed.any()) else is_open
        fills = int((number + 1) * manner.share_space_filling) > int(number * manner.share_space_filling)
        scores = (nearest if fills else doubt.measure()[: len(features)]) * likely
        best = int(torch.where(allowed, scores, -torch.inf).argmax())
        chosen.append(best)
        distances = measure_nearest(features, features[best : best + 1])
        nearest = torch.minimum(nearest, distances)
        is_open = is_open & (distances > SAME)
        doubt.expect(best)
    return np.array(chosen, np.int64)


def measure_nearest(points: Tensor, others: Tensor) -> Tensor:
    """Return the distance of each point to the nearest of others, (points,); infinite where there are none."""
    if not len(others):
        return torch.full((len(points),), torch.inf, dtype=points.dtype)
    return torch.cdist(points, others, compute_mode="donot_use_mm_for_euclid_dist").min(1).values


class Doubt(Protocol):
    """How little a surrogate knows of points."""

    def measure(self) -> Tensor:
        """Return it, (points,), by what is expected so far."""

    def expect(self, place: int) -> None:
        """Take it for granted that a point will have run."""


def make_doubt(emulator: Emulator, points: Tensor, metric: str | None) -> Doubt:
    """Return how little a surrogate knows of points.

    Args:
        emulator: which.
        points: (points, features), standardised.
        metric: whose error counts; what is learnt alike if None.
    """
    hardware = choose_hardware("cpu")
    weights = weigh_components(emulator, points, metric, hardware)
    model = emulator.regressor.model
    if isinstance(model, Posterior):
        return ProcessDoubt(model, points, weights)
    spread = torch.ones(len(points), dtype=torch.float64)
    if isinstance(model, Networks):
        spread = (model.run(points.float()).double().var(0) * weights).sum(1)
    # Half of how far a row may be from the nearest one it was learnt with: what is nearer is known soon.
    return SpreadDoubt(points, spread, max(0.5 * emulator.domain.reach, SAME))


def weigh_components(emulator: Emulator, points: Tensor, metric: str | None, hardware: Hardware) -> Tensor:
    """Return what the variance of what is learnt counts for at points, (points, learnt components), float64.

    For a metric: the square of its derivative by each, so that the sum is the metric's variance.
    """
    targets = emulator.targets
    learnt = [targets.components[place] for place in targets.learnt]
    if metric is None:
        return torch.ones(len(points), len(learnt), dtype=torch.float64)
    mean, _ = emulator.regressor.predict(points, hardware)
    shares = targets.weights[targets.metrics.index(metric)][targets.learnt]
    columns = []
    for column, component in enumerate(learnt):
        slope = torch.full((len(points),), component.spread, dtype=torch.float64)
        if component.scale == "root":
            slope = 2 * component.spread * (component.offset + component.spread * mean[:, column]).clamp_min(0)
        columns.append((float(shares[column]) * slope).square())
    return torch.stack(columns, 1)


class ProcessDoubt:
    """Variances of Gaussian processes, conditioned on points that will have run, one by one.

    Source:
        Each point updates the covariance by a matrix of rank one: Rasmussen and Williams, 2006, eq. 2.24 and A.12.
    """

    def __init__(self, posterior: Posterior, points: Tensor, weights: Tensor) -> None:
        self._posterior, self._points, self._weights = posterior, points, weights
        hyper = posterior.hyper
        cross = covariance(points, posterior.features, hyper)
        self._known = cross @ posterior.root.transpose(1, 2)  # (members, points, rows)
        prior = torch.exp(hyper.signal).unsqueeze(-1) + torch.exp(hyper.linear) @ points.square().T
        self._variance = prior - self._known.square().sum(-1)
        self._updates = self._known.new_zeros(*self._known.shape[:2], 0)

    def measure(self) -> Tensor:
        """Return the variance of the metric that counts, (points,)."""
        return (self._variance.clamp_min(0).T * self._weights).sum(1)

    def expect(self, place: int) -> None:
        """Take it for granted that a point will have run."""
        point = self._points[place : place + 1]
        between = covariance(self._points, point, self._posterior.hyper).squeeze(-1)
        for part in (self._known, self._updates):
            between = between - (part @ part[:, place].unsqueeze(-1)).squeeze(-1)
        own = self._variance[:, place].clamp_min(0) + torch.exp(self._posterior.hyper.noise)
        update = between / own.sqrt().unsqueeze(-1)
        self._variance = self._variance - update.square()
        self._updates = torch.cat([self._updates, update.unsqueeze(-1)], 2)


class SpreadDoubt:
    """Spread that does not know what is pending: it counts less the nearer a point is to one that will have run."""

    def __init__(self, points: Tensor, spread: Tensor, reach: float) -> None:
        self._points, self._spread, self._reach = points, spread, reach
        self._nearest = torch.full_like(spread, torch.inf)

    def measure(self) -> Tensor:
        """Return spread times how far away what will have run is, (points,)."""
        return self._spread * (1 - torch.exp(-0.5 * (self._nearest / self._reach).square()))

    def expect(self, place: int) -> None:
        """Take it for granted that a point will have run."""
        distances = measure_nearest(self._points, self._points[place : place + 1])
        self._nearest = torch.minimum(self._nearest, distances)
