"""`casefarm compare`: two batches side by side, case by case."""

import sys
from typing import Annotated, Any

import typer

from casefarm.commands.savings import BatchId, Chosen, Form, Out

REASONS = {
    "duplicate": "have the inputs of an earlier case of their own batch",
    "ambiguous": "are told apart only by what one batch alone varies",
    "other_model": "have a model that the other batch does not run",
    "other_weather": "have a weather that the other batch does not run",
    "other_values": "have values that no case of the other batch has",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def compare(
    batch_id: BatchId,
    other_id: Annotated[str, typer.Argument(metavar="OTHER", help="The other batch's id.")],
    metric: Annotated[list[str] | None, typer.Option(help="What is compared; again for more.")] = None,
    form: Chosen = Form.CSV,
    out: Out = None,
) -> None:
    """Put the cases of two batches side by side that have equal model, weather and parameters."""
    from casefarm.cli import save
    from casefarm.client import Client

    batch = Client().batch(batch_id)
    metrics = metric or []
    summary = batch.summarise_comparison(other_id, metrics)
    save(out, lambda write: batch.save_comparison(other_id, write, form, metrics))
    print(*describe_summary(summary), sep="\n", file=sys.stderr)


def describe_summary(summary: dict[str, Any]) -> list[str]:
    """Return what was paired and what not, a line each."""
    lines = [f"{summary['matched']:,} pairs"]
    for key, whose in (("unmatched", "of this batch"), ("other_unmatched", "of the other")):
        for entry in summary[key]:
            first = ", ".join(map(str, entry["cases"][:5]))
            more = ", …" if entry["count"] > 5 else ""
            lines.append(f"{entry['count']:,} cases {whose} {REASONS[entry['reason']]}: {first}{more}")
    return [*lines, *(f"note: {note}" for note in summary["notes"])]
