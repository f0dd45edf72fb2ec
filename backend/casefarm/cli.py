"""The `casefarm` command: starts the farm of one machine, submits and watches studies, fetches result tables."""

import enum
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any

import typer
from rich.table import Table

from casefarm import commands
from casefarm.client import Batch, Client
from casefarm.errors import CasefarmError
from casefarm.local.up import SAMPLE

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A farm for parametric building-energy simulation on the real EnergyPlus engine.",
)
BatchId = Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]


class Form(enum.StrEnum):
    """The forms a result table comes in."""

    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"
    JSON = "json"
    XLSX = "xlsx"


class SeriesForm(enum.StrEnum):
    """The forms that time series come in."""

    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"


@app.command()
def up(
    sample: Annotated[str, typer.Option(help="The study to run after the start; '' for none.")] = str(SAMPLE),
    simulates: Annotated[
        bool, typer.Option("--simulate/--no-simulate", help="Whether this machine runs cases itself.")
    ] = True,
    flower: Annotated[bool, typer.Option(help="Serve Flower, too: Celery's own pages, behind a password.")] = False,
) -> None:
    """Start database, broker, workers and web on this machine and serve until Ctrl-C."""
    from casefarm.local.up import UpOptions, run_up

    study = Path(sample).resolve() if sample else None
    raise typer.Exit(run_up(UpOptions(sample=study, simulates=simulates, flower=flower)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def celery(context: typer.Context) -> None:
    """Run Celery's own command with the farm's settings: casefarm celery inspect active."""
    from casefarm.local.celery import run_celery

    run_celery(context.args)


@app.command()
def worker(
    join: Annotated[Path | None, typer.Option(help="A copy of the farm's join.env; else the environment.")] = None,
    aggregates: Annotated[bool, typer.Option("--all", help="Close shards and tidy up, too.")] = False,
    trains: Annotated[bool, typer.Option("--surrogates", help="Train and ask surrogates, too; needs torch.")] = False,
    simulates: Annotated[bool, typer.Option("--simulate/--no-simulate", help="Whether it runs cases.")] = True,
) -> None:
    """Work for a farm that runs on another machine until Ctrl-C; cases at work are finished or handed back."""
    from casefarm.local.worker import WorkerOptions, run_worker

    options = WorkerOptions(join=join, aggregates=aggregates, trains=trains, simulates=simulates)
    raise typer.Exit(run_worker(options))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def services(context: typer.Context) -> None:
    """Run a command with a throw-away PostgreSQL and Valkey: casefarm services -- COMMAND."""
    from casefarm.local.services import main as run_services

    raise typer.Exit(run_services(context.args))


@app.command()
def submit(
    study: Annotated[Path, typer.Argument(metavar="FILE", help="The study, YAML or JSON.")],
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end and print the table.")] = False,
) -> None:
    """Submit a study, with the local model and weather files it names."""
    client = Client()
    batch = client.submit(study)
    print(batch.id)
    if watch:
        follow(batch)
    else:
        print(f"{client.url}/batches/{batch.id}", file=sys.stderr)


@app.command()
def watch(batch_id: BatchId) -> None:
    """Follow a batch to its end and print its table."""
    follow(Client().batch(batch_id))


@app.command()
def cancel(
    batch_id: BatchId,
    case: Annotated[int | None, typer.Option(help="Only this case; negative for a baseline. The others go on.")] = None,
) -> None:
    """Stop a batch now, or one case of it; finished cases keep their results."""
    batch = Client().batch(batch_id)
    if case is not None:
        print(f"case {case} is {batch.cancel_case(case)['state']}")
        return
    state = batch.cancel()
    finished = state["counts"]["succeeded"] + state["counts"]["failed"]
    print(f"{state['state']}: {finished} of {state['progress']['total']} cases had finished")


@app.command()
def retry(
    batch_id: BatchId,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of failure (may be repeated).")] = None,
) -> None:
    """Run a batch's failed cases again."""
    retried = Client().batch(batch_id).retry(kinds=kind or ())
    print(f"{retried} failed cases run again")


@app.command()
def results(
    batch_id: BatchId,
    form: Annotated[Form, typer.Option("--as", help="The form of the table.")] = Form.CSV,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output where it is not given.")] = None,
) -> None:
    """Fetch a batch's result table."""
    batch = Client().batch(batch_id)
    save(out, lambda write: batch.save_results(write, form))
    print_findings(batch)


@app.command()
def timeseries(
    batch_id: BatchId,
    form: Annotated[SeriesForm, typer.Option("--as", help="The form of the table.")] = SeriesForm.CSV,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output where it is not given.")] = None,
    name: Annotated[str, typer.Option(help="Only this meter or variable.")] = "",
    key: Annotated[str, typer.Option(help="Only those of this object.")] = "",
    case: Annotated[int | None, typer.Option(help="Only this case.")] = None,
) -> None:
    """Fetch the time series that a batch's study asked for, in long form."""
    wanted: dict[str, str | int | None] = {"name": name or None, "key": key or None, "case": case}
    choice = {what: value for what, value in wanted.items() if value is not None}
    batch = Client().batch(batch_id)
    save(out, lambda write: batch.save_timeseries(write, form, **choice))


def save(out: Path | None, fetch: Callable[[Callable[[bytes], Any]], None]) -> None:
    """Write what is fetched to a file, which appears whole or not at all, or to standard output.

    Raises:
        CasefarmError: the file cannot be written.
    """
    if out is None:
        fetch(sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    partial = out.with_name(f"{out.name}.partial")
    try:
        with partial.open("wb") as file:
            fetch(file.write)
        partial.replace(out)
    except OSError as error:
        raise CasefarmError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    print(out)


@app.command(context_settings={"ignore_unknown_options": True})
def replay(
    batch_id: BatchId,
    index: Annotated[int, typer.Argument(metavar="INDEX", help="The case; negative for a baseline.")],
    out: Annotated[Path | None, typer.Option(help="A folder that keeps the inputs and the files of the run.")] = None,
) -> None:
    """Run a case again on this machine; say whether it gives the same to the last bit (status 0) or not (1)."""
    from casefarm.replay import describe_report

    report = Client().batch(batch_id).replay(index, out)
    print(*describe_report(report), sep="\n")
    if not report.is_identical:
        raise typer.Exit(1)


@app.command()
def batches(limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20) -> None:
    """List batches."""
    from casefarm.display import make_console

    table = Table("id", "name", "state", "finished", "cases", "created")
    for batch in Client().batches(limit):
        progress = batch["progress"]
        numbers = f"{progress['finished']:,}", f"{progress['total']:,}"
        table.add_row(batch["id"], batch["name"], batch["state"], *numbers, batch["created_at"][:16].replace("T", " "))
    make_console().print(table)


for found in iter_modules(commands.__path__):
    import_module(f"{commands.__name__}.{found.name}").register(app)


def follow(batch: Batch) -> None:
    """Show a batch's progress to its end, then its table; a batch that did not complete ends the command with 1."""
    from casefarm.local.up import show_results

    batch.wait()
    show_results(batch)
    print_findings(batch)
    if batch.last["state"] != "completed":
        raise typer.Exit(1)


def print_findings(batch: Batch) -> None:
    """Print what is to be known of a batch as a whole to standard error, away from a table that is piped."""
    for finding in batch.findings:
        print(f"note: {finding['message']}", file=sys.stderr)


def main() -> None:
    """Run the command; an error of ours is one line, without a traceback."""
    try:
        app()
    except CasefarmError as error:
        print(f"casefarm: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
