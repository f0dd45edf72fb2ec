"""`manage.py restore_backup`: puts a back-up into an empty stack; `casefarm restore` calls it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backups.errors import BackupError
from backups.restoration import restore_backup


class Command(BaseCommand):
    """Restores; refuses where anything is doubtful."""

    help = "Restore a back-up into an empty stack whose processes are stopped."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the archive."""
        parser.add_argument("source", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore and say what was restored.

        Raises:
            CommandError: nothing was restored; with the reason.
        """
        try:
            archive = restore_backup(options["source"], say=self.stdout.write)
        except (BackupError, OSError) as error:
            raise CommandError(f"nothing was restored: {error}") from error
        rows = sum(archive.description.rows.values())
        self.stdout.write(
            f"restored the farm of {archive.description.made_at}: {rows:,} rows, {archive.summary.files:,} files,"
            f" {archive.summary.bytes:,} bytes; every hash compared twice, no mismatch"
        )
        if archive.summary.lost_count:
            raise CommandError(f"{archive.summary.lost_count:,} files were missing when this was backed up already.")
