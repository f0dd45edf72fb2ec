"""Allowed work goes on, and a sandbox that cannot be had whole is not entered."""

import _ctypes
import ctypes
import errno
import os
import platform
import shutil
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from energyplus.errors import EngineError, SandboxError
from energyplus.sandbox import enter_sandbox, kernel
from energyplus.sandbox.bpf import NUMBER_AT, answer, if_equal, load
from energyplus.sandbox.landlock import handled_rights, restrict_files
from energyplus.sandbox.seccomp import ALLOW
from energyplus.sandbox.syscalls import NUMBERS
from tests.engine.sandbox.sealed import policy_for, run_in_child, run_sealed


def refuse_call(name: str, error: int) -> None:
    """Have the kernel answer a call with an error, as one without it would, by a filter of our own."""
    number = NUMBERS[name][kernel.find_machine().column]
    assert number is not None
    kernel.set_process_flag(kernel.PR_SET_NO_NEW_PRIVS, 1)
    steps = [*load(NUMBER_AT), *if_equal(number, answer(0x00050000 | error)), *answer(ALLOW)]
    code = ctypes.create_string_buffer(b"".join(step.pack() for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    kernel.call("seccomp", 1, 0, program)


def test_files_of_the_run_folder_can_be_made_changed_moved_and_removed(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("given")
    folder = tmp_path / "run"
    folder.mkdir()

    def work() -> list[str]:
        Path("new").write_text(given.read_text())
        with Path("new").open("a") as stream:
            stream.write(" and more")
            os.fsync(stream.fileno())
        Path("new").rename("moved")
        Path("inner").mkdir()
        Path("inner/file").touch()
        Path("inner/file").unlink()
        Path("inner").rmdir()
        return [path.name + ": " + path.read_text() for path in Path().iterdir()]

    assert run_sealed(policy_for(folder, readable=(given,)), work).value == ["moved: given and more"]


def test_a_crash_is_the_signal_it_was(tmp_path: Path) -> None:
    assert run_sealed(policy_for(tmp_path), os.abort).signal_name == "SIGABRT"


def test_native_code_brought_along_cannot_be_loaded(tmp_path: Path) -> None:
    shutil.copy(_ctypes.__file__, tmp_path / "own.so")
    ending = run_sealed(policy_for(tmp_path), lambda: ctypes.CDLL(str(tmp_path / "own.so")) and "loaded")
    assert isinstance(ending.value, OSError)
    assert "failed to map segment" in str(ending.value)


def test_callbacks_made_before_work_and_their_memory_cannot_be_written(tmp_path: Path) -> None:
    callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 7)
    assert run_sealed(policy_for(tmp_path), callback).value == 7
    entry = ctypes.cast(callback, ctypes.c_void_p).value
    assert run_sealed(policy_for(tmp_path), lambda: ctypes.memset(entry, 0, 1)).signal_name == "SIGSEGV"


def test_a_sealed_process_still_dies_with_its_parent(tmp_path: Path) -> None:
    alive, holds = os.pipe()

    def parent_that_goes() -> None:
        go, sealed = os.pipe()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
            enter_sandbox(policy_for(tmp_path, keep_open=(sealed, holds)))
            os.write(sealed, b"sealed")
            time.sleep(60)
        os.read(go, 6)

    run_in_child(parent_that_goes)
    os.close(holds)
    with os.fdopen(alive, "rb") as stream:
        assert stream.read() == b""  # the end of the file, as the sealed process holds it no more


def test_inherited_descriptors_are_closed_but_those_kept(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with secret.open() as inherited, secret.open() as kept:
        policy = policy_for(tmp_path, keep_open=(kept.fileno(),))

        def work() -> tuple[bytes, type[BaseException] | None]:
            try:
                os.read(inherited.fileno(), 10)
            except OSError as error:
                return os.read(kept.fileno(), 10), error.errno
            return b"", None

        assert run_sealed(policy, work).value == (b"secret", errno.EBADF)


def test_a_socket_among_the_kept_descriptors_is_refused(tmp_path: Path) -> None:
    with socket.socket() as kept:
        ending = run_sealed(policy_for(tmp_path, keep_open=(kept.fileno(),)), lambda: "went on")
    assert isinstance(ending.value, SandboxError)
    assert "is a socket" in str(ending.value)


def test_a_process_with_threads_is_not_sealed(tmp_path: Path) -> None:
    def work() -> None:
        gate = threading.Event()
        thread = threading.Thread(target=gate.wait, daemon=True)
        thread.start()
        try:
            enter_sandbox(policy_for(tmp_path))
        finally:
            gate.set()

    ending = run_in_child(work)
    assert isinstance(ending.value, SandboxError)
    assert "found 2 threads" in str(ending.value)


def test_a_path_that_is_missing_is_named(tmp_path: Path) -> None:
    ending = run_sealed(policy_for(tmp_path, readable=(tmp_path / "missing",)), lambda: "went on")
    assert isinstance(ending.value, SandboxError)
    assert str(tmp_path / "missing") in str(ending.value)


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        ("landlock_create_ruleset", errno.ENOSYS, "does not enforce Landlock"),
        ("landlock_create_ruleset", errno.EOPNOTSUPP, "does not enforce Landlock"),
        ("landlock_add_rule", errno.EPERM, "Landlock"),
        ("landlock_restrict_self", errno.EPERM, "Landlock"),
        ("seccomp", errno.EINVAL, "seccomp filter"),
        ("close_range", errno.ENOSYS, "descriptors"),
        ("capset", errno.EPERM, "privileges"),
        ("prctl", errno.EINVAL, "privileges"),
    ],
)
def test_without_one_of_its_parts_the_sandbox_is_not_entered(tmp_path: Path, call: str, error: int, told: str) -> None:
    def work() -> str:
        refuse_call(call, error)
        enter_sandbox(policy_for(tmp_path))
        return "went on"

    ending = run_in_child(work)
    assert isinstance(ending.value, SandboxError)
    assert isinstance(ending.value, EngineError)
    assert told in str(ending.value)


def test_on_another_machine_the_sandbox_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    ending = run_sealed(policy_for(tmp_path), lambda: "went on")
    assert isinstance(ending.value, SandboxError)


def test_newer_kernels_are_asked_to_refuse_more() -> None:
    files, network, scopes = zip(*(handled_rights(abi) for abi in range(1, 9)), strict=True)
    assert [bin(rights).count("1") for rights in files] == [13, 14, 15, 15, 16, 16, 16, 16]
    assert (network, scopes) == ((0, 0, 0, 3, 3, 3, 3, 3), (0, 0, 0, 0, 0, 3, 3, 3))


def attempts_on_files(folder: Path) -> dict[str, Callable[[], object]]:
    secret = folder / "secret"
    return {
        "read": secret.read_bytes,
        "write": lambda: os.open(secret, os.O_WRONLY),
        "make": (folder / "new").touch,
        "list": lambda: os.listdir(folder),  # noqa: PTH208
        "take": lambda: secret.rename(folder / "run" / "taken"),
    }


@pytest.mark.parametrize("abi", range(1, 8))
def test_files_outside_are_out_of_reach_on_older_kernels_too(tmp_path: Path, abi: int) -> None:
    run_folder = tmp_path / "run"
    run_folder.mkdir()
    (tmp_path / "secret").write_text("secret")

    def work() -> dict[str, bool]:
        kernel.set_process_flag(kernel.PR_SET_NO_NEW_PRIVS, 1)
        restrict_files(policy_for(run_folder), abi)
        (run_folder / "own").write_text("own")
        return {name: refused(attempt) for name, attempt in attempts_on_files(tmp_path).items()}

    assert run_in_child(work).value == dict.fromkeys(attempts_on_files(tmp_path), True)


def refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EXDEV)
    return False
