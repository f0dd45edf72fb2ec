"""Time series are added to an ended batch out of the SQLite files that its cases kept; nothing is simulated again.

`record_addition` is called by `added_outputs_api`, the rest by the task `add_outputs`, once for each shard. What it
writes has names of its own and is seen by nobody, until the last shard's is written and one transaction makes it part
of the batch: its study asks for the outputs, and readers take the new parts (`timeseries.py`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import zstandard
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from batches import storage
from batches.cases import kept_files
from batches.cases.leases import keep_alive
from batches.database import from_now
from batches.errors import NotExtensibleError, StillActiveError
from batches.models import Batch, Case, OutputAddition, Shard
from batches.plans import Plan, plan_of
from batches.results import timeseries
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES, AdditionState
from energyplus.errors import ResultsError
from energyplus.outputs import OutputRequest
from energyplus.results.timeseries import list_reported, stream_timeseries, write_timeseries
from filestore.operations import Key
from filestore.store import files
from studies.definition import Output

LEASE_S = 30
SQLITE_FILE = "eplusout.sql"
LISTED_CASES = 100


@transaction.atomic
def record_addition(*, batch: Batch, outputs: Sequence[Output]) -> OutputAddition:
    """Record that outputs are to be added to an ended batch. Writes one row; nothing is read.

    Raises:
        StillActiveError: the batch is at work, or other outputs are being added.
        NotExtensibleError: its files were removed.
    """
    row = Batch.objects.select_for_update().get(pk=batch.pk)
    refuse_unready(row)
    return OutputAddition.objects.create(
        batch=row, outputs=[output.model_dump(mode="json") for output in outputs], case_total=row.total
    )


def refuse_unready(batch: Batch) -> None:
    """Do nothing where the files of a batch are complete and nobody adds outputs to it.

    Raises:
        StillActiveError: the batch is at work, or other outputs are being added.
        NotExtensibleError: its files were removed.
    """
    if batch.deleted_at is not None:
        raise NotExtensibleError("The batch has just been deleted.")
    if batch.state in ACTIVE_BATCH_STATES:
        raise StillActiveError(f"The batch is {batch.state}; add outputs when it has ended.")
    if batch.additions.filter(state__in=OPEN_ADDITION_STATES).exists():
        raise StillActiveError("Other outputs are being added to this batch; add more when that has ended.")
    if batch.outputs_removed_at is not None:
        raise NotExtensibleError(f"The files of this batch were removed on {batch.outputs_removed_at:%Y-%m-%d}.")


def add_to_shard(addition_id: int, number: int) -> int | None:
    """Read the files of one shard's cases, then make the addition final where it was the last.

    Returns:
        The number of the shard that is next; None where there is none, or the message is stale.

    Raises:
        django.db.Error, OSError: the database or a disk failed; the message may come again.
    """
    claimed = OutputAddition.objects.filter(pk=addition_id, next_shard=number, state__in=OPEN_ADDITION_STATES).exclude(
        leased_until__gte=Now()
    )
    if not claimed.update(state=AdditionState.RUNNING, leased_until=from_now(LEASE_S), last_progress_at=Now()):
        return None
    addition = OutputAddition.objects.select_related("batch").get(pk=addition_id)
    shard = addition.batch.shards.filter(number=number).first()
    if shard is None:
        conclude_addition(addition)
        return None
    try:
        with keep_alive(partial(renew_lease, addition)):
            lacking = list(read_shard(addition, shard))
    except Exception:
        OutputAddition.objects.filter(pk=addition.pk).update(leased_until=None)  # for the next try
        raise
    if count_shard(addition, shard, lacking):
        return number + 1
    if not Batch.objects.filter(pk=addition.batch_id, deleted_at=None).exists():
        storage.remove_batch_files(addition.batch_id)  # deleted meanwhile; what was written since goes, too
    return None


def ordinal_of(addition: OutputAddition) -> int:
    """Return the number of an addition among those of its batch that succeed: its own files bear it."""
    before = addition.batch.additions.filter(state=AdditionState.SUCCEEDED, pk__lt=addition.pk)
    return before.count() + 1


def renew_lease(addition: OutputAddition) -> None:
    """Put the end of the lease off."""
    OutputAddition.objects.filter(pk=addition.pk).update(leased_until=from_now(LEASE_S))


def count_shard(addition: OutputAddition, shard: Shard, lacking: list[int]) -> bool:
    """Note that a shard is done. Returns whether the addition still goes on."""
    still = OutputAddition.objects.filter(pk=addition.pk, next_shard=shard.number, state=AdditionState.RUNNING)
    return bool(
        still.update(
            next_shard=shard.number + 1,
            leased_until=None,
            last_progress_at=Now(),
            cases_read=F("cases_read") + shard.size,
            lacking_count=F("lacking_count") + len(lacking),
            cases_lacking=[*addition.cases_lacking, *lacking][:LISTED_CASES],
        )
    )


def read_shard(addition: OutputAddition, shard: Shard) -> Iterator[int]:
    """Write the added series of a shard's cases, then its part. Yields each case whose file lacks one of them.

    Ends at once when the addition was cancelled: the next one of the batch gives its files the same names.
    """
    plan, number = plan_of(addition.batch), ordinal_of(addition)
    wanted = read_requests(addition)
    for case in timeseries.list_finished_cases(shard):
        if not is_wanted(addition, shard):
            return
        if not read_case(plan, case, wanted, number):
            yield case.index
    if is_wanted(addition, shard):
        timeseries.write_part(shard, number)


def is_wanted(addition: OutputAddition, shard: Shard) -> bool:
    """Return whether a shard is still to be read for an addition."""
    wanted = OutputAddition.objects.filter(pk=addition.pk, next_shard=shard.number, state=AdditionState.RUNNING)
    return wanted.exists()


def read_requests(addition: OutputAddition) -> tuple[OutputRequest, ...]:
    """Return what is added, as the engine room takes it."""
    return tuple(Output.model_validate(output).request for output in addition.outputs)


def read_case(plan: Plan, case: Case, wanted: Sequence[OutputRequest], number: int) -> bool:
    """Write the added series of a case beside what it kept; return whether its file has them all.

    What its study asked for before is left out: a series stands in one file.
    """
    folder = storage.case_folder(case.batch_id, plan.shard_of(case.index), case.index, case.attempt)
    target = storage.added_series_path(folder, number)
    with open_results(folder) as results:
        if results is None:
            files.remove(target)
            return False
        weather = plan.weathers[plan.points[case.index].weather]
        time_zone_h = float(weather.facts.get("time_zone_h") or 0.0)
        asked = plan.study.output_requests
        try:
            reported = list_reported(results)
            with files.fill_file(target) as path:
                write_timeseries(stream_timeseries(results, wanted, time_zone_h, asked), path)
        except ResultsError:
            files.remove(target)
            return False
    return all(is_reported(request, reported) for request in wanted)


def is_reported(request: OutputRequest, reported: Sequence[OutputRequest]) -> bool:
    """Return whether something was reported that a request asks for."""
    general = request.key == "*"
    return any(
        found.identity == request.identity or (general and found.identity[:3] == request.identity[:3])
        for found in reported
    )


@contextmanager
def open_results(folder: Key) -> Iterator[Path | None]:
    """Give the plain SQLite file of a case for a while; None where it is gone or damaged."""
    kept = kept_files.find_file(folder, SQLITE_FILE)
    root = Path(settings.CASEFARM_SCRATCH)
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root, prefix="results-") as scratch:
        plain = Path(scratch) / SQLITE_FILE
        try:
            if kept:
                kept_files.unpack_file(kept, plain)
        except zstandard.ZstdError:
            kept = None
        yield plain if kept else None


def conclude_addition(addition: OutputAddition) -> None:
    """Make an addition whose shards are all read part of its batch, in one transaction. Safe to repeat."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=addition.batch_id)
        closing = OutputAddition.objects.filter(pk=addition.pk, state=AdditionState.RUNNING)
        if batch.outputs_removed_at is not None:
            fail_addition(addition.pk, "The files of the batch were removed meanwhile.")
        elif closing.update(state=AdditionState.SUCCEEDED, finished_at=Now(), leased_until=None):
            batch.study = {**batch.study, "outputs": [*batch.study.get("outputs", ()), *addition.outputs]}
            batch.save(update_fields=["study"])
            transaction.on_commit(partial(remove_old_parts, batch.pk, ordinal_of(addition) - 1))


