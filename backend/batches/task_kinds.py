"""Background tasks that are looked up by their id, whatever they do: rooms above put theirs in, `tasks_api` asks.

A kind finds a row of its own that a user may see, tells how far it is, cancels it, and says what came of it.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth.models import User


class TaskKind(Protocol):
    """What is asked of a kind of tasks."""

    def find(self, user: User, task_id: UUID) -> Any | None:
        """Return the row of a task that the user may see; None where it is none of this kind."""

    def describe(self, row: Any) -> Mapping[str, Any]:
        """Return how far it is, as `TaskStatusSerializer` has it."""

    def cancel(self, row: Any) -> None:
        """Stop it; the row then says so.

        Raises:
            problems.exceptions.Conflict: it has ended by itself.
        """

    def tell_result(self, row: Any) -> Any | None:
        """Return what came of it, as plain data; None while it goes on."""


KINDS: list[TaskKind] = []


def register_kind(kind: TaskKind) -> None:
    """Have tasks of a room above found by their id; called once, when its app is ready."""
    KINDS.append(kind)


def find_kind(user: User, task_id: UUID) -> tuple[TaskKind, Any] | None:
    """Return the kind of a task and its row; None where no room above has it."""
    for kind in KINDS:
        row = kind.find(user, task_id)
        if row is not None:
            return kind, row
    return None
