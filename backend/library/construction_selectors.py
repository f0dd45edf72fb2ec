"""Finds the construction sets that a user may see; called by their API and by submission."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from energyplus.measures.constructions import ConstructionSet, construction_from_json
from library.models import StoredConstructionSet

User = AbstractBaseUser | AnonymousUser
LONGEST_REFERENCE = 100


def list_construction_sets(user: User) -> QuerySet[StoredConstructionSet]:
    """Return the rows that `user` may see: his own sets, newest first, and the bundled ones."""
    return StoredConstructionSet.objects.filter(Q(owner=None) | Q(owner_id=user.pk))


def find_construction_set(user: User, reference: str) -> StoredConstructionSet | None:
    """Return the row that `reference` means for `user`: an id, an alias, or the name of a set of his own."""
    if "\x00" in reference or len(reference) > LONGEST_REFERENCE:
        return None
    try:
        means = Q(id=uuid.UUID(reference))
    except ValueError:
        means = Q(alias=reference.lower()) | Q(owner_id=user.pk, name__iexact=reference.strip())
    # aliases are no names of sets (`construction_services.refuse_taken_name`), so this is one row at most
    return list_construction_sets(user).filter(means).first()


def describe_set(row: StoredConstructionSet, reference: str | None = None) -> ConstructionSet:
    """Return a set as measures take it.

    Args:
        row: of the set.
        reference: what the study calls it; by default its alias or id.
    """
    constructions = tuple(construction_from_json(entry) for entry in row.constructions)
    return ConstructionSet(reference or row.ref, row.name, row.currency, constructions)


def list_set_references(user: User) -> list[str]:
    """Return what a user may write for a set: aliases, then the names of his own."""
    rows = list_construction_sets(user).order_by("alias", "name").values_list("alias", "name")
    return [alias or name for alias, name in rows]
