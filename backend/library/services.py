"""Takes uploads into the library, notes their use and removes them; called by the API, submission and maintenance.

Side effects: rows, and contents in the store. An upload is judged before anything of it is stored. The rows and the
file of a content change together under one advisory lock, so that nobody removes what somebody else is taking in.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.quotas import lock_quotas
from filestore.operations import CHUNK_BYTES
from library import references, storage
from library.attachments import digest_attachments, list_attachments, receive_attachments
from library.errors import FileGoneError, InUseError, UploadError, UploadFault, UploadSizeError
from library.judging import judge_model, judge_weather
from library.models import StoredFile, StoredModel, StoredWeather
from library.names import clean_name
from library.quotas import require_uploads
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


@contextmanager
def lock_contents(sha256s: Collection[str]) -> Iterator[None]:
    """Hold several contents for oneself, always in one order: two who want the same must not wait for each other."""
    with ExitStack() as stack:
        for sha256 in sorted(set(sha256s)):
            stack.enter_context(lock_content(sha256))
        yield


def add_model(
    *, owner: User, file: "File[bytes]", attachments: Sequence["File[bytes]"] = ()
) -> tuple[StoredModel, bool]:
    """Take an uploaded building model into the library, with the files that it refers to.

    The model is read in a killable child process, and judged, before anything is stored. The same content with the
    same attachments that the owner has uploaded before gives the row he has, with its first name.

    Returns:
        The row, and whether it is new.

    Raises:
        UploadError: too large, no IDF or epJSON, cannot be read, or must not run; with every reason at once.
    """
    name = clean_name(file.name, "model.idf")
    refuse_unfit(file, name, (".idf", ".epjson"))
    with (
        storage.receive_file(file.chunks(CHUNK_BYTES)) as incoming,
        receive_attachments(attachments) as attached,
    ):
        listed = list_attachments(attached)
        identity = {"owner": owner, "sha256": incoming.sha256, "attachments_digest": digest_attachments(listed)}
        known = find_known(StoredModel, identity)
        if known is not None:
            return known, False
        facts = judge_model(incoming, name, attached)
        values = {"name": name, "facts": facts, "attachments": listed}
        return store_row(StoredModel, [incoming, *attached.values()], identity, values)


def add_weather(*, owner: User, file: "File[bytes]") -> tuple[StoredWeather, bool]:
    """Take an uploaded weather file into the library; the same rules as for `add_model`.

    Raises:
        UploadError: the file is too large, no EPW, or cannot be used; the message names the line.
    """
    name = clean_name(file.name, "weather.epw")
    refuse_unfit(file, name, (".epw",))
    with storage.receive_file(file.chunks(CHUNK_BYTES)) as incoming:
        identity = {"owner": owner, "sha256": incoming.sha256}
        known = find_known(StoredWeather, identity)
        if known is not None:
            return known, False
        facts = judge_weather(incoming, name)
        return store_row(StoredWeather, [incoming], identity, {"name": name, "facts": facts})


def refuse_unfit(file: "File[bytes]", name: str, endings: tuple[str, ...]) -> None:
    """Raise `UploadError` unless the file's name ends as it should and the file is not too large."""
    if not name.lower().endswith(endings):
        accepted = " or ".join(f"*{ending}" for ending in endings)
        raise UploadError([UploadFault("file", "The file's name does not end as it should.", name, accepted)])
    limit_mb = settings.CASEFARM_UPLOAD_LIMIT_MB
    if file.size > limit_mb * 1024 * 1024:
        found = f"{file.size / 1024**2:.1f} MB"
        raise UploadSizeError([UploadFault("file", "The file is too large.", found, f"at most {limit_mb} MB")])


def find_known(kind: type[Row], identity: dict[str, Any]) -> Row | None:
    """Return the row that an owner has of an upload already, noted as used; None where there is none."""
    known = kind.objects.filter(**identity).first()
    return known if known and kind.objects.filter(pk=known.pk).update(last_used_at=Now()) else None


