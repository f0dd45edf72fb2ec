"""Networks that have learnt from a Gaussian process what it would say: for a million designs in seconds.

A process answers in time that grows with the square of its rows. Networks are trained on its means at Sobol' points
over the whole domain, and kept where they are so near to it that the error against simulation hardly grows.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.devices import Hardware
from surrogates.emulator.ensemble import Lessons, Networks, Schooling, train
from surrogates.emulator.inputs import Inputs
from surrogates.emulator.regressors import Regressor
from surrogates.emulator.space import Space, SpaceWish
from surrogates.emulator.targets import Targets
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

POINTS, TESTED = 6144, 2048
SCHOOLING = Schooling(hidden=(128, 128), epochs=60, name="Networks for screening")
WORSE = 1.2  # than the process by so much at most, against simulation: errors add as squares


@dataclass(frozen=True)
class Distilled:
    """What came of teaching networks.

    Attributes:
        regressor: networks of one member; None where they are not good enough.
        errors: root mean squared difference from the process by metric, in its unit, at points not learnt from.
    """

    regressor: Regressor | None
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
    generator = torch.Generator().manual_seed(0)
    lessons = Lessons(
        features=features[:POINTS].float().to(hardware.device),
        targets=torch.from_numpy(wanted[:POINTS]).float().to(hardware.device),
        seen=torch.ones(1, POINTS, dtype=torch.bool, device=hardware.device),
    )
    networks = train(lessons, hardware, generator, watch, SCHOOLING)
    pupil = Regressor("ensemble", Networks(networks.weights, networks.biases, networks.noise))
    said = combine_means(targets, pupil.predict(features[POINTS:], hardware)[0].numpy())
    errors = np.sqrt(np.square(said - combine_means(targets, wanted[POINTS:])).mean(axis=0))
    is_near = bool((errors <= np.sqrt(WORSE**2 - 1) * allowed).all())
    told = dict(zip(targets.metrics, errors.tolist(), strict=True))
    return Distilled(pupil if is_near else None, told)


def draw_points(inputs: Inputs, count: int) -> Tensor:
    """Return standardised features of Sobol' points over all that inputs were trained on, (count, features)."""
    space = Space.make(inputs, SpaceWish())
    engine = torch.quasirandom.SobolEngine(space.width, scramble=True, seed=0)  # type: ignore[no-untyped-call]
    return space.encode(space.decode(engine.draw(count, dtype=torch.float64)))


def ask_teacher(teacher: Regressor, targets: Targets, features: Tensor, hardware: Hardware, watch: Watch) -> Floats:
    """Return the means of the learnt components as the process sees them, standardised, (rows, learnt components)."""
    alone = targets.part()
    found = []
    for chunk in torch.split(features, 1024):
        watch.check()
        mean, _ = alone.combine(*(tensor.numpy() for tensor in teacher.predict(chunk, hardware)))
        found.append(alone.standardise(dict(zip(alone.metrics, mean.T, strict=True))))
    return np.concatenate(found)


def combine_means(targets: Targets, said: Floats) -> Floats:
    """Return metrics, (rows, metrics), of standardised means that include what uncertainty adds to squares."""
    return targets.combine(said, np.zeros_like(said))[0]
