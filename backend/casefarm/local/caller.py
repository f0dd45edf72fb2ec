"""Notices that the `make` which runs this process was asked to stop. Called by `up` while it serves.

Ctrl-C reaches make and the farm alike. But GNU make that is sent SIGINT or SIGHUP by its process number passes neither
on: it gives up its handler and waits for the farm, for ever. The kernel shows the lost handler in /proc.
"""

import os
import signal
from pathlib import Path

NAMES = frozenset({"make", "gmake"})


class Caller:
    """The process that started this one, remembered as it is at the start."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._handled = read_handled_signals(self._pid)

    def wants_stop(self) -> bool:
        """Return whether the caller is a make that has been sent SIGINT or SIGHUP since the start."""
        if not self._handled or os.getppid() != self._pid:
            return False
        return bool(self._handled - read_handled_signals(self._pid))


def read_handled_signals(pid: int) -> frozenset[signal.Signals]:
    """Return which of SIGINT and SIGHUP a make handles; none where the process is not a make or cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    if fields.get("Name") not in NAMES:
        return frozenset()
    mask = int(fields["SigCgt"], 16)
    return frozenset(number for number in (signal.SIGINT, signal.SIGHUP) if mask >> (number - 1) & 1)
