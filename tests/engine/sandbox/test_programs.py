"""Programs executed inside: theirs is what a dynamic program needs, and no more; the same walls stand around them."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from energyplus.sandbox import SandboxPolicy
from tests.engine.sandbox.sealed import Ending, policy_for, run_sealed

SHELL = Path(shutil.which("sh") or "/bin/sh")
TRUE = Path(shutil.which("true") or "/bin/true")
PYTHON = Path(sys.executable).resolve()


def execute(policy: SandboxPolicy, *command: object) -> Ending:
    words = [str(word) for word in command]
    return run_sealed(policy, lambda: os.execve(words[0], words, {"PATH": "/usr/bin:/bin"}))


def program_policy(folder: Path, *programs: Path, **changes: Any) -> SandboxPolicy:
    return policy_for(folder, may_execute=programs, **changes)


def python_policy(folder: Path, **changes: Any) -> SandboxPolicy:
    return program_policy(folder, PYTHON, readable=(Path(sys.base_prefix),), **changes)


def python(folder: Path, code: str, **changes: Any) -> str:
    """Run Python inside and return what its code put into the file `said`."""
    execute(python_policy(folder, **changes), PYTHON, "-I", "-S", "-c", code)
    return (folder / "said").read_text() if (folder / "said").exists() else ""


def attempt(statement: str) -> str:
    answers = (
        "said = 'possible'",
        "except OSError as error:",
        " said = error.strerror",
        "open('said', 'w').write(said)",
    )
    return "\n".join(("try:", f" {statement}", f" {answers[0]}", *answers[1:]))


def test_a_program_runs_reads_and_writes(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "given").write_text("given")
    policy = program_policy(folder, SHELL, readable=(tmp_path / "given",))
    ending = execute(policy, SHELL, "-c", f"read word < {tmp_path}/given; echo $word > made; : > /dev/null; exit 3")
    assert (ending.status, (folder / "made").read_text()) == (3, "given\n")


def test_only_the_listed_programs_can_be_executed(tmp_path: Path) -> None:
    ending = execute(program_policy(tmp_path, SHELL), TRUE)
    assert isinstance(ending.value, PermissionError)
    assert execute(program_policy(tmp_path, SHELL), SHELL, "-c", f"exec {TRUE}").status == 126


def test_a_program_written_into_the_run_folder_cannot_be_executed(tmp_path: Path) -> None:
    shutil.copy(TRUE, tmp_path / "own")
    assert isinstance(execute(program_policy(tmp_path, SHELL), tmp_path / "own").value, PermissionError)


def test_a_program_cannot_start_another_unless_the_policy_says_so(tmp_path: Path) -> None:
    command = (SHELL, "-c", f"{TRUE}; echo $? > said")
    assert execute(program_policy(tmp_path, SHELL, TRUE), *command).status != 0
    assert not (tmp_path / "said").exists()
    assert execute(program_policy(tmp_path, SHELL, TRUE, may_fork=True), *command).status == 0
    assert (tmp_path / "said").read_text() == "0\n"


def test_what_a_program_starts_is_inside_too(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    policy = program_policy(folder, SHELL, may_fork=True)
    execute(policy, SHELL, "-c", f"(read word < {tmp_path}/secret; echo $word > said)")
    assert "secret" not in ((folder / "said").read_text() if (folder / "said").exists() else "")


def test_a_program_may_have_threads(tmp_path: Path) -> None:
    code = (
        "import threading\n"
        "t = threading.Thread(target=lambda: open('said', 'w').write('from a thread'))\n"
        "t.start(); t.join()"
    )
    assert python(tmp_path, code) == "from a thread"


@pytest.mark.parametrize(
    "statement",
    [
        "import socket; socket.socket()",
        "import socket; socket.socketpair()",
        "import os; os.fork()",
        "import os; os.kill(os.getppid(), 0)",
        "import os; os.setsid()",
        "import os; os.memfd_create('x')",
        "import os; os.symlink('/etc/passwd', 'link')",
        "import os; os.setuid(os.getuid())",
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "open('../new', 'w')",
    ],
)
def test_a_program_is_refused_what_the_engine_is(tmp_path: Path, statement: str) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    assert python(folder, attempt(statement)) in ("Operation not permitted", "Permission denied")


def test_a_program_that_sets_modes_and_times_goes_on_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    given = tmp_path / "given"
    given.write_text("given")
    given.chmod(0o640)
    code = (
        f"import os; os.chmod({str(given)!r}, 0); os.utime({str(given)!r}, (0, 0)); open('said', 'w').write('went on')"
    )
    assert python(folder, code) == "went on"
    assert (given.stat().st_mode & 0o777, given.stat().st_mtime > 0) == (0o640, True)


def test_a_program_ends_at_its_limits(tmp_path: Path) -> None:
    ending = execute(program_policy(tmp_path, SHELL, cpu_s=1), SHELL, "-c", "while :; do :; done")
    assert ending.signal_name == "SIGXCPU"
