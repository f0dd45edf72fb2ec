"""Makes a back-up while the farm runs, or stands still. Called by the command `back_up`.

Database and list of files are of one moment, a snapshot; then the files are read, for as long as that takes. They never
change, so what is read later is what was meant – unless it was removed in between, and then its removal is told.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from backups import database
from backups.archives import Archive, create_archive
from backups.contents import Wanted, list_contents
from backups.manifests import DUMP, FILES, MANIFEST, Description, Entry, ManifestWriter, Summary
from batches.models import Batch, KnownCase
from filestore.operations import Key, Reader
from filestore.store import files
from surrogates.models import Surrogate

COUNTED_APPS = ("accounts", "auth", "batches", "knox", "library", "surrogates")
Say = Callable[[str], None]


class HashingReader:
    """Reads a file through and knows its hash and size in the end."""

    def __init__(self, content: Reader) -> None:
        self._content, self._digest, self.size_bytes = content, hashlib.sha256(), 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        chunk = self._content.read(size)
        self._digest.update(chunk)
        self.size_bytes += len(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        """The hash of what was read so far."""
        return self._digest.hexdigest()


def make_backup(target: Path, *, case_files: bool, say: Say) -> Summary:
    """Write an archive of the database and of every file that its rows refer to.

    Args:
        target: where; a tar file where it is called *.tar, else a folder. Must not exist.
        case_files: whether files of ended batches' cases are wanted, and known cases.
        say: told how far it is.

    Returns:
        What it holds, and what it could not.

    Raises:
        BackupError: no archive was made; the message says why.
    """
    with create_archive(target) as archive, tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        room = Path(folder)
        with database.hold_snapshot() as snapshot:
            description = describe(case_files=case_files)
            say("the database…")
            database.dump_database(snapshot, room / DUMP)
            with (room / "wanted").open("w+b") as listed:
                count = write_list(listed, list_contents(case_files=case_files))
        with (room / MANIFEST).open("w+b") as lines, (room / "wanted").open("rb") as listed:
            manifest = ManifestWriter(lines, description)
            with (room / DUMP).open("rb") as dump:
                add_file(archive, manifest, DUMP, dump, (room / DUMP).stat().st_size)
            (room / DUMP).unlink()
            say(f"{count:,} files…")
            add_files(archive, manifest, read_list(listed))
            manifest.close()
            size_bytes = lines.tell()
            lines.seek(0)
            archive.add(MANIFEST, size_bytes, lines)
    return manifest.summary


def describe(*, case_files: bool) -> Description:
    """Return the first line of the manifest, as the snapshot has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now(), pg_database_size(current_database())")
        made_at, size = cursor.fetchone()
    applied = MigrationRecorder(connection).applied_migrations()
    return Description(
        made_at=made_at.isoformat(),
        server_version=database.server_version(),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        case_files=case_files,
        rows=count_rows(),
        database_bytes=int(size),
    )


def count_rows() -> dict[str, int]:
    """Return how many rows each table of people's work has."""
    models = [model for app in COUNTED_APPS for model in apps.get_app_config(app).get_models()]
    return {model._meta.db_table: model._base_manager.count() for model in models}  # noqa: SLF001 - Django's own way


def write_list(listed: IO[bytes], wanted: Iterable[Wanted]) -> int:
    """Write what is wanted to a local file: the snapshot must not last as long as the copying. Returns how many."""
    count = 0
    for file in wanted:
        listed.write(f"{file.sha256 or ''}\t{int(file.needed)}\t{file.key}\n".encode())
        count += 1
    listed.flush()
    return count


def read_list(listed: Iterable[bytes]) -> Iterator[Wanted]:
    """Yield what was written."""
    for line in listed:
        sha256, needed, key = line.decode().rstrip("\n").split("\t", 2)
        yield Wanted(Key(key), sha256 or None, needed=needed == "1")


def add_files(archive: Archive, manifest: ManifestWriter, wanted: Iterable[Wanted]) -> None:
    """Copy the files, each content once; note what is gone or is not what its row says."""
    links: dict[tuple[int, int], Entry] = {}
    for file in wanted:
        try:
            entry = add_stored(archive, manifest, file, links)
        except FileNotFoundError:
            if file.needed:
                manifest.summary.add_gone(str(file.key), lost=is_referred_to(file.key))
            continue
        if file.sha256 not in (None, entry.sha256):
            manifest.summary.add_gone(str(file.key), lost=True)


def add_stored(archive: Archive, manifest: ManifestWriter, file: Wanted, links: dict[tuple[int, int], Entry]) -> Entry:
    """Copy a file, or say which one in the archive it is a further name of.

    Raises:
        FileNotFoundError: it is gone.
    """
    name = f"{FILES}{file.key}"
    with open_file(file.key) as (content, size_bytes, identity):
        if identity in links:
            first = links[identity]
            entry = Entry(name, first.size_bytes, first.sha256, same_as=first.file)
            manifest.add(entry)
            return entry
        entry = add_file(archive, manifest, name, content, size_bytes)
        if identity is not None:
            links[identity] = entry
        return entry


@contextmanager
def open_file(key: Key) -> Iterator[tuple[Reader, int, tuple[int, int] | None]]:
    """Open a stored file; give its content, its size in bytes and, where it has several names, what they share."""
    with files.local_copy(key) as path, path.open("rb") as content:
        stat = os.fstat(content.fileno())
        yield content, stat.st_size, (stat.st_dev, stat.st_ino) if stat.st_nlink > 1 else None


def add_file(archive: Archive, manifest: ManifestWriter, name: str, content: Reader, size_bytes: int) -> Entry:
    """Copy a file into the archive and note its hash."""
    reader = HashingReader(content)
    archive.add(name, size_bytes, reader)
    entry = Entry(name, size_bytes, reader.sha256)
    manifest.add(entry)
    return entry


def is_referred_to(key: Key) -> bool:
    """Return whether a row refers to a file by now: it is lost then. Else it went with its row, as it should."""
    parts = key.parts
    if parts[0] == "known":
        return KnownCase.objects.filter(key=key.parent.name.partition("-")[0], outcome__isnull=False).exists()
    if parts[0] == "surrogates":
        return Surrogate.objects.filter(pk=UUID(parts[1])).exists()
    if parts[0] != "batches":
        return True
    batch = Batch.objects.filter(pk=UUID(parts[1]), deleted_at=None)
    return batch.exists() if parts[2] == "table" else batch.filter(outputs_removed_at=None).exists()


def describe_summary(summary: Summary) -> dict[str, Any]:
    """Return what is told at the end."""
    return {name: value for name, value in vars(summary).items() if value or name in ("files", "bytes")}