def remove_old_parts(batch_id: UUID, additions: int) -> None:
    """Remove the parts that newer ones have taken the place of; who reads one just now may read on."""
    for shard in Shard.objects.filter(batch_id=batch_id).iterator():
        files.remove(storage.series_part_path(batch_id, shard.number, additions))


def fail_addition(addition_id: int, message: str) -> None:
    """End an addition that cannot go on; the batch is as it was, and somebody reads why."""
    still = OutputAddition.objects.filter(pk=addition_id, state__in=OPEN_ADDITION_STATES)
    still.update(state=AdditionState.FAILED, failure=message, finished_at=Now(), leased_until=None)


def cancel_addition(addition: OutputAddition) -> bool:
    """Stop adding outputs; the batch is as it was. Returns whether it was still going on."""
    still = OutputAddition.objects.filter(pk=addition.pk, state__in=OPEN_ADDITION_STATES)
    return bool(still.update(state=AdditionState.CANCELLED, finished_at=Now(), leased_until=None))


def list_open_additions() -> list[tuple[int, int]]:
    """Return open additions that nobody reads for, each with its next shard."""
    waiting = OutputAddition.objects.filter(state__in=OPEN_ADDITION_STATES).exclude(leased_until__gte=Now())
    return list(waiting.values_list("pk", "next_shard"))
