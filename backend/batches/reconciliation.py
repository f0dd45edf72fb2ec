"""Says what is due: the work that PostgreSQL waits for, whether somebody is at it or not. Called by the reconciler.

What of it has lost its message – a killed worker, an emptied broker, a chord that did not fire, a restart in the wrong
moment – is found out by `messages` and sent again. Doing so once too often costs a few empty messages and nothing else:
a case is claimed by one attempt, and every other stage finds that it has been done. So any number of reconcilers may
run at a time, and nothing here depends on how long something takes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from batches.models import Batch, Case, ReconcilerAction, Shard
from batches.states import FINAL_CASE_STATES, OPEN_SHARD_STATES, BatchState, ShardState

CANCELLED_LATELY_S = 86_400  # what was cancelled before that has long been looked after

# A case that is pending, or whose attempt has let its lease run out. Who holds a living lease is at work.
DUE_CASES = """
    SELECT shard.batch_id::text, due."index", shard.epoch, due.state = 'running'
      FROM batches_shard AS shard
      JOIN batches_batch AS batch ON batch.id = shard.batch_id AND batch.state = 'running'
      JOIN batches_case AS due ON due.batch_id = shard.batch_id
           AND due."index" >= shard.first_index AND due."index" < shard.first_index + shard.size
     WHERE shard.state = 'dispatched' AND batch.shard_engine = ''
       AND (due.state = 'pending' OR (due.state = 'running' AND due.leased_until < now()))
     ORDER BY shard.batch_id, shard.number, due."index"
"""
# Its cases become final all at once, with its part of the table: who looks sees it as it was, or finished.
DUE_SHARDS = """
    SELECT batch.shard_engine, shard.batch_id::text, shard.number, shard.epoch
      FROM batches_shard AS shard
      JOIN batches_batch AS batch ON batch.id = shard.batch_id AND batch.state = 'running'
     WHERE shard.state = 'dispatched' AND batch.shard_engine <> ''
       AND shard.succeeded + shard.failed + shard.cancelled < shard.size
     ORDER BY shard.batch_id, shard.number
"""
# Of the shards that never began the last one tells of all: their cases become final in the order of their shards.
HALF_CANCELLED = """
    SELECT batch.id::text
      FROM batches_batch AS batch
     WHERE batch.state IN ('cancelled', 'failed') AND batch.finished_at > now() - %s * interval '1 second'
       AND (EXISTS (
           SELECT FROM batches_shard AS shard
             JOIN batches_case AS pending ON pending.batch_id = shard.batch_id AND pending.state = 'pending'
                  AND pending."index" >= shard.first_index AND pending."index" < shard.first_index + shard.size
            WHERE shard.batch_id = batch.id AND shard.epoch > 0 AND shard.state <> 'finished'
       ) OR EXISTS (
           SELECT FROM (
               SELECT * FROM batches_shard AS shard WHERE shard.batch_id = batch.id AND shard.state = 'pending'
                ORDER BY shard.number DESC LIMIT 1
           ) AS last WHERE last.succeeded + last.failed + last.cancelled < last.size
       ))
"""
RELEASE_DEAD = """
    UPDATE batches_case AS dead SET state = 'pending', leased_until = NULL
      FROM batches_shard AS shard JOIN batches_batch AS batch ON batch.id = shard.batch_id
     WHERE batch.state IN ('cancelled', 'failed') AND shard.state = 'dispatched' AND dead.batch_id = shard.batch_id
       AND dead."index" >= shard.first_index AND dead."index" < shard.first_index + shard.size
       AND dead.state = 'running' AND dead.leased_until < now()
"""


def list_due_cases() -> list[tuple[tuple[str, int, int], bool]]:
    """Return (batch, index, epoch) of every case that a worker is to take now, and whether an attempt had begun it."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_CASES)
        return [((batch_id, index, epoch), begun) for batch_id, index, epoch, begun in cursor.fetchall()]


