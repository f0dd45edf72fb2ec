"""The manifest of an archive, its last file: what was backed up, and the hash of every file, a line of JSON each.

The first line describes the back-up, the last one sums it up with the hash of all lines before it. Written by
`creation`, read by `verification` and `restoration`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from backups.errors import DamagedArchiveError

MANIFEST = "manifest.jsonl"
DUMP = "database.dump"
FILES = "files/"
FORMAT = 1
LISTED_GONE = 1_000


@dataclass(frozen=True)
class Description:
    """What a back-up is of.

    Attributes:
        made_at: the time of its snapshot, by the database.
        server_version: major version of PostgreSQL.
        migrations: applied ones, "app.name".
        case_files: whether the files of ended batches' cases are there, and known cases.
        rows: how many each table has that people's work is in.
        database_bytes: what the database took.
    """

    made_at: str
    server_version: int
    migrations: list[str]
    case_files: bool
    rows: dict[str, int]
    database_bytes: int
    format: int = FORMAT


@dataclass(frozen=True)
class Entry:
    """A file: its name in the archive, its size in bytes, its sha256, and the file it is a further name of."""

    file: str
    size_bytes: int
    sha256: str
    same_as: str | None = None


@dataclass
class Summary:
    """What a back-up holds together.

    Attributes:
        files: how many, further names and the dump included.
        bytes: of those that are there themselves.
        removed: files that rows referred to and that were removed, with their rows' knowledge, before they were read.
        lost: files that rows refer to and that are not there, or are not what they were.
    """

    files: int = 0
    bytes: int = 0
    removed_count: int = 0
    lost_count: int = 0
    removed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Count a file."""
        self.files += 1
        self.bytes += 0 if entry.same_as else entry.size_bytes

    def add_gone(self, key: str, *, lost: bool) -> None:
        """Note a file that is not in the archive."""
        listed = self.lost if lost else self.removed
        if len(listed) < LISTED_GONE:
            listed.append(key)
        self.lost_count += lost
        self.removed_count += not lost


class ManifestWriter:
    """Collects the lines of a manifest in a local file."""

    def __init__(self, lines: Any, description: Description) -> None:
        self.summary = Summary()
        self._lines = lines
        self._digest = hashlib.sha256()
        self._write(asdict(description))

    def add(self, entry: Entry) -> None:
        """Write the line of a file."""
        self.summary.add(entry)
        self._write({name: value for name, value in asdict(entry).items() if value is not None})

    def close(self) -> None:
        """Write the last line."""
        self._lines.write(encode({**asdict(self.summary), "sha256": self._digest.hexdigest()}))
        self._lines.flush()

    def _write(self, values: dict[str, Any]) -> None:
        line = encode(values)
        self._digest.update(line)
        self._lines.write(line)


def encode(values: dict[str, Any]) -> bytes:
    """Return a line."""
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


class ManifestReader:
    """Goes through a manifest: `description`, then the entries, then `summary`."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._digest = hashlib.sha256()
        self.summary: Summary | None = None
        values = self._decode(next(self._lines, b""))
        if values.get("format") != FORMAT:
            raise DamagedArchiveError(f"{MANIFEST} is of format {values.get('format')!r}; this release reads {FORMAT}.")
        self.description = self._make(Description, values)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in order; the hash over all lines is checked at the end.

        Raises:
            DamagedArchiveError: a line is not what was written, or lines are missing.
        """
        for line in self._lines:
            self._digest.update(self._previous)
            values = self._decode(line)
            if "file" in values:
                yield self._make(Entry, values)
                continue
            if values.pop("sha256", None) != self._digest.hexdigest() or next(self._lines, None) is not None:
                break
            self.summary = self._make(Summary, values)
            return
        raise DamagedArchiveError(f"{MANIFEST} is not what was written, or its end is missing.")

    def _decode(self, line: bytes) -> dict[str, Any]:
        self._previous = line
        try:
            values = json.loads(line)
        except ValueError as error:
            raise DamagedArchiveError(f"{MANIFEST} has a line that cannot be read.") from error
        if not isinstance(values, dict):
            raise DamagedArchiveError(f"{MANIFEST} has a line that cannot be read.")
        return values

    def _make(self, kind: Any, values: dict[str, Any]) -> Any:
        try:
            return kind(**values)
        except TypeError as error:
            raise DamagedArchiveError(f"{MANIFEST} has a line that cannot be read: {error}") from error


def list_names(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the names of the files that are in the archive themselves, in order."""
    for entry in ManifestReader(lines).entries():
        if entry.same_as is None:
            yield entry.file