def store_row(
    kind: type[Row], files: Sequence[IncomingFile], key: dict[str, Any], values: dict[str, Any]
) -> tuple[Row, bool]:
    """Move judged files into the store and record them under an owner or an alias; return the row, whether it is new.

    Args:
        kind: model or weather.
        files: the file itself, then its attachments.
        key: what the row is found by, if it is there.
        values: the other columns.

    Raises:
        problems.exceptions.TooMuch: the owner's quota of uploads has no room for them; nothing is stored.
    """
    values = {**values, "sha256": files[0].sha256, "size_bytes": files[0].size_bytes}
    with lock_contents([file.sha256 for file in files]), transaction.atomic():
        if "owner" in key:
            with lock_quotas(key["owner"]) as limits:
                require_uploads(key["owner"], limits, sum(file.size_bytes for file in files))
        for file in files:
            storage.keep_file(file)
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
    """Remove a row, and its contents where nothing else needs them.

    Raises:
        InUseError: a batch refers to the row.
        FileGoneError: somebody else has removed it.
    """
    sha256s = list_sha256s(row)
    with lock_contents(sha256s):
        with transaction.atomic():
            locked = type(row).objects.select_for_update().filter(pk=row.pk).first()
            if locked is None:
                raise FileGoneError("The file is gone already.")
            # Asked only now: a submission that had the row locked is recorded by now.
            if str(row.pk) in references.find_used_files().ids:
                raise InUseError(f"A batch uses {row.name}: delete its batches first.")
            locked.delete()
        for sha256 in sha256s:
            if not content_is_needed(sha256):
                storage.remove_content(sha256)


def list_sha256s(row: StoredFile) -> list[str]:
    """Return the hashes of a row's contents: its own, and those of its attachments."""
    attached = row.attachments if isinstance(row, StoredModel) else []
    return list(dict.fromkeys([row.sha256, *(entry["sha256"] for entry in attached)]))


def content_is_needed(sha256: str) -> bool:
    """Return whether a row or a batch means this content."""
    if any(kind.objects.filter(sha256=sha256).exists() for kind in KINDS):
        return True
    if StoredModel.objects.filter(attachments__contains=[{"sha256": sha256}]).exists():
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
    return sum(remove_unused_upload(row, older_than) for row in list_unused_rows(kind, older_than))


def list_unused_uploads(older_than: timedelta) -> Iterator[StoredFile]:
    """Yield the uploads that no batch uses and nobody has used for `older_than`."""
    for kind in KINDS:
        yield from list_unused_rows(kind, older_than)


def list_unused_rows(kind: type[Row], older_than: timedelta) -> QuerySet[Row]:
    """Return the uploads of one kind that no batch uses and nobody has used for `older_than`."""
    unused = kind.objects.filter(owner__isnull=False, last_used_at__lt=Now() - older_than)
    return unused.exclude(id__in=references.find_used_files().ids)


def remove_unused_upload(row: StoredFile, older_than: timedelta) -> bool:
    """Remove an upload unless somebody has used it meanwhile; return whether it went."""
    if not type(row).objects.filter(pk=row.pk, last_used_at__lt=Now() - older_than).exists():
        return False
    try:
        remove_file(row=row)
    except (InUseError, FileGoneError):  # a submission or its owner came first
        return False
    return True


def remove_orphaned_contents() -> int:
    """Remove contents that no row and no batch means (their user was deleted, say); return how many went."""
    return sum(remove_orphaned_content(sha256) for sha256 in list_orphaned_contents())


def list_orphaned_contents() -> Iterator[str]:
    """Yield the hashes of contents that no row and no batch means, once nobody can be about to."""
    needed = set(references.find_used_files().sha256s)
    for kind in KINDS:
        needed.update(kind.objects.values_list("sha256", flat=True))
    for attachments in StoredModel.objects.exclude(attachments=[]).values_list("attachments", flat=True):
        needed.update(entry["sha256"] for entry in attachments)
    return (sha256 for sha256 in storage.list_contents(older_than=GRACE) if sha256 not in needed)


def remove_orphaned_content(sha256: str) -> bool:
    """Remove a content unless a row or a batch means it; return whether it went."""
    with lock_content(sha256):
        if content_is_needed(sha256):
            return False
        storage.remove_content(sha256)
        return True


def remove_remains() -> int:
    """Remove temporary files of uploads whose process was killed; return how many went."""
    remains = list(storage.list_abandoned_uploads(older_than=GRACE))
    for path in remains:
        path.unlink(missing_ok=True)
    return len(remains)
