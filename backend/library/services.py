"""Takes uploads into the library, notes their use and removes them; called by the API, submission and maintenance.

Side effects: rows, and contents in the store. An upload is judged before anything of it is stored. The rows and the
file of a content change together under one advisory lock, so that nobody removes what somebody else is taking in.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import connection, transaction
from django.db.models.functions import Now

from energyplus.errors import EnergyPlusError
from energyplus.models.description import ModelDescription, describe_model_safely
from energyplus.weather import describe_weather
from library import references, storage
from library.errors import FileGoneError, InUseError, UploadError, UploadSizeError
from library.models import StoredFile, StoredModel, StoredWeather
from library.names import clean_name
from library.storage import IncomingFile

KINDS: tuple[type[StoredFile], ...] = (StoredModel, StoredWeather)
GRACE = timedelta(hours=6)  # what has no row yet may be on its way to one
Row = TypeVar("Row", bound=StoredFile)


@dataclass(frozen=True)
class RemovedFiles:
    """What a clean-up removed: rows of the library, contents without a row, remains of broken uploads."""

    rows: int
    contents: int
    remains: int


@contextmanager
def lock_content(sha256: str) -> Iterator[None]:
    """Hold the content with this hash for oneself: among all processes, until the block ends."""
    key = int(sha256[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def add_model(*, owner: User, file: "File[bytes]") -> tuple[StoredModel, bool]:
    """Take an uploaded building model into the library.

    The file is read in a killable child process before anything is stored. Content that the owner has uploaded
    before gives the row he has, with its first name.

    Returns:
        The row, and whether it is new.

    Raises:
        UploadError: the file is too large, no IDF or epJSON, or cannot be read.
    """
    name = clean_name(file.name, "model.idf")
    refuse_other_endings(name, (".idf", ".epjson"))
    return add_file(kind=StoredModel, owner=owner, name=name, file=file, judge=judge_model)


def add_weather(*, owner: User, file: "File[bytes]") -> tuple[StoredWeather, bool]:
    """Take an uploaded weather file into the library; the same rules as for `add_model`.

    Raises:
        UploadError: the file is too large, no EPW, or cannot be used; the message names the line.
    """
    name = clean_name(file.name, "weather.epw")
    refuse_other_endings(name, (".epw",))
    return add_file(kind=StoredWeather, owner=owner, name=name, file=file, judge=judge_weather)


def refuse_other_endings(name: str, endings: tuple[str, ...]) -> None:
    """Raise `UploadError` unless the file's name ends as it should."""
    if not name.lower().endswith(endings):
        accepted = " or ".join(f"*{ending}" for ending in endings)
        raise UploadError("The file's name does not end as it should.", found=name, accepted=accepted)


def judge_model(incoming: IncomingFile) -> dict[str, Any]:
    """Read an incoming model, keep its description in the store, return its facts."""
    path = storage.description_path_of(incoming.sha256)
    if path.is_file():
        return ModelDescription.from_json(json.loads(path.read_text())).facts
    description = describe_model_safely(incoming.path)
    storage.save_description(incoming.sha256, json.dumps(description.to_json()))
    return description.facts


def judge_weather(incoming: IncomingFile) -> dict[str, Any]:
    """Read an incoming weather file, return its facts."""
    return describe_weather(incoming.path).to_json()


def add_file(
    *, kind: type[Row], owner: User, name: str, file: "File[bytes]", judge: Callable[[IncomingFile], dict[str, Any]]
) -> tuple[Row, bool]:
    """Receive a file, judge it, store it and record it; return the row and whether it is new."""
    limit_bytes = settings.CASEFARM_UPLOAD_LIMIT_MB * 1024 * 1024
    if file.size > limit_bytes:
        accepted = f"at most {settings.CASEFARM_UPLOAD_LIMIT_MB} MB"
        raise UploadSizeError("The file is too large.", found=f"{file.size / 1024**2:.1f} MB", accepted=accepted)
    with storage.receive_file(file.chunks(storage.CHUNK_BYTES)) as incoming:
        known = kind.objects.filter(owner=owner, sha256=incoming.sha256).first()
        if known and kind.objects.filter(pk=known.pk).update(last_used_at=Now()):
            return known, False
        try:
            facts = judge(incoming)
        except EnergyPlusError as error:
            message = str(error).replace(incoming.path.name, name)
            raise UploadError(message, found=name, accepted="a file that EnergyPlus can read") from error
        return store_row(kind, incoming, {"owner": owner}, {"name": name, "facts": facts})


