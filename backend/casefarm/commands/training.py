"""`casefarm surrogate train`, `list`, `show`, `cancel`, `delete`, `download`, `upload`: make and keep surrogates."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from casefarm.commands.surrogate import SurrogateId, group, read_more

TrainingOptions = Annotated[
    list[str] | None,
    typer.Option("--with", help="KEY=VALUE: kind=gp, seed=3, level=0.95, keep_suspect=true, time_limit_s=600."),
]


def register(_app: typer.Typer) -> None:
    """Add nothing: the commands belong to those of `casefarm surrogate`."""


@group.command()
def train(
    batches: Annotated[list[str] | None, typer.Argument(metavar="[BATCH]...", help="Batches of one study.")] = None,
    table: Annotated[Path | None, typer.Option(help="Instead: a CSV or Parquet file; needs --metric.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="A metric to predict; again for more.")] = None,
    name: Annotated[str, typer.Option(help="What it is called; a name used before makes a new version.")] = "",
    more: TrainingOptions = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end and print how good it is.")] = False,
) -> None:
    """Train a surrogate on finished batches, or on a table."""
    from casefarm.client import Client
    from casefarm.errors import CasefarmError

    if (table is None) == (not batches):
        raise CasefarmError("say one of the two: the ids of batches, or --table FILE")
    order: dict[str, Any] = {"name": name, **({"metrics": metric} if metric else {}), **read_more(more)}
    surrogate = Client().train_surrogate(*(batches or ()), table=table, **order)
    print(surrogate.id)
    if watch:
        show_report(follow(surrogate))


@group.command("list")
def list_all(limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20) -> None:
    """List surrogates."""
    from rich.table import Table

    from casefarm.client import Client
    from casefarm.display import make_console

    table = Table("id", "name", "version", "state", "kind", "cases", "created")
    for found in Client().surrogates(limit):
        cases = "" if found["cases_used"] is None else f"{found['cases_used']:,}"
        told = found["id"], found["name"], str(found["version"]), found["state"], found["kind"] or "", cases
        table.add_row(*told, found["created_at"][:16].replace("T", " "))
    make_console().print(table)


@group.command()
def show(surrogate_id: SurrogateId) -> None:
    """Show how far a surrogate is, and how good."""
    from casefarm.client import Client

    show_report(Client().surrogate(surrogate_id).refresh())


@group.command()
def cancel(surrogate_id: SurrogateId) -> None:
    """Stop a training now; nothing of it is left."""
    from casefarm.client import Client

    print(Client().surrogate(surrogate_id).cancel()["state"])


@group.command()
def delete(surrogate_id: SurrogateId) -> None:
    """Delete a surrogate with its file."""
    from casefarm.client import Client

    Client().surrogate(surrogate_id).delete()


@group.command()
def download(
    surrogate_id: SurrogateId,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output where it is not given.")] = None,
) -> None:
    """Fetch a surrogate's file, which another farm can take in."""
    from casefarm.cli import save
    from casefarm.client import Client

    save(out, Client().surrogate(surrogate_id).save)


@group.command()
def upload(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `download` wrote.")],
    name: Annotated[str, typer.Option(help="What it is called here; the file's name if left out.")] = "",
) -> None:
    """Bring a surrogate from another farm."""
    from casefarm.client import Client

    print(Client().upload_surrogate(path, name).wait().id)


def follow(surrogate: Any) -> dict[str, Any]:
    """Tell of a training on standard error until it ends; return what it is then."""
    import time

    told = ""
    while surrogate.refresh()["state"] in ("queued", "training"):
        progress = surrogate.last["progress"]
        line = f"{progress['percent']:.0f} % {progress['message']}"
        if line != told:
            print(line, file=sys.stderr)
        told = line
        time.sleep(0.5)
    found: dict[str, Any] = surrogate.last
    return found


def show_report(found: dict[str, Any]) -> None:
    """Print what a surrogate is worth; one that did not become ready ends the command with 1.

    Raises:
        typer.Exit: with status 1.
    """
    from rich.table import Table

    from casefarm.display import make_console

    print(f"{found['name']} version {found['version']}: {found['state']}, {found['progress']['message']}")
    if found["state"] in ("failed", "cancelled"):
        raise typer.Exit(1)
    if not found["report"]:
        return
    table = Table("metric", "R²", "CVRMSE", "NMBE", "coverage", title=f"{found['kind']}, {found['cases_used']:,} cases")
    for measured in found["report"]["accuracy"]:
        shares = (measured.get(name) for name in ("cvrmse", "nmbe", "coverage"))
        words = ("–" if share is None else f"{share:.1%}" for share in shares)
        r2 = measured["r2"]
        table.add_row(measured["metric"], "–" if r2 is None else f"{r2:.3f}", *words)
    make_console().print(table)
    for warning in found["report"]["warnings"]:
        print(f"note: {warning}", file=sys.stderr)
