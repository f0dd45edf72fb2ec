"""What happens in the process of one case: the engine is loaded and runs. `fork_server` calls it in a fork.

`python -m energyplus.engines.child MODEL WEATHER LARGEST_FILE_BYTES` does the same in a process of its own, with limits
but no sandbox: what forked runs are compared with.
"""

import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energyplus.engines.supervision import die_with_parent


@dataclass(frozen=True)
class LoadedEngine:
    """The engine's library and a fresh state in it; good for one run, in this process or in each fork of it."""

    api: Any
    state: Any


def load_engine() -> LoadedEngine:
    """Load the engine's library and make a state: what cases have in common."""
    from pyenergyplus.api import EnergyPlusAPI

    api = EnergyPlusAPI()
    state = api.state_manager.new_state()
    api.runtime.set_console_output_status(state, False)
    return LoadedEngine(api, state)


def run_engine(engine: LoadedEngine, model: Path, weather: Path) -> int:
    """Run one case in the current directory.

    Args:
        engine: loaded in this process.
        model: IDF file.
        weather: EPW file.

    Returns:
        The engine's exit code, which means little by itself (`energyplus.results.success`).
    """
    return int(engine.api.runtime.run_energyplus(engine.state, ["-d", ".", "-w", str(weather), str(model)]))


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
    return run_engine(engine, Path(model), Path(weather))


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
