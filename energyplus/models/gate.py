"""The gate of uploads: a stranger's model goes in, its description or a refusal comes out; the library calls it.

A model is read and judged in a child process that is sealed off, has little time and memory, and is killed when it
exceeds them: a parser that a crafted file hangs or blows up must not take the web process with it. The child reads the
model exactly as a worker will, eppy included, so that what passes here cannot hang there.
"""

import json
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Collection
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, Literal

from energyplus.errors import EnergyPlusError, EngineError, ModelError
from energyplus.models.building_model import BuildingModel
from energyplus.models.description import ModelDescription
from energyplus.models.judgement import Finding, ModelRefused, judge_description
from energyplus.models.schema import ENGINE_VERSION
from energyplus.sandbox import SandboxPolicy, apply_limits, enter_sandbox

__all__ = ["Finding", "GateLimits", "ModelRefused", "SandboxMode", "judge_upload", "limits_for", "read_safely"]

SandboxMode = Literal["enforced", "trusted"]
_MEMORY_BYTES = 2 * 1024**3
_PATIENCE = 10  # times the processor time, on the clock: a busy machine is no fault of the model


@dataclass(frozen=True)
class GateLimits:
    """What reading one model may take.

    Attributes:
        cpu_s: processor time, s; on a machine that is not overloaded the answer is there by then.
        wall_s: time on the clock, s, whatever the machine has else to do.
        memory_bytes: address space, bytes.
    """

    cpu_s: float
    wall_s: float
    memory_bytes: int = _MEMORY_BYTES


def limits_for(size_bytes: int) -> GateLimits:
    """The limits for a file of so many bytes.

    The largest reference model (3.5 MB) takes 1.3 s, the smallest (0.2 MB) 0.8 s, most of it for eppy's dictionary.
    """
    cpu_s = 2.5 + max(0.0, size_bytes / 1e6 - 1) / 4
    return GateLimits(cpu_s, cpu_s * _PATIENCE)


def judge_upload(
    path: Path,
    attachments: Collection[str] = (),
    versions: Collection[str] = (ENGINE_VERSION,),
    sandbox: SandboxMode = "enforced",
    limits: GateLimits | None = None,
) -> ModelDescription:
    """Read and judge a stranger's model.

    Args:
        path: an IDF or epJSON file.
        attachments: names of the files that were uploaded with it.
        versions: those that an engine is there for, "25.2".
        sandbox: "enforced" refuses every model where this machine cannot seal the child off; "trusted" only limits it.
        limits: by default those for the file's size.

    Returns:
        What is in it; `facts["notes"]` lists what its owner should know.

    Raises:
        ModelRefused: it must not run; with every finding at once.
        ModelError: it cannot be read, or not within the limits.
        EngineError: this machine cannot seal the child off.
    """
    description = read_safely(path, versions, sandbox, limits)
    judgement = judge_description(description, attachments)
    if judgement.findings:
        raise ModelRefused(judgement.findings)
    return replace(description, facts={**description.facts, "notes": list(judgement.notes)})


def read_safely(
    path: Path,
    versions: Collection[str] = (ENGINE_VERSION,),
    sandbox: SandboxMode = "enforced",
    limits: GateLimits | None = None,
) -> ModelDescription:
    """Read a stranger's model in a child process without judging it; for what the gate has let in before.

    Args:
        path, versions, sandbox, limits: as for `judge_upload`.

    Raises:
        ModelError: it cannot be read, or not within the limits.
        EngineError: this machine cannot seal the child off.
    """
    path = Path(path).absolute()
    limits = limits or limits_for(path.stat().st_size)
    request = {
        "path": str(path),
        "versions": list(versions),
        "sandbox": sandbox,
        "cpu_s": limits.cpu_s,
        "memory_bytes": limits.memory_bytes,
    }
    try:
        run = subprocess.run(  # noqa: PLW1510 - the exit code is judged below
            [sys.executable, "-m", "energyplus.models.gate"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=limits.wall_s,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        message = f"{path.name}: the model could not be read within {limits.wall_s:g} s; simplify it."
        raise ModelError(message) from error
    if run.returncode != 0:
        raise explain_end(path.name, run, limits)
    return ModelDescription.from_json(json.loads(run.stdout))


def _environment() -> dict[str, str]:
    """Nothing of the parent's, secrets least of all, but what Python needs to find this package."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        # numpy, which eppy loads, starts threads otherwise; a process is sealed while it has one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
    }


def explain_end(name: str, run: "subprocess.CompletedProcess[bytes]", limits: GateLimits) -> EnergyPlusError:
    """Say why the child of a reading ended without a description."""
    told = run.stdout.decode("utf-8", "replace").strip()
    if run.returncode == _UNSEALED:
        return EngineError(told)
    if run.returncode == _UNREADABLE and told:
        return ModelError(told)
    if -run.returncode in (signal.SIGPROF, signal.SIGXCPU):
        message = f"the model could not be read within {limits.cpu_s:.1f} s of processor time; simplify it."
        return ModelError(f"{name}: {message}")
    return ModelError(f"{name}: reading the model ended unexpectedly (exit code {run.returncode}).")


_UNREADABLE, _UNSEALED = 3, 4


def answer(request: dict[str, Any]) -> int:
    """Seal this process and read a model in it: its description, or why there is none, goes to standard output.

    Returns:
        The exit code that says which of the two it is.
    """
    path = Path(request["path"])
    load_what_reading_needs()
    try:
        _seal(path, request)
    except EngineError as error:
        return _tell(str(error), _UNSEALED)
    try:
        model = BuildingModel.read(path, request["versions"])
        _ = model.idf  # eppy reads it, as it will in a worker
        return _tell(json.dumps(model.describe().to_json()), 0)
    except ModelError as error:
        return _tell(str(error), _UNREADABLE)
    except (MemoryError, RecursionError):
        return _tell(f"{path.name}: the model is too large to be read; simplify it.", _UNREADABLE)


def _tell(text: str, code: int) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return code


def load_what_reading_needs() -> None:
    """Import what is imported at first use: compiled modules cannot be loaded once the process is sealed."""
    import eppy.modeleditor  # noqa: F401

    for encoding in ("utf-8-sig", "latin-1", "ascii"):
        b"".decode(encoding)


def _seal(path: Path, request: dict[str, Any]) -> None:
    signal.setitimer(signal.ITIMER_PROF, request["cpu_s"])  # limits of a process count whole seconds
    policy = SandboxPolicy(
        readable=(path, Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))),
        writable=(),
        cpu_s=ceil(request["cpu_s"]) + 1,
        memory_bytes=request["memory_bytes"],
        largest_file_bytes=0,
    )
    if request["sandbox"] == "enforced":
        enter_sandbox(policy)
    else:
        apply_limits(policy)


if __name__ == "__main__":
    raise SystemExit(answer(json.load(sys.stdin)))
