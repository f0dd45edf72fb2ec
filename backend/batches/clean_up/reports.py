"""Clean-ups as administrators see them: asked for, run one at a time, reported. Called by API and tasks.

A report is a row: what went or would go, by rule, with the first items by name. The newest are kept; one that beat
asked for and that had nothing to do is not.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from batches.clean_up.carrying_out import carry_out, remove_abandoned
from batches.clean_up.plan import Item, make_plan
from batches.errors import CleanUpBusyError
from batches.models import CleanUpReport
from batches.states import CleanUpRule, CleanUpState

LOCK_KEY = 0x636C65616E  # of all clean-ups: "clean"
LISTED_ITEMS = 200
KEPT_REPORTS = 200
OPEN_STATES = (CleanUpState.WAITING, CleanUpState.RUNNING)
ALL_RULES = tuple(CleanUpRule)


@dataclass
class Tally:
    """What a clean-up has done so far.

    Attributes:
        counts: by rule, how many items and how many bytes; what nobody has measured counts no bytes.
        items: the first of them.
        spared: items that somebody needed when their turn came.
        batches: whose files are to be removed.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    spared: int = 0
    batches: list[UUID] = field(default_factory=list)

    def add(self, item: Item) -> None:
        """Count an item."""
        count = self.counts.setdefault(item.rule.value, {"items": 0, "bytes": 0})
        count["items"] += 1
        count["bytes"] += item.size_bytes or 0
        if len(self.items) < LISTED_ITEMS:
            self.items.append(describe_item(item))
        if item.kind == "batch":
            self.batches.append(UUID(item.id))


def describe_item(item: Item) -> dict[str, Any]:
    """Return an item as a report has it."""
    return {**vars(item), "rule": item.rule.value, "since": item.since.isoformat() if item.since else None}


def request_clean_up(
    *, dry_run: bool, requested_by: User | None, rules: Sequence[CleanUpRule] = ALL_RULES
) -> CleanUpReport:
    """Record that a clean-up is wanted; the task `batches.clean_up` does it. Writes one row."""
    asked = [rule.value for rule in rules]
    return CleanUpReport.objects.create(dry_run=dry_run, requested_by=requested_by, rules=asked)


def list_reports() -> QuerySet[CleanUpReport]:
    """Return the reports, newest first."""
    return CleanUpReport.objects.select_related("requested_by").order_by("-id")


def run_clean_up(report_id: int) -> list[UUID]:
    """Do what a report was asked for, and write what came of it; does nothing where it is done.

    Returns:
        The batches whose files are to be removed now.

    Raises:
        CleanUpBusyError: another clean-up is at work; ask again later.
    """
    with hold_clean_up():
        wanted = CleanUpReport.objects.filter(pk=report_id, state__in=OPEN_STATES)
        if not wanted.update(state=CleanUpState.RUNNING, started_at=Now()):
            return []
        report, tally = wanted.get(), Tally()
        try:
            clean_up(report, tally)
        except Exception as error:
            close_report(report, tally, CleanUpState.FAILED, f"{type(error).__name__}: {error}")
            raise
        close_report(report, tally, CleanUpState.FINISHED)
        drop_reports(report)
    return [] if report.dry_run else tally.batches


def list_forgotten() -> list[tuple[int]]:
    """Return the clean-ups that are asked for and not done; whether a message is on its way, the broker knows."""
    return list(CleanUpReport.objects.filter(state__in=OPEN_STATES).values_list("pk"))


@contextmanager
def hold_clean_up() -> Iterator[None]:
    """Let nobody else clean up meanwhile: two would choose twice as much as needed by size.

    Raises:
        CleanUpBusyError: somebody does.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise CleanUpBusyError("Another clean-up is at work.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def clean_up(report: CleanUpReport, tally: Tally) -> None:
    """Go through the plan: count it in a dry run, else carry it out and count what went."""
    for item in make_plan([CleanUpRule(rule) for rule in report.rules]):
        if report.dry_run or carry_out(item):
            tally.add(item)
        else:
            tally.spared += 1
    if not report.dry_run:
        remove_abandoned()


def close_report(report: CleanUpReport, tally: Tally, state: CleanUpState, failure: str = "") -> None:
    """Write what came of a clean-up."""
    CleanUpReport.objects.filter(pk=report.pk).update(
        state=state,
        finished_at=Now(),
        counts=tally.counts,
        spared=tally.spared,
        items=tally.items,
        failure=failure,
    )


def drop_reports(report: CleanUpReport) -> None:
    """Remove the report of a beat's clean-up that had nothing to do, and reports beyond the newest that are kept."""
    CleanUpReport.objects.filter(pk=report.pk, requested_by=None, counts={}, spared=0).delete()
    oldest = CleanUpReport.objects.order_by("-id").values_list("pk", flat=True)[KEPT_REPORTS : KEPT_REPORTS + 1]
    CleanUpReport.objects.filter(pk__lte=next(iter(oldest), 0)).delete()
