"""`casefarm front`: the Pareto front of a search, so far or at its end."""

import sys
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(front)


def front(batch_id: Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]) -> None:
    """Show the best cases that a search has found so far: its Pareto front."""
    from casefarm.client import Client
    from casefarm.display import make_console

    found = Client().batch(batch_id).front()
    objectives = ", ".join(f"{each['goal']} {each['metric']}" for each in found["objectives"])
    print(
        f"generation {found['generation']} of {found['generations']}, {found['evaluated']:,} cases: {objectives}",
        file=sys.stderr,
    )
    if found["front"]:
        make_console().print(make_front_table(found))
    else:
        print("No case keeps to the limits yet.", file=sys.stderr)


def make_front_table(found: dict[str, Any]) -> Any:
    """Return the cases on the front as a table, the best in the first objective first."""
    from rich.markup import escape
    from rich.table import Table

    from casefarm.display import format_value

    points = {point["case"]: point for point in found["points"]}
    shown = [points[case] for case in found["front"]]
    names = list(shown[0]["parameters"])
    metrics = [f"{each['metric']}\n{each['unit'] or ''}".strip() for each in found["objectives"]]
    table = Table("case", "verdict", *map(escape, names), *map(escape, metrics))
    for point in shown:
        cells = [point["parameters"].get(name) for name in names] + list(point["objectives"].values())
        table.add_row(str(point["case"]), point["verdict"] or "–", *map(format_value, cells))
    return table
