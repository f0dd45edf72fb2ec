"""What a training tells while it runs, how it is stopped, and what it leaves to one that goes on after it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

import torch
from torch import Tensor

from surrogates.emulator.errors import EmulatorError

KEEP_EVERY_S = 5.0

State = dict[str, Tensor]


@dataclass
class Watch:
    """Nobody watches: tells nothing, stops never, keeps nothing. The service's is made with functions of its own.

    Attributes:
        tell: is told what is being done, its step, the number of steps, and the loss.
        check: raises `TrainingStopped` where training is to end.
        keep: keeps the state of a part of the training, by its name.
        recall: returns what was kept under a name by an earlier process, or None.
    """

    tell: Callable[[str, int, int, float], None] = lambda *_: None
    check: Callable[[], None] = lambda: None
    keep: Callable[[str, State], None] = lambda *_: None
    recall: Callable[[str], State | None] = lambda _: None
    _kept_at: float = field(default_factory=monotonic)

    def run(
        self,
        name: str,
        steps: int,
        parameters: list[Tensor],
        optimiser: torch.optim.Optimizer,
        do_step: Callable[[int], Tensor],
        generator: torch.Generator | None = None,
    ) -> None:
        """Do the steps of an optimiser, from where an earlier process was interrupted; keep their state now and then.

        Args:
            name: what the steps are called, different in each part of a training.
            steps: how many.
            parameters: what the optimiser changes.
            optimiser: an Adam.
            do_step: does a step by its number and returns the loss.
            generator: of the random numbers that steps draw.

        Raises:
            TrainingStopped: as `check` says.
        """
        begun = 0
        if found := self.recall(name):
            begun = restore(found, parameters, optimiser, generator)
        for step in range(begun, steps):
            self.check()
            loss = do_step(step)
            value = float(loss)
            if not math.isfinite(value):
                raise EmulatorError(f"{name}: the loss is {value} after {step + 1} of {steps} steps.")
            self.tell(name, step + 1, steps, value)
            if monotonic() - self._kept_at >= KEEP_EVERY_S:
                self.keep(name, pack(step + 1, parameters, optimiser, generator))
                self._kept_at = monotonic()
        self.keep(name, pack(steps, parameters, optimiser, generator))


def pack(
    step: int, parameters: list[Tensor], optimiser: torch.optim.Optimizer, generator: torch.Generator | None
) -> State:
    """Return the state of an optimisation as tensors by name."""
    state: State = {"step": torch.tensor(step)}
    for place, parameter in enumerate(parameters):
        state[f"parameter.{place}"] = parameter.detach().cpu().clone()
        for name, value in optimiser.state[parameter].items():
            state[f"{name}.{place}"] = value.detach().cpu().clone()
    if generator is not None:
        state["generator"] = generator.get_state()
    return state


def restore(
    state: Mapping[str, Tensor],
    parameters: list[Tensor],
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator | None,
) -> int:
    """Bring an optimisation to a packed state; return the number of steps that it had done."""
    fused = bool(optimiser.defaults.get("fused"))  # which counts its steps on the device
    with torch.no_grad():
        for place, parameter in enumerate(parameters):
            parameter.copy_(state[f"parameter.{place}"])
            names = [name.rpartition(".")[0] for name in state if name.endswith(f".{place}")]
            optimiser.state[parameter] = {
                name: state[f"{name}.{place}"].clone().to("cpu" if name == "step" and not fused else parameter.device)
                for name in names
                if name != "parameter"
            }
    if generator is not None:
        generator.set_state(state["generator"])
    return int(state["step"])
