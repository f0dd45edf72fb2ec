"""Cases are added to a batch: more of its design, or points of one's own. Called by `extension_api`, `generations`.

What there is stays: indices, outcomes and files of its cases. The new ones follow under the next indices and go through
the same shards, chords and tables as any others (`case_rows.py`).
"""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.quotas import lock_quotas
from batches.case_rows import write_missing_rows
from batches.errors import NotExtensibleError, StillActiveError
from batches.live import notices
from batches.models import Batch
from batches.plans import make_points, read_extensions
from batches.queries import count_cases
from batches.results.findings import Finding
from batches.scheduling import quotas
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES, BatchState, ShardState
from library.storage import has_content
from studies.definition import Extension, Study
from studies.designs.points import Points


@transaction.atomic
def extend_batch(*, batch: Batch, more: Extension, findings: list[Finding] | None = None) -> Batch:
    """Record that an ended batch grows; it is `expanding` again, and the task `expand_batch` writes the new rows.

    Args:
        batch: whose row is locked until the transaction ends.
        more: examined already: rows that mean something in the batch's models.
        findings: what still holds of the batch's findings; all where it is not given.

    Returns:
        The row as it was written.

    Raises:
        StillActiveError: the batch is at work.
        NotExtensibleError: it cannot grow, or not by so much.
        problems.exceptions.TooMuch: its owner's quota has no room for the cases; nothing is recorded.
    """
    row = Batch.objects.select_for_update().get(pk=batch.pk)
    refuse_unfinished(row)
    row.ran_before = count_runs(row)
    row.resumed_at = Now()
    row.state, row.finished_at, row.failure = BatchState.EXPANDING, None, ""
    row.findings = row.findings if findings is None else findings
    before = row.total
    record_extension(row, more)
    with lock_quotas(row.owner) as limits:
        quotas.require_cases(row.owner, limits, row.total - before)
    row.refresh_from_db()
    return row


@transaction.atomic
def append_cases(batch: Batch, more: Extension) -> int:
    """Give a running batch more cases, rows and all: the next generation of a search.

    Locks the batch's row. The caller has `dispatch_shards` sent once the transaction has committed; where that message
    is lost, the reconciler sends it.

    Returns:
        How many cases were added.

    Raises:
        NotExtensibleError: the batch is not running, or would have too many cases.
    """
    row = Batch.objects.select_for_update().get(pk=batch.pk)
    if row.state != BatchState.RUNNING:
        raise NotExtensibleError(f"The batch is {row.state}: only a running one takes cases of a search.")
    record_extension(row, more)
    return write_missing_rows(row)


def record_extension(row: Batch, more: Extension) -> None:
    """Write what a locked batch grows by, and how many cases it then has.

    Raises:
        NotExtensibleError: there would be too many, or its points are others here than when it was submitted.
    """
    study, known = Study.model_validate(row.study), read_extensions(row)
    points = make_points(study, known)
    refuse_other_points(row, points)
    grown = make_points(study, (*known, more))
    if grown.case_count + grown.baseline_count > settings.CASEFARM_MAX_CASES:
        raise NotExtensibleError(
            f"The batch would have {grown.case_count + grown.baseline_count:,} cases, at most"
            f" {settings.CASEFARM_MAX_CASES:,} are accepted; it has {row.total:,}."
        )
    row.extensions = [*row.extensions, more.model_dump(mode="json")]
    row.case_count, row.design_digest = grown.case_count, grown.digest
    row.save()
    notices.tell_change(row.pk)


def refuse_unfinished(row: Batch) -> None:
    """Do nothing where every case of a batch has had its turn and its files are there.

    Raises:
        StillActiveError: it is at work.
        NotExtensibleError: it was cancelled, could not be carried through, or its files were removed.
    """
    if row.deleted_at is not None:
        raise NotExtensibleError("The batch has just been deleted.")
    if row.state in ACTIVE_BATCH_STATES:
        raise StillActiveError(f"The batch is {row.state}; extend it when it has ended.")
    if row.state == BatchState.CANCELLED:
        raise NotExtensibleError(
            "The batch was cancelled: some of its cases never ran, and an extension would leave them out. Submit its"
            " study anew, with as many cases as you want: what has run is known and is not run again."
        )
    if row.additions.filter(state__in=OPEN_ADDITION_STATES).exists():
        raise StillActiveError("Outputs are being added to this batch; extend it when that has ended.")
    if row.outputs_removed_at is not None:
        raise NotExtensibleError(
            f"The files of this batch were removed on {row.outputs_removed_at:%Y-%m-%d}: submit its study anew."
        )
    if not row.shards.exists() or row.shards.exclude(state=ShardState.FINISHED).exists():
        raise NotExtensibleError(f"The batch could not be carried through ({row.failure}): submit its study anew.")


def refuse_lost_inputs(batch: Batch) -> None:
    """Do nothing where the library still has what the batch's cases are made of: it keeps that of active ones alone.

    Raises:
        NotExtensibleError: a model, a file that it refers to or a weather file was removed.
    """
    if batch.shard_engine:
        return  # it answers by what it has learnt: the files are only told
    for found in (*batch.inputs["models"].values(), *batch.inputs["weathers"].values()):
        for sha256 in (found["sha256"], *found.get("attachments", {}).values()):
            if not has_content(sha256):
                raise NotExtensibleError(
                    f"The library has removed {found['name']} since the batch ran: upload it again, and submit the"
                    " study with as many cases as you want; what has run is known and is not run again."
                )


def refuse_other_points(row: Batch, points: Points) -> None:
    """Do nothing where the points that a batch has are those that it was submitted with.

    Raises:
        NotExtensibleError: the libraries that make them are others now: a sequence that goes on would not fit.
    """
    if points.digest != row.design_digest:
        raise NotExtensibleError(
            "The design of this batch gives other points with the versions of NumPy and SciPy that are installed now"
            f" ({points.digest[:10]}) than with those it was submitted with ({row.design_digest[:10]}): submit its"
            " study anew."
        )


def count_runs(row: Batch) -> int:
    """Return how many cases of an ended batch the engine ran: its pace from now on is that of the others."""
    counts = count_cases(row)
    return counts.succeeded + counts.failed - counts.cached
