"""What happens in the process of one case: limits, then the engine. `energyplus.engines.engine` executes it with `-m`.

The sandbox's place is in `run_case`, between the library's loading and the engine's start; a fork server would load the
library and make the state once, then call `run_case` in a fork.
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
    """The engine's library and a fresh state in it; good for one run."""

    api: Any
    state: Any


def load_engine() -> LoadedEngine:
    """Load the engine's library and make a state: what cases have in common."""
    from pyenergyplus.api import EnergyPlusAPI

    api = EnergyPlusAPI()
    return LoadedEngine(api, api.state_manager.new_state())


def run_case(engine: LoadedEngine, model: Path, weather: Path, largest_file_bytes: int) -> int:
    """Run one case in the current directory.

    Args:
        engine: loaded in this process.
        model: IDF file.
        weather: EPW file.
        largest_file_bytes: no file may grow beyond it, bytes; a run that tries dies of SIGXFSZ.

    Returns:
        The engine's exit code, which means little by itself (`energyplus.results.success`).
    """
    _limit_process(largest_file_bytes)
    engine.api.runtime.set_console_output_status(engine.state, False)
    return int(engine.api.runtime.run_energyplus(engine.state, ["-d", ".", "-w", str(weather), str(model)]))


def _limit_process(largest_file_bytes: int) -> None:
    # Python ignores SIGXFSZ, which would turn a file at its limit into a short one that looks whole.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(arguments: list[str]) -> int:
    die_with_parent()
    model, weather, largest_file_bytes = arguments
    return run_case(load_engine(), Path(model), Path(weather), int(largest_file_bytes))


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
