"""`python -m energyplus.sandbox.trial [FOLDER]`: has a sealed process try what it must not, and prints what came of it.

`probe.probe_sandbox` runs it and reads the JSON on its standard output.
"""

import contextlib
import json
import os
import select
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from energyplus.errors import SandboxError
from energyplus.sandbox import kernel
from energyplus.sandbox.attempts import ATTEMPTS, Surroundings, try_attempt
from energyplus.sandbox.entry import enter_sandbox
from energyplus.sandbox.landlock import landlock_abi
from energyplus.sandbox.policy import SandboxPolicy

_LONGEST_WAIT_MS = 10_000


def main(arguments: list[str]) -> int:
    """Try the sandbox and print the report."""
    json.dump(try_sandbox(Path(arguments[0]) if arguments else None), sys.stdout)
    return 0


def try_sandbox(scratch: Path | None) -> dict[str, object]:
    """Return what `SandboxReport` holds; for a process of one thread.

    Args:
        scratch: folder in which the trial's own is made and removed; the one for temporary files where None.
    """
    folder = Path(tempfile.mkdtemp(prefix="sandbox-trial-", dir=scratch))
    try:
        return _report(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _report(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {"mode": "unavailable", "landlock_abi": 0, "machine": os.uname().machine, "tried": 0}
    try:
        kernel.find_machine()
        found["landlock_abi"] = landlock_abi()
    except SandboxError as error:
        return found | {"reason": str(error)}
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_UNIX) as local:
        around = lay_out(folder, tcp, udp, local)
        reason = _try_everything(around)
        listener_heard = bool(select.select([tcp, udp, local], [], [], 0)[0])
    if not reason and listener_heard:
        reason = "Somebody spoke to a listener outside."
    if not reason and around.secret.read_bytes() != b"secret":
        reason = "A file outside was changed."
    return found | {"mode": "unavailable" if reason else "enforced", "reason": reason, "tried": len(ATTEMPTS)}


def lay_out(folder: Path, tcp: socket.socket, udp: socket.socket, local: socket.socket) -> Surroundings:
    """Make in `folder` what `Surroundings` names, and have the sockets listen."""
    run_folder, secret, given = folder / "run", folder / "secret", folder / "given"
    run_folder.mkdir()
    for path in (secret, given, folder / "expendable"):
        path.write_bytes(path.name.encode())
    (run_folder / "link-out").symlink_to(secret)
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", 0))
    unix_path = folder / "unix"
    with contextlib.chdir(folder):  # the address of a socket is a hundred bytes at most, a path may be longer
        local.bind(unix_path.name)
    tcp.listen()
    local.listen()
    return Surroundings(
        run_folder, given, secret, tcp.getsockname()[1], udp.getsockname()[1], unix_path, other_pid=os.getpid()
    )


def _try_everything(around: Surroundings) -> str:
    """Return why the sandbox does not hold, "" if it does."""
    answers, answer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        try:
            os.write(answer, _in_the_child(around, answer).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(answer)
    try:
        return _read_answer(answers)
    finally:
        os.close(answers)
        os.kill(child, 9)
        os.waitpid(child, 0)


def _in_the_child(around: Surroundings, answer: int) -> str:
    os.chdir(around.run_folder)
    policy = SandboxPolicy((around.given,), (around.run_folder,), 10, 1 << 32, 1 << 20, keep_open=(answer,))
    try:
        enter_sandbox(policy)
    except SandboxError as error:
        return str(error)
    try:
        (around.run_folder / "own").write_bytes(around.given.read_bytes())
        (around.run_folder / "own").unlink()
    except OSError as error:
        return f"What a case needs is refused: {error}."
    failures = {name: try_attempt(attempt, around) for name, attempt in ATTEMPTS.items()}
    held = ", ".join(f"{name} ({end})" for name, end in failures.items() if end)
    return f"Not refused inside the sandbox: {held}." if held else ""


def _read_answer(answers: int) -> str:
    poll = select.poll()
    poll.register(answers, select.POLLIN)
    collected = b""
    while not collected.endswith(b"\n"):
        if not poll.poll(_LONGEST_WAIT_MS) or not (chunk := os.read(answers, 65536)):
            return f"The sealed process ended or hung in the middle of its trial; it said: {collected.decode()!r}."
        collected += chunk
    return collected.decode().strip()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
