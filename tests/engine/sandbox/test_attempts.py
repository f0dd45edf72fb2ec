"""Everything forbidden is tried in sealed children, as root and as nobody; and outside: are they real?"""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from energyplus.sandbox import entry
from energyplus.sandbox.attempts import ATTEMPTS, Surroundings, try_attempt
from energyplus.sandbox.trial import lay_out
from tests.engine.sandbox.sealed import policy_for, run_in_child, run_sealed

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")

# Refused to an unprivileged process, or by a kernel's or a container's own settings, without any sandbox.
REFUSED_ANYWAY = {
    *(
        "mount",
        "change the root",
        "open a file by its handle",
        "load a BPF program",
        "count events",
        "use the key ring",
    ),
    *("queue work with io_uring", "handle page faults", "make namespaces", "trace", "read another's memory"),
    *("write another's memory", "read another's environment", "change attributes of a file"),
}


@pytest.fixture
def around(open_folder: Path) -> Iterator[Surroundings]:
    with ExitStack() as stack:
        tcp, udp, local = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        laid_out = lay_out(open_folder, tcp, udp, local)
        for path in (open_folder, *open_folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o777)
        yield laid_out


def _try_all(around: Surroundings) -> dict[str, str]:
    return {name: try_attempt(attempt, around) for name, attempt in ATTEMPTS.items()}


@pytest.mark.parametrize("as_nobody", [False, pytest.param(True, marks=as_root)], ids=["as-itself", "as-nobody"])
def test_a_sealed_process_is_refused_everything_it_must_not_do(around: Surroundings, as_nobody: bool) -> None:
    policy = policy_for(around.run_folder, readable=(around.given,))
    ending = run_sealed(policy, lambda: _try_all(around), as_nobody=as_nobody)
    assert (ending.status, ending.value) == (0, dict.fromkeys(ATTEMPTS, ""))
    assert around.secret.read_bytes() == b"secret"


@pytest.mark.parametrize("abi", [1, 2, 3])
def test_where_landlock_knows_less_the_filter_refuses_the_rest(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, abi: int
) -> None:
    monkeypatch.setattr(entry, "landlock_abi", lambda: abi)  # kernels older than this one: 5.13, 5.19, 6.2
    ending = run_sealed(policy_for(around.run_folder, readable=(around.given,)), lambda: _try_all(around))
    assert (ending.status, ending.value) == (0, dict.fromkeys(ATTEMPTS, ""))
    assert around.secret.read_bytes() == b"secret"


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - REFUSED_ANYWAY))
def test_outside_the_sandbox_the_attempt_gets_through(around: Surroundings, name: str) -> None:
    def attempt() -> str:
        os.chdir(around.run_folder)
        return try_attempt(ATTEMPTS[name], around)

    assert run_in_child(attempt).value != ""
