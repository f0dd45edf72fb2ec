"""Networks that answer: placed once where they are to compute, in the dtype that is fast there.

On a processor one member after the other takes a chunk of rows, so that weights and activations stay in its caches, and
oneDNN adds bias and ReLU while it writes a product's result. On a GPU all members take a chunk together, as a graph
that is recorded once: launching its kernels one by one would take longer than they run.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.ensemble import Networks

GRAPH_ROWS = 16_384  # whose activations stay in the level-2 cache of a data-centre GPU
Layer = tuple[Tensor, Tensor]


@dataclass
class PlacedNetworks:
    """Networks on a device.

    Attributes:
        layers: of each member, weight and bias: on a processor (outputs, inputs) and (outputs,).
        stacked: all members together, for a GPU.
        noise: (components,), float32: mean over the members.
        hardware: where.
    """

    layers: list[list[Layer]]
    stacked: Networks
    noise: Tensor
    hardware: Hardware
    _graph: "_Graph | None" = field(default=None, repr=False)

    @classmethod
    def place(cls, networks: Networks, hardware: Hardware) -> "PlacedNetworks":
        """Return networks where they are to answer, with layers in the dtype that is fast there."""
        weights = [tensor.to(hardware.device, hardware.fast) for tensor in networks.weights]
        biases = [tensor.to(hardware.device, hardware.fast) for tensor in networks.biases]
        layers = [
            [(weight[member].T.contiguous(), bias[member, 0]) for weight, bias in zip(weights, biases, strict=True)]
            for member in range(networks.members)
        ]
        noise = networks.noise.to(hardware.device).mean(0)
        return cls(layers, Networks(weights, biases, networks.noise), noise, hardware)

    def predict(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance of all members, both (rows, components), float32.

        The variance is the members' spread and what they were off on rows they did not see. Products are in the dtype
        of the layers, sums over the members in float32.

        Args:
            features: (rows, dimensions), float32, standardised, on the device; as many as fit at a time.
        """
        values = features.to(self.hardware.fast)
        if self.hardware.is_gpu:
            mean, spread = self._run_graph(values)
            return mean, spread + self.noise
        said = [run_member(layers, values).float() for layers in self.layers]
        mean = torch.stack(said).mean(0) if len(said) > 1 else said[0]
        spread = torch.zeros_like(mean)
        for part in said:
            spread += (part - mean).square_()
        return mean, spread / len(said) + self.noise

    def _run_graph(self, values: Tensor) -> tuple[Tensor, Tensor]:
        if len(values) < GRAPH_ROWS:
            return summarise(self.stacked.run(values))
        if self._graph is None:
            self._graph = _Graph(self.stacked, values[:GRAPH_ROWS])
        parts = [self._graph.replay(chunk) for chunk in torch.split(values, GRAPH_ROWS)]
        return torch.cat([mean for mean, _ in parts]), torch.cat([spread for _, spread in parts])


class _Graph:
    """The kernels that answer for a chunk of rows on a GPU, recorded once and launched as one."""

    def __init__(self, networks: Networks, values: Tensor) -> None:
        self.given = values.clone()
        beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(3):  # libraries choose their kernels and take their memory before anything is recorded
                summarise(networks.run(self.given))
        torch.cuda.current_stream().wait_stream(beside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.said = summarise(networks.run(self.given))

    def replay(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and spread of rows, at most as many as were recorded."""
        self.given[: len(values)].copy_(values)
        self.graph.replay()
        mean, spread = self.said
        return mean[: len(values)].clone(), spread[: len(values)].clone()


def summarise(said: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance over the members, both (rows, components), float32, of (members, rows, components)."""
    exact = said.float()
    return exact.mean(0), exact.var(0, correction=0)


def run_member(layers: list[Layer], values: Tensor) -> Tensor:
    """Return what one member says on a processor, (rows, components), in the dtype of its layers."""
    fused = values.dtype == torch.bfloat16 and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    for (weight, bias), following in pairwise([*layers, None]):  # type: ignore[misc]
        if fused:
            # The operator that torch.compile itself puts in place of a linear layer and its activation; it is no
            # public name, and torch is pinned.
            kind = "none" if following is None else "relu"
            values = torch.ops.mkldnn._linear_pointwise(values, weight, bias, kind, [], "")  # noqa: SLF001
        else:
            values = torch.addmm(bias, values, weight.T)
            values = values if following is None else values.relu_()
    return values
