"""What the engine complained of: eplusout.err, however long, in; counts and messages out, for outcomes and the API."""

import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from energyplus.results.messages import MOST_CHARACTERS, Message, RawMessage, Severity, read_raw_messages, structure

_HEAD_BYTES = 4 * 1024 * 1024
_TAIL_BYTES = 64 * 1024
_MOST_MESSAGES = 50

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
        messages: fatal ones, then severe ones, then warnings, each in the order of the file and each once; of each
            severity the first ones only.
        message_count: how many different messages the part that was read has.
        cause: the severe message that led to the end: the first one of the stage that the engine ended in.
        completed: whether the last line says "EnergyPlus Completed Successfully".
        is_complete: whether the file was read whole.
    """

    warnings: int = 0
    severe_errors: int = 0
    messages: tuple[Message, ...] = ()
    message_count: int = 0
    cause: str | None = None
    completed: bool = False
    is_complete: bool = True

    @property
    def fatal(self) -> tuple[str, ...]:
        """The texts of the fatal messages."""
        return self._texts("fatal")

    @property
    def severe(self) -> tuple[str, ...]:
        """The texts of the severe messages."""
        return self._texts("severe")

    @property
    def first_warnings(self) -> tuple[str, ...]:
        """The texts of the first warnings."""
        return self._texts("warning")

    @property
    def first_line(self) -> str | None:
        """The line that says best what went wrong: the first fatal one with the severe one that led to it."""
        if self.fatal:
            return f"{self.fatal[0]} {self.cause or ''}".rstrip()[:MOST_CHARACTERS]
        return self.cause

    def _texts(self, severity: Severity) -> tuple[str, ...]:
        return tuple(message.text for message in self.messages if message.severity == severity)


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
    return _diagnose(head, tail, is_complete=size <= len(head) + len(tail))


def read_diagnostics_of(chunks: Iterable[bytes], most_messages: int = _MOST_MESSAGES) -> Diagnostics:
    """Read an .err file that comes in pieces, with the same limits on what is looked at.

    Args:
        chunks: its content.
        most_messages: how many different messages of each severity to return.
    """
    head, tail, size = bytearray(), bytearray(), 0
    for chunk in chunks:
        size += len(chunk)
        room = _HEAD_BYTES - len(head)
        head += chunk[:room]
        tail = (tail + chunk[room:])[-_TAIL_BYTES:]
    return _diagnose(bytes(head), bytes(tail), is_complete=size == len(head) + len(tail), most_messages=most_messages)


def _diagnose(head: bytes, tail: bytes, *, is_complete: bool, most_messages: int = _MOST_MESSAGES) -> Diagnostics:
    if not is_complete:  # the lines that are cut through
        head, tail = head.rpartition(b"\n")[0] + b"\n", tail.partition(b"\n")[2]
    lines = (head + tail).decode("utf-8", "replace").splitlines()
    log = _Log()
    for raw in read_raw_messages(lines):
        log.add(raw)
    summary = _SUMMARY.search(next((line for line in reversed(lines) if line.strip()), ""))
    return Diagnostics(
        warnings=int(summary["warnings"]) if summary else log.count("warning"),
        severe_errors=int(summary["severe"]) if summary else log.count("severe"),
        messages=log.first_messages(most_messages),
        message_count=len(log),
        cause=log.find_cause(),
        completed=bool(summary and summary["end"] == "Completed Successfully"),
        is_complete=is_complete,
    )


class _Log:
    """Messages, each once, with how often it came."""

    def __init__(self) -> None:
        self._messages: dict[object, RawMessage] = {}
        self._counts: dict[object, int] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, raw: RawMessage) -> None:
        identity = raw.identity
        self._messages.setdefault(identity, raw)
        self._counts[identity] = self._counts.get(identity, 0) + raw.counts.get("", 1)

    def count(self, severity: Severity) -> int:
        return sum(self._counts[identity] for identity, raw in self._messages.items() if raw.severity == severity)

    def first_messages(self, most: int) -> tuple[Message, ...]:
        found: list[Message] = []
        severities: tuple[Severity, ...] = ("fatal", "severe", "warning")
        for severity in severities:
            of_severity = [identity for identity, raw in self._messages.items() if raw.severity == severity]
            found += [structure(self._messages[one], self._counts[one]) for one in of_severity[:most]]
        return tuple(found)

    def find_cause(self) -> str | None:
        """Look past an unsettled warm-up, which ends no run, and past stages that the engine came through."""
        fatal = next((raw for raw in self._messages.values() if raw.severity == "fatal"), None)
        severe = [raw for raw in self._messages.values() if raw.severity == "severe" and not raw.recurring]
        ending = [raw for raw in severe if not raw.is_of_warmup_check] or severe
        if fatal is not None:
            ending = [raw for raw in ending if raw.stage == fatal.stage] or ending[-1:]
        return ending[0].text if ending else None
