"""Bagged networks, stacked: all members train in one loop of batched products, each on its own share of the rows.

A member answers for every component. Rows that it did not see say how far off it is (out of the bag); the spread of the
members says how sure they are together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.gaussian_process import set_rate
from surrogates.emulator.watching import Watch

MEMBERS = 8
HIDDEN = (256, 256)
BAG = 0.7  # share of the rows that a member sees
EPOCHS = 400
BATCH_ROWS = 256
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-3


@dataclass
class Networks:
    """Members that are multilayer perceptrons of the same shape, with ReLU between: it costs least to answer.

    Attributes:
        weights: of each layer, (members, inputs, outputs), float32.
        biases: of each layer, (members, 1, outputs).
        noise: (members, components): variance of each member's residuals on rows that it did not see.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    noise: Tensor

    @classmethod
    def start(
        cls, members: int, widths: tuple[int, ...], device: torch.device, generator: torch.Generator
    ) -> "Networks":
        """Return untrained networks (He et al. 2015, "Delving Deep into Rectifiers", eq. 10).

        Args:
            members: how many.
            widths: inputs, hidden layers, outputs.
            device: where.
            generator: draws the weights; of the CPU, so that every device begins alike.
        """
        weights, biases = [], []
        for inputs, outputs in pairwise(widths):
            drawn = torch.randn(members, inputs, outputs, generator=generator) * math.sqrt(2 / max(inputs, 1))
            weights.append(drawn.to(device))
            biases.append(torch.zeros(members, 1, outputs, device=device))
        weights[-1] *= 0.1
        return cls(weights, biases, torch.ones(members, widths[-1], device=device))

    @property
    def members(self) -> int:
        """How many."""
        return self.weights[0].shape[0]

    def run(self, features: Tensor) -> Tensor:
        """Return what every member says.

        Args:
            features: (rows, dimensions) for all members, or (members, rows, dimensions).

        Returns:
            (members, rows, components).
        """
        values = features.expand(self.members, *features.shape) if features.ndim == 2 else features
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = torch.baddbmm(bias.to(values.dtype), values, weight.to(values.dtype))
            if layer < last:
                values = torch.relu(values)
        return values

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; `from_tensors` reads them back."""
        named = {f"weight.{layer}": tensor for layer, tensor in enumerate(self.weights)}
        named |= {f"bias.{layer}": tensor for layer, tensor in enumerate(self.biases)}
        return {**named, "noise": self.noise}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "Networks":
        """Return networks of tensors by name."""
        layers = range(sum(name.startswith("weight.") for name in tensors))
        weights = [tensors[f"weight.{layer}"] for layer in layers]
        return cls(weights, [tensors[f"bias.{layer}"] for layer in layers], tensors["noise"])


def draw_bags(rows: int, members: int, generator: torch.Generator) -> Tensor:
    """Return which rows each member sees, (members, rows), bool: `BAG` of them, without replacement.

    Every row is left out by about as many members as any other: each member leaves out those that fewest have.
    """
    left_out = torch.zeros(members, rows, dtype=torch.bool)
    size = rows - max(1, round(BAG * rows))
    for member in range(members):
        lot = left_out.sum(0) + torch.rand(rows, generator=generator)
        left_out[member, torch.argsort(lot)[:size]] = True
    return ~left_out


@dataclass(frozen=True)
class Schooling:
    """How networks are made and trained.

    Attributes:
        hidden: widths of the hidden layers.
        epochs: how often each row is seen.
        name: what the training is called where it is watched.
    """

    hidden: tuple[int, ...] = HIDDEN
    epochs: int = EPOCHS
    name: str = "Networks"


@dataclass(frozen=True)
class Lessons:
    """What networks learn from.

    Attributes:
        features: (rows, dimensions), float32, standardised.
        targets: (rows, components), float32, standardised.
        seen: (members, rows), bool: the rows that each member learns from.
    """

    features: Tensor
    targets: Tensor
    seen: Tensor


USUAL = Schooling()


def train(
    lessons: Lessons, hardware: Hardware, generator: torch.Generator, watch: Watch, schooling: Schooling = USUAL
) -> Networks:
    """Train members together, each on the rows that it sees.

    Args:
        lessons: what they learn from, on the device.
        hardware: where to compute.
        generator: draws weights and batches.
        watch: is told the mean loss by epoch, stops it, keeps its state.
        schooling: how.

    Raises:
        TrainingStopped: as the watch says.
    """
    features, targets = lessons.features, lessons.targets
    members, rows = lessons.seen.shape
    widths = (features.shape[1], *schooling.hidden, targets.shape[1])
    networks = Networks.start(members, widths, features.device, generator)
    parameters = [tensor.requires_grad_() for tensor in (*networks.weights, *networks.biases)]
    optimiser = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=hardware.is_gpu)
    shares = lessons.seen.to(features)

    def do_epoch(epoch: int) -> Tensor:
        set_rate(optimiser, LEARNING_RATE * measure_warmth(epoch / schooling.epochs))
        losses = []
        order = torch.randperm(rows, generator=generator).to(features.device)
        for chosen in torch.split(order, min(BATCH_ROWS, rows)):
            optimiser.zero_grad(set_to_none=False)
            errors = (networks.run(features[chosen]) - targets[chosen]).square().mean(-1)
            loss = (errors * shares[:, chosen]).sum(-1) / shares[:, chosen].sum(-1).clamp_min(1)
            loss.sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.detach().mean())
        return torch.stack(losses).mean()

    watch.run(schooling.name, schooling.epochs, parameters, optimiser, do_epoch, generator)
    for tensor in parameters:
        tensor.requires_grad = False
    networks.noise = measure_noise(networks, features, targets, lessons.seen)
    return networks


def measure_warmth(done: float) -> float:
    """Return the share of the learning rate at a share of the epochs: a tenth of warming up, then half a cosine."""
    return done / 0.1 + 0.02 if done < 0.1 else 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)) + 1e-3


def measure_noise(networks: Networks, features: Tensor, targets: Tensor, seen: Tensor) -> Tensor:
    """Return each member's mean squared residual on rows that it did not see, (members, components)."""
    squares = (networks.run(features) - targets).square()
    unseen = (~seen).to(squares).unsqueeze(-1)
    return (squares * unseen).sum(1) / unseen.sum(1).clamp_min(1)


def predict_out_of_bag(networks: Networks, features: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance over the members that did not see a row, both (rows, components).

    Rows that every member saw are answered by all.
    """
    said = networks.run(features)
    counts = (~seen).sum(0)
    voters = (~seen | (counts == 0)).to(said).unsqueeze(-1)
    number = voters.sum(0)
    mean = (said * voters).sum(0) / number
    spread = ((said - mean).square() * voters).sum(0) / number
    return mean, spread + networks.noise.mean(0)
