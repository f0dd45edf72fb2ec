"""Networks that have learnt from a Gaussian process what it would say: for a million designs in seconds.

A process answers in time that grows with the square of its rows. A quadratic polynomial, and networks for what is left
of it, are fitted to its means at Sobol' points over the whole domain, and kept where they are so near to it that the
error against simulation hardly grows. The polynomial is worked out in float32 and leaves little: what networks lose in
bfloat16 is a small share of that little.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.ensemble import Lessons, Networks, Schooling, train
from surrogates.emulator.inputs import Inputs
from surrogates.emulator.regressors import Regressor
from surrogates.emulator.ridge import QuadraticRidge, make_terms
from surrogates.emulator.space import Space, SpaceWish
from surrogates.emulator.targets import Targets
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

POINTS, TESTED = 8192, 2048
SCHOOLING = Schooling(hidden=(128, 128), epochs=60, name="Networks for screening")
ROWS_AT_ONCE = 256  # that the process is asked for: between them the training may be stopped
PENALTY = 1e-5
WORSE = 1.2  # than the process by so much at most, against simulation: errors add as squares


@dataclass(frozen=True)
class Pupil:
    """What answers fast.

    Attributes:
        polynomial: float32.
        networks: of what the polynomial leaves over, one member.
    """

    polynomial: QuadraticRidge
    networks: Regressor

    def predict_means(self, features: Tensor, hardware: Hardware) -> Tensor:
        """Return means of learnt components, (rows, components), float64 on the CPU, standardised.

        Args:
            features: (rows, dimensions), standardised; taken in chunks.
            hardware: where to compute.
        """
        tensors = {name: tensor.to(hardware.device) for name, tensor in self.polynomial.tensors().items()}
        polynomial = QuadraticRidge.from_tensors(tensors)
        chunks = torch.split(features, hardware.chunk_rows)
        means = [polynomial.predict(chunk.float().to(hardware.device))[0].double().cpu() for chunk in chunks]
        return torch.cat(means) + self.networks.predict(features, hardware)[0]

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; `from_tensors` reads them back."""
        polynomial = {f"polynomial.{name}": tensor for name, tensor in self.polynomial.tensors().items()}
        return {**polynomial, **{f"networks.{name}": tensor for name, tensor in self.networks.model.tensors().items()}}

    @classmethod
    def from_tensors(cls, polynomial: Mapping[str, Tensor], networks: Mapping[str, Tensor]) -> "Pupil":
        """Return the pupil of its tensors by name."""
        return cls(QuadraticRidge.from_tensors(polynomial), Regressor("ensemble", Networks.from_tensors(networks)))


@dataclass(frozen=True)
class Distilled:
    """What came of teaching networks.

    Attributes:
        pupil: what answers fast; None where it is not good enough.
        errors: root mean squared difference from the process by metric, in its unit, at points not learnt from.
    """

    pupil: Pupil | None
    errors: dict[str, float]


def distil(
    teacher: Regressor, asked: tuple[Inputs, Targets], allowed: Floats, hardware: Hardware, watch: Watch
) -> Distilled:
    """Return networks that answer like a process.

    Args:
        teacher: the process.
        asked: its inputs and targets.
        allowed: (metrics,), root mean squared errors of the process on rows that it has not learnt from.
        hardware: where to compute.
        watch: is told, stops it, keeps its state.

    Raises:
        TrainingStopped: as the watch says.
    """
    inputs, targets = asked
    features = draw_points(inputs, POINTS + TESTED)
    wanted = ask_teacher(teacher, targets, features, hardware, watch)
    learnt = torch.from_numpy(wanted[:POINTS])
    polynomial = fit_polynomial(features[:POINTS], learnt)
    left = learnt - polynomial.predict(features[:POINTS].float())[0].double()
    scales = left.std(0).clamp_min(1e-9)
    lessons = Lessons(
        features=features[:POINTS].float().to(hardware.device),
        targets=(left / scales).float().to(hardware.device),
        seen=torch.ones(1, POINTS, dtype=torch.bool, device=hardware.device),
    )
    networks = train(lessons, hardware, torch.Generator().manual_seed(0), watch, SCHOOLING)
    networks.weights[-1].mul_(scales.to(networks.weights[-1]))
    networks.biases[-1].mul_(scales.to(networks.biases[-1]))
    pupil = Pupil(polynomial, Regressor("ensemble", networks))
    said = combine_means(targets, pupil.predict_means(features[POINTS:], hardware).numpy())
    errors = np.sqrt(np.square(said - combine_means(targets, wanted[POINTS:])).mean(axis=0))
    is_near = bool((errors <= np.sqrt(WORSE**2 - 1) * allowed).all())
    told = dict(zip(targets.metrics, errors.tolist(), strict=True))
    return Distilled(pupil if is_near else None, told)


def fit_polynomial(features: Tensor, targets: Tensor) -> QuadraticRidge:
    """Return the quadratic polynomial that is nearest to targets, both (rows, …), float64; it is float32."""
    raw = make_terms(features)
    centre, spread = raw.mean(0), raw.std(0, correction=0)
    spread = torch.where(spread > 1e-9, spread, 1.0)
    terms, offset = (raw - centre) / spread, targets.mean(0)
    # Descriptors of few climates depend on each other: without a penalty their weights would grow and cancel out.
    products = terms.T @ terms + PENALTY * len(terms) * torch.eye(terms.shape[1], dtype=terms.dtype)
    weights = torch.linalg.solve(products, terms.T @ (targets - offset))
    found = QuadraticRidge(weights, centre, spread, offset, torch.zeros_like(offset))
    return QuadraticRidge(**{name: tensor.float() for name, tensor in found.tensors().items()})


def draw_points(inputs: Inputs, count: int) -> Tensor:
    """Return standardised features of Sobol' points over all that inputs were trained on, (count, features)."""
    space = Space.make(inputs, SpaceWish())
    engine = torch.quasirandom.SobolEngine(space.width, scramble=True, seed=0)  # type: ignore[no-untyped-call]
    return space.encode(space.decode(engine.draw(count, dtype=torch.float64)))


def ask_teacher(teacher: Regressor, targets: Targets, features: Tensor, hardware: Hardware, watch: Watch) -> Floats:
    """Return the means of the learnt components as the process sees them, standardised, (rows, learnt components)."""
    alone = targets.part()
    found = []
    for chunk in torch.split(features, ROWS_AT_ONCE):
        watch.check()
        mean, _ = alone.combine(*(tensor.numpy() for tensor in teacher.predict(chunk, hardware)))
        found.append(alone.standardise(dict(zip(alone.metrics, mean.T, strict=True))))
    return np.concatenate(found)


def combine_means(targets: Targets, said: Floats) -> Floats:
    """Return metrics, (rows, metrics), of standardised means that include what uncertainty adds to squares."""
    return targets.combine(said, np.zeros_like(said))[0]
