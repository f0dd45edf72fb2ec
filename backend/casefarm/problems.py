"""Turns an answer that is not a success into an error that can be read in one glance. Called by `client`."""

from typing import Any

import httpx

from casefarm.errors import CasefarmError


class ServiceRefused(CasefarmError):  # noqa: N818 - it says what happened: the service answered, and said no
    """The service answered with a problem (RFC 9457).

    Attributes:
        status: the HTTP status.
        entries: what was wrong, one by one: `path`, `message`, `found`, `accepted`.
    """

    def __init__(self, status: int, summary: str, entries: list[dict[str, Any]]) -> None:
        super().__init__("\n".join([summary, *(f"  {describe_entry(entry)}" for entry in entries)]))
        self.status = status
        self.entries = entries


class ServiceUnreachable(CasefarmError):  # noqa: N818 - it says what happened: nobody answered
    """Nothing answers at the service's address."""


def describe_entry(entry: dict[str, Any]) -> str:
    """Return one problem as `path: message (found …; accepted …)`."""
    where = f"{entry['path']}: " if entry.get("path") else ""
    details = [
        f"{name} {_list(entry[name])}" for name in ("found", "accepted") if entry.get(name) not in (None, "", [])
    ]
    return f"{where}{entry.get('message', '')}" + (f" ({'; '.join(details)})" if details else "")


def _list(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def check_answer(response: httpx.Response) -> httpx.Response:
    """Return a successful answer.

    Raises:
        ServiceRefused: when it is not one.
    """
    if response.is_success:
        return response
    response.read()
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {"detail": str(problem)}
    summary = problem.get("detail") or problem.get("title") or response.reason_phrase
    entries = [entry for entry in problem.get("errors") or [] if isinstance(entry, dict)]
    if response.status_code == 401:
        summary = f"{summary} Set CASEFARM_TOKEN, or start the farm again to renew the local token."
    if len(entries) == 1 and entries[0].get("message") == summary and not entries[0].get("path"):
        entries = []
    raise ServiceRefused(response.status_code, f"{summary} (HTTP {response.status_code})", entries)
