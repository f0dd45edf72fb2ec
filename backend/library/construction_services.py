"""Takes construction sets in, changes and removes them; called by their API and by the loader of the bundled library.

Side effects: rows. A batch keeps its own copy of the sets it was submitted with, so nothing here can change a batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from energyplus.measures.constructions import Construction, construction_to_json
from energyplus.measures.own_constructions import read_own_constructions
from library.construction_csv import read_csv
from library.construction_documents import ConstructionSetError, check_heading, read_constructions
from library.errors import LibraryError
from library.models import StoredConstructionSet, StoredModel
from library.selectors import get_description
from studies.problems import Problem, make_problem

MOST_SETS = 100
"""A user may have."""
HEADING = ("name", "currency", "description")
STARTER_ALIAS = "starter"
STARTER_FILE = Path(__file__).with_name("construction_starter.csv")
STARTER_NAME = "Starter set"
STARTER_CURRENCY = "EUR"
STARTER_DESCRIPTION = (
    "Walls, roofs, ground floors and windows from poor to passive-house standard, for trying out. Thermal properties "
    "are typical values of the standards named at each construction. Costs, embodied carbon and service lives are "
    "round starter figures without a source: replace them by your own before you decide anything by them."
)


class SetChangedError(LibraryError):
    """The set has been changed, or removed, since it was looked at."""


def add_set(*, owner: User, heading: Mapping[str, Any], constructions: Any) -> StoredConstructionSet:
    """Take a new set in.

    Args:
        owner: whose it becomes.
        heading: name, currency and description.
        constructions: as plain data, or read already.

    Raises:
        ConstructionSetError: with everything that is wrong.
    """
    values = read_heading(owner, heading)
    problems = list(values.pop("problems"))
    read: Sequence[Construction] = ()
    try:
        read = as_constructions(constructions)
    except ConstructionSetError as error:
        problems += error.problems
    if StoredConstructionSet.objects.filter(owner=owner).count() >= MOST_SETS:
        problems.append(make_problem("", "Delete a set of yours first: there are too many.", MOST_SETS, MOST_SETS))
    if problems:
        raise ConstructionSetError(problems)
    return save_new(owner, values, read)


def import_csv(*, owner: User, content: bytes, heading: Mapping[str, Any]) -> StoredConstructionSet:
    """Make a set of a CSV file.

    Raises:
        ConstructionSetError: with everything that is wrong with heading and file.
    """
    problems: list[Problem] = []
    constructions: tuple[Construction, ...] = ()
    try:
        constructions = read_csv(content)
    except ConstructionSetError as error:
        problems += error.problems
    problems = read_heading(owner, heading)["problems"] + problems
    if problems:
        raise ConstructionSetError(problems)
    return add_set(owner=owner, heading=heading, constructions=constructions)


def import_from_model(
    *, owner: User, model: StoredModel, heading: Mapping[str, Any]
) -> tuple[StoredConstructionSet, tuple[str, ...]]:
    """Make a set of what a model has on its outside; costs, carbon and service lives stay unknown.

    Returns:
        The set, and notes on what could not be taken.

    Raises:
        ConstructionSetError: the heading is wrong, or there is nothing to take.
        ContentMissingError: the store has lost the model.
        energyplus.errors.ModelError: the model cannot be read.
    """
    found = read_own_constructions(get_description(model), f"Read from the model {model.alias or model.name}.")
    notes = list(found.notes)
    taken: list[Construction] = []
    for entry in found.constructions:
        try:
            taken += read_constructions([construction_to_json(entry)])
        except ConstructionSetError as error:
            notes.append(f"Left out: '{entry.name}'. {error.problems[0].path}: {error.problems[0].message}")
    if not taken:
        message = "Choose another model: there is no construction on its outside that a set can hold."
        raise ConstructionSetError([make_problem("model", message, "; ".join(notes) or None, "a model with layers")])
    return add_set(owner=owner, heading=heading, constructions=tuple(taken)), tuple(notes)


def as_constructions(given: Any) -> Sequence[Construction]:
    """Return constructions that are read already as they are, plain data read.

    Raises:
        ConstructionSetError: with everything that is wrong with plain data.
    """
    if isinstance(given, tuple) and all(isinstance(entry, Construction) for entry in given):
        return given
    return read_constructions(given)


def read_heading(owner: User, heading: Mapping[str, Any], row: StoredConstructionSet | None = None) -> dict[str, Any]:
    """Return the columns of a heading, and under `problems` what is wrong with it."""
    name, currency, description = (heading.get(key) for key in HEADING)
    problems = check_heading(name, currency, description)
    if isinstance(name, str):
        problems += refuse_taken_name(owner, name, row)
    return {
        "name": name.strip() if isinstance(name, str) else "",
        "currency": currency,
        "description": description.strip() if isinstance(description, str) else "",
        "problems": problems,
    }


def refuse_taken_name(owner: User, name: str, row: StoredConstructionSet | None) -> list[Problem]:
    """Return the problem of a name that a set of the owner's has, or that is the alias of a bundled one."""
    name = name.strip()
    own = StoredConstructionSet.objects.filter(owner=owner, name__iexact=name)
    taken = own.exclude(pk=row.pk) if row else own
    if taken.exists() or StoredConstructionSet.objects.filter(alias=name.lower()).exists():
        return [make_problem("name", "Choose another name: a set has this one.", name, "a name of its own")]
    return []


