"""What the engine complains of, message by message: lines of an .err file in, structured messages out, for diagnostics.

The engine writes a headline ("** Warning ** …"), continuation lines ("**   ~~~   ** …") and, at the end, a summary of
messages that recurred with how often they did (its own UtilityRoutines write all three). Names stand in the text in
several manners, so what is read from it may be missing; it is never invented.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["warning", "severe", "fatal"]
Phase = Literal["sizing", "warmup", "simulation"]

MOST_CHARACTERS = 2000

_ENTRY = re.compile(
    r"^\s*(?P<summary>\*{9,}\s+)?\*\*\s*(?P<kind>Warning|Severe|Fatal|~~~)\s*\*\*\s?(?P<text>.*)$",
)
_BANNER = re.compile(r"^\s*\*{9,} Beginning (?P<what>.*?)\s*$")
_RECURRED = re.compile(r"^This error occurred (?P<count>\d+) total times;$")
_RECURRED_DURING = re.compile(r"^during (?P<phase>Warmup|Sizing) (?P<count>\d+) times[;.]$")
_STAMP = re.compile(r"(?P<when>During \w+(?: & Sizing)?, )?Environment=.*at Simulation time=")
_STAMP_TEXT = re.compile(r",? ?at Simulation time=\S+ \S+( - \S+)?")
_WARMUP_CHECK = "CheckWarmupConvergence: "
_UNSETTLED_DAYS = re.compile(r"did not converge after (\d+) warmup days")

_SCHEMA_PATH = re.compile(r"^<root>\[(?P<class>[^\]]+)\](?:\[(?P<name>[^\]]+)\])?")
_CLASS = r"(?<![\w:])(?P<class>[A-Za-z]\w*(?::\w+)+)"
_WORD = (
    r"(?<![\w:])(?P<class>(?i:zone|space|branch|branchlist|plantloop|condenserloop|airloop|schedule|construction"
    r"|material|surface|coil|fan|pump|designday|chiller|boiler))"
)
_NAMED = (
    re.compile(_CLASS + r'\s*=?\s*"(?P<name>[^"]+)"'),
    re.compile(_WORD + r'\s*=\s*"(?P<name>[^"]+)"'),
    re.compile(r"(?:" + _CLASS + r")\s*=\s*(?P<name>[A-Za-z][^\",;=]*?)(?=,|;|$| During | is )"),
    re.compile(r"(?:" + _WORD + r")\s*=\s*(?P<name>[A-Za-z][^\",;=]*?)(?=,|;|\.$|$| During | is )"),
)
_ZONES = (
    re.compile(r'\b(?i:zone)(?: name)?\s*[=:]?\s*"(?P<name>[^"]+)"'),
    re.compile(r"\b(?i:zone)\s*=\s*(?P<name>[A-Za-z][^\",;=]*?)(?=,|;|\.$|$| During | is )"),
    re.compile(r"\b(?:in|for|of) (?i:zone) (?P<name>[A-Z][A-Z0-9_-]+)\b"),
)
_QUOTED = re.compile(r'"([^"]+)"')
_AFTER_SIGN = re.compile(r"=\s*([^\",;=]+?)(?=,|;|\.$|$| During | is )")


@dataclass(frozen=True)
class Message:
    """One complaint of the engine.

    Attributes:
        severity: "warning", "severe" or "fatal".
        text: headline and continuation lines joined, at most 2,000 characters.
        count: how often it came: repetitions that differ in nothing but the simulated time are counted, and what the
            engine itself summed up as recurring has the engine's number.
        phase: when it came: "sizing", "warmup" (of sizing or of the simulation) or "simulation"; None where the engine
            does not tell: the input was being read, or it recurred in several phases.
        class_name: class of the object it is about, as the text has it, or the model's where that is known.
        object_name: that object's name; None where none is named.
        zone: name of the zone it is about, None where none is named.
    """

    severity: Severity
    text: str
    count: int = 1
    phase: Phase | None = None
    class_name: str | None = None
    object_name: str | None = None
    zone: str | None = None

    @property
    def is_of_warmup_check(self) -> bool:
        """Whether it says that the warm-up did not converge."""
        return self.text.startswith(_WARMUP_CHECK)

    @property
    def unsettled_days(self) -> int | None:
        """Warm-up days after which its zone had not converged; None for any other message."""
        match = _UNSETTLED_DAYS.search(self.text) if self.is_of_warmup_check else None
        return int(match[1]) if match else None


@dataclass
class RawMessage:
    """A message as it stands in the file.

    Attributes:
        severity: of its headline.
        lines: headline and continuations.
        stage: number of "Beginning …" banners before it.
        phase: that the banners tell.
        recurring: whether it stands in the summary of recurring messages.
        counts: of a recurring message, in total ("") and during "Warmup" and "Sizing".
    """

    severity: Severity
    lines: list[str]
    stage: int
    phase: Phase | None
    recurring: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Take a continuation line."""
        if self.recurring and (found := _RECURRED.match(line)):
            self.counts[""] = int(found["count"])
        elif self.recurring and (found := _RECURRED_DURING.match(line)):
            self.counts[found["phase"]] = int(found["count"])
        elif sum(map(len, self.lines)) < MOST_CHARACTERS:
            self.lines.append(line[:MOST_CHARACTERS])

    @property
    def text(self) -> str:
        """All lines joined."""
        return " ".join(line for line in self.lines if line)[:MOST_CHARACTERS]

    @property
    def is_of_warmup_check(self) -> bool:
        """Whether it says that the warm-up did not converge."""
        return self.lines[0].startswith(_WARMUP_CHECK)

    @property
    def identity(self) -> tuple[Severity, str, Phase | None]:
        """What makes two messages the same: all but the simulated time."""
        return self.severity, _STAMP_TEXT.sub("", self.text), self.told_phase

    @property
    def told_phase(self) -> Phase | None:
        """The phase that the message itself tells, else its place in the file."""
        if self.recurring:
            return self._recurring_phase()
        stamp = _STAMP.search(self.text)
        if stamp is not None:
            when = stamp["when"] or ""
            return "warmup" if "Warmup" in when else "sizing" if "Sizing" in when else "simulation"
        return "warmup" if self.is_of_warmup_check else self.phase

    def _recurring_phase(self) -> Phase | None:
        total = self.counts.get("", 0)
        during: dict[Phase, int] = {"warmup": self.counts.get("Warmup", 0), "sizing": self.counts.get("Sizing", 0)}
        during["simulation"] = total - sum(during.values())
        return next((phase for phase, count in during.items() if count == total and total), None)


