"""What a surrogate might as well have learnt: functions drawn from what it does not know, to be asked at any points.

Of a Gaussian process they come from its posterior, of networks they are the members, of ridge and boosting a smooth
random function of the size of their errors is added. What comes of indices under each of them is the model's error.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.ensemble import Networks
from surrogates.emulator.gaussian_process import JITTER, LENGTHSCALE_MEDIAN, Hyperparameters, Posterior, covariance
from surrogates.emulator.targets import Targets

Floats = NDArray[np.float64]
Method = Literal["posterior draws", "members", "discrepancy draws"]

WAVES = 1024  # random features that stand for a process
CHUNK_ROWS = 2048
LEVEL, NORMAL_SCORE = 0.9, 1.6449  # at which calibration and normal distribution are compared


@dataclass(frozen=True)
class Prior:
    """Functions drawn from Gaussian processes without data, as sums of random waves.

    Attributes:
        waves: (members, dimensions, WAVES), of standardised features.
        phases: (members, 1, WAVES).
        heights: (members, WAVES, draws).
        slopes: (members, dimensions, draws).

    Source:
        A. Rahimi and B. Recht (2007), "Random Features for Large-Scale Kernel Machines", for the smooth part.
    """

    waves: Tensor
    phases: Tensor
    heights: Tensor
    slopes: Tensor

    @classmethod
    def draw(cls, hyper: Hyperparameters, draws: int, generator: torch.Generator) -> "Prior":
        """Return functions of processes with these hyperparameters, float64."""
        members, dimensions = hyper.lengthscale.shape

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        waves = normal(members, dimensions, WAVES) * torch.exp(-hyper.lengthscale).unsqueeze(-1)
        phases = 2 * math.pi * torch.rand(members, 1, WAVES, generator=generator, dtype=torch.float64)
        height = torch.exp(0.5 * hyper.signal)[:, None, None] * math.sqrt(2 / WAVES)
        slope = torch.exp(0.5 * hyper.linear).unsqueeze(-1)
        return cls(waves, phases, height * normal(members, WAVES, draws), slope * normal(members, dimensions, draws))

    def evaluate(self, features: Tensor) -> Tensor:
        """Return their values at points, (members, points, draws), of (points, dimensions)."""
        return torch.cos(features @ self.waves + self.phases) @ self.heights + features @ self.slopes


class PosteriorDraws:
    """Functions drawn from what Gaussian processes know after their rows.

    Source:
        J. T. Wilson et al. (2020), "Efficiently Sampling Functions from Gaussian Process Posteriors", eq. 9: a draw of
        the prior, corrected by what it misses at the rows.
    """

    def __init__(self, posterior: Posterior, draws: int, generator: torch.Generator) -> None:
        self._posterior = posterior
        self._prior = Prior.draw(posterior.hyper, draws, generator)
        at_rows = self._prior.evaluate(posterior.features)
        noise = (torch.exp(posterior.hyper.noise) + JITTER).sqrt()[:, None, None]
        at_rows += noise * torch.randn(at_rows.shape, generator=generator, dtype=torch.float64)
        missed = posterior.root.transpose(1, 2) @ (posterior.root @ at_rows)
        self._weights = posterior.weights.unsqueeze(-1) - missed

    def evaluate(self, features: Tensor) -> Tensor:
        """Return their values at points, (members, points, draws)."""
        cross = covariance(features, self._posterior.features, self._posterior.hyper)
        return self._prior.evaluate(features) + cross @ self._weights


class DiscrepancyDraws:
    """What a regression says, with random smooth functions of the size of its errors on rows it had not learnt from.

    One lengthscale for all: the median that Gaussian processes begin with.
    """

    def __init__(self, emulator: Emulator, draws: int, hardware: Hardware, generator: torch.Generator) -> None:
        dimensions = len(emulator.inputs.features)
        self._regressor, self._hardware = emulator.regressor, hardware
        _, variance = self._regressor.predict(torch.zeros(1, dimensions, dtype=torch.float64), hardware)
        components = variance.shape[1]
        scale = LENGTHSCALE_MEDIAN + 0.5 * math.log(max(dimensions, 1))
        lengthscale = torch.full((components, dimensions), scale, dtype=torch.float64)
        level = variance[0].clamp_min(1e-300).log()
        flat = torch.full((components, dimensions), -torch.inf, dtype=torch.float64)
        self._prior = Prior.draw(Hyperparameters(lengthscale, level, flat, level), draws, generator)

    def evaluate(self, features: Tensor) -> Tensor:
        """Return their values at points, (components, points, draws)."""
        mean, _ = self._regressor.predict(features, self._hardware)
        return mean.T.unsqueeze(-1) + self._prior.evaluate(features)


class MemberDraws:
    """What each of the networks says: they learnt from different shares of the rows."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    def evaluate(self, features: Tensor) -> Tensor:
        """Return their values at points, (components, points, members)."""
        members = self._networks.run(features.float()).double().permute(1, 2, 0)
        centre = members.mean(2, keepdim=True)
        # So few members spread less than what they are drawn from.
        wider = math.sqrt(members.shape[2] / max(members.shape[2] - 1, 1))
        return (centre + wider * (members - centre)).transpose(0, 1)


