"""The rows of a batch: the batch, its shards, its cases and the diagnoses of those that are not valid.

A case holds no parameters: they follow from the study and the case's index (`batches.plans`). Counters stand on the
shard, so that showing a batch never counts its cases. No index mentions a state: updates of a state stay in their page.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.states import (
    ACTIVE_BATCH_STATES,
    AdditionState,
    BatchState,
    CaseState,
    CleanUpState,
    Priority,
    ShardState,
    Verdict,
)


class Batch(models.Model):
    """A submitted study and everything that came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # Not with its owner: a million rows do not go in one request. His batches are deleted first.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=BatchState, default=BatchState.QUEUED)
    failure = models.TextField(blank=True, default="")
    keep = models.BooleanField(default=False)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)  # as its study asks

    study = models.JSONField()
    extensions = models.JSONField(default=list)  # [{"samples"} or {"rows"}]: what was added to the study's points
    inputs = models.JSONField()  # {"models": {ref: {id, sha256, name}}, "weathers": {…}}: what the references meant
    parameters = models.JSONField()  # [{"name", "unit"}]
    design_digest = models.CharField(max_length=64)
    case_count = models.PositiveIntegerField()
    baseline_count = models.PositiveIntegerField()
    shard_size = models.PositiveIntegerField()
    shard_engine = models.CharField(max_length=20, blank=True, default="")  # takes whole shards; "": case by case
    rounds = models.JSONField(null=True)  # of an adaptive batch: what was learnt when, and why it ended

    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)  # when it was extended last after it had ended
    ran_before = models.PositiveIntegerField(default=0)  # cases that the engine had run by then
    finished_at = models.DateTimeField(null=True)
    outputs_removed_at = models.DateTimeField(null=True)
    retrying = models.JSONField(null=True)  # {"before", "kinds", "cases"}: failed cases that are being opened again
    findings = models.JSONField(default=list)  # what the cases show together: [{"kind", "parameter", "message"}]
    valuation = models.JSONField(null=True)  # tariffs and emission factors that savings are counted with

    # What its finished shards have counted, so that showing a batch reads only the shards that are open.
    closed_shards = models.PositiveIntegerField(default=0)
    closed_succeeded = models.PositiveIntegerField(default=0)
    closed_suspect = models.PositiveIntegerField(default=0)
    closed_failed = models.PositiveIntegerField(default=0)
    closed_cancelled = models.PositiveIntegerField(default=0)
    closed_cached = models.PositiveIntegerField(default=0)
    closed_bytes = models.PositiveBigIntegerField(default=0)  # of the files that their cases keep, as stored
    metric_names = models.JSONField(default=list)  # of their parts of the table together

    waiting_since = models.DateTimeField(db_default=Now())  # what its priority grows with: when it last got a turn
    deleted_at = models.DateTimeField(null=True)  # its owner has deleted it: nobody sees it, its rows and files go
    removal_alive_at = models.DateTimeField(null=True)  # last sign of life of the removal of its files; null: none is
    files_read_until = models.DateTimeField(null=True)  # a download reads them: removals wait

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="batch_of_owner"),
            models.Index(fields=["owner"], name="batch_active", condition=Q(state__in=ACTIVE_BATCH_STATES)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def total(self) -> int:
        """Design cases and baselines together: every run of the engine."""
        return self.case_count + self.baseline_count

    def shard_of(self, index: int) -> int:
        """Return the number of the shard that holds case `index` (negative for a baseline)."""
        return (index + self.baseline_count) // self.shard_size


class Shard(models.Model):
    """A bounded block of a batch's cases: one Celery chord, one part of the result table."""

    pk = models.CompositePrimaryKey("batch_id", "number")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="shards", db_index=False)
    number = models.PositiveIntegerField()
    first_index = models.IntegerField()
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ShardState, default=ShardState.PENDING)
    epoch = models.PositiveIntegerField(default=0)  # messages of an older epoch do nothing
    succeeded = models.PositiveIntegerField(default=0)
    suspect = models.PositiveIntegerField(default=0)  # among the succeeded
    failed = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    cached = models.PositiveIntegerField(default=0)  # among the succeeded: taken over from an identical case
    stored_bytes = models.PositiveBigIntegerField(default=0)  # of the files that its cases keep, as stored
    lane = models.PositiveSmallIntegerField(null=True)  # the queue that its messages went to
    level = models.PositiveSmallIntegerField(null=True)  # their priority in the broker: 0 is the most urgent
    metric_names = models.JSONField(default=list)  # written with its part of the table
    last_progress_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["batch_id", "number"]
        # A case that ends changes counters only, which stand in no index.
        indexes = [
            models.Index(fields=["batch", "state", "number"], name="shard_by_state"),
            models.Index(fields=["batch", "number"], name="shard_at_work", condition=Q(state="dispatched")),
            models.Index(
                fields=["batch", "number"], name="shard_begun", condition=Q(epoch__gt=0) & ~Q(state="finished")
            ),
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of {self.batch_id}"

    @property
    def indices(self) -> range:
        """The indices of its cases."""
        return range(self.first_index, self.first_index + self.size)


class Case(models.Model):
    """One point of the design: one assignment of all parameters, one run of the engine."""

    pk = models.CompositePrimaryKey("batch_id", "index")
    # No constraint in the database: a million rows arrive in one statement and leave with their batch in one.
    batch = models.ForeignKey(Batch, on_delete=models.DO_NOTHING, db_index=False, db_constraint=False)
    index = models.IntegerField()
    state = models.CharField(max_length=9, choices=CaseState, db_default=CaseState.PENDING)
    attempt = models.PositiveIntegerField(db_default=0)
    losses = models.PositiveSmallIntegerField(db_default=0)  # attempts that failed by the farm's fault
    faults = models.JSONField(null=True)  # what happened to each of them, in words; none of nearly every case
    verdict = models.CharField(max_length=7, choices=Verdict, null=True)  # noqa: DJ001 - none yet is not an empty word
    leased_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    metrics = models.JSONField(null=True)  # {metric name with its unit: number or null}
    cached = models.BooleanField(db_default=False)  # an identical case had run: its outcome was taken over

    class Meta:
        ordering = ["batch_id", "index"]

    def __str__(self) -> str:
        return f"case {self.index} of {self.batch_id}"


class OwnerShare(models.Model):
    """What an owner has had of the farm: who waits for a turn is in line by it (`scheduling/turns.py`)."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    had = models.BigIntegerField(default=0)  # cases, with a start for what he missed while he had nothing to run
    low_turn_at = models.DateTimeField(null=True)  # when a batch of low priority last had one: since then they age
    normal_turn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"owner {self.owner_id}: {self.had} cases"


class Diagnosis(models.Model):
    """Why a case failed or is suspect. A valid case has none."""

    pk = models.CompositePrimaryKey("batch_id", "index")
    batch = models.ForeignKey(Batch, on_delete=models.DO_NOTHING, db_index=False, db_constraint=False)
    index = models.IntegerField()
    kind = models.CharField(max_length=40)  # severe, unmet, fatal, crash, timeout, internal, …
    message = models.TextField()
    reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["batch_id", "index"]

    def __str__(self) -> str:
        return f"{self.kind} in case {self.index} of {self.batch_id}"


class KnownCase(models.Model):
    """An identical case has run, or is running: the case cache, across batches and users.

    The row is claimed before the run (`leased_until`, no `outcome`), so that concurrent identical cases run once, and
    gets its outcome when the run succeeded; a claim whose lease has run out is anybody's.
    """

    key = models.CharField(primary_key=True, max_length=64)  # sha256, see `batches.cases.known_cases`
    leased_until = models.DateTimeField(null=True)
    holder = models.UUIDField(null=True)  # who claimed it
    outcome = models.JSONField(null=True)  # metrics, verdict, reasons, hashes of the kept files
    size_bytes = models.PositiveBigIntegerField(default=0)  # of the kept files, as stored
    hits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return self.key


class ModelNeed(models.Model):
    """What runs of a model have needed, so that slots follow the memory that there is."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    peak_memory_bytes = models.PositiveBigIntegerField()  # largest resident memory of any run so far

    def __str__(self) -> str:
        return f"{self.sha256}: {self.peak_memory_bytes} B"


class RunSample(models.Model):
    """What the cases of one shard with one model took: what the next study with that model is estimated from.

    A shard writes it with its part of the table, and again where it is written anew. It outlives its batch.
    """

    pk = models.CompositePrimaryKey("batch_id", "shard", "model_sha256")
    batch_id = models.UUIDField()
    shard = models.PositiveIntegerField()
    model_sha256 = models.CharField(max_length=64)
    run_period = models.JSONField()  # as the study writes it
    days = models.FloatField()  # simulated in a case
    keep_full = models.BooleanField()
    outputs = models.JSONField(default=list)  # as the study asks for them
    run_s = models.JSONField()  # [engine time of a case in s], of some of its cases that ran
    stored_bytes = models.JSONField()  # [size of the files that a case kept], of the same cases
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["model_sha256", "-created_at"], name="sample_of_model")]

    def __str__(self) -> str:
        return f"{self.model_sha256[:12]}: {len(self.run_s)} runs of {self.days:g} days"


