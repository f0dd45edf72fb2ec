"""Gaussian processes: the likelihood and its gradient, and what is known after seeing rows."""

import math

import pytest
import torch

from surrogates.emulator import gaussian_process
from surrogates.emulator.gaussian_process import Hyperparameters, Samples, condition, covariance, learn, measure_loss
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import hardware

ROWS, DIMENSIONS = 9, 3


def make_samples(members: int = 2) -> Samples:
    generator = torch.Generator().manual_seed(4)
    features = torch.randn(ROWS, DIMENSIONS, generator=generator, dtype=torch.float64)
    seen = torch.rand(members, ROWS, generator=generator) > 0.3
    return Samples(features, torch.sin(features.sum(1)) * seen, seen)


def make_hyper(members: int = 2) -> Hyperparameters:
    generator = torch.Generator().manual_seed(5)
    begun = Hyperparameters.start(members, DIMENSIONS, torch.device("cpu"))
    moved = [tensor + 0.4 * torch.randn(tensor.shape, generator=generator) for tensor in begun.tensors().values()]
    return Hyperparameters(*moved)


def tell_loss(samples: Samples, hyper: Hyperparameters) -> torch.Tensor:
    """Return what `measure_loss` says, written down again with torch's own distributions."""
    losses = []
    for member in range(len(samples.targets)):
        seen = samples.seen[member]
        features, own = samples.features[seen], {name: tensor[member] for name, tensor in hyper.tensors().items()}
        scaled = features / own["lengthscale"].exp()
        smooth = own["signal"].exp() * torch.exp(-0.5 * torch.cdist(scaled, scaled).square())
        matrix = smooth + (features * own["linear"].exp()) @ features.T
        noise = own["noise"].exp() + gaussian_process.JITTER
        matrix = matrix + noise * torch.eye(len(features), dtype=torch.float64)
        density = torch.distributions.MultivariateNormal(torch.zeros(len(features), dtype=torch.float64), matrix)
        loss = -density.log_prob(samples.targets[member][seen]) - 0.5 * len(features) * math.log(2 * math.pi)
        expected = gaussian_process.LENGTHSCALE_MEDIAN + 0.5 * math.log(DIMENSIONS)
        for name, median, spread in (
            ("lengthscale", expected, gaussian_process.LENGTHSCALE_SPREAD),
            ("signal", 0.0, gaussian_process.SIGNAL_SPREAD),
            ("linear", gaussian_process.LINEAR_MEDIAN, gaussian_process.LINEAR_SPREAD),
            ("noise", gaussian_process.NOISE_MEDIAN, gaussian_process.NOISE_SPREAD),
        ):
            loss = loss + 0.5 * ((own[name] - median) / spread).square().sum()
        losses.append(loss / len(features))
    return torch.stack(losses)


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, samples, *tensors):
        loss, gradient = measure_loss(samples, Hyperparameters(*tensors))
        ctx.save_for_backward(*gradient.tensors().values())
        return loss

    @staticmethod
    def backward(ctx, by_loss):
        return (None, *(by_loss.reshape(-1, *[1] * (slope.ndim - 1)) * slope for slope in ctx.saved_tensors))


@pytest.mark.parametrize("members", [1, 2, 5])
def test_the_gradient_is_that_of_finite_differences(members):
    tensors = [tensor.requires_grad_() for tensor in make_hyper(members).tensors().values()]
    assert torch.autograd.gradcheck(lambda *given: _Loss.apply(make_samples(members), *given), tensors)


def test_loss_and_gradient_are_those_of_the_normal_density_of_the_rows_that_are_seen():
    samples, hyper = make_samples().pick(torch.tensor([0, 1])), make_hyper()
    loss, gradient = measure_loss(samples, hyper)
    tensors = [tensor.clone().requires_grad_() for tensor in hyper.tensors().values()]
    wanted = tell_loss(make_samples(), Hyperparameters(*tensors))
    # Rows that a member does not see add the logarithm of their huge noise, and nothing that could be learnt from.
    unseen = (~samples.seen).sum(1) * 0.5 * math.log(gaussian_process.UNSEEN_NOISE) / samples.seen.sum(1)
    torch.testing.assert_close(loss - unseen, wanted.detach(), rtol=1e-4, atol=1e-4)
    slopes = torch.autograd.grad(wanted.sum(), tensors)
    for found, slope in zip(gradient.tensors().values(), slopes, strict=True):
        torch.testing.assert_close(found, slope, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_covariance_is_symmetric_and_its_diagonal_what_the_signal_and_the_line_say(dtype):
    hyper, features = make_hyper().to(dtype), make_samples().features.to(dtype)
    found = covariance(features, features, hyper)
    assert found.dtype == dtype
    torch.testing.assert_close(found, found.transpose(1, 2))
    line = hyper.linear.exp() @ features.square().T
    torch.testing.assert_close(found.diagonal(dim1=1, dim2=2), hyper.signal.exp().unsqueeze(1) + line)


def test_a_process_passes_through_what_it_has_seen_and_is_unsure_far_away():
    features = torch.linspace(-2, 2, 12, dtype=torch.float64).unsqueeze(1)
    seen = torch.ones(1, 12, dtype=torch.bool)
    samples = Samples(features, torch.sin(2 * features.T), seen)
    hyper = learn(samples, hardware(), torch.Generator().manual_seed(0), Watch())
    posterior = condition(samples, hyper)
    mean, variance = posterior.predict(torch.cat([features, torch.tensor([[9.0]], dtype=torch.float64)]))
    torch.testing.assert_close(mean[:12, 0], samples.targets[0], atol=0.03, rtol=0.03)
    assert variance[12] > 50 * variance[:12].max()


def test_rows_that_a_member_does_not_see_change_nothing_for_it():
    samples, hyper = make_samples(1), make_hyper(1)
    points = torch.randn(5, DIMENSIONS, dtype=torch.float64)
    fewer = Samples(
        samples.features[samples.seen[0]], samples.targets[:, samples.seen[0]], samples.seen[:, samples.seen[0]]
    )
    whole, part = condition(samples, hyper).predict(points), condition(fewer, hyper).predict(points)
    for one, other in zip(whole, part, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_members_learn_the_same_whether_memory_holds_all_of_them_or_one():
    samples = make_samples(4)
    together, alone = (
        learn(samples, hardware(budget_bytes=budget), torch.Generator(), Watch(), steps=5) for budget in (10**9, 1)
    )
    for one, other in zip(together.tensors().values(), alone.tensors().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_of_many_rows_some_are_learnt_from_and_all_are_known(monkeypatch):
    monkeypatch.setattr(gaussian_process, "MOST_ROWS_TO_LEARN_FROM", 5)
    samples = Samples(make_samples().features, make_samples().targets, torch.ones(2, ROWS, dtype=torch.bool))
    sizes = []
    measure = gaussian_process.measure_loss
    monkeypatch.setattr(
        gaussian_process, "measure_loss", lambda own, hyper: sizes.append(own.targets.shape) or measure(own, hyper)
    )
    hyper = learn(samples, hardware(), torch.Generator().manual_seed(0), Watch(), steps=2)
    assert set(sizes) == {(2, 5)}
    assert condition(samples, hyper).weights.shape == (2, ROWS)
