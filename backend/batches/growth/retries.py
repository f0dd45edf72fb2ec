"""Failed cases are run again. Called by `rerun_api`, which records what is asked for, and by the task `retry_cases`.

What there is stays: a case keeps its index, its attempts their numbers. Its shard is opened anew, under an epoch of its
own where it was finished, and its parts of the tables are written again when the case is final again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.quotas import lock_quotas
from batches import storage
from batches.case_counts import unfold_shard
from batches.errors import NothingFailedError, NotRetryableError
from batches.growth.extension import count_runs, refuse_lost_inputs
from batches.live import notices
from batches.models import Batch, Shard
from batches.scheduling import quotas
from batches.states import OPEN_ADDITION_STATES, BatchState, ShardState
from filestore.store import files
from studies.definition import OptimisationDesign, Study

RETRYABLE = (BatchState.RUNNING, BatchState.AGGREGATING, BatchState.COMPLETED, BatchState.FAILED)
PAGE = 1000

# Every failed case has a diagnosis, and of a million cases far fewer have one than there are.
CHOSEN = """
    SELECT failed."index", failed.attempt
      FROM batches_diagnosis AS why
      JOIN batches_case AS failed ON failed.batch_id = why.batch_id AND failed."index" = why."index"
     WHERE why.batch_id = %(batch_id)s AND why."index" > %(after)s AND failed.state = 'failed'
       AND failed.finished_at < %(before)s::timestamptz
       AND (%(kinds)s::text[] IS NULL OR why.kind = ANY(%(kinds)s::text[]))
       AND (%(cases)s::int[] IS NULL OR why."index" = ANY(%(cases)s::int[]))
     ORDER BY why."index" LIMIT %(limit)s
"""
REOPEN = """
    WITH opened AS (
        UPDATE batches_case
           SET state = 'pending', verdict = NULL, metrics = NULL, started_at = NULL, finished_at = NULL,
               losses = 0, faults = NULL
         WHERE batch_id = %(batch_id)s AND "index" = ANY(%(indices)s) AND state = 'failed'
           AND finished_at < %(before)s::timestamptz
        RETURNING "index"
    ), explained AS (
        DELETE FROM batches_diagnosis AS why USING opened
         WHERE why.batch_id = %(batch_id)s AND why."index" = opened."index"
    ), counted AS (
        UPDATE batches_shard
           SET failed = failed - (SELECT count(*) FROM opened),
               stored_bytes = greatest(0, stored_bytes - (
                   SELECT coalesce(sum(kept.bytes), 0)
                     FROM opened JOIN unnest(%(indices)s::int[], %(kept_bytes)s::bigint[]) AS kept ("index", bytes)
                          ON kept."index" = opened."index"
               )), last_progress_at = now()
         WHERE batch_id = %(batch_id)s AND number = %(number)s
    )
    SELECT "index" FROM opened ORDER BY 1