class OutputAddition(models.Model):
    """Time series that were added to an ended batch from the SQLite files that its cases kept: a background task.

    Works shard by shard; what it wrote is seen by nobody before it has succeeded (`added_outputs.py`).
    """

    task_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="additions")
    outputs = models.JSONField()  # [{"meter" or "variable", "key", "frequency"}], as in a study
    state = models.CharField(max_length=9, choices=AdditionState, default=AdditionState.PENDING)
    failure = models.TextField(blank=True, default="")
    next_shard = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)  # of the worker that reads the next shard
    case_total = models.PositiveIntegerField()
    cases_read = models.PositiveIntegerField(default=0)
    cases_lacking = models.JSONField(default=list)  # [index]: the first of those whose file lacks a series
    lacking_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    last_progress_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{len(self.outputs)} outputs added to {self.batch_id}"


class ReconcilerAction(models.Model):
    """How often the reconciler has had to send something again, of each kind."""

    kind = models.CharField(primary_key=True, max_length=60)  # resent_cases, resent_shards, resent_finish_shard, …
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"


class CleanUpReport(models.Model):
    """What a clean-up removed, or would have removed: kept for administrators."""

    state = models.CharField(max_length=8, choices=CleanUpState, default=CleanUpState.WAITING)
    dry_run = models.BooleanField()
    rules = models.JSONField()  # [a CleanUpRule]: which were asked for
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)  # null: beat
    requested_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)  # {rule: {"items", "bytes"}}
    spared = models.PositiveIntegerField(default=0)  # planned, but somebody needed it when its turn came
    items = models.JSONField(default=list)  # the first of them: [{"rule", "id", "name", "owner", "bytes", …}]
    failure = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{'dry run' if self.dry_run else 'clean-up'} {self.pk}: {self.state}"
