"""Reads: what a user may see of batches and cases, counted and estimated. Writes nothing. Called by API and stages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from batches.case_counts import Tally, tally_batches
from batches.models import Batch, Case, Diagnosis, Shard
from batches.states import ACTIVE_BATCH_STATES, OPEN_SHARD_STATES
from library.references import UsedFiles

User = AbstractBaseUser | AnonymousUser


def list_batches(user: User) -> QuerySet[Batch]:
    """Return the batches that belong to `user`, newest first."""
    return Batch.objects.filter(owner_id=user.pk, deleted_at=None).select_related("owner")


def list_cases(batch: Batch) -> QuerySet[Case]:
    """Return a batch's cases by index."""
    return Case.objects.filter(batch_id=batch.pk).order_by("index")


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
    """Count a batch's cases; of its rows only those at work are looked at, whatever its size."""
    return count_cases_of([batch])[batch.pk]


def count_cases_of(batches: Sequence[Batch]) -> dict[UUID, Counts]:
    """Count the cases of several batches in one statement, by the ids of the batches."""
    tallies = tally_batches(batches)
    return {batch.pk: _make_counts(batch, tallies[batch.pk]) for batch in batches if batch.pk in tallies}


def _make_counts(batch: Batch, tally: Tally) -> Counts:
    cancelled = tally.cancelled
    pending = expect_total(batch) - tally.running - tally.succeeded - tally.failed - cancelled
    if batch.state not in ACTIVE_BATCH_STATES:
        # What had not begun when the batch ended never will, counted on its shard yet or not.
        cancelled, pending = cancelled + pending, 0
    return Counts(
        pending=pending,
        running=tally.running,
        succeeded=tally.succeeded,
        failed=tally.failed,
        cancelled=cancelled,
        suspect=tally.suspect,
        cached=tally.cached,
    )


def expect_total(batch: Batch) -> int:
    """Return how many cases a batch will have: a search at work counts the generations to come, so that its progress
    never moves backwards; one that ends before them is done at once."""
    design = batch.study["design"]
    if batch.state in ACTIVE_BATCH_STATES and batch.rounds and "ended" not in batch.rounds:
        return max(batch.total, batch.baseline_count + int(batch.study["adaptive"]["budget"]))
    # What was added to a search that had ended brings no generations.
    if batch.state in ACTIVE_BATCH_STATES and "generations" in design and batch.resumed_at is None:
        return max(batch.total, batch.baseline_count + int(design["population"]) * int(design["generations"]))
    return batch.total


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
    """Return the library files that batches need, ended ones, too: these may be extended, retried or replayed."""
    ids: set[str] = set()
    sha256s: set[str] = set()
    for inputs in Batch.objects.filter(deleted_at=None).values_list("inputs", flat=True).iterator():
        files = [*inputs["models"].values(), *inputs["weathers"].values()]
        ids.update(found["id"] for found in files)
        sha256s.update(found["sha256"] for found in files)
        for found in files:
            sha256s.update(found.get("attachments", {}).values())
    return UsedFiles(ids=frozenset(ids), sha256s=frozenset(sha256s))


def list_metric_names(batch: Batch) -> list[str]:
    """Return the names of all metrics that the batch's finished shards have; of open shards, those of their cases."""
    open_shards = batch.shards.filter(epoch__gt=0, state__in=OPEN_SHARD_STATES)
    # Asked for first: a shard that closes between the two questions is then told by its batch.
    names = {name for shard in open_shards for name in names_of_open_shard(shard)}
    return sorted(names.union(Batch.objects.values_list("metric_names", flat=True).get(pk=batch.pk)))


def names_of_open_shard(shard: Shard) -> set[str]:
    """Return the names of all metrics that a shard's cases have so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(metrics) FROM batches_case"
            ' WHERE batch_id = %s AND "index" >= %s AND "index" < %s AND metrics IS NOT NULL',
            [shard.batch_id, shard.first_index, shard.first_index + shard.size],
        )
        return {name for (name,) in cursor.fetchall()}
