"""Puts a back-up into an empty stack: everything is checked before anything is written. For `restore_backup`.

The order makes a broken-off restore harmless: files first, which nobody refers to, then the database in one
transaction. A mark in the store tells the next try that what lies there is its own.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import F
from django.db.models.functions import Now

from accounts.services import LOCAL_USERNAME
from backups import database
from backups.archives import Member, read_archive
from backups.errors import DamagedArchiveError, NotEmptyError, UnfitArchiveError
from backups.manifests import DUMP, FILES, Entry
from backups.verification import VerifiedArchive, verify_archive
from batches.database import from_now
from batches.models import Batch, Case, KnownCase, OutputAddition, Shard
from batches.states import ACTIVE_BATCH_STATES, CaseState, ShardState
from filestore.operations import Key
from filestore.store import files

Say = Callable[[str], None]
RESTORED = (Key("batches"), Key("known"))
MARK = Key("restoring")
ROOM_FACTOR = 1.1
LONG_AGO_S = 86_400


def restore_backup(source: Path, *, say: Say) -> VerifiedArchive:
    """Restore an archive and bring the stack to this release; cases that were running are pending again.

    Raises:
        BackupError: with the reason; the stack is as empty as it was, or another try may begin.
    """
    with tempfile.TemporaryDirectory(dir=files.passing_folder(), prefix="restore-") as folder:
        refuse_filled_stack()
        say("reading the archive…")
        archive = verify_archive(source, Path(folder))
        refuse_unfit(archive)
        say(f"every hash is right; writing {archive.summary.files:,} files…")
        clear_files()
        try:
            write_files(archive, Path(folder))
            say("reading them again as they are stored…")
            verify_stored(archive)
            say("the database…")
            database.load_database(Path(folder) / DUMP)
        except BaseException:
            clear_files()
            raise
        compare_rows(archive)
        call_command("migrate", interactive=False, verbosity=0)
        make_ready(archive)
        files.remove(MARK)
    return archive


def refuse_filled_stack() -> None:
    """Do nothing where nobody has worked here yet.

    Raises:
        NotEmptyError: somebody has, or does.
    """
    found = {
        "batches": count_rows_of("batches_batch"),
        "users": count_rows_of("auth_user", f"username <> '{LOCAL_USERNAME}'"),
        "uploaded models": count_rows_of("library_storedmodel", "owner_id IS NOT NULL"),
        "uploaded weather files": count_rows_of("library_storedweather", "owner_id IS NOT NULL"),
        "construction sets": count_rows_of("library_storedconstructionset", "owner_id IS NOT NULL"),
    }
    filled = ", ".join(f"{number:,} {what}" for what, number in found.items() if number)
    if filled:
        raise NotEmptyError(
            f"This stack is not empty: it has {filled}. Restore into a fresh CASEFARM_HOME or database."
        )
    if not files.has_file(MARK) and any(next(iter(files.list_folders(root)), None) for root in RESTORED):
        raise NotEmptyError("The file store has files of batches, but the database has none: choose an empty store.")
    refuse_company()


def count_rows_of(table: str, condition: str = "true") -> int:
    """Return how many rows of a table meet a condition; none where there is no such table yet."""
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return 0
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")  # noqa: S608 - our own words
        return int(cursor.fetchone()[0])


def refuse_company() -> None:
    """Do nothing where no other process works with this database.

    Raises:
        NotEmptyError: web, workers or beat run.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        others = int(cursor.fetchone()[0])
    if others:
        raise NotEmptyError(f"{others} other sessions use this database: stop web service, workers and beat first.")


