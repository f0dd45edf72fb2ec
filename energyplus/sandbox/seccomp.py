"""Restricts which system calls a process can make, with a seccomp filter; `entry` calls it.

The filter is a list of what is allowed (`allowed`); every other call fails with EPERM, and a call in the manner of
another architecture, whose numbers mean other things, ends the process.
"""

import ctypes
import errno
import struct

from energyplus.errors import SandboxError
from energyplus.sandbox import allowed, kernel
from energyplus.sandbox.bpf import (
    ARCHITECTURE_AT,
    NUMBER_AT,
    Program,
    answer,
    if_any_bit,
    if_at_least,
    if_equal,
    load,
    load_high,
    load_low,
    unless_equal,
)
from energyplus.sandbox.kernel import Machine
from energyplus.sandbox.policy import SandboxPolicy
from energyplus.sandbox.syscalls import NEWEST, NUMBERS

ALLOW = 0x7FFF0000
KILL = 0x80000000  # the whole process
DENY = 0x00050000 | errno.EPERM
UNKNOWN = 0x00050000 | errno.ENOSYS
UNSUPPORTED = 0x00050000 | errno.EOPNOTSUPP
DONE = 0x00050000  # an error of 0: the call returns 0 without having been made

_SET_MODE_FILTER = 1
_X32_BIT = 0x40000000  # of a number, on x86-64: the call is made in the manner of x32
_PROT_EXEC = 0x4
_CLONE_THREAD = 0x00010000
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, CLONE_NEWCGROUP … CLONE_NEWNET
_WRITE_ONLY, _READ_WRITE, _TRUNCATE = 0o1, 0o2, 0o1000  # of open's flags
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_*LK, F_DUPFD_CLOEXEC. Not F_SETOWN: it
# sends signals to others.
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)
_IOCTL_REQUESTS = (0x5401, 0x5450, 0x5451)  # TCGETS, FIONCLEX, FIOCLEX. Not TIOCSTI: it types into a terminal.
_PRCTL_OPERATIONS = (3, 15, 16)  # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME
_ARCH_PRCTL_OPERATIONS = (0x1002, 0x1003)  # ARCH_SET_FS, ARCH_GET_FS: where thread-local variables are


def build_filter(machine: Machine, policy: SandboxPolicy, pid: int) -> Program:
    """Return the filter as a program.

    Args:
        machine: whose system calls are judged.
        policy: `may_execute` and `may_fork` count here.
        pid: the process's own, the only one that it may signal.
    """
    judge_number: Program = []
    for name, judge in _answers(policy, pid).items():
        judge_number += _when_called(machine, name, judge)
    return [
        *load(ARCHITECTURE_AT),
        *unless_equal(machine.audit_arch, answer(KILL)),
        *load(NUMBER_AT),
        *(if_at_least(_X32_BIT, answer(KILL)) if machine.name == "x86_64" else []),
        *if_at_least(NEWEST + 1, answer(UNKNOWN)),
        *judge_number,
        *answer(DENY),
    ]


def restrict_calls(machine: Machine, policy: SandboxPolicy, pid: int) -> None:
    """Leave to the calling process the system calls of `policy` and nothing else; no_new_privs must be set.

    Args:
        machine: this one.
        policy: as for `build_filter`.
        pid: the process's own.

    Raises:
        SandboxError: the kernel refused.
    """
    code = b"".join(instruction.pack() for instruction in build_filter(machine, policy, pid))
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    try:
        kernel.call("seccomp", _SET_MODE_FILTER, 0, ctypes.create_string_buffer(program, len(program)))
    except OSError as error:
        raise SandboxError(f"This kernel does not take a seccomp filter: {error.strerror}.") from error


def _answers(policy: SandboxPolicy, pid: int) -> dict[str, Program]:
    """What is done about the calls that have a name here; the engine's most frequent come first."""
    conditions = CONDITIONS | {
        "kill": _only_argument(0, (pid,)),
        "tgkill": _only_argument(0, (pid,)),
        "clone": _answer_clone(may_fork=policy.may_fork),
    }
    if policy.may_execute:
        conditions |= {"mmap": answer(ALLOW), "mprotect": answer(ALLOW)}
    answers = {name: conditions.get(name, answer(ALLOW)) for name in _allowed_names(policy)}
    answers |= dict.fromkeys(allowed.MISSING, answer(UNKNOWN))
    answers |= dict.fromkeys(allowed.UNSUPPORTED, answer(UNSUPPORTED))
    return answers | (dict.fromkeys(allowed.PRETENDED, answer(DONE)) if policy.may_execute else {})


def _answer_clone(*, may_fork: bool) -> Program:
    """Judge clone's flags: threads of the same process, processes too where they may be started, never namespaces."""
    return [
        *load_low(0),
        *if_any_bit(_NEW_NAMESPACES, answer(DENY)),
        *(answer(ALLOW) if may_fork else [*if_any_bit(_CLONE_THREAD, answer(ALLOW)), *answer(DENY)]),
    ]


def _allowed_names(policy: SandboxPolicy) -> tuple[str, ...]:
    if not policy.may_execute:
        return allowed.ENGINE
    return allowed.FORKING if policy.may_fork else allowed.PROGRAM


def _when_called(machine: Machine, name: str, judge: Program) -> Program:
    number = NUMBERS[name][machine.column]
    return [] if number is None else if_equal(number, judge)


def _only_argument(argument: int, accepted: tuple[int, ...]) -> Program:
    comparisons: Program = []
    for value in accepted:
        comparisons += if_equal(value, answer(ALLOW))
    return [*load_low(argument), *comparisons, *answer(DENY)]


def _not_executable(argument: int) -> Program:
    return [*load_low(argument), *if_any_bit(_PROT_EXEC, answer(DENY)), *answer(ALLOW)]


def _null_pointer(argument: int) -> Program:
    return [
        *load_low(argument),
        *unless_equal(0, answer(DENY)),
        *load_high(argument),
        *unless_equal(0, answer(DENY)),
        *answer(ALLOW),
    ]


def _no_truncation_without_writing(argument: int) -> Program:
    """Refuse to empty a file that is not opened for writing, which Landlock before ABI 3 does not see.

    Besides O_RDONLY there is an access mode of both bits, for requests to devices: such a file can neither be read nor
    written, so Landlock asks for no right at all, on any file; nobody here needs it.
    """
    return [
        *load_low(argument),
        *if_any_bit(_WRITE_ONLY, if_any_bit(_READ_WRITE, answer(DENY))),
        *if_any_bit(_WRITE_ONLY | _READ_WRITE, answer(ALLOW)),
        *if_any_bit(_TRUNCATE, answer(DENY)),
        *answer(ALLOW),
    ]


CONDITIONS: dict[str, Program] = {
    "open": _no_truncation_without_writing(1),
    "openat": _no_truncation_without_writing(2),
    "fcntl": _only_argument(1, _FCNTL_COMMANDS),
    "ioctl": _only_argument(1, _IOCTL_REQUESTS),
    "mmap": _not_executable(2),
    "mprotect": _not_executable(2),
    "prlimit64": _null_pointer(2),
    "prctl": _only_argument(0, _PRCTL_OPERATIONS),
    "arch_prctl": _only_argument(0, _ARCH_PRCTL_OPERATIONS),
    "sched_setaffinity": _only_argument(0, (0,)),
}
"""Calls that are allowed with some arguments only."""
