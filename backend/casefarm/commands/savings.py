"""`casefarm savings` and `casefarm costs`: what cases save, cost and emit, by a valuation."""

import enum
from pathlib import Path
from typing import Annotated

import typer

BatchId = Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]
ValuationFile = Annotated[
    Path | None,
    typer.Option("--valuation", help="Tariffs and emission factors, YAML or JSON; the kept ones if left out."),
]
Out = Annotated[Path | None, typer.Option(help="The file to write; standard output where it is not given.")]
Keep = Annotated[bool, typer.Option("--keep", help="Have the batch keep this valuation from now on.")]


class Form(enum.StrEnum):
    """The forms of these tables."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


Chosen = Annotated[Form, typer.Option("--as", help="The form of the table.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(savings)
    app.command()(costs)


def savings(
    batch_id: BatchId, valuation: ValuationFile = None, keep: Keep = False, form: Chosen = Form.CSV, out: Out = None
) -> None:
    """Fetch what each case saves against the baseline of its own weather and model; nothing is simulated."""
    from casefarm.cli import save
    from casefarm.client import Client

    batch = Client().batch(batch_id)
    if keep and valuation is not None:
        batch.keep_valuation(valuation)
    save(out, lambda write: batch.save_savings(write, form, valuation))


def costs(
    batch_id: BatchId, valuation: ValuationFile = None, keep: Keep = False, form: Chosen = Form.CSV, out: Out = None
) -> None:
    """Fetch what each case costs and emits; no baseline is needed, and nothing is simulated."""
    from casefarm.cli import save
    from casefarm.client import Client

    batch = Client().batch(batch_id)
    if keep and valuation is not None:
        batch.keep_valuation(valuation)
    save(out, lambda write: batch.save_costs(write, form, valuation))
