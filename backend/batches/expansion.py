"""Stage 2: study → Shard and Case rows, of a new batch or of an extension. Called by the task `expand_batch`."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce, Now

from batches.case_rows import write_missing_rows
from batches.errors import OtherPointsError
from batches.live import notices
from batches.models import Batch
from batches.plans import plan_of
from batches.states import BatchState


def expand_batch(batch_id: UUID) -> bool:
    """Write the rows that a batch lacks, all or none, and set it running.

    Returns:
        False where another message has done it already or the batch was cancelled meanwhile; nothing is written then.

    Raises:
        OtherPointsError: the study means other cases here than where it was submitted.
    """
    claimed = Batch.objects.filter(pk=batch_id, state__in=(BatchState.QUEUED, BatchState.EXPANDING))
    if not claimed.update(state=BatchState.EXPANDING):
        return False
    verify_points(Batch.objects.get(pk=batch_id))
    with transaction.atomic():
        # The row is locked while the rows are written, so a second message waits here and then finds it running.
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.state != BatchState.EXPANDING:
            return False
        write_missing_rows(batch)
        Batch.objects.filter(pk=batch_id).update(
            state=BatchState.RUNNING, started_at=Coalesce("started_at", Now()), waiting_since=Now()
        )
    notices.tell_change(batch_id)
    return True


def verify_points(batch: Batch) -> None:
    """Do nothing where the points of a batch are those that were previewed and counted at submission.

    Raises:
        OtherPointsError: they are not: the libraries that make them differ between web service and worker.
    """
    found = plan_of(batch).points.digest
    if found != batch.design_digest:
        raise OtherPointsError(
            f"The design means other cases on this worker ({found[:10]}) than where it was submitted"
            f" ({batch.design_digest[:10]}): web service and workers need the same versions of NumPy and SciPy."
            " Install the same release of Casefarm on all, and submit the study again."
        )
