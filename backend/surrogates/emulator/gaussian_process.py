"""Gaussian processes, many at a time: every member has hyperparameters and rows of its own, and all train together.

A member is one component's process on one subset of the rows (all, or all but a fold). Members share the features;
rows that a member does not see get a noise so large that they carry no information, so that all members are one batch
of matrices of the same size.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.watching import Watch

UNSEEN_NOISE = 1e6  # variance of rows that a member does not see, in units of its targets' variance
JITTER = 1e-6
MOST_ROWS_TO_LEARN_FROM = 512  # hyperparameters are learnt from so many rows; the posterior takes all
STEPS = 120
LEARNING_RATE = 0.1
MATRICES_AT_ONCE = 8  # of rows × rows that one step of one member needs: covariance, factor, inverse, gradients
# Logarithms: where training begins and the normal priors keep to. Lengthscales grow with the square root of the number
# of dimensions (Hvarfner et al. 2024, "Vanilla Bayesian Optimization Performs Great in High Dimensions"); noise is
# small, for simulations are nearly deterministic.
LENGTHSCALE_MEDIAN, LENGTHSCALE_SPREAD = math.sqrt(2) / 2, 1.0  # beside log(sqrt(dimensions))
NOISE_MEDIAN, NOISE_SPREAD = math.log(1e-3), 1.5
LINEAR_MEDIAN, LINEAR_SPREAD = math.log(0.1), 2.0
SIGNAL_SPREAD = 2.0


@dataclass
class Hyperparameters:
    """Logarithms of the hyperparameters of `members` processes over `dimensions` features.

    Attributes:
        lengthscale: (members, dimensions), of standardised features.
        signal: (members,), variance of the smooth part, in units of the targets' variance.
        linear: (members, dimensions), variances of the linear part, one for each feature.
        noise: (members,), variance of the noise.
    """

    lengthscale: Tensor
    signal: Tensor
    linear: Tensor
    noise: Tensor

    @classmethod
    def start(cls, members: int, dimensions: int, device: torch.device) -> "Hyperparameters":
        """Return where training begins, float64."""

        def fill(value: float, *shape: int) -> Tensor:
            return torch.full(shape, value, dtype=torch.float64, device=device)

        return cls(
            lengthscale=fill(0.5 * math.log(max(dimensions, 1)), members, dimensions),
            signal=fill(0.0, members),
            linear=fill(LINEAR_MEDIAN, members, dimensions),
            noise=fill(NOISE_MEDIAN, members),
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name."""
        return {"lengthscale": self.lengthscale, "signal": self.signal, "linear": self.linear, "noise": self.noise}

    def pick(self, members: Tensor | slice) -> "Hyperparameters":
        """Return those of some members."""
        return Hyperparameters(**{name: tensor[members] for name, tensor in self.tensors().items()})

    def to(self, dtype: torch.dtype) -> "Hyperparameters":
        """Return the same in another dtype."""
        return Hyperparameters(**{name: tensor.to(dtype) for name, tensor in self.tensors().items()})


def covariance(left: Tensor, right: Tensor, hyper: Hyperparameters) -> Tensor:
    """Return the covariance of the processes between two sets of points: squared exponential with ARD, and linear.

    Args:
        left: (rows, dimensions), standardised features, in the dtype of the hyperparameters.
        right: (columns, dimensions).
        hyper: of `members` processes.

    Returns:
        (members, rows, columns), variance in units of the targets'.

    Source:
        C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, 2006, eq. 5.1 and 2.15.
    """
    scale = torch.exp(-hyper.lengthscale).unsqueeze(1)
    scaled_left, scaled_right = left * scale, right * scale
    squares = scaled_left.square().sum(-1, keepdim=True) + scaled_right.square().sum(-1).unsqueeze(1)
    squares = torch.baddbmm(squares, scaled_left, scaled_right.transpose(1, 2), alpha=-2).clamp_min(0)
    smooth = torch.exp(hyper.signal[:, None, None] - 0.5 * squares)
    return smooth + (left * torch.exp(hyper.linear).unsqueeze(1)) @ right.T


