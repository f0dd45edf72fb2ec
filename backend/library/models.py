"""The rows of the library: building models and weather files, and construction sets; bundled, or somebody's own.

The content of a file itself lies in the content store (`library.storage`) under its hash. Several rows may share one
content. A construction set is all in its row.
"""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now


class StoredFile(models.Model):
    """What a model and a weather file have in common: an owner, a name, a content and what is known about it."""

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)  # null: bundled
    alias = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 - uploads have none, and it is unique
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now())  # uploaded, or submitted with a batch

    class Meta:
        abstract = True
        ordering = ["-created_at", "alias"]  # own uploads, newest first, then the bundled ones by name
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="%(class)s_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.alias or f"{self.name} ({self.id})"

    @property
    def bundled(self) -> bool:
        """Whether the file came with the engine package; such a file belongs to everybody."""
        return self.owner_id is None


class StoredModel(StoredFile):
    """A building model in the library, with the files that came with it: the two together are what a user has once."""

    attachments = models.JSONField(default=list)  # [{"name", "sha256", "size_bytes"}] by name
    attachments_digest = models.CharField(max_length=64, blank=True, default="")  # of names and contents

    class Meta(StoredFile.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "sha256", "attachments_digest"], name="storedmodel_once_per_owner_with_attachments"
            ),
        ]


class StoredWeather(StoredFile):
    """A weather file in the library."""


class StoredConstructionSet(models.Model):
    """A set of constructions, whole: it is read, changed and pinned into a batch as one document."""

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)  # null: bundled
    alias = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 - only bundled ones have it
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)  # ISO 4217, of all costs in it
    description = models.TextField(blank=True, default="")
    constructions = models.JSONField(default=list)  # as energyplus.measures.constructions writes them
    revision = models.PositiveIntegerField(default=1)  # counts changes, so that nobody overwrites what he has not seen
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="constructionset_name_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.alias or self.name

    @property
    def bundled(self) -> bool:
        """Whether it came with Casefarm; such a set belongs to everybody and is never changed."""
        return self.owner_id is None

    @property
    def ref(self) -> str:
        """What a study calls it: the alias of a bundled one, the id of one's own."""
        return self.alias or str(self.id)
