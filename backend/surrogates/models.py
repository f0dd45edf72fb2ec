"""The rows of surrogates, of what they were trained on, and of the errands they are sent on."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models import Batch
from surrogates.states import (
    OPEN_ERRAND_STATES,
    OPEN_SURROGATE_STATES,
    ErrandKind,
    ErrandState,
    SurrogateState,
)


class Surrogate(models.Model):
    """A trained emulator of a batch's metrics, or one that is being trained."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="surrogates")
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)  # of those of one name and owner
    state = models.CharField(max_length=9, choices=SurrogateState, default=SurrogateState.QUEUED)
    failure = models.TextField(blank=True, default="")

    wish = models.JSONField()  # what was asked for: kind, metrics, level, seed, keep_suspect, time_limit_s
    provenance = models.JSONField(default=dict)  # batches, cases used and left out and why, engine digests, releases
    inputs = models.JSONField(default=list)  # [{"name", "kind", "unit", "low", "high", "values"}], once trained
    metrics = models.JSONField(default=list)  # [{"name", "label", "unit"}] that it answers for
    report = models.JSONField(null=True)  # accuracy, candidates, learning curve, warnings: emulator.emulator.Report
    progress = models.JSONField(default=dict)  # {"current", "total", "message", "curves": {part: [[step, loss], …]}}

    attempt = models.PositiveIntegerField(default=0)  # fences: what an earlier attempt writes late changes nothing
    leased_until = models.DateTimeField(null=True)
    losses = models.PositiveSmallIntegerField(default=0)  # workers that vanished with it
    file_sha256 = models.CharField(max_length=64, blank=True, default="")  # of the file it is kept in; "" before
    file_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="surrogate_of_owner"),
            models.Index(fields=["created_at"], name="surrogate_open", condition=Q(state__in=OPEN_SURROGATE_STATES)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name", "version"], name="surrogate_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version} ({self.id})"


class Parent(models.Model):
    """A batch that a surrogate was trained on. While it is, retention leaves the batch's table alone."""

    surrogate = models.ForeignKey(Surrogate, on_delete=models.CASCADE, related_name="parents")
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="surrogates")
    batch_name = models.CharField(max_length=200)  # outlives the batch
    cases_used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.batch_name} of {self.surrogate_id}"


class Errand(models.Model):
    """Something that a surrogate is asked to do in the background: to screen, to search, to explain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    surrogate = models.ForeignKey(Surrogate, on_delete=models.CASCADE, related_name="errands")
    kind = models.CharField(max_length=12, choices=ErrandKind)
    state = models.CharField(max_length=9, choices=ErrandState, default=ErrandState.QUEUED)
    failure = models.TextField(blank=True, default="")
    wish = models.JSONField()
    answer = models.JSONField(null=True)
    progress = models.JSONField(default=dict)  # {"current", "total", "message"}
    attempt = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    losses = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["created_at"], name="errand_open", condition=Q(state__in=OPEN_ERRAND_STATES)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.surrogate_id}"


class Verification(models.Model):
    """A batch that simulates points which a surrogate has predicted, to be set side by side."""

    surrogate = models.ForeignKey(Surrogate, on_delete=models.CASCADE, related_name="verifications")
    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, related_name="verifies")
    points = models.JSONField()  # [{"inputs", "predicted": {metric: {"mean", "low", "high"}}, "inside"}], by case
    level = models.FloatField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.batch_id} verifies {self.surrogate_id}"
