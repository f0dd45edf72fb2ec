"""What the engine complained of: turns eplusout.err, however long, into counts and a few lines, for outcomes."""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

_HEAD_BYTES = 4 * 1024 * 1024
_TAIL_BYTES = 64 * 1024
_MOST_ENTRIES = 50
_MOST_CHARACTERS = 2000

_ENTRY = re.compile(r"^\s*\*\*\s*(Warning|Severe|Fatal|~~~)\s*\*\*\s?(.*)$")
_SUMMARY = re.compile(
    r"EnergyPlus (?P<end>Completed Successfully|Terminated)"
    r"[^;\n]*?(?P<warnings>\d+) Warnings?; (?P<severe>\d+) Severe Errors?"
)


@dataclass(frozen=True)
class Diagnostics:
    """What stands in an .err file.

    Attributes:
        warnings: how many; the engine's own total where it wrote one, else those in the part that was read.
        severe_errors: likewise.
        fatal: the fatal messages, continuation lines joined, at most 50 of at most 2,000 characters.
        severe: the severe messages, likewise.
        first_warnings: the first warnings, likewise.
        completed: whether the last line says "EnergyPlus Completed Successfully".
        is_complete: whether the file was read whole.
    """

    warnings: int = 0
    severe_errors: int = 0
    fatal: tuple[str, ...] = ()
    severe: tuple[str, ...] = ()
    first_warnings: tuple[str, ...] = ()
    completed: bool = False
    is_complete: bool = True

    @property
    def first_line(self) -> str | None:
        """The line that says best what went wrong: the first fatal one with the severe one that led to it."""
        if self.fatal:
            cause = f" {self.severe[0]}" if self.severe else ""
            return f"{self.fatal[0]}{cause}"[:_MOST_CHARACTERS]
        return self.severe[0] if self.severe else None


def read_diagnostics(path: Path) -> Diagnostics:
    """Read an .err file, its first 4 MiB and last 64 KiB at most (one reference model logs millions of warnings).

    Args:
        path: the file; one that is missing or unreadable gives empty diagnostics.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return Diagnostics()
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
            size = stream.seek(0, 2)
            stream.seek(max(len(head), size - _TAIL_BYTES))
            tail = stream.read(_TAIL_BYTES)
    except OSError:
        return Diagnostics()
    is_complete = size <= _HEAD_BYTES + _TAIL_BYTES
    lines = (head + (b"" if is_complete else b"\n") + tail).decode("utf-8", "replace").splitlines()
    entries: dict[str, list[str]] = {"Warning": [], "Severe": [], "Fatal": []}
    counts = dict.fromkeys(entries, 0)
    current: list[str] | None = None
    for line in lines:
        match = _ENTRY.match(line)
        if match is None:
            current = None
        elif match[1] == "~~~":
            if current:
                current[-1] = f"{current[-1]} {match[2].strip()}"[:_MOST_CHARACTERS]
        else:
            counts[match[1]] += 1
            current = entries[match[1]] if len(entries[match[1]]) < _MOST_ENTRIES else None
            if current is not None:
                current.append(match[2].strip()[:_MOST_CHARACTERS])
    last = next((line for line in reversed(lines) if line.strip()), "")
    summary = _SUMMARY.search(last)
    return Diagnostics(
        warnings=int(summary["warnings"]) if summary else counts["Warning"],
        severe_errors=int(summary["severe"]) if summary else counts["Severe"],
        fatal=tuple(entries["Fatal"]),
        severe=tuple(entries["Severe"]),
        first_warnings=tuple(entries["Warning"]),
        completed=bool(summary and summary["end"] == "Completed Successfully"),
        is_complete=is_complete,
    )
