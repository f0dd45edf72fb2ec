"""Deleting batches in Django's admin as their owners do: marked at once, removed later. For `operations`."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from batches import tasks
from batches.clean_up import removal
from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES

Names = list[str]


class DeletedInBackground:
    """What an admin page of batches does when it is told to delete some."""

    def has_delete_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        """Return whether somebody may: never a batch at work, which has to be cancelled first."""
        return request.user.has_perm("batches.delete_batch") and (obj is None or obj.state not in ACTIVE_BATCH_STATES)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Names, dict[str, int], set[str], Names]:
        """Name the batches alone: the million rows that go with them are not collected for a page."""
        batches = list(objs)
        at_work = [f"{batch} is {batch.state}" for batch in batches if batch.state in ACTIVE_BATCH_STATES]
        return [str(batch) for batch in batches], {"batches": len(batches)}, set(), at_work

    def delete_model(self, request: HttpRequest, obj: Batch) -> None:
        """Delete a batch as the API does."""
        delete_batch(obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Batch]") -> None:
        """Delete batches as the API does."""
        for batch in queryset:
            delete_batch(batch)


def delete_batch(batch: Batch) -> None:
    """Mark a batch as deleted and have it removed.

    Raises:
        StillActiveError: it is at work.
    """
    removal.delete_batch(batch=batch)
    transaction.on_commit(lambda: tasks.remove_deleted.delay(str(batch.pk), 0))
