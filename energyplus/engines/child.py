"""What happens in the process of one case: the engine's library runs it. `fork_server` calls it in a fork.

`python -m energyplus.engines.child MODEL WEATHER LARGEST_FILE_BYTES` does the same in a process of its own, with limits
but no sandbox: what forked runs are compared with.

The library has two ways in. Through its C API a run serves the hooks for callbacks at every step, whether there are any
or not; through `EnergyPlusPgm`, which is what the program `energyplus` itself calls, it does not, and takes 4 to 6 %
less time for the same numbers.
"""

import ctypes
import os
import resource
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energyplus.engines.supervision import die_with_parent

_PROGRAM = "_Z13EnergyPlusPgmRKSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESaIS5_EERKS5_"
"""int EnergyPlusPgm(const std::vector<std::string>&, const std::string&), as libstdc++ lays these out."""


class _String(ctypes.Structure):
    """A std::string of libstdc++ that is only read."""

    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t), ("room", ctypes.c_char * 16)]


class _Vector(ctypes.Structure):
    """A std::vector of libstdc++ that is only read."""

    _fields_ = [("begin", ctypes.c_void_p), ("end", ctypes.c_void_p), ("end_of_room", ctypes.c_void_p)]


@dataclass(frozen=True)
class LoadedEngine:
    """The engine's library in this process; good for one run, in this process or in each fork of it."""

    api: Any

    @property
    def has_program(self) -> bool:
        """Whether the library shows the program's way in."""
        return hasattr(self.api.api, _PROGRAM)


def load_engine() -> LoadedEngine:
    """Load the engine's library."""
    from pyenergyplus.api import EnergyPlusAPI

    return LoadedEngine(EnergyPlusAPI())


def warm_engine(engine: LoadedEngine) -> None:
    """Have the engine make what all runs share: the schema of models and what judges them by it, 0.1 s of work.

    Both stay in the library when a run is over. This one refuses its model, which has nothing but a version.
    """
    with tempfile.TemporaryDirectory(prefix="casefarm-") as folder, _Silence():
        model = Path(folder) / "model.idf"
        model.write_text("Version,25.2;", encoding="ascii")
        run_engine(engine, model, model, Path(folder))


def run_engine(engine: LoadedEngine, model: Path, weather: Path, folder: Path = Path()) -> int:
    """Run one case.

    Args:
        engine: loaded in this process.
        model: IDF file.
        weather: EPW file.
        folder: where it writes.

    Returns:
        The engine's exit code, which means little by itself (`energyplus.results.success`).
    """
    arguments = ["-d", str(folder), "-w", str(weather), str(model)]
    if engine.has_program:
        return _run_program(engine.api.api, ["energyplus", *arguments])
    state = engine.api.state_manager.new_state()
    engine.api.runtime.set_console_output_status(state, False)
    return int(engine.api.runtime.run_energyplus(state, arguments))


def _run_program(library: Any, arguments: list[str]) -> int:
    words = [os.fsencode(argument) for argument in arguments]
    strings = (_String * len(words))(*(_String(word, len(word)) for word in words))
    begin, end = ctypes.addressof(strings), ctypes.addressof(strings) + ctypes.sizeof(strings)
    vector, nothing = _Vector(begin, end, end), _String(b"", 0)
    program = library[_PROGRAM]
    program.argtypes, program.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_int
    return int(program(ctypes.addressof(vector), ctypes.addressof(nothing)))


class _Silence:
    """Sends standard output and error to nowhere while it lasts."""

    def __enter__(self) -> None:
        self._kept = [(number, os.dup(number)) for number in (1, 2)]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number, _copy in self._kept:
            os.dup2(nowhere, number)
        os.close(nowhere)

    def __exit__(self, *_exception: object) -> None:
        for number, copy in self._kept:
            os.dup2(copy, number)
            os.close(copy)


def _limit_process(largest_file_bytes: int) -> None:
    # Python ignores SIGXFSZ, which would turn a file at its limit into a short one that looks whole.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(arguments: list[str]) -> int:
    die_with_parent()
    model, weather, largest_file_bytes = arguments
    engine = load_engine()
    _limit_process(int(largest_file_bytes))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the program tells its progress there
    return run_engine(engine, Path(model), Path(weather))


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
