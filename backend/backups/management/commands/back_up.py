"""`manage.py back_up`: writes a back-up; `casefarm backup` calls it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backups.creation import make_backup
from backups.errors import BackupError

SHOWN = 20


class Command(BaseCommand):
    """Backs the farm up, whether it runs or stands still."""

    help = "Write database and files into one archive."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the target and what is left out."""
        parser.add_argument("target", type=Path, help="a file *.tar, or a folder; must not exist")
        parser.add_argument("--without-case-files", action="store_true", help="tables only, of what has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the archive and say what it holds.

        Raises:
            CommandError: no archive was made, or files that rows refer to are not there.
        """
        target = options["target"].absolute()
        try:
            summary = make_backup(target, case_files=not options["without_case_files"], say=self.stdout.write)
        except (BackupError, OSError) as error:
            raise CommandError(f"{target} was not written: {error}") from error
        self.stdout.write(f"{target}: {summary.files:,} files, {summary.bytes:,} bytes, every one with its hash")
        if summary.removed_count:
            self.stdout.write(f"{summary.removed_count:,} files were removed by clean-up while this went on: not in it")
        if summary.lost_count:
            names = "\n  ".join(summary.lost[:SHOWN])
            raise CommandError(
                f"{target} is written, but {summary.lost_count:,} files that rows refer to are missing or damaged"
                f" in the store; the archive's manifest names them:\n  {names}"
            )