def read_raw_messages(lines: Iterable[str]) -> Iterator[RawMessage]:
    """Take the lines of an .err file apart into messages, in their order."""
    current: RawMessage | None = None
    stage, phase = 0, None
    for line in lines:
        match = _ENTRY.match(line)
        if match is not None and match["kind"] == "~~~":
            if current is not None:
                current.add(match["text"].strip())
            continue
        if current is not None:
            yield current
            current = None
        if match is not None:
            severity: Severity = match["kind"].lower()  # type: ignore[assignment]  # the expression names just these
            text = match["text"].strip()[:MOST_CHARACTERS]
            current = RawMessage(severity, [text], stage, phase, recurring=match["summary"] is not None)
        elif banner := _BANNER.match(line):
            stage += 1
            phase = _phase_of(banner["what"])
    if current is not None:
        yield current


def _phase_of(banner: str) -> Phase | None:
    if banner.endswith("Sizing Calculations"):
        return "sizing"
    return "simulation" if banner == "Simulation" else None


def structure(raw: RawMessage, count: int) -> Message:
    """Make a message of a raw one and how often it came."""
    class_name, object_name = _find_object(raw.lines)
    zone = _find_zone(raw.lines)
    return Message(raw.severity, raw.text, count, raw.told_phase, class_name, object_name, zone)


def _find_object(lines: list[str]) -> tuple[str | None, str | None]:
    for line in lines:
        path = _SCHEMA_PATH.match(line)
        if path is not None:
            return path["class"], path["name"]
    for line in lines:
        found = [match for expression in _NAMED if (match := expression.search(line))]
        if found:
            first = min(found, key=lambda match: match.start())
            return first["class"], first["name"].strip()
    return None, None


def _find_zone(lines: list[str]) -> str | None:
    for line in lines:
        for expression in _ZONES:
            match = expression.search(line)
            if match is not None:
                return match["name"].strip()
    return None


def resolve_names(messages: Iterable[Message], objects: Mapping[str, Iterable[str]]) -> tuple[Message, ...]:
    """Give messages the model's own spelling of what they name.

    Args:
        messages: the messages.
        objects: names of the model's objects by class.

    Returns:
        The messages in their order; one that names nothing of the model is as it was.
    """
    known: dict[str, list[tuple[str, str]]] = {}
    for class_name, names in objects.items():
        for name in names:
            if name:
                known.setdefault(name.strip().casefold(), []).append((class_name, name.strip()))
    return tuple(_resolve(message, known) for message in messages)


def _resolve(message: Message, known: Mapping[str, list[tuple[str, str]]]) -> Message:
    named = [message.object_name, *_QUOTED.findall(message.text), *_AFTER_SIGN.findall(message.text)]
    found = [known[name.strip().casefold()] for name in named if name and name.strip().casefold() in known]
    zones = [name for entries in found for class_name, name in entries if class_name == "Zone"]
    zones += [name for _, name in known.get((message.zone or "").casefold(), ()) if not zones]
    zone = zones[0] if zones else message.zone
    if not found:
        return replace(message, zone=zone)
    told = (message.class_name or "").casefold()
    entry = next((entry for entry in found[0] if entry[0].casefold() == told), None)
    if entry is None and len(found[0]) == 1:
        entry = found[0][0]
    if entry is None:
        return replace(message, zone=zone)
    return replace(message, zone=zone, class_name=entry[0], object_name=entry[1])