@dataclass(frozen=True)
class MetricDraws:
    """Functions of a surrogate's metrics.

    Attributes:
        method: how they are drawn.
        emulator: whose.
        functions: of what is learnt.
        scales: (metrics,): what left-out rows were off by, over what the surrogate says of itself.
    """

    method: Method
    emulator: Emulator
    functions: PosteriorDraws | DiscrepancyDraws | MemberDraws
    scales: Floats

    @classmethod
    def make(cls, emulator: Emulator, draws: int, hardware: Hardware, seed: int) -> "MetricDraws":
        """Return functions of a surrogate; of networks as many as there are members."""
        generator = torch.Generator().manual_seed(seed)
        # The last factors are those of all groups together.
        scales = emulator.calibration.factors(LEVEL)[-1] / NORMAL_SCORE
        model = emulator.regressor.model
        if isinstance(model, Posterior):
            return cls("posterior draws", emulator, PosteriorDraws(model, draws, generator), scales)
        if isinstance(model, Networks):
            return cls("members", emulator, MemberDraws(model), scales)
        # Their variance comes from left-out rows: nothing is left to be calibrated.
        functions = DiscrepancyDraws(emulator, draws, hardware, generator)
        return cls("discrepancy draws", emulator, functions, np.ones_like(scales))

    def walk(self, features: Tensor, mean: Floats) -> Iterator[Floats]:
        """Yield values of metrics at points, chunk by chunk, (draws, chunk, metrics), in their units.

        Args:
            features: (points, dimensions), float64, standardised.
            mean: (points, metrics): what the surrogate says, about which the draws lie.
        """
        for start in range(0, len(features), CHUNK_ROWS):
            chunk = self.functions.evaluate(features[start : start + CHUNK_ROWS])
            values = combine_draws(self.emulator.targets, chunk.permute(2, 1, 0).numpy())
            departures = values - values.mean(axis=0)
            yield mean[start : start + CHUNK_ROWS] + self.scales * departures


def combine_draws(targets: Targets, drawn: Floats) -> Floats:
    """Return metrics of drawn values of what is learnt, (draws, points, metrics), of (draws, points, components)."""
    values = np.empty((*drawn.shape[:2], len(targets.components)))
    for column, place in enumerate(targets.learnt):
        component = targets.components[place]
        found = component.offset + component.spread * drawn[:, :, column]
        values[:, :, place] = np.square(np.maximum(found, 0.0)) if component.scale == "root" else found
    for place, component in enumerate(targets.components):
        if component.scale == "constant":
            values[:, :, place] = component.offset
    return np.asarray(values @ targets.weights.T, np.float64)
