"""Gaussian processes, many at a time: every member has hyperparameters and rows of its own, and all train together.

A member is one component's process on one subset of the rows (all, or all but a fold). Members share the features;
rows that a member does not see get a noise so large that they carry no information, so that all members are one batch
of matrices of the same size.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.watching import Watch

UNSEEN_NOISE = 1e6  # variance of rows that a member does not see, in units of its targets' variance
JITTER = 1e-6
MOST_ROWS_TO_LEARN_FROM = 512  # hyperparameters are learnt from so many rows; the posterior takes all
STEPS = 60
LEARNING_RATE = 0.2
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
    smooth = _measure_smooth(left * scale, right * scale, hyper)
    weighted = left * torch.exp(hyper.linear).unsqueeze(1)
    return smooth.baddbmm_(weighted, right.T.expand(len(smooth), *right.T.shape))


def add_noise(matrices: Tensor, seen: Tensor, hyper: Hyperparameters) -> Tensor:
    """Add each row's noise to the diagonals of covariances, (members, rows, rows), in place, and return them."""
    noise = torch.exp(hyper.noise).unsqueeze(-1) + JITTER
    matrices.diagonal(dim1=-2, dim2=-1).add_(torch.where(seen, noise, UNSEEN_NOISE))
    return matrices


@dataclass(frozen=True)
class Samples:
    """What members learn from.

    Attributes:
        features: (rows, dimensions), float64, standardised; or (members, rows, dimensions), each member's own.
        targets: (members, rows), float64, standardised over the rows that the member sees, 0 elsewhere.
        seen: (members, rows), bool.
    """

    features: Tensor
    targets: Tensor
    seen: Tensor

    def pick(self, members: Tensor) -> "Samples":
        """Return those of some members, (picked,), with the rows that these see and as few others as can be."""
        seen = self.seen[members]
        order = torch.argsort((~seen).to(torch.int8), dim=1, stable=True)[:, : int(seen.sum(1).max())]
        return Samples(self.features[order], self.targets[members].gather(1, order), seen.gather(1, order))

    def thin(self, most: int, generator: torch.Generator) -> "Samples":
        """Return at most so many of the rows, picked at random."""
        rows = self.features.shape[0]
        if rows <= most:
            return self
        chosen = torch.randperm(rows, generator=generator)[:most].to(self.features.device)
        return Samples(self.features[chosen], self.targets[:, chosen], self.seen[:, chosen])


def measure_loss(samples: Samples, hyper: Hyperparameters) -> tuple[Tensor, Hyperparameters]:
    """Return minus the logarithm of likelihood times priors by seen row, (members,), and its gradient.

    The gradient is in closed form: differentiating through covariance and factor costs several times as much.

    Source:
        Rasmussen and Williams, eq. 5.8 and 5.9: the gradient by K is ½ (K⁻¹ - K⁻¹y yᵀK⁻¹).
    """
    seen, count = samples.seen, samples.seen.sum(-1)
    own = samples.features.expand(len(samples.targets), *samples.features.shape[-2:])
    scaled = own * torch.exp(-hyper.lengthscale).unsqueeze(1)
    linear = torch.exp(hyper.linear)
    smooth = _measure_smooth(scaled, scaled, hyper)
    matrices = torch.baddbmm(smooth, own * linear.unsqueeze(1), own.transpose(1, 2))
    factor = torch.linalg.cholesky(add_noise(matrices, seen, hyper))
    solved = torch.cholesky_solve(samples.targets.unsqueeze(-1), factor)
    loss = 0.5 * (samples.targets * solved.squeeze(-1)).sum(-1) + factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    by_matrix = torch.cholesky_inverse(factor).baddbmm_(solved, solved.transpose(1, 2), alpha=-1).mul_(0.5)
    by_noise = torch.where(seen, by_matrix.diagonal(dim1=-2, dim2=-1), 0.0).sum(-1) * torch.exp(hyper.noise)
    by_linear = linear * (own * (by_matrix @ own)).sum(1)
    by_smooth = smooth.mul_(by_matrix)
    sums = by_smooth.sum(-1, keepdim=True)
    by_scale = 2 * (scaled * (sums * scaled - by_smooth @ scaled)).sum(1)
    found = Hyperparameters(by_scale, sums.sum((1, 2)), by_linear, by_noise)
    priors, by_priors = _measure_priors(hyper)
    gradient = {
        name: (tensor + by_priors.tensors()[name]) / (count.unsqueeze(-1) if tensor.ndim == 2 else count)
        for name, tensor in found.tensors().items()
    }
    return (loss + priors) / count, Hyperparameters(**gradient)


