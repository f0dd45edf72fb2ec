"""States of trainings as files: tensors by name, nothing else. Called by the service's watch."""

from pathlib import Path

from safetensors.torch import load, save

from surrogates.emulator.watching import State


def write_state(state: State, path: Path) -> None:
    """Write the state of a part of a training to a file."""
    path.write_bytes(save({name: value.detach().cpu().contiguous() for name, value in state.items()}))


def read_state(path: Path) -> State:
    """Return the state that a file holds, on the CPU.

    Raises:
        safetensors.SafetensorError: it is no such file.
    """
    return dict(load(path.read_bytes()))
