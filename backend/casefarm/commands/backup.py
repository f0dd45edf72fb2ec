"""`casefarm backup` and `casefarm restore`: the whole farm in one archive, every file with its hash."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A file *.tar, or a folder; must not exist.")],
    without_case_files: Annotated[
        bool, typer.Option("--without-case-files", help="Tables only: no files of ended batches' cases.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read an archive that is there and compare hashes.")] = False,
) -> None:
    """Write database and files of the farm into one archive, while it runs or stands still."""
    from casefarm.local.backups import make_backup, verify_backup

    raise typer.Exit(verify_backup(archive) if verify else make_backup(archive, case_files=not without_case_files))


def restore(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="What `casefarm backup` wrote.")],
) -> None:
    """Put an archive into an empty farm that stands still; checks everything before it writes anything."""
    from casefarm.local.backups import restore_backup

    raise typer.Exit(restore_backup(archive))