def list_due_shards() -> list[tuple[str, tuple[str, int, int]]]:
    """Return engine and (batch, shard, epoch) of every shard that a worker is to take now as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_SHARDS)
        return [(engine, (batch_id, number, epoch)) for engine, batch_id, number, epoch in cursor.fetchall()]


def find_due_shard(batch_id: str, number: int, epoch: int) -> Shard | None:
    """Return a shard that is to be sent again; None where it has another epoch meanwhile, and was sent with it."""
    wanted = Shard.objects.filter(batch_id=batch_id, number=number, epoch=epoch, state=ShardState.DISPATCHED)
    return wanted.select_related("batch").first()


def renew_epochs() -> list[Shard]:
    """Give every dispatched shard a new epoch after the broker was emptied, and return them, to be sent again.

    What is left of the old messages, with workers that had taken them, does nothing. A shard that is locked is just
    being closed.
    """
    with transaction.atomic():
        dispatched = Shard.objects.filter(state=ShardState.DISPATCHED, batch__state=BatchState.RUNNING)
        locked = dispatched.select_for_update(skip_locked=True, of=("self",)).order_by("batch_id", "number")
        renewed = list(locked)
        for shard in renewed:
            shard.epoch += 1
        Shard.objects.bulk_update(renewed, ["epoch"])
    return renewed


def list_finished_shards() -> list[tuple[str, int, int]]:
    """Return the shards whose cases are all final and whose part of the table is not written: their chord is lost."""
    open_cases = Case.objects.exclude(state__in=FINAL_CASE_STATES).filter(
        batch_id=OuterRef("batch_id"),
        index__gte=OuterRef("first_index"),
        index__lt=OuterRef("first_index") + OuterRef("size"),
    )
    done = Shard.objects.filter(~Exists(open_cases), state=ShardState.DISPATCHED)
    # What a stage could not do and failed its batch for, it would fail at again in every round.
    done = done.exclude(batch__state=BatchState.FAILED)
    places = done.values_list("batch_id", "number", "epoch")
    return [(str(batch_id), number, epoch) for batch_id, number, epoch in places]


def _ids(batches: "QuerySet[Batch]") -> list[tuple[str]]:
    return [(str(batch_id),) for batch_id in batches.values_list("pk", flat=True)]


def list_unexpanded_batches() -> list[tuple[str]]:
    """Return batches whose rows are still to be written."""
    return _ids(Batch.objects.filter(state__in=(BatchState.QUEUED, BatchState.EXPANDING)))


def list_idle_batches() -> list[tuple[str]]:
    """Return running batches all of whose shards are finished: they are to be closed, or their search goes on."""
    open_shards = Shard.objects.filter(batch_id=OuterRef("pk"), state__in=OPEN_SHARD_STATES)
    idle = Batch.objects.filter(~Exists(open_shards), state=BatchState.RUNNING, retrying__isnull=True)
    # One that is to grow has a message of its own (`growth.rounds.list_due`).
    return _ids(idle.filter(Q(rounds__isnull=True) | Q(rounds__has_key="ended")))


def list_unclosed_batches() -> list[tuple[str]]:
    """Return batches that only wait to be closed."""
    return _ids(Batch.objects.filter(state=BatchState.AGGREGATING))


def list_half_cancelled_batches() -> list[tuple[str]]:
    """Return batches that were cancelled lately, or that a stage failed, with cases that nobody has made final."""
    with connection.cursor() as cursor:
        cursor.execute(HALF_CANCELLED, [CANCELLED_LATELY_S])
        return list(cursor.fetchall())


def release_dead_cases() -> int:
    """Hand the cases of cancelled and failed batches back whose attempt died with its worker; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE_DEAD)
        return int(cursor.rowcount)


def find_shards(cases: Iterable[Sequence[Any]]) -> Iterator[tuple[Shard, list[int]]]:
    """Yield the shards of cases, each given as batch, index and epoch, with the indices that are to be sent.

    A shard that has got another epoch meanwhile was sent with it.
    """
    wanted: dict[tuple[str, int], list[int]] = {}
    for batch_id, index, epoch in cases:
        wanted.setdefault((batch_id, epoch), []).append(index)
    for (batch_id, epoch), indices in wanted.items():
        shards = Shard.objects.filter(
            batch_id=batch_id,
            epoch=epoch,
            state=ShardState.DISPATCHED,
            first_index__lte=max(indices),
            first_index__gt=min(indices) - F("size"),
        )
        for shard in shards.select_related("batch"):
            if inside := sorted(index for index in indices if index in shard.indices):
                yield shard, inside


def count_action(kind: str, count: int = 1) -> None:
    """Add to how often the reconciler has done something, for administrators and their monitoring."""
    ReconcilerAction.objects.get_or_create(kind=kind)
    ReconcilerAction.objects.filter(kind=kind).update(count=F("count") + count, last_at=Now())