def _measure_smooth(left: Tensor, right: Tensor, hyper: Hyperparameters) -> Tensor:
    """Return the smooth part of the covariance, (members, rows, columns), of features by their lengthscales."""
    half = 0.5 * (hyper.signal[:, None] - left.square().sum(-1))
    other = 0.5 * (hyper.signal[:, None] - right.square().sum(-1))
    return torch.baddbmm(half.unsqueeze(2) + other.unsqueeze(1), left, right.transpose(1, 2)).exp_()


def _measure_priors(hyper: Hyperparameters) -> tuple[Tensor, Hyperparameters]:
    """Return minus the logarithm of the priors, (members,), and its gradient."""
    expected = LENGTHSCALE_MEDIAN + 0.5 * math.log(max(hyper.lengthscale.shape[1], 1))
    priors = torch.zeros_like(hyper.signal)
    gradient = {}
    for name, median, spread in (
        ("lengthscale", expected, LENGTHSCALE_SPREAD),
        ("signal", 0.0, SIGNAL_SPREAD),
        ("linear", LINEAR_MEDIAN, LINEAR_SPREAD),
        ("noise", NOISE_MEDIAN, NOISE_SPREAD),
    ):
        off = (hyper.tensors()[name] - median) / spread
        priors = priors + 0.5 * off.square().reshape(len(priors), -1).sum(-1)
        gradient[name] = off / spread
    return priors, Hyperparameters(**gradient)


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
    found = Hyperparameters.start(len(fewer.targets), fewer.features.shape[1], fewer.features.device)
    groups = split_members(fewer.seen, hardware)
    for number, group in enumerate(groups):
        own = fewer.pick(group)
        parameters = [tensor.clone() for tensor in found.pick(group).tensors().values()]
        optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE)

        def do_step(step: int) -> Tensor:
            set_rate(optimiser, LEARNING_RATE * (0.1 + 0.45 * (1 + math.cos(math.pi * step / steps))))  # noqa: B023
            loss, gradient = measure_loss(own, Hyperparameters(*parameters))  # noqa: B023
            for parameter, slope in zip(parameters, gradient.tensors().values(), strict=True):  # noqa: B023
                parameter.grad = slope
            optimiser.step()  # noqa: B023
            return loss.mean()

        watch.run(f"{name} {number + 1} of {len(groups)}", steps, parameters, optimiser, do_step)
        for whole, part in zip(found.tensors().values(), parameters, strict=True):
            whole[group] = part
    return found


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of an optimiser."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def split_members(seen: Tensor, hardware: Hardware) -> list[Tensor]:
    """Return places of members in groups that see about as many rows, and whose matrices keep to the memory budget.

    Args:
        seen: (members, rows), bool.
        hardware: whose budget it is.
    """
    whole = seen.all(1)
    groups = []
    for places in (whole.nonzero().flatten(), (~whole).nonzero().flatten()):
        if len(places):
            rows = int(seen[places].sum(1).max())
            at_once = max(1, hardware.budget_bytes // (8 * MATRICES_AT_ONCE * rows * rows))
            groups += list(torch.split(places, at_once))
    return groups


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


def condition(samples: Samples, hyper: Hyperparameters, watch: Watch | None = None) -> Posterior:
    """Return what members with hyperparameters know after seeing their rows; one member at a time, to save memory.

    Raises:
        TrainingStopped: as the watch says.
    """
    identity = torch.eye(len(samples.features), dtype=torch.float64, device=samples.features.device)
    weights, roots = [], []
    for member in range(len(samples.targets)):
        if watch is not None:
            watch.check()
        own = slice(member, member + 1)
        matrices = covariance(samples.features, samples.features, hyper.pick(own))
        factor = torch.linalg.cholesky(add_noise(matrices, samples.seen[own], hyper.pick(own)))
        weights.append(torch.cholesky_solve(samples.targets[own].unsqueeze(-1), factor).squeeze(-1))
        roots.append(torch.linalg.solve_triangular(factor, identity.unsqueeze(0), upper=False).tril_())
    return Posterior(samples.features, hyper, torch.cat(weights), torch.cat(roots))
