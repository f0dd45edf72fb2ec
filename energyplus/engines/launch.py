"""The launcher of a program: confines itself, then becomes the program. `energyplus.engines.programs` executes it.

`python -m energyplus.engines.launch REQUEST`, REQUEST being JSON. Its own complaints go to standard output after
`MARK`, and it ends with `REFUSED`; whatever else is seen came from the program.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from energyplus.engines.supervision import die_with_parent
from energyplus.errors import EngineError
from energyplus.sandbox import SandboxPolicy, apply_limits, enter_sandbox

MARK = "casefarm launcher: "
REFUSED = 125


def launch(request: dict[str, Any]) -> None:
    """Enter the sandbox and execute the program in this process; does not return.

    Args:
        request: `command` (argument list, the program's absolute path first), `sandbox`, `policy` and `environment`.

    Raises:
        EngineError, OSError: it cannot be executed here.
    """
    limits = request["policy"]
    paths = {name: tuple(Path(path) for path in limits[name]) for name in ("readable", "writable", "may_execute")}
    policy = SandboxPolicy(**{**limits, **paths, "keep_open": ()})
    if request["sandbox"] == "enforced":
        enter_sandbox(policy)
    else:
        apply_limits(policy)
    os.execve(request["command"][0], request["command"], request["environment"])  # noqa: S606 - this is its purpose


def _main(argument: str) -> int:
    die_with_parent()
    try:
        launch(json.loads(argument))
    except (EngineError, OSError) as error:
        sys.stdout.write(f"{MARK}{error}\n")
        sys.stdout.flush()
    return REFUSED


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1]))
