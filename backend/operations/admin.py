"""What administrators look at in Django's admin: tasks, batches with their troubles, clean-ups; batches can be deleted.

Quick at a million rows: no list counts its rows or sorts what no index holds, and no choice of a filter asks the table.
"""

from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from batches.clean_up.admin import DeletedInBackground
from batches.models import Batch, CleanUpReport, Diagnosis, ReconcilerAction
from batches.states import ShardState
from operations.models import TaskRun

UNCOUNTED = 10_000
SHOWN_ROWS = 50
LONGEST_MESSAGE = 300


class UncountedPaginator(Paginator):  # type: ignore[type-arg]  # generic for type checkers only
    """Pages of a list whose rows nobody counts: up to a bound it looks as if there were that many."""

    @property
    def count(self) -> int:
        """Return how many rows there are, at most the bound: no more are looked at."""
        rows = cast("QuerySet[Any]", self.object_list)
        return len(rows.order_by().values_list("pk")[:UNCOUNTED])


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """A list to look at."""

    show_full_result_count = False
    paginator = UncountedPaginator
    list_per_page = 50
    actions: tuple[str, ...] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows here: batches go by the API, the rest with them."""
        return False


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnlyAdmin):
    """Background tasks, the latest first."""

    list_display = ("started_at", "name", "about", "state", "retries", "worker", "ended_at")
    list_filter = ("state",)
    search_fields = ("=task_id", "=batch_id", "name", "about")


@admin.register(Batch)
class BatchAdmin(DeletedInBackground, ReadOnlyAdmin):
    """Batches, the latest first, each with its shards at work and its cases with trouble.

    Shards and diagnoses have keys of two columns, of which Django's admin can make no list.
    """

    actions = ()  # deleting several is one by itself
    list_display = ("created_at", "name", "owner", "state", "priority", "case_count", "finished_at")
    list_filter = ("state", "priority")
    list_select_related = ("owner",)
    search_fields = ("=id", "name", "owner__username")
    exclude = ("study", "inputs", "parameters", "findings", "metric_names")  # may be megabytes; the API shows them
    readonly_fields = ("shards_at_work", "cases_with_trouble")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Leave the large columns where they are, and deleted batches out."""
        return super().get_queryset(request).filter(deleted_at=None).defer(*self.exclude)

    @admin.display(description="Shards at work")
    def shards_at_work(self, batch: Batch) -> str:
        """Return the shards that are with the broker, a line each."""
        shards = batch.shards.filter(state=ShardState.DISPATCHED).order_by("number")[:SHOWN_ROWS]
        rows = (
            (shard.number, shard.epoch, shard.succeeded, shard.failed, shard.cancelled, shard.size, shard.lane)
            for shard in shards
        )
        line = "shard {}, epoch {}: {} succeeded, {} failed, {} cancelled of {}, lane {}"
        return format_html_join(mark_safe("<br>"), line, rows) or "none"

    @admin.display(description=f"Cases with trouble (the first {SHOWN_ROWS})")
    def cases_with_trouble(self, batch: Batch) -> str:
        """Return the diagnoses of the batch's first failed and suspect cases, a line each."""
        found = Diagnosis.objects.filter(batch_id=batch.pk).order_by("index")[:SHOWN_ROWS]
        rows = ((diagnosis.index, diagnosis.kind, diagnosis.message[:LONGEST_MESSAGE]) for diagnosis in found)
        return format_html_join(mark_safe("<br>"), "case {}: {}: {}", rows) or "none"


@admin.register(CleanUpReport)
class CleanUpReportAdmin(ReadOnlyAdmin):
    """What clean-ups removed, or would have, the latest first."""

    list_display = ("requested_at", "state", "dry_run", "requested_by", "counts", "spared", "finished_at")
    list_filter = ("state", "dry_run")
    list_select_related = ("requested_by",)


@admin.register(ReconcilerAction)
class ReconcilerActionAdmin(ReadOnlyAdmin):
    """How often something had to be sent again."""

    list_display = ("kind", "count", "last_at")
