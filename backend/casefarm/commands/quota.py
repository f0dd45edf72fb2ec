"""`casefarm quota`: what one has of the farm, and may have."""

from typing import Any

import typer
from rich.table import Table

MEGABYTE = 1e6
LABELS = {
    "cases_in_flight": "cases that have not ended",
    "stored_files": "files of cases",
    "uploads": "uploaded models and weather files",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(quota)


def quota() -> None:
    """Show what one has of each quota, and how much one may have."""
    from casefarm.client import Client
    from casefarm.display import make_console

    table = Table("quota")
    for heading in ("used", "limit", "used %"):
        table.add_column(heading, justify="right")
    for use in Client().quota():
        table.add_row(LABELS[use["name"]], *describe_use(use))
    make_console().print(table)


def describe_use(use: dict[str, Any]) -> tuple[str, str, str]:
    """Return what is used, what may be and the share, as people read them."""
    used, limit = use["used"], use["limit"]
    if limit is None:
        return write_amount(used, use["unit"]), "no limit", ""
    return write_amount(used, use["unit"]), write_amount(limit, use["unit"]), f"{100 * used / limit:.0f}"


def write_amount(amount: int, unit: str) -> str:
    """Return an amount with its unit; bytes in megabytes."""
    return f"{amount / MEGABYTE:,.1f} MB" if unit == "bytes" else f"{amount:,} {unit}"