"""


@dataclass(frozen=True)
class Selection:
    """Which failed cases are run again: of these kinds of failure, and among these cases; all where nothing is said."""

    kinds: tuple[str, ...] | None = None
    cases: tuple[int, ...] | None = None


@transaction.atomic
def request_retry(*, batch: Batch, selection: Selection) -> int:
    """Record that failed cases of a batch are to be run again; an ended batch is `running` again.

    Returns:
        How many cases there are.

    Raises:
        NotRetryableError: the batch cannot, now or ever.
        NothingFailedError: no case has failed, or none of those that are asked for.
        problems.exceptions.TooMuch: its owner's quota has no room for the cases; nothing is recorded.
    """
    row = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    refuse_unable(row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()::text")
        (before,) = cursor.fetchall()[0]
    wanted = {"before": before, "kinds": selection.kinds, "cases": selection.cases}
    count = count_chosen(row, wanted)
    if not count:
        raise NothingFailedError("No case of this batch has failed, or none of those that are asked for.")
    with lock_quotas(row.owner) as limits:
        quotas.require_cases(row.owner, limits, count)
    ran = count_runs(row)
    Batch.objects.filter(pk=row.pk).update(
        retrying=wanted,
        state=BatchState.RUNNING,
        resumed_at=F("resumed_at") if row.state == BatchState.RUNNING else Now(),
        ran_before=row.ran_before if row.state == BatchState.RUNNING else ran - count,
        waiting_since=F("waiting_since") if row.state == BatchState.RUNNING else Now(),
        finished_at=None,
        failure="",
    )
    notices.tell_change(row.pk)
    return count


def refuse_unable(row: Batch) -> None:
    """Do nothing where failed cases of a batch may be run again.

    Raises:
        NotRetryableError: they may not.
    """
    if row.deleted_at is not None:
        raise NotRetryableError("The batch has just been deleted.")
    if row.state not in RETRYABLE:
        raise NotRetryableError(f"The batch is {row.state}: {EXPLANATIONS[BatchState(row.state)]}")
    if row.retrying is not None:
        raise NotRetryableError("Failed cases of this batch are being opened again just now; ask in a moment.")
    if isinstance(Study.model_validate(row.study).design, OptimisationDesign):
        raise NotRetryableError(
            "This batch is a search: its later generations were chosen knowing which cases failed, and would be others."
            " Submit its study anew: what has run is known and is not run again."
        )
    if row.outputs_removed_at is not None:
        raise NotRetryableError(
            f"The files of this batch were removed on {row.outputs_removed_at:%Y-%m-%d}: submit its study anew."
        )
    if row.additions.filter(state__in=OPEN_ADDITION_STATES).exists():
        raise NotRetryableError("Outputs are being added to this batch; ask when that has ended.")
    if row.state == BatchState.FAILED and row.shards.exclude(state=ShardState.FINISHED).exists():
        raise NotRetryableError(f"The batch could not be carried through ({row.failure}): submit its study anew.")
    refuse_lost_inputs(row)


EXPLANATIONS = {
    BatchState.QUEUED: "nothing has run yet.",
    BatchState.EXPANDING: "its cases are being written; ask when it runs.",
    BatchState.CANCELLED: "some of its cases never ran. Submit its study anew: what has run is known, not repeated.",
}


def count_chosen(batch: Batch, wanted: dict[str, Any]) -> int:
    """Return how many failed cases a request means."""
    with connection.cursor() as cursor:
        everything = {**wanted, "batch_id": batch.pk, "after": -(2**31), "limit": None}
        for name in ("kinds", "cases"):
            everything[name] = list(everything[name]) if everything[name] is not None else None
        cursor.execute(f"SELECT count(*) FROM ({CHOSEN}) AS chosen", everything)  # noqa: S608 - no words of strangers
        return int(cursor.fetchall()[0][0])


def open_failed_cases(batch_id: UUID) -> Iterator[tuple[Shard, list[int]]]:
    """Make the cases that are to be run again pending, shard by shard; safe to repeat, and to break off.

    A case that has failed again since the request is not meant by it; of a batch that was cancelled since, none is.

    Yields:
        Shards at work, with the cases of them that need a message; the others wait for their turn.
    """
    batch = Batch.objects.get(pk=batch_id)
    if batch.state != BatchState.RUNNING:
        return
    after = -(2**31)
    while batch.retrying is not None and (page := list_chosen(batch, after)):
        for number, group in groupby(page, key=lambda chosen: batch.shard_of(chosen[0])):
            attempts = dict(group)
            opened = open_cases(batch, number, attempts)
            if opened is not None:
                yield opened
        after = page[-1][0]
        notices.tell_change(batch_id)
    Batch.objects.filter(pk=batch_id, retrying=batch.retrying).update(retrying=None)


def list_chosen(batch: Batch, after: int) -> list[tuple[int, int]]:
    """Return the next failed cases that are meant, from the one after `after`: (index, attempt)."""
    with connection.cursor() as cursor:
        wanted: dict[str, Any] = batch.retrying or {}
        cursor.execute(CHOSEN, {**wanted, "batch_id": batch.pk, "after": after, "limit": PAGE})
        return list(cursor.fetchall())


def open_cases(batch: Batch, number: int, attempts: dict[int, int]) -> tuple[Shard, list[int]] | None:
    """Make failed cases of a shard pending and the shard open, and remove what their attempts kept.

    Returns:
        The shard with what was opened where it is at work; None where it waits for its turn.
    """
    folders = {index: storage.case_folder(batch.pk, number, index, attempt) for index, attempt in attempts.items()}
    kept_bytes = {index: files.measure_own(folder) for index, folder in folders.items()}
    opened: list[int] = []
    while True:
        with transaction.atomic():
            shard = lock_shard(batch, number)
            if shard is not None:
                opened = reopen(batch, number, kept_bytes)
                break
    for index in opened:
        storage.remove_folder(folders[index])
    return (shard, opened) if opened and shard.state == ShardState.DISPATCHED else None


def lock_shard(batch: Batch, number: int) -> Shard | None:
    """Lock a shard, opened where it was finished, as `case_counts` orders; None where it changed meanwhile.

    Of a shard at work the batch is not locked: whoever closes it locks the batch last.
    """
    shards = Shard.objects.filter(batch_id=batch.pk, number=number)
    if (state := shards.values_list("state", flat=True).get()) != ShardState.DISPATCHED:
        Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if state == ShardState.FINISHED and not unfold_shard(shards.get()):
            return None
        state = ShardState.PENDING
    return shards.filter(state=state).select_for_update(of=("self",)).select_related("batch").first()


def reopen(batch: Batch, number: int, kept_bytes: Mapping[int, int]) -> list[int]:
    """Make failed cases of a shard, given with what they keep, pending and take them off its counters; return which."""
    wanted: dict[str, Any] = batch.retrying or {}
    with connection.cursor() as cursor:
        cursor.execute(
            REOPEN,
            {
                "batch_id": batch.pk,
                "number": number,
                "indices": list(kept_bytes),
                "before": wanted["before"],
                "kept_bytes": list(kept_bytes.values()),
            },
        )
        return [index for (index,) in cursor.fetchall()]


def list_open_retries() -> list[tuple[str]]:
    """Return the batches whose failed cases are still to be opened again."""
    open_ones = Batch.objects.filter(state=BatchState.RUNNING).exclude(retrying__isnull=True)
    return [(str(batch_id),) for batch_id in open_ones.values_list("pk", flat=True)]
