"""`casefarm archive`: the files of a batch's cases as one zip."""

import enum
from pathlib import Path
from typing import Annotated

import typer

BatchId = Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]


class KeptState(enum.StrEnum):
    """The states of cases that keep files."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(archive)


def archive(
    batch_id: BatchId,
    files: Annotated[str, typer.Option(help="Only files of these names: eplusout.err,eplustbl.htm.")] = "",
    cases: Annotated[str, typer.Option(help="Only these cases: 0-99,250.")] = "",
    state: Annotated[KeptState | None, typer.Option(help="Only cases that ended so.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output where it is not given.")] = None,
) -> None:
    """Fetch the files that a batch's cases kept as one zip, with its table and its study."""
    from casefarm.cli import save
    from casefarm.client import Client

    batch = Client().batch(batch_id)
    save(out, lambda write: batch.save_archive(write, files=files, cases=cases, state=state or ""))
