"""Reads: what a user may see of batches and cases, counted and estimated. Writes nothing. Called by API and stages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from batches.models import Batch, Case, Diagnosis, Shard
from batches.states import ACTIVE_BATCH_STATES, CaseState, ShardState
from library.references import UsedFiles

User = AbstractBaseUser | AnonymousUser
COUNTERS = ("succeeded", "failed", "cancelled", "suspect", "cached")


def list_batches(user: User) -> QuerySet[Batch]:
    """Return the batches that belong to `user`, newest first."""
    return Batch.objects.filter(owner_id=user.pk).select_related("owner")


def list_cases(batch: Batch, *, state: str = "", verdict: str = "") -> QuerySet[Case]:
    """Return a batch's cases by index, filtered."""
    cases = Case.objects.filter(batch_id=batch.pk).order_by("index")
    if state:
        cases = cases.filter(state=state)
    if verdict:
        cases = cases.filter(verdict=verdict)
    return cases


def find_diagnoses(batch: Batch, cases: Iterable[Case]) -> dict[int, Diagnosis]:
    """Return the diagnoses of some cases by their index."""
    indices = [case.index for case in cases]
    return {found.index: found for found in Diagnosis.objects.filter(batch_id=batch.pk, index__in=indices)}


@dataclass(frozen=True)
class Counts:
    """How many cases of a batch are in which state, and what the finished ones are worth; exact at all times."""

    pending: int
    running: int
    succeeded: int
    failed: int
    cancelled: int
    suspect: int
    cached: int

    @property
    def total(self) -> int:
        """All cases, baselines included."""
        return self.pending + self.finished + self.running

    @property
    def finished(self) -> int:
        """Cases in a final state."""
        return self.succeeded + self.failed + self.cancelled


def count_cases(batch: Batch) -> Counts:
    """Count a batch's cases from its shards' counters; of the case rows only those in flight are looked at."""
    sums = batch.shards.aggregate(**{name: Sum(name) for name in COUNTERS})
    done = {name: found or 0 for name, found in sums.items()}
    running = count_running_cases(batch)
    pending = expect_total(batch) - running - done["succeeded"] - done["failed"] - done["cancelled"]
    if batch.state not in ACTIVE_BATCH_STATES:
        # What had not begun when the batch ended never will, counted on its shard yet or not.
        done["cancelled"], pending = done["cancelled"] + pending, 0
    return Counts(pending=pending, running=running, **done)


def expect_total(batch: Batch) -> int:
    """Return how many cases a batch will have: a search at work counts the generations to come, so that its progress
    never moves backwards; one that ends before them is done at once."""
    design = batch.study["design"]
    # What was added to a search that had ended brings no generations.
    if batch.state in ACTIVE_BATCH_STATES and "generations" in design and batch.resumed_at is None:
        return max(batch.total, batch.baseline_count + int(design["population"]) * int(design["generations"]))
    return batch.total


def count_running_cases(batch: Batch) -> int:
    """Count the cases that a living attempt holds; only shards that are with the broker can have any."""
    dispatched = batch.shards.filter(state=ShardState.DISPATCHED)
    spans = Q()
    for first, size in dispatched.values_list("first_index", "size"):
        spans |= Q(index__gte=first, index__lt=first + size)
    if not spans:
        return 0
    held = Case.objects.filter(spans, batch_id=batch.pk, state=CaseState.RUNNING, leased_until__gte=Now())
    return held.count()


@dataclass(frozen=True)
class Pace:
    """How fast a batch goes, in cases per hour, and how long it will still take, in seconds; None if unknown."""

    rate_per_h: float | None
    eta_s: float | None


def measure_pace(batch: Batch, counts: Counts) -> Pace:
    """Return the mean pace of a batch since it started, or was extended, of cases that ran since.

    Cases that were taken over take no time: a pace with them would promise the same of those that are still to run.
    """
    simulated = counts.succeeded + counts.failed - counts.cached - batch.ran_before
    began_at = batch.resumed_at or batch.started_at
    if began_at is None or simulated <= 0:
        return Pace(None, None)
    elapsed_s = ((batch.finished_at or timezone.now()) - began_at).total_seconds()
    if elapsed_s <= 0:
        return Pace(None, None)
    left_s = (counts.total - counts.finished) * elapsed_s / simulated
    return Pace(simulated * 3600 / elapsed_s, left_s if batch.state in ACTIVE_BATCH_STATES else None)


def find_used_files() -> UsedFiles:
    """Return the library files that batches still need: all rows they name, and the contents of active ones."""
    ids: set[str] = set()
    sha256s: set[str] = set()
    for state, inputs in Batch.objects.values_list("state", "inputs").iterator():
        files = [*inputs["models"].values(), *inputs["weathers"].values()]
        ids.update(found["id"] for found in files)
        if state in ACTIVE_BATCH_STATES:
            sha256s.update(found["sha256"] for found in files)
            for found in files:
                sha256s.update(found.get("attachments", {}).values())
    return UsedFiles(ids=frozenset(ids), sha256s=frozenset(sha256s))


def list_metric_names(batch: Batch) -> list[str]:
    """Return the names of all metrics that the batch's finished shards have; of open shards, those of their cases."""
    names = {name for found in batch.shards.values_list("metric_names", flat=True) for name in found}
    for shard in batch.shards.filter(state=ShardState.DISPATCHED):
        names |= names_of_open_shard(shard)
    return sorted(names)


def names_of_open_shard(shard: Shard) -> set[str]:
    """Return the names of all metrics that a shard's cases have so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(metrics) FROM batches_case"
            ' WHERE batch_id = %s AND "index" >= %s AND "index" < %s AND metrics IS NOT NULL',
            [shard.batch_id, shard.first_index, shard.first_index + shard.size],
        )
        return {name for (name,) in cursor.fetchall()}
