"""The states of a batch, a shard and a case, each with the transitions it may take."""

from django.db.models import TextChoices


class BatchState(TextChoices):
    """Where a batch stands."""

    QUEUED = "queued"  # recorded; nothing has been done yet
    EXPANDING = "expanding"  # its case rows are being written, at first or after an extension
    RUNNING = "running"  # shards are handed to the workers, one window at a time
    AGGREGATING = "aggregating"  # every case is final; the table is being closed
    COMPLETED = "completed"  # ended: at least one case succeeded; an extension opens it again
    CANCELLED = "cancelled"  # final: stopped by its owner; finished cases keep their results
    FAILED = "failed"  # ended: every case failed, or a stage could not go on; the batch says which


BATCH_TRANSITIONS = {
    BatchState.QUEUED: (BatchState.EXPANDING, BatchState.CANCELLED, BatchState.FAILED),
    BatchState.EXPANDING: (BatchState.RUNNING, BatchState.CANCELLED, BatchState.FAILED),
    BatchState.RUNNING: (BatchState.AGGREGATING, BatchState.CANCELLED, BatchState.FAILED),
    BatchState.AGGREGATING: (BatchState.COMPLETED, BatchState.FAILED, BatchState.CANCELLED, BatchState.RUNNING),
    BatchState.COMPLETED: (BatchState.EXPANDING, BatchState.RUNNING),  # extended: it has cases again that have not run
    BatchState.CANCELLED: (),
    BatchState.FAILED: (BatchState.EXPANDING, BatchState.RUNNING),  # likewise, where every case has had its turn
}
ENDED_BATCH_STATES = (BatchState.COMPLETED, BatchState.CANCELLED, BatchState.FAILED)
ACTIVE_BATCH_STATES = tuple(state for state in BATCH_TRANSITIONS if state not in ENDED_BATCH_STATES)


class Priority(TextChoices):
    """How urgent a batch is, as its study says; a batch that waits grows more urgent by itself."""

    LOW = "low"  # whenever nothing else is to do
    NORMAL = "normal"
    HIGH = "high"  # before all that is normal


class ShardState(TextChoices):
    """Where a shard stands."""

    PENDING = "pending"  # waits for a place in the batch's window
    DISPATCHED = "dispatched"  # its chord is with the broker
    FINISHED = "finished"  # every case is final and its part of the table is written


OPEN_SHARD_STATES = (ShardState.PENDING, ShardState.DISPATCHED)


class CaseState(TextChoices):
    """Where a case stands."""

    PENDING = "pending"  # not begun, or handed back by a worker that could not run it
    RUNNING = "running"  # claimed by one attempt, which renews its lease
    SUCCEEDED = "succeeded"  # final: the engine's success was earned
    FAILED = "failed"  # final: its diagnosis says why
    CANCELLED = "cancelled"  # final: stopped by itself or with its batch


CASE_TRANSITIONS = {
    CaseState.PENDING: (CaseState.RUNNING, CaseState.CANCELLED),
    CaseState.RUNNING: (CaseState.PENDING, CaseState.SUCCEEDED, CaseState.FAILED, CaseState.CANCELLED),
    CaseState.SUCCEEDED: (),
    CaseState.FAILED: (CaseState.PENDING,),  # its owner has asked for another try
    CaseState.CANCELLED: (),
}
FINAL_CASE_STATES = (CaseState.SUCCEEDED, CaseState.FAILED, CaseState.CANCELLED)


class Verdict(TextChoices):
    """What a finished case's numbers are worth."""

    VALID = "valid"  # nothing speaks against them
    SUSPECT = "suspect"  # the run ended well, but see the reasons
    FAILED = "failed"  # there are none


class AdditionState(TextChoices):
    """Where the adding of outputs to an ended batch stands."""

    PENDING = "pending"  # recorded; no file has been read yet
    RUNNING = "running"  # the files of its cases are read, shard by shard
    SUCCEEDED = "succeeded"  # final: the batch's study asks for the outputs, and its time series have them
    FAILED = "failed"  # final: the batch is as it was
    CANCELLED = "cancelled"  # final: likewise


OPEN_ADDITION_STATES = (AdditionState.PENDING, AdditionState.RUNNING)


class CleanUpRule(TextChoices):
    """What clean-up removes something for."""

    AGE = "age"  # the files of a batch that ended long ago
    QUOTA = "owner_quota"  # the files of an owner's oldest batches, where he stores more than he may
    SIZE = "total_size"  # the files of the oldest batches, where all together take too much
    KNOWN_CASES = "known_cases"  # known cases that were not used for long, or are too many
    ORPHANS = "orphans"  # folders that no row names
    UPLOADS = "uploads"  # models and weather files that nobody uses, and contents that no row means


class CleanUpState(TextChoices):
    """Where a clean-up stands."""

    WAITING = "waiting"  # asked for; its turn comes
    RUNNING = "running"
    FINISHED = "finished"  # final: the report says what went, or what would go
    FAILED = "failed"  # final: the report says why; what had gone by then is gone
