"""Restricts which files a process can reach, with Landlock; `entry` calls it. See the kernel's userspace-api/landlock.

Landlock is a list of what is allowed: folders and files with rights, everything else is refused, for the process and
all it starts, for good. Its later versions (ABI) know more to refuse: they are asked for all that this kernel has.
The first is accepted, because what it leaves open the filter of `seccomp` closes: truncating and TCP (ABI 3 and 4),
requests to devices (5), abstract sockets and signals (6); moves between folders (2) it refuses whatever the rules
say.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from energyplus.errors import SandboxError
from energyplus.sandbox import kernel
from energyplus.sandbox.policy import SandboxPolicy

LEAST_ABI = 1

_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
TRUNCATE = 1 << 14

_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
_READ = READ_FILE | READ_DIR
_WRITE = _READ | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG
_RUN = _READ | EXECUTE
_NETWORK = 0b11  # binding and connecting, TCP
_SCOPES = 0b11  # abstract Unix sockets and signals do not leave the sandbox

SYSTEM_FILES = (Path("/etc/localtime"), Path("/sys/devices/system/cpu/online"))
"""What the C library reads for a run: the time zone, and how many processors there are."""

LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-*.so.1")
LIBRARIES = (
    *(Path(path) for path in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")),
    *(Path(path) for path in ("/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/urandom", "/dev/zero")),
)
"""What a dynamic program reads before it comes to its own work."""
NOWHERE = (Path("/dev/null"),)


def landlock_abi() -> int:
    """Return the version of Landlock that this kernel enforces.

    Raises:
        SandboxError: it has none.
    """
    try:
        abi = kernel.call("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError as error:
        raise SandboxError(
            f"This kernel does not enforce Landlock ({error.strerror}): it needs Linux 5.13 or later with landlock "
            "among its security modules (/sys/kernel/security/lsm), and a container runtime that lets it through."
        ) from error
    if abi < LEAST_ABI:
        raise SandboxError(f"This kernel's Landlock has ABI {abi}; at least {LEAST_ABI} is needed.")
    return abi


def handled_rights(abi: int) -> tuple[int, int, int]:
    """Return what a kernel of that ABI is asked to refuse: rights on files, on the network, and scopes."""
    last_right = {1: 12, 2: 13, 3: 14, 4: 14}.get(abi, 15)
    return (1 << (last_right + 1)) - 1, _NETWORK if abi >= 4 else 0, _SCOPES if abi >= 6 else 0


def restrict_files(policy: SandboxPolicy, abi: int) -> None:
    """Leave to the calling process the files of `policy` and nothing else; no_new_privs must be set.

    Args:
        policy: its paths must exist.
        abi: of this kernel, or less.

    Raises:
        SandboxError: a path is missing or the kernel refused.
    """
    handled, network, scopes = handled_rights(abi)
    attributes = struct.pack("=QQQ", handled, network, scopes)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    try:
        rules = kernel.call("landlock_create_ruleset", _buffer(attributes), len(attributes), 0)
        try:
            for path, rights in _rules(policy):
                _allow(rules, path, rights & handled)
            kernel.call("landlock_restrict_self", rules, 0)
        finally:
            os.close(rules)
    except OSError as error:
        raise SandboxError(f"Landlock (ABI {abi}) cannot be enforced: {error}.") from error


def _rules(policy: SandboxPolicy) -> Iterable[tuple[Path, int]]:
    yield from ((path, _READ) for path in policy.readable)
    yield from ((path, _WRITE) for path in policy.writable)
    yield from ((path, _READ) for path in SYSTEM_FILES if path.exists())
    if policy.may_execute:
        yield from ((path, _RUN) for path in policy.may_execute)
        yield from ((path, _READ) for path in LIBRARIES if path.exists())
        yield from ((path, _READ | WRITE_FILE) for path in NOWHERE)
        yield from ((path, _RUN) for pattern in LOADERS for path in Path("/").glob(pattern[1:]))


def _allow(rules: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        kernel.call("landlock_add_rule", rules, _RULE_PATH_BENEATH, _buffer(struct.pack("=Qi", rights, descriptor)), 0)
    finally:
        os.close(descriptor)


def _buffer(content: bytes) -> "ctypes.Array[ctypes.c_char]":
    return ctypes.create_string_buffer(content, len(content))
