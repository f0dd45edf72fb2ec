"""Asks the kernel directly, for the calls that Python's library has no name for; the sandbox's other modules call it.

The C library is bound when this module is loaded, so that nothing is looked up between a fork and the sandbox.
"""

import ctypes
import errno
import os
import platform
from dataclasses import dataclass

from energyplus.errors import SandboxError
from energyplus.sandbox.syscalls import NUMBERS

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_library = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Machine:
    """A kind of processor whose system calls the sandbox knows.

    Attributes:
        name: as `platform.machine` says it.
        audit_arch: what seccomp calls it: AUDIT_ARCH_* of linux/audit.h.
        column: its place in the rows of `syscalls.NUMBERS`.
    """

    name: str
    audit_arch: int
    column: int


MACHINES = {
    "x86_64": Machine("x86_64", 0xC000003E, 0),
    "aarch64": Machine("aarch64", 0xC00000B7, 1),
}


def find_machine(name: str | None = None) -> Machine:
    """Return this machine, or the one named.

    Raises:
        SandboxError: its system calls are not known here.
    """
    found = name or platform.machine()
    if found not in MACHINES:
        raise SandboxError(
            f"The sandbox knows only x86-64 and aarch64, this machine is {found or 'unknown'}; "
            "set CASEFARM_SANDBOX=trusted to run trusted models without it."
        )
    return MACHINES[found]


def call(name: str, *arguments: "int | ctypes.Array[ctypes.c_char] | None") -> int:
    """Make a system call.

    Args:
        name: of the system call, as in `syscalls.NUMBERS`.
        arguments: numbers, buffers (their address is passed) or None for a null pointer.

    Returns:
        What the kernel returned.

    Raises:
        OSError: the kernel refused, or this machine has no such call.
        SandboxError: the machine is none of those known.
    """
    number = NUMBERS[name][find_machine().column]
    if number is None:
        raise OSError(errno.ENOSYS, f"{name}: {os.strerror(errno.ENOSYS)}")
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result: int = _library.syscall(ctypes.c_long(number), *words)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def set_process_flag(operation: int, value: int) -> None:
    """Set one of the flags of prctl(2).

    Raises:
        OSError: the kernel refused.
    """
    if _library.prctl(operation, ctypes.c_ulong(value), 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
