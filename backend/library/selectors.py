"""Finds what a user may see in the library; called by the library's API, by submission and by the stages of a batch."""

import uuid
from functools import lru_cache
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from energyplus.measures.constructions import ConstructionSet
from energyplus.models.description import ModelDescription
from library import storage
from library.construction_selectors import describe_set, find_construction_set, list_set_references
from library.errors import ContentMissingError
from library.judging import describe_content, find_description, keep_description
from library.models import StoredFile, StoredModel, StoredWeather
from studies.checks.examination import LibraryModel, LibraryWeather

Row = TypeVar("Row", bound=StoredFile)
User = AbstractBaseUser | AnonymousUser


def list_files(kind: type[Row], user: User) -> QuerySet[Row]:
    """Return the rows of one kind that `user` may see: the bundled ones and his own uploads."""
    return kind.objects.filter(Q(owner=None) | Q(owner_id=user.pk))


def find_file(kind: type[Row], user: User, reference: str) -> Row | None:
    """Return the row that `reference` (an alias or an id) means for `user`, None where there is none for him."""
    try:
        means = Q(id=uuid.UUID(reference))
    except ValueError:
        means = Q(alias=reference.lower())
    return list_files(kind, user).filter(means).first() if "\x00" not in reference else None


def get_description(model: StoredModel) -> ModelDescription:
    """Return what is in a model: its classes, objects and field texts.

    The description is made once, in a killable child process (1 to 5 s for a large model), and then kept beside the
    content. The last ones read stay in memory: treat them as read-only.

    Raises:
        ContentMissingError: the store has lost the content.
        energyplus.errors.ModelError: the model cannot be read.
    """
    return read_description(model.sha256)


@lru_cache(maxsize=32)
def read_description(sha256: str) -> ModelDescription:
    """Return the description of the content with this hash; see `get_description`."""
    kept = find_description(sha256)
    if kept is not None:
        return kept
    if not storage.has_content(sha256):
        raise ContentMissingError(f"The library has lost the content {sha256[:12]}…: load or upload the model again.")
    description = describe_content(storage.path_of(sha256), sha256)
    keep_description(sha256, description)
    return description


class LibraryView:
    """The library as one user sees it: what `studies.checks.examination` looks references up in."""

    def __init__(self, user: User) -> None:
        self.user = user

    def find_model(self, ref: str) -> LibraryModel | None:
        """Return the model that `ref` (an alias or an id) means, with its description."""
        row = find_file(StoredModel, self.user, ref)
        if row is None:
            return None
        attachments = {entry["name"]: entry["sha256"] for entry in row.attachments}
        return LibraryModel(ref, str(row.id), row.sha256, row.name, get_description(row), attachments)

    def find_weather(self, ref: str) -> LibraryWeather | None:
        """Return the weather file that `ref` (an alias or an id) means."""
        row = find_file(StoredWeather, self.user, ref)
        if row is None:
            return None
        return LibraryWeather(ref=ref, id=str(row.id), sha256=row.sha256, name=row.name, facts=row.facts)

    def model_names(self) -> list[str]:
        """Return the references a user may write for a model: aliases, then ids of his own uploads."""
        return list_references(StoredModel, self.user)

    def weather_names(self) -> list[str]:
        """Return the references a user may write for a weather file: aliases, then ids of his own uploads."""
        return list_references(StoredWeather, self.user)

    def find_construction_set(self, ref: str) -> ConstructionSet | None:
        """Return the construction set that `ref` (an alias, an id or the name of his own) means."""
        row = find_construction_set(self.user, ref)
        return describe_set(row, ref) if row else None

    def construction_set_names(self) -> list[str]:
        """Return the references a user may write for a construction set: aliases, then the names of his own."""
        return list_set_references(self.user)


def list_references(kind: type[StoredFile], user: User) -> list[str]:
    """Return the alias of every bundled file and the id of every upload of `user`."""
    rows = list_files(kind, user).order_by("alias").values_list("alias", "id")
    return [alias or str(identity) for alias, identity in rows]
