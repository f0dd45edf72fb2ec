"""Says when the files of a batch are due to go by age. Called by `plan` and by what the API shows of a batch."""

from datetime import datetime, timedelta

from django.conf import settings

from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES


def find_due_date(batch: Batch) -> datetime | None:
    """Return from when on the next clean-up removes the files of a batch for their age.

    Downloads, and outputs that are being added, put it off. Other rules may remove them earlier.

    Returns:
        CASEFARM_KEEP_DAYS after its end; None where it is at work, kept, or its files were removed.
    """
    if batch.state in ACTIVE_BATCH_STATES or batch.keep or batch.outputs_removed_at or not batch.finished_at:
        return None
    return batch.finished_at + timedelta(days=settings.CASEFARM_KEEP_DAYS)