def refuse_unfit(archive: VerifiedArchive) -> None:
    """Do nothing where this release, server and disk can take an archive.

    Raises:
        UnfitArchiveError: they cannot.
        ToolError: the programs of PostgreSQL cannot.
    """
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(archive.description.migrations) - known)
    if unknown:
        raise UnfitArchiveError(
            f"The back-up is of a newer release, with {unknown[0]}: restore it with that release, or a later one."
        )
    version = database.server_version()
    if version < archive.description.server_version:
        raise UnfitArchiveError(
            f"The back-up is of PostgreSQL {archive.description.server_version}, this server is {version}."
        )
    database.find_program("pg_restore", archive.description.server_version)
    files_bytes = 0 if settings.CASEFARM_STORAGE else archive.summary.bytes  # in S3 they take no room here
    needed = int((files_bytes + archive.description.database_bytes) * ROOM_FACTOR)
    free = shutil.disk_usage(files.passing_folder()).free
    if free < needed:
        raise UnfitArchiveError(f"The back-up needs {needed / 1e9:.1f} GB, there are {free / 1e9:.1f} GB free.")


def clear_files() -> None:
    """Remove what an earlier try has left, and say that the store is being filled."""
    for root in RESTORED:
        files.remove(root)
    with files.fill_file(MARK) as path:
        path.write_text("a restore is under way, or was broken off; run it again\n")


def write_files(archive: VerifiedArchive, folder: Path) -> None:
    """Write the files to the store, and the dump to a local folder.

    Raises:
        DamagedArchiveError: the archive is no longer what it was a moment ago.
    """
    members = read_archive(archive.source)
    for entry in archive.entries():
        if entry.same_as is not None:
            files.copy_file(key_of(entry.same_as), key_of(entry.file))
            continue
        member = next(members)
        if entry.file == DUMP:
            write_member(member, entry, folder / DUMP)
            continue
        with files.fill_file(key_of(entry.file)) as path:
            write_member(member, entry, path)


def key_of(name: str) -> Key:
    """Return the key of a file by its name in the archive."""
    return Key(name.removeprefix(FILES))


def write_member(member: Member, entry: Entry, path: Path) -> None:
    """Write a file, hashed once more on its way.

    Raises:
        DamagedArchiveError: it is not what its entry says.
    """
    digest = hashlib.sha256()
    with path.open("wb") as target:
        for chunk in member.chunks():
            digest.update(chunk)
            target.write(chunk)
    if (member.name, digest.hexdigest()) != (entry.file, entry.sha256):
        raise DamagedArchiveError(f"{entry.file} has changed since it was verified.")


def verify_stored(archive: VerifiedArchive) -> None:
    """Read every file as it is stored now.

    Raises:
        DamagedArchiveError: one is not what it should be: the disk or the store is at fault.
    """
    for entry in archive.entries():
        if entry.file == DUMP:
            continue
        digest = hashlib.sha256()
        for chunk in files.read_chunks(key_of(entry.file)):
            digest.update(chunk)
        if digest.hexdigest() != entry.sha256:
            raise DamagedArchiveError(f"{entry.file} was written and reads otherwise: look after the disk.")


def compare_rows(archive: VerifiedArchive) -> None:
    """Do nothing where every table has as many rows as it had.

    Raises:
        DamagedArchiveError: one has not.
    """
    with connection.cursor() as cursor:
        for table, count in archive.description.rows.items():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
            if (found := int(cursor.fetchone()[0])) != count:
                raise DamagedArchiveError(f"{table} has {found:,} rows, it had {count:,}.")


@transaction.atomic
def make_ready(archive: VerifiedArchive) -> None:
    """Take from all rows what processes held that are no more, so that everything goes on.

    Dispatched shards get a new epoch and a long silence: the reconciler sends their open cases at once.
    """
    Case.objects.filter(state=CaseState.RUNNING).update(state=CaseState.PENDING, leased_until=None, started_at=None)
    Shard.objects.filter(state=ShardState.DISPATCHED).update(
        epoch=F("epoch") + 1, last_progress_at=from_now(-LONG_AGO_S), lane=None, level=None
    )
    KnownCase.objects.filter(outcome__isnull=True).delete()
    OutputAddition.objects.update(leased_until=None)
    Batch.objects.filter(removal_alive_at__isnull=False).update(removal_alive_at=from_now(-LONG_AGO_S))
    Batch.objects.update(files_read_until=None)
    if not archive.description.case_files:
        KnownCase.objects.all().delete()
        ended = Batch.objects.exclude(state__in=ACTIVE_BATCH_STATES)
        ended.filter(outputs_removed_at=None).update(outputs_removed_at=Now())
