"""`casefarm extend` and `casefarm add-output`: a batch that has ended gets more cases, or more time series."""

import enum
from pathlib import Path
from typing import Annotated, Any

import typer

BatchId = Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]


class Frequency(enum.StrEnum):
    """How often a series is reported."""

    TIMESTEP = "timestep"
    HOURLY = "hourly"
    DAILY = "daily"
    MONTHLY = "monthly"
    RUN_PERIOD = "run_period"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(extend)
    app.command()(add_output)


def extend(
    batch_id: BatchId,
    samples: Annotated[int | None, typer.Option(help="How many samples more of its design.")] = None,
    rows: Annotated[Path | None, typer.Option(help="Points of your own: a table, CSV, Parquet or Excel.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end and print the table.")] = False,
) -> None:
    """Add cases to a batch that has ended: more of its design, or points of your own. What there is stays."""
    from casefarm.cli import follow
    from casefarm.client import Client
    from casefarm.errors import CasefarmError
    from casefarm.studies_file import read_table

    if (samples is None) == (rows is None):
        raise CasefarmError("say one of the two: --samples NUMBER, or --rows FILE")
    batch = Client().batch(batch_id)
    before = batch.refresh()["case_count"]
    batch.extend(samples, read_table(rows) if rows else None)
    print(f"{before:,} cases and {batch.last['case_count'] - before:,} more")
    if watch:
        follow(batch)


def add_output(
    batch_id: BatchId,
    frequency: Annotated[Frequency, typer.Option(help="How often it was reported.")],
    meter: Annotated[str, typer.Option(help="A meter of the engine.")] = "",
    variable: Annotated[str, typer.Option(help="A variable of the engine; instead of a meter.")] = "",
    key: Annotated[str, typer.Option(help="Whose variable; every one if left out.")] = "",
) -> None:
    """Add a time series to a batch that has ended, from the files that its cases kept; nothing runs again."""
    from casefarm.client import Client

    asked: dict[str, Any] = {"meter": meter, "variable": variable, "key": key, "frequency": frequency.value}
    output = {name: value for name, value in asked.items() if value}
    print(Client().batch(batch_id).add_outputs([output]))