def store_row(kind: type[Row], incoming: IncomingFile, key: dict[str, Any], values: dict[str, Any]) -> tuple[Row, bool]:
    """Move a judged file into the store and record it under an owner or an alias; return the row, whether it is new."""
    values = {**values, "sha256": incoming.sha256, "size_bytes": incoming.size_bytes}
    if "owner" in key:
        key = {**key, "sha256": incoming.sha256}
    with lock_content(incoming.sha256), transaction.atomic():
        storage.keep_file(incoming)
        return kind.objects.update_or_create(**key, defaults=values)


def mark_used(*, model_ids: Collection[str], weather_ids: Collection[str]) -> None:
    """Note that a batch is being submitted with these files; call it in the transaction that records the batch.

    The rows stay locked until that transaction ends, so that a removal waits and then finds the batch.

    Raises:
        FileGoneError: one of them was removed since it was looked up; nothing is noted.
    """
    for kind, ids in ((StoredModel, set(model_ids)), (StoredWeather, set(weather_ids))):
        if kind.objects.filter(id__in=ids).update(last_used_at=Now()) != len(ids):
            raise FileGoneError("A model or weather file was removed from the library meanwhile: choose another one.")


def remove_file(*, row: StoredFile) -> None:
    """Remove a row, and its content where nothing else needs it.

    Raises:
        InUseError: a batch refers to the row.
        FileGoneError: somebody else has removed it.
    """
    with lock_content(row.sha256):
        with transaction.atomic():
            locked = type(row).objects.select_for_update().filter(pk=row.pk).first()
            if locked is None:
                raise FileGoneError("The file is gone already.")
            # Asked only now: a submission that had the row locked is recorded by now.
            if str(row.pk) in references.find_used_files().ids:
                raise InUseError(f"A batch uses {row.name}: delete its batches first.")
            locked.delete()
        if not content_is_needed(row.sha256):
            storage.remove_content(row.sha256)


def content_is_needed(sha256: str) -> bool:
    """Return whether a row or a batch means this content."""
    if any(kind.objects.filter(sha256=sha256).exists() for kind in KINDS):
        return True
    return sha256 in references.find_used_files().sha256s


def remove_unused_uploads(*, older_than: timedelta) -> RemovedFiles:
    """Remove uploads that no batch uses and nobody has used for `older_than`, and what broken uploads have left.

    Bundled files stay. Contents without a row and temporary files go once they are older than six hours.
    """
    return RemovedFiles(
        rows=sum(remove_unused_rows(kind, older_than) for kind in KINDS),
        contents=remove_orphaned_contents(),
        remains=remove_remains(),
    )


def remove_unused_rows(kind: type[StoredFile], older_than: timedelta) -> int:
    """Remove the uploads of one kind that have not been used for `older_than`; return how many went."""
    removed = 0
    unused = kind.objects.filter(owner__isnull=False, last_used_at__lt=Now() - older_than)
    for row in unused.exclude(id__in=references.find_used_files().ids):
        try:
            remove_file(row=row)
        except (InUseError, FileGoneError):  # a submission or its owner came first
            continue
        removed += 1
    return removed


def remove_orphaned_contents() -> int:
    """Remove contents that no row and no batch means (their user was deleted, say); return how many went."""
    needed = set(references.find_used_files().sha256s)
    for kind in KINDS:
        needed.update(kind.objects.values_list("sha256", flat=True))
    removed = 0
    for sha256 in storage.list_contents(older_than=GRACE):
        if sha256 not in needed:
            with lock_content(sha256):
                if not content_is_needed(sha256):
                    storage.remove_content(sha256)
                    removed += 1
    return removed


def remove_remains() -> int:
    """Remove temporary files of uploads whose process was killed; return how many went."""
    remains = list(storage.list_abandoned_uploads(older_than=GRACE))
    for path in remains:
        path.unlink(missing_ok=True)
    return len(remains)
