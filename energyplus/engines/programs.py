"""Runs a program of this machine in the sandbox: an installed EnergyPlus, ExpandObjects, a declared simulation program.

It is executed by a launcher (`energyplus.engines.launch`) that seals itself first; the program inherits the seal.
"""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path

from energyplus.engines.engine import SandboxMode
from energyplus.engines.launch import MARK, REFUSED
from energyplus.engines.run_folder import CONSOLE
from energyplus.engines.supervision import ChildEnd, child_environment, supervise_child
from energyplus.errors import EngineError
from energyplus.sandbox import SandboxPolicy

CPU_MARGIN_S = 30
"""Processor time beyond the wall-clock limit, s: the limit ends a run long before."""

_LONGEST_LINE = 4096
_OPEN_FILES = 256


@dataclass(frozen=True)
class Program:
    """A program and what it may touch.

    Attributes:
        path: the executable file, absolute.
        readable: files and folders it reads besides its run folder.
        may_fork: whether it may start processes of its own.
    """

    path: Path
    readable: tuple[Path, ...] = ()
    may_fork: bool = False


@dataclass(frozen=True)
class Confinement:
    """What a run of a program may take.

    Attributes:
        timeout_s: wall-clock limit, s.
        memory_bytes: address space, bytes.
        largest_file_bytes: no file may grow beyond it, bytes.
        sandbox: "trusted" only limits the program, "enforced" seals it off as well.
    """

    timeout_s: float
    memory_bytes: int
    largest_file_bytes: int
    sandbox: SandboxMode


def run_program(
    program: Program,
    arguments: Sequence[str],
    run_folder: Path,
    confinement: Confinement,
    should_stop: Callable[[], bool],
) -> ChildEnd:
    """Run a program in its run folder until it ends, is stopped or runs out of time.

    Args:
        program: what is executed.
        arguments: without the program's own name.
        run_folder: its working directory, the only place where it can write; what it prints goes to a file there.
        confinement: what it may take.
        should_stop: asked every 0.1 s.

    Raises:
        EngineError: it cannot be executed, or not be sealed, on this machine.
    """
    interpreters = list_interpreters(program.path)
    policy = SandboxPolicy(
        readable=tuple(path for path in (*program.readable, *_homes((program.path, *interpreters))) if path.exists()),
        writable=(run_folder.absolute(),),
        cpu_s=ceil(confinement.timeout_s) + CPU_MARGIN_S,
        memory_bytes=confinement.memory_bytes,
        largest_file_bytes=confinement.largest_file_bytes,
        open_files=_OPEN_FILES,
        may_execute=(program.path, *interpreters),
        may_fork=program.may_fork,
    )
    request = {
        "command": [str(program.path), *arguments],
        "policy": asdict(policy),
        "sandbox": confinement.sandbox,
        "environment": _program_environment(run_folder),
    }
    launcher = (sys.executable, "-m", "energyplus.engines.launch", json.dumps(request, default=str))
    end = supervise_child(launcher, run_folder, run_folder / CONSOLE, confinement.timeout_s, should_stop)
    if end.exit_code == REFUSED:
        _raise_refusal(program.path, run_folder / CONSOLE)
    return end


def list_interpreters(path: Path) -> tuple[Path, ...]:
    """The programs that a script names in its first line, followed through links and `env`; () for a binary.

    Raises:
        EngineError: the script's interpreter is not there.
    """
    with path.open("rb") as stream:
        first = stream.readline(_LONGEST_LINE)
    if not first.startswith(b"#!"):
        return ()
    interpreter, *arguments = shlex.split(first[2:].decode("utf-8", "replace"))
    found = [Path(interpreter)]
    if found[0].name == "env":
        name = next((word for word in arguments if not word.startswith("-") and "=" not in word), "")
        looked_up = shutil.which(name, path=child_environment()["PATH"])
        found += [Path(looked_up)] if looked_up else [Path("/nowhere") / name]
    for entry in found:
        if not entry.is_file():
            raise EngineError(f"{path.name} is a script, and its interpreter {entry.name} is not on this machine.")
    return tuple(dict.fromkeys(part for entry in found for part in (entry, entry.resolve())))


def _homes(programs: Sequence[Path]) -> Iterator[Path]:
    """Where programs keep their own library: beside the `bin` they lie in, if the system does not own it."""
    for program in programs:
        if program.parent.name == "bin" and program.parent.parent not in (Path("/"), Path("/usr")):
            yield program.parent.parent / "lib"


def _program_environment(run_folder: Path) -> dict[str, str]:
    kept = ("PATH", "LANG", "OMP_NUM_THREADS", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in child_environment(run_folder).items() if name in kept} | {
        "HOME": str(run_folder)
    }


def _raise_refusal(path: Path, console: Path) -> None:
    said = console.read_text("utf-8", "replace")[:_LONGEST_LINE]
    if said.startswith(MARK):
        raise EngineError(f"{path.name} cannot be run on this machine: {said.removeprefix(MARK).strip()}")


def is_executable(path: Path) -> bool:
    """Whether the path is a file that this process may execute."""
    return path.is_file() and os.access(path, os.X_OK)
