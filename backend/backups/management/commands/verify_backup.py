"""`manage.py verify_backup`: reads a back-up through; `casefarm backup --verify` calls it."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backups.errors import BackupError
from backups.verification import verify_archive


class Command(BaseCommand):
    """Compares every hash; asks no database."""

    help = "Read a back-up through and compare every hash."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the archive."""
        parser.add_argument("source", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what the archive holds.

        Raises:
            CommandError: it is damaged; with the name of the file.
        """
        with tempfile.TemporaryDirectory() as folder:
            try:
                archive = verify_archive(options["source"], Path(folder))
            except (BackupError, OSError) as error:
                raise CommandError(f"{options['source']} is damaged: {error}") from error
        made_at, summary = archive.description.made_at, archive.summary
        self.stdout.write(
            f"{options['source']}: of {made_at}, {summary.files:,} files, {summary.bytes:,} bytes, all right"
        )
