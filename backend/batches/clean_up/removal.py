"""Removes a batch's files and rows in small steps, while others work. Called by the task `batches.remove_deleted`.

What is to go was decided before, in one update of the batch's row: `deleted_at` (all of it) or `outputs_removed_at`
(the files of its cases). From then on nobody sees it any more, and it does not matter when it goes, in which order or
how often a step is repeated: one that finds nothing does nothing. A message names the step it begins with and works
for a few seconds; where it is lost, the reconciler begins anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from batches import storage
from batches.database import from_now, quick_transaction
from batches.errors import StillActiveError
from batches.live import notices
from batches.models import Batch, Case, Diagnosis, OutputAddition, Shard
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES, AdditionState

ROWS_AT_ONCE = 2_000  # of cases, in a transaction: some ten milliseconds
MESSAGE_S = 4.0  # that one message works for; others of the queue have their turn then
READERS_PAUSE_S = 30
STALLED_AFTER_S = 90


@dataclass(frozen=True)
class Further:
    """What is left of a removal: the step to go on with, and in how many seconds."""

    step: int
    pause_s: int = 0


def delete_batch(*, batch: Batch) -> None:
    """Delete an ended batch: from the moment this commits nobody sees it; rows and files go in the background.

    Outputs that are being added to it are not added any more. Deleting a deleted batch does nothing.

    Raises:
        StillActiveError: it is at work; cancel it first.
    """
    with transaction.atomic():
        ended = Batch.objects.filter(pk=batch.pk).exclude(state__in=ACTIVE_BATCH_STATES)
        if ended.filter(deleted_at=None).update(deleted_at=Now(), removal_alive_at=Now()):
            additions = OutputAddition.objects.filter(batch_id=batch.pk, state__in=OPEN_ADDITION_STATES)
            additions.update(state=AdditionState.CANCELLED, finished_at=Now())
            notices.tell_change(batch.pk)
            return
        state = Batch.objects.filter(pk=batch.pk, deleted_at=None).values_list("state", flat=True).first()
    if state in ACTIVE_BATCH_STATES:
        raise StillActiveError(f"The batch is {state}; cancel it before deleting it.")


def go_on(batch_id: UUID, step: int) -> Further | None:
    """Do the next steps of a removal for a few seconds, resting as long as working.

    Returns:
        What is left; None where nothing is, or somebody else is at it.
    """
    with claim_removal(batch_id) as batch:
        if batch is None:
            return None
        if is_read(batch_id):
            return Further(step, READERS_PAUSE_S)
        ends_at, last = monotonic() + MESSAGE_S, count_steps(batch)
        while step < last:
            began_at = monotonic()
            take_step(batch, step)
            step += 1
            if monotonic() > ends_at:
                return Further(step)
            sleep(monotonic() - began_at)  # cases that end write to the same disk
        return None


@contextmanager
def claim_removal(batch_id: UUID) -> Iterator[Batch | None]:
    """Give the row of a batch of which something is to be removed, to one caller at a time, with a sign of life."""
    key = batch_id.int >> 65
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            leaving = Batch.objects.filter(pk=batch_id, removal_alive_at__isnull=False)
            leaving.update(removal_alive_at=Now())
            yield leaving.first()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def is_read(batch_id: UUID) -> bool:
    """Return whether somebody downloads files of a batch."""
    return Batch.objects.filter(pk=batch_id, files_read_until__gt=Now()).exists()


def count_shards(batch: Batch) -> int:
    """Return how many shards a batch's cases make."""
    return -(-batch.total // batch.shard_size)


def count_steps(batch: Batch) -> int:
    """Return how many steps a removal takes: of files one for each shard and one for the rest, then of rows."""
    files = count_shards(batch) + 1
    return files if batch.deleted_at is None else files + -(-batch.total // ROWS_AT_ONCE) + 1


def take_step(batch: Batch, step: int) -> None:
    """Do one step; it may have been done before."""
    shards = count_shards(batch)
    if step < shards:
        storage.remove_shard_files(batch.pk, step)
    elif step == shards:
        remove_remaining_files(batch)
    elif step < count_steps(batch) - 1:
        remove_cases(batch, step - shards - 1)
    else:
        remove_row(batch)


def remove_remaining_files(batch: Batch) -> None:
    """Remove what lies in no shard's folder: all of a deleted batch; of another one, only what comes of its cases."""
    if batch.deleted_at is not None:
        storage.remove_batch_files(batch.pk)
        return
    storage.remove_case_files(batch.pk)
    Batch.objects.filter(pk=batch.pk, deleted_at=None).update(removal_alive_at=None)


def remove_cases(batch: Batch, block: int) -> None:
    """Remove a block of case rows with their diagnoses, found by the primary key."""
    first = block * ROWS_AT_ONCE - batch.baseline_count
    block_of = {"batch_id": batch.pk, "index__gte": first, "index__lt": first + ROWS_AT_ONCE}
    with quick_transaction():
        Diagnosis.objects.filter(**block_of).delete()
        Case.objects.filter(**block_of).delete()


def remove_row(batch: Batch) -> None:
    """Remove the batch's own row with its shards; what its runs took stays for estimates."""
    with quick_transaction():
        OutputAddition.objects.filter(batch_id=batch.pk).delete()
        Shard.objects.filter(batch_id=batch.pk).delete()
        Batch.objects.filter(pk=batch.pk).delete()


def list_stalled() -> list[tuple[str, int]]:
    """Return removals without a sign of life for long, by batch and first step: the message is lost, or the worker."""
    stalled = Batch.objects.filter(removal_alive_at__lt=from_now(-STALLED_AFTER_S))
    return [(str(batch_id), 0) for batch_id in stalled.values_list("pk", flat=True)]


def finish(batch_id: UUID) -> None:
    """Take all steps of a removal at once: for commands and tests, where no worker does it."""
    further: Further | None = Further(0)
    while further is not None and not further.pause_s:
        further = go_on(batch_id, further.step)