class _MinusLogLikelihood(torch.autograd.Function):
    """Minus the logarithm of a normal density, but for its constant, with the gradient in closed form.

    Differentiating through the Cholesky factor costs several times as much: it is ½ (K⁻¹ - K⁻¹y yᵀK⁻¹) (Rasmussen and
    Williams, eq. 5.9).
    """

    @staticmethod
    def forward(ctx: Any, matrices: Tensor, targets: Tensor) -> Tensor:
        factor = torch.linalg.cholesky(matrices)
        solved = torch.cholesky_solve(targets.unsqueeze(-1), factor)
        ctx.save_for_backward(factor, solved)
        halves = 0.5 * (targets * solved.squeeze(-1)).sum(-1)
        return halves + torch.log(factor.diagonal(dim1=-2, dim2=-1)).sum(-1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        factor, solved = ctx.saved_tensors
        inverse = torch.cholesky_inverse(factor)
        return gradients[0][:, None, None] * 0.5 * (inverse - solved @ solved.transpose(1, 2)), None


def add_noise(matrices: Tensor, seen: Tensor, hyper: Hyperparameters) -> Tensor:
    """Return covariances with each row's noise on the diagonal, (members, rows, rows)."""
    noise = torch.exp(hyper.noise).unsqueeze(-1) + JITTER
    return matrices + torch.diag_embed(torch.where(seen, noise, UNSEEN_NOISE))


def measure_loss(features: Tensor, targets: Tensor, seen: Tensor, hyper: Hyperparameters) -> Tensor:
    """Return minus the logarithm of likelihood times priors by seen row, (members,); see `learn` for the arguments."""
    likelihood: Tensor = _MinusLogLikelihood.apply(  # type: ignore[no-untyped-call]
        add_noise(covariance(features, features, hyper), seen, hyper), targets
    )
    expected = LENGTHSCALE_MEDIAN + 0.5 * math.log(max(features.shape[1], 1))
    priors = ((hyper.lengthscale - expected) / LENGTHSCALE_SPREAD).square().sum(-1)
    priors = priors + ((hyper.noise - NOISE_MEDIAN) / NOISE_SPREAD).square()
    priors = priors + ((hyper.linear - LINEAR_MEDIAN) / LINEAR_SPREAD).square().sum(-1)
    priors = priors + (hyper.signal / SIGNAL_SPREAD).square()
    return (likelihood + 0.5 * priors) / seen.sum(-1)


@dataclass(frozen=True)
class Samples:
    """What members learn from.

    Attributes:
        features: (rows, dimensions), float64, standardised.
        targets: (members, rows), float64, standardised over the rows that the member sees, 0 elsewhere.
        seen: (members, rows), bool.
    """

    features: Tensor
    targets: Tensor
    seen: Tensor

    def pick(self, members: slice) -> "Samples":
        """Return those of some members."""
        return Samples(self.features, self.targets[members], self.seen[members])

    def thin(self, most: int, generator: torch.Generator) -> "Samples":
        """Return at most so many of the rows, picked at random."""
        rows = self.features.shape[0]
        if rows <= most:
            return self
        chosen = torch.randperm(rows, generator=generator)[:most].to(self.features.device)
        return Samples(self.features[chosen], self.targets[:, chosen], self.seen[:, chosen])


def learn(
    samples: Samples,
    hardware: Hardware,
    generator: torch.Generator,
    watch: Watch,
    *,
    name: str = "Gaussian process",
    steps: int = STEPS,
) -> Hyperparameters:
    """Learn the hyperparameters of all members by Adam on their log posteriors.

    Args:
        samples: what members learn from; of many rows some are taken.
        hardware: where to compute.
        generator: picks the rows.
        watch: is told the mean loss, stops it, keeps its state.
        name: what it is called there.
        steps: how many.

    Raises:
        TrainingStopped: as the watch says.
    """
    fewer = samples.thin(MOST_ROWS_TO_LEARN_FROM, generator)
    rows, dimensions = fewer.features.shape
    begun = Hyperparameters.start(len(fewer.targets), dimensions, fewer.features.device)
    groups = list(split_members(len(fewer.targets), rows, hardware))
    parts: list[list[Tensor]] = []
    for number, group in enumerate(groups):
        own = fewer.pick(group)
        parameters = [tensor.clone().requires_grad_() for tensor in begun.pick(group).tensors().values()]
        optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE)

        def do_step(step: int) -> Tensor:
            set_rate(optimiser, LEARNING_RATE * (0.1 + 0.45 * (1 + math.cos(math.pi * step / steps))))  # noqa: B023
            optimiser.zero_grad()  # noqa: B023
            loss = measure_loss(own.features, own.targets, own.seen, Hyperparameters(*parameters))  # noqa: B023
            loss.sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()  # noqa: B023
            return loss.detach().mean()

        watch.run(f"{name} {number + 1} of {len(groups)}", steps, parameters, optimiser, do_step)
        parts.append([parameter.detach() for parameter in parameters])
    return Hyperparameters(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of an optimiser."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def split_members(members: int, rows: int, hardware: Hardware) -> Iterator[slice]:
    """Yield members in groups whose matrices keep to the memory budget."""
    at_once = max(1, hardware.budget_bytes // (8 * MATRICES_AT_ONCE * rows * rows))
    for start in range(0, members, at_once):
        yield slice(start, min(start + at_once, members))


@dataclass
class Posterior:
    """What members know after seeing their rows.

    Attributes:
        features: (rows, dimensions), float64: of the rows that were seen.
        hyper: of the members.
        weights: (members, rows): what the covariance with the rows is multiplied by for the mean.
        root: (members, rows, rows): inverse of the Cholesky factor, for the variance.
    """

    features: Tensor
    hyper: Hyperparameters
    weights: Tensor
    root: Tensor

    def predict_mean(self, features: Tensor) -> Tensor:
        """Return the mean at points, (points, members), in the dtype of `features`."""
        dtype = features.dtype
        cross = covariance(features, self.features.to(dtype), self.hyper.to(dtype))
        return (cross @ self.weights.to(dtype).unsqueeze(-1)).squeeze(-1).T

    def predict(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance of the noisy process at points, both (points, members), in their dtype.

        Args:
            features: (points, dimensions), standardised.
        """
        dtype = features.dtype
        hyper = self.hyper.to(dtype)
        cross = covariance(features, self.features.to(dtype), hyper)
        mean = (cross @ self.weights.to(dtype).unsqueeze(-1)).squeeze(-1)
        prior = torch.exp(hyper.signal).unsqueeze(-1) + torch.exp(hyper.linear) @ features.square().T
        known = (cross @ self.root.to(dtype).transpose(1, 2)).square().sum(-1)
        noise = torch.exp(hyper.noise).unsqueeze(-1)
        return mean.T, ((prior - known).clamp_min(0) + noise).T

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; `from_tensors` reads them back."""
        return {"features": self.features, "weights": self.weights, "root": self.root, **self.hyper.tensors()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "Posterior":
        """Return the posterior of tensors by name."""
        hyper = Hyperparameters(*(tensors[name] for name in ("lengthscale", "signal", "linear", "noise")))
        return cls(tensors["features"], hyper, tensors["weights"], tensors["root"])


def condition(samples: Samples, hyper: Hyperparameters) -> Posterior:
    """Return what members with hyperparameters know after seeing their rows."""
    factor = torch.linalg.cholesky(
        add_noise(covariance(samples.features, samples.features, hyper), samples.seen, hyper)
    )
    weights = torch.cholesky_solve(samples.targets.unsqueeze(-1), factor).squeeze(-1)
    identity = torch.eye(len(samples.features), dtype=factor.dtype, device=factor.device).expand_as(factor)
    return Posterior(samples.features, hyper, weights, torch.linalg.solve_triangular(factor, identity, upper=False))
