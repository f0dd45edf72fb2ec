"""The problem that a view raises when it has more to say than one sentence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException


@dataclass(frozen=True)
class ProblemEntry:
    """One thing that is wrong: where, what was found, what would be accepted."""

    path: str
    message: str
    found: Any = None
    accepted: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in the `errors` list."""
        return asdict(self)


class Problem(APIException):
    """An error response with several entries; raised by views, rendered by `problems.handler`."""

    status_code: int = status.HTTP_400_BAD_REQUEST
    default_detail = "The request was refused."
    default_code = "invalid"

    def __init__(self, detail: str, entries: Sequence[ProblemEntry] = (), status_code: int | None = None) -> None:
        super().__init__(detail)
        self.entries = tuple(entries)
        if status_code is not None:
            self.status_code = status_code


class FilesUnavailable(Problem):
    """Where the farm's files lie does not answer now; nothing is lost."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "files_unavailable"
    wait = 20  # seconds; the framework writes it into the header


class DatabaseUnavailable(Problem):
    """The database does not answer now; nothing is lost."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "database_unavailable"
    wait = 5  # seconds, about as long as PostgreSQL takes to restart


class Conflict(Problem):
    """The request does not fit the present state of the thing it asks for."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooMuch(Problem):
    """What is asked for is more than there is room for now, by a quota or of the farm; says when to try again."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_much"

    def __init__(self, detail: str, entries: Sequence[ProblemEntry] = (), *, retry_after_s: int | None = None) -> None:
        super().__init__(detail, entries)
        if retry_after_s is not None:
            self.wait = retry_after_s  # the framework writes it into the header
