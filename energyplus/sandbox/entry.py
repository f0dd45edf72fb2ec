"""Enters the sandbox: the one step, taken in the child of a case, after which a stranger's model may be read."""

import ctypes
import mmap
import os
import stat
import struct
from pathlib import Path

from energyplus.errors import SandboxError
from energyplus.sandbox import kernel
from energyplus.sandbox.landlock import landlock_abi, restrict_files
from energyplus.sandbox.limits import apply_limits
from energyplus.sandbox.policy import SandboxPolicy
from energyplus.sandbox.seccomp import restrict_calls

_CAPABILITY_VERSION = 0x20080522
_BEYOND_DESCRIPTORS = 1 << 31


def enter_sandbox(policy: SandboxPolicy) -> None:
    """Seal the calling process; there is no way back. Works for root and for anybody else alike.

    Load what the work needs before: afterwards no library can be loaded, no module outside `readable` imported and no
    callback made that needs executable memory. All descriptors but 0, 1, 2 and `keep_open` are closed.

    Args:
        policy: what is left to the process.

    Raises:
        SandboxError: a part cannot be enforced here. The process is then half sealed: it must end, not go on.
    """
    machine = kernel.find_machine()
    abi = landlock_abi()
    _require_single_thread()
    _close_descriptors(policy.keep_open)
    if not policy.may_execute:
        _freeze_code()
    apply_limits(policy)
    _give_up_privileges()
    restrict_files(policy, abi)
    restrict_calls(machine, policy, os.getpid())


def _require_single_thread() -> None:
    # Landlock and seccomp seal the thread that asks; others would stay outside and share its memory.
    threads = len(list(Path("/proc/self/task").iterdir())) if Path("/proc/self/task").is_dir() else 0
    if threads != 1:
        found = f"{threads} threads" if threads else "no /proc to count threads in"
        raise SandboxError(f"The sandbox is entered by a process of one thread, fresh from a fork; found {found}.")


def _close_descriptors(keep_open: tuple[int, ...]) -> None:
    """Close what was inherited: an open descriptor is beyond Landlock, and a socket is a way out."""
    kept = sorted({0, 1, 2, *keep_open})
    for before, behind in zip(kept, [*kept[1:], _BEYOND_DESCRIPTORS], strict=True):
        if behind > before + 1:
            _close_range(before + 1, behind - 1)
    for descriptor in kept:
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode):
            raise SandboxError(f"Descriptor {descriptor} is a socket, which leads out of the sandbox; close it first.")


def _close_range(first: int, last: int) -> None:
    try:
        kernel.call("close_range", first, last, 0)
    except OSError as error:
        raise SandboxError(f"Inherited descriptors cannot be closed: {error}.") from error


def _freeze_code() -> None:
    """Make what is executable unwritable: ctypes puts callbacks into memory that is both, and code could be put there.

    Callbacks made before still work; dropping one ends the process.
    """
    try:
        mappings = [line.split(maxsplit=2)[:2] for line in Path("/proc/self/maps").read_text().splitlines()]
        for extent, rights in mappings:
            if "w" in rights and "x" in rights:
                start, end = (int(address, 16) for address in extent.split("-"))
                kernel.call("mprotect", start, end - start, mmap.PROT_READ | mmap.PROT_EXEC)
    except OSError as error:
        raise SandboxError(f"Executable memory cannot be protected: {error}.") from error


def _give_up_privileges() -> None:
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    none = ctypes.create_string_buffer(24)  # effective, permitted, inheritable, in two halves
    try:
        kernel.set_process_flag(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.set_process_flag(kernel.PR_SET_DUMPABLE, 0)
        kernel.call("capset", header, none)
    except OSError as error:
        raise SandboxError(f"The process cannot give up its privileges: {error}.") from error
