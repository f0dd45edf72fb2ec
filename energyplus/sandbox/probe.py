"""Finds out whether this machine can seal a case, by sealing a process and having it try what it must not.

Called when a simulation worker starts; the answer is what the health page shows.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_LONGEST_TRIAL_S = 20
_PACKAGES = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class SandboxReport:
    """What was found on this machine.

    Attributes:
        mode: "enforced" only if everything tried was refused and what a case needs was not.
        landlock_abi: of the kernel; 0 where it has none.
        machine: kind of processor, "x86_64".
        reason: why the sandbox is unavailable; empty where it is enforced.
        tried: how many forbidden things were tried.
    """

    mode: Literal["enforced", "unavailable"]
    landlock_abi: int
    machine: str
    reason: str
    tried: int = 0


def probe_sandbox(scratch: Path | None = None) -> SandboxReport:
    """Seal a process that a fresh Python process forks, and have it try everything forbidden.

    The fresh process makes this safe to call from a process with threads. It opens sockets on 127.0.0.1 only.

    Args:
        scratch: folder for the trial's files, made and removed there; the one for temporary files where None.

    Returns:
        The report. Whatever goes wrong makes it "unavailable"; nothing is raised.
    """
    command = (sys.executable, "-S", "-m", "energyplus.sandbox.trial", *([str(scratch)] if scratch else []))
    try:
        trial = subprocess.run(
            command,
            check=False,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST_TRIAL_S,
        )
        found = json.loads(trial.stdout)
        return SandboxReport(found["mode"], found["landlock_abi"], found["machine"], found["reason"], found["tried"])
    except (OSError, subprocess.SubprocessError) as error:
        return _unavailable(f"The trial of the sandbox did not run: {error}.")
    except (ValueError, KeyError, TypeError):
        last = trial.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:500]
        return _unavailable(f"The trial of the sandbox ended with status {trial.returncode}: {last}")


def _unavailable(reason: str) -> SandboxReport:
    return SandboxReport("unavailable", 0, os.uname().machine, reason)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
    return kept | {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_PACKAGES),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