def save_new(owner: User, values: Mapping[str, Any], constructions: Iterable[Construction]) -> StoredConstructionSet:
    """Record a new set.

    Raises:
        ConstructionSetError: another request took the name at the same moment.
    """
    documents = [construction_to_json(entry) for entry in constructions]
    try:
        with transaction.atomic():
            row = StoredConstructionSet.objects.create(owner=owner, constructions=documents, **values)
    except IntegrityError as error:
        message = "Choose another name: a set has this one."
        raise ConstructionSetError([make_problem("name", message, values["name"], "a name of its own")]) from error
    row.refresh_from_db()  # the database gives the times
    return row


def copy_set(*, owner: User, source: StoredConstructionSet, heading: Mapping[str, Any]) -> StoredConstructionSet:
    """Make a set of the owner's own out of one that he may see.

    Args:
        owner: whose it becomes.
        source: what is copied.
        heading: the new name; currency and description where they differ.

    Raises:
        ConstructionSetError: the heading is wrong, or the costs would change their currency.
    """
    given = {key: value for key, value in heading.items() if value is not None}
    asked = given.get("currency", source.currency)
    if asked != source.currency:
        message = "Keep the currency: copied costs are not converted. Change it, and the costs, in the copy."
        raise ConstructionSetError([make_problem("currency", message, asked, [source.currency])])
    inherited = {"currency": source.currency, "description": source.description}
    return add_set(owner=owner, heading={**inherited, **given}, constructions=source.constructions)


def change_set(*, row: StoredConstructionSet, changes: Mapping[str, Any]) -> StoredConstructionSet:
    """Change a set of one's own.

    Args:
        row: of the set.
        changes: any of name, currency, description, constructions (the whole list); and `revision`, where the change
            is to hold only if nobody has changed the set since.

    Raises:
        ConstructionSetError: with everything that is wrong; nothing is changed.
        SetChangedError: the set is not what `revision` says, or is gone.
    """
    assert row.owner is not None  # noqa: S101 - a bundled one is refused before
    heading = {key: changes.get(key, getattr(row, key)) for key in HEADING}
    values = read_heading(row.owner, heading, row)
    problems = list(values.pop("problems"))
    if values["currency"] != row.currency and "constructions" not in changes:
        message = "Send the constructions with it, their costs in the new currency: nothing is converted."
        problems.append(make_problem("currency", message, values["currency"], [row.currency]))
    revision = changes.get("revision", row.revision)
    if isinstance(revision, bool) or not isinstance(revision, int):
        problems.append(make_problem("revision", "Write the number of a revision.", revision, row.revision))
    if "constructions" in changes:
        try:
            read = read_constructions(changes["constructions"])
            values["constructions"] = [construction_to_json(entry) for entry in read]
        except ConstructionSetError as error:
            problems += error.problems
    if problems:
        raise ConstructionSetError(problems)
    seen = StoredConstructionSet.objects.filter(pk=row.pk, revision=revision)
    if not seen.update(**values, revision=F("revision") + 1, updated_at=Now()):
        raise SetChangedError("The set was changed since you looked at it: look again, then repeat your change.")
    row.refresh_from_db()
    return row


def load_starter_set() -> int:
    """Take the bundled set in; return 1 where it was new or has changed, else 0."""
    values = {
        "name": STARTER_NAME,
        "currency": STARTER_CURRENCY,
        "description": STARTER_DESCRIPTION,
        "constructions": [construction_to_json(entry) for entry in read_csv(STARTER_FILE.read_bytes())],
    }
    row = StoredConstructionSet.objects.filter(alias=STARTER_ALIAS).first()
    if row is not None and all(getattr(row, key) == value for key, value in values.items()):
        return 0
    StoredConstructionSet.objects.update_or_create(
        alias=STARTER_ALIAS, defaults={**values, "revision": row.revision + 1 if row else 1, "updated_at": Now()}
    )
    return 1
