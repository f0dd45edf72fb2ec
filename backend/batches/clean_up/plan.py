"""Says what a clean-up would remove, by which rule and why; changes nothing. Called by `carrying_out` and dry runs.

Rules look at batches in this order, and a batch falls under the first that holds: age, the quota of its owner, the
total size. None looks at a batch that is at work, kept, read for added outputs or deleted. What a rule says is a
proposal: whether it still holds is asked again in the statement that carries it out.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from accounts.quotas import find_limits
from batches.clean_up import orphans, sizes
from batches.clean_up.ages import find_due_date
from batches.models import Batch, KnownCase, OutputAddition
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES, CleanUpRule
from library import services as library_services

GIGABYTE = 10**9
KNOWN_AT_ONCE = 20_000  # known cases, and folders without a row, that one clean-up removes; the next goes on
UNCOUNTED_AT_ONCE = 50  # batches from before there were counters that one clean-up measures by their folders


@dataclass(frozen=True)
class Item:
    """Something that is to go.

    Attributes:
        rule: by which.
        kind: batch (the files of its cases), known_case, folder, upload or content.
        id: of the batch or the upload, key of the known case, path of the folder, sha256 of the content.
        name: what people call it.
        owner: user name; "" where it is nobody's.
        size_bytes: of its files as stored; None where nobody has measured it.
        since: when it ended or was used last; None for what has no row.
        why: a sentence.
    """

    rule: CleanUpRule
    kind: str
    id: str
    name: str
    owner: str
    size_bytes: int | None
    since: datetime | None
    why: str


@dataclass
class Candidates:
    """Batches whose files may go, oldest first, with their sizes; a rule takes out what it chooses."""

    rows: list[Batch]
    uncounted: dict[Batch, int] = field(default_factory=dict)

    def choose(self, rule: CleanUpRule, chosen: Iterable[tuple[Batch, str]]) -> Iterator[Item]:
        """Yield the chosen batches, each with the reason, as items, and leave them to no other rule."""
        for batch, why in list(chosen):
            self.rows.remove(batch)
            owner = batch.owner.get_username()
            size_bytes = self.size_of(batch)
            yield Item(rule, "batch", str(batch.pk), batch.name, owner, size_bytes, batch.finished_at, why)

    def size_of(self, batch: Batch) -> int:
        """Return the size of a batch's files in bytes."""
        return self.uncounted.get(batch) or int(batch.stored_bytes)  # type: ignore[attr-defined]  # annotated


def make_plan(rules: Collection[CleanUpRule]) -> Iterator[Item]:
    """Yield what is to go by some of the rules."""
    batch_rules = {
        CleanUpRule.AGE: choose_aged,
        CleanUpRule.QUOTA: choose_beyond_quota,
        CleanUpRule.SIZE: choose_excess,
    }
    if any(rule in rules for rule in batch_rules):
        candidates = list_candidates()
        for rule, choose in batch_rules.items():
            if rule in rules:
                yield from candidates.choose(rule, choose(candidates))
    if CleanUpRule.KNOWN_CASES in rules:
        yield from islice(choose_known_cases(), KNOWN_AT_ONCE)
    if CleanUpRule.ORPHANS in rules:
        yield from islice(choose_orphans(), KNOWN_AT_ONCE)
    if CleanUpRule.UPLOADS in rules:
        yield from choose_uploads()


def removable_batches() -> QuerySet[Batch]:
    """Return ended batches whose files are still there and that nobody keeps, deletes or reads, oldest first."""
    ended = Batch.objects.exclude(state__in=ACTIVE_BATCH_STATES)
    read = OutputAddition.objects.filter(batch_id=OuterRef("pk"), state__in=OPEN_ADDITION_STATES)
    free = ended.filter(keep=False, outputs_removed_at=None, deleted_at=None).exclude(Exists(read))
    return free.order_by("finished_at", "pk")


