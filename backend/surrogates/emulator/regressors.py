"""The kinds of regressors behind one seam: features go in, mean and variance of what is learnt come out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor

from surrogates.emulator.boosting import BoostedTrees
from surrogates.emulator.devices import Hardware
from surrogates.emulator.ensemble import Networks
from surrogates.emulator.gaussian_process import Posterior
from surrogates.emulator.inference import PlacedNetworks
from surrogates.emulator.ridge import QuadraticRidge

Kind = Literal["gp", "ensemble", "boosting", "ridge"]
KINDS: tuple[Kind, ...] = ("gp", "ensemble", "boosting", "ridge")
GATES: tuple[Kind, ...] = ("ridge", "boosting")
LABELS: dict[Kind, str] = {
    "gp": "Gaussian process",
    "ensemble": "Ensemble of networks",
    "boosting": "Gradient boosting",
    "ridge": "Quadratic ridge",
}
Answer = Callable[[Tensor], tuple[Tensor, Tensor]]
MATRICES_AT_ONCE = 3  # of members × points × rows that a process needs to answer


class Model(Protocol):
    """What every kind has."""

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name."""


@dataclass(frozen=True)
class Regressor:
    """A trained regressor.

    Attributes:
        kind: which.
        model: of that kind.
    """

    kind: Kind
    model: Model
    _placed: dict[tuple[torch.device, torch.dtype], Answer] = field(default_factory=dict, repr=False, compare=False)

    def predict(self, features: Tensor, hardware: Hardware) -> tuple[Tensor, Tensor]:
        """Return mean and variance at points, both (points, components), float64 on the CPU.

        Args:
            features: (points, dimensions), float64, standardised.
            hardware: where to compute; points are taken in chunks that keep to its memory.
        """
        answer = self._choose(hardware)
        means, variances = [], []
        for chunk in torch.split(features, self._measure_chunk(hardware)):
            mean, variance = answer(chunk.to(hardware.device))
            means.append(mean.double().cpu())
            variances.append(variance.double().cpu())
        return torch.cat(means), torch.cat(variances)

    def _choose(self, hardware: Hardware) -> Answer:
        key = (hardware.device, hardware.fast)
        if key not in self._placed:
            self._placed[key] = self._place(hardware)
        return self._placed[key]

    def _place(self, hardware: Hardware) -> Answer:
        if isinstance(self.model, Networks):
            networks = PlacedNetworks.place(self.model, hardware)
            return lambda chunk: networks.predict(chunk.float())
        tensors = {name: tensor.to(hardware.device) for name, tensor in self.model.tensors().items()}
        model = read_model(self.kind, tensors)
        assert isinstance(model, Posterior | QuadraticRidge | BoostedTrees)  # noqa: S101 - what else there is
        return model.predict

    def _measure_chunk(self, hardware: Hardware) -> int:
        if isinstance(self.model, Posterior):
            members, rows = self.model.weights.shape
            fitting = hardware.budget_bytes // (8 * MATRICES_AT_ONCE * members * rows)
            return max(1, min(hardware.chunk_rows, fitting))
        if isinstance(self.model, BoostedTrees):
            return max(1, min(hardware.chunk_rows, hardware.budget_bytes // (64 * len(self.model.feature))))
        return hardware.chunk_rows


def read_model(kind: Kind, tensors: Mapping[str, Tensor]) -> Model:
    """Return the model of a kind from its tensors by name.

    Raises:
        KeyError, ValueError: they are not those of such a model.
    """
    if kind == "gp":
        return Posterior.from_tensors(tensors)
    if kind == "ensemble":
        return Networks.from_tensors(tensors)
    if kind == "boosting":
        return BoostedTrees.from_tensors(tensors)
    return QuadraticRidge.from_tensors(tensors)
