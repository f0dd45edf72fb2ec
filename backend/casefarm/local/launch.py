"""Turns into the given command after tying its life to the process that started it: `python -I -S launch.py …`.

Enters: the starter's process id, the signal to die by, optionally a user and group id to become. Leaves: the command,
in place of this process. Run by path, with the standard library only, by every part of the local stack that starts a
process.

A parent-death signal is cleared when a process changes its credentials, so it is set last, after any user namespace or
change of user and right before the exec.
"""

import argparse
import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become_user(uid: int, gid: int) -> None:
    """Drop root for an unprivileged user, for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the parent ends; exit at once if it has ended already.

    Raises:
        OSError: when the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit(1)


def main() -> None:
    """Read the arguments and become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, required=True)
    parser.add_argument("--become", help="uid:gid")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.become:
        uid, gid = (int(part) for part in arguments.become.split(":"))
        become_user(uid, gid)
    die_with_parent(arguments.parent, arguments.death_signal)
    os.execvp(arguments.command[0], arguments.command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main()