def list_candidates() -> Candidates:
    """Return the batches whose files may go, with their sizes; some of those that were never counted are measured."""
    rows = sizes.with_stored_bytes(removable_batches()).select_related("owner").defer("study", "inputs", "extensions")
    candidates = Candidates(list(rows))
    unknown = (batch for batch in candidates.rows if not candidates.size_of(batch))
    for batch in islice(unknown, UNCOUNTED_AT_ONCE):
        candidates.uncounted[batch] = sizes.measure_uncounted(batch)
    return candidates


def choose_aged(candidates: Candidates) -> Iterator[tuple[Batch, str]]:
    """Yield the batches that ended longer ago than files are kept."""
    now = timezone.now()
    for batch in candidates.rows:
        due_at = find_due_date(batch)
        if due_at and due_at < now:
            yield batch, f"ended more than {settings.CASEFARM_KEEP_DAYS} days ago (CASEFARM_KEEP_DAYS)"


def choose_beyond_quota(candidates: Candidates) -> Iterator[tuple[Batch, str]]:
    """Yield the oldest batches of each owner whose files take more than his quota, until they no longer do."""
    stored = sizes.sum_by_owner()
    owners = {batch.owner_id: batch.owner for batch in candidates.rows}
    limits = {owner_id: find_limits(owner).stored_bytes for owner_id, owner in owners.items()}
    for batch in candidates.rows:
        quota = limits[batch.owner_id]
        if quota is not None and stored.get(batch.owner_id, 0) > quota:
            stored[batch.owner_id] -= candidates.size_of(batch)
            yield batch, f"{batch.owner.get_username()} may store {quota / GIGABYTE:g} GB, and this is the oldest"


def choose_excess(candidates: Candidates) -> Iterator[tuple[Batch, str]]:
    """Yield the oldest batches until the files of all that may go take no more than CASEFARM_KEEP_GB."""
    excess = sum(map(candidates.size_of, candidates.rows)) - settings.CASEFARM_KEEP_GB * GIGABYTE
    for batch in candidates.rows:
        if excess <= 0:
            return
        excess -= candidates.size_of(batch)
        yield batch, f"the files of ended batches take more than {settings.CASEFARM_KEEP_GB} GB (CASEFARM_KEEP_GB)"


def choose_known_cases() -> Iterator[Item]:
    """Yield the known cases that were not used for long, then the longest unused beyond the room there is for them."""
    before = timezone.now() - timedelta(days=settings.CASEFARM_KEEP_DAYS)
    room = settings.CASEFARM_CASE_CACHE_GB * GIGABYTE
    known = KnownCase.objects.exclude(outcome__isnull=True)
    excess = (known.aggregate(total=Sum("size_bytes"))["total"] or 0) - room
    for row in known.order_by("last_used_at").defer("outcome").iterator():
        if row.last_used_at >= before and excess <= 0:
            return
        excess -= row.size_bytes
        why = "not used for longer than CASEFARM_KEEP_DAYS" if row.last_used_at < before else "CASEFARM_CASE_CACHE_GB"
        yield Item(CleanUpRule.KNOWN_CASES, "known_case", row.key, "", "", row.size_bytes, row.last_used_at, why)


def choose_orphans() -> Iterator[Item]:
    """Yield folders that no row names, once nobody can be about to name them."""
    for folder in orphans.list_orphans():
        yield Item(CleanUpRule.ORPHANS, "folder", str(folder), "", "", None, None, "no row names it")


def choose_uploads() -> Iterator[Item]:
    """Yield uploads that no batch refers to and nobody has used for long, then contents that no row means."""
    days = settings.CASEFARM_KEEP_UNUSED_UPLOADS_DAYS
    why = f"no batch refers to it, not used for more than {days} days (CASEFARM_KEEP_UNUSED_UPLOADS_DAYS)"
    for row in library_services.list_unused_uploads(timedelta(days=days)):
        owner = row.owner.get_username() if row.owner else ""
        yield Item(CleanUpRule.UPLOADS, "upload", str(row.pk), row.name, owner, row.size_bytes, row.last_used_at, why)
    for sha256 in library_services.list_orphaned_contents():
        yield Item(CleanUpRule.UPLOADS, "content", sha256, "", "", None, None, "no row and no batch means it")
