"""`casefarm surrogate predict`, `screen`, `optimise`, `sensitivity`, `verify`: ask a trained surrogate."""

import enum
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casefarm.errors import CasefarmError

if TYPE_CHECKING:
    import pandas as pd

group = typer.Typer(no_args_is_help=True, help="Ask trained surrogates.")

SurrogateId = Annotated[str, typer.Argument(metavar="ID", help="The surrogate's id.")]
Out = Annotated[
    Path | None, typer.Option(help="The file to write, .csv, .json or .parquet; CSV on standard output if left out.")
]
Level = Annotated[float, typer.Option(help="Probability with which an interval holds the simulated value.")]
Minimise = Annotated[list[str] | None, typer.Option(help="A metric to be small; again for more.")]
Maximise = Annotated[list[str] | None, typer.Option(help="A metric to be large; again for more.")]
Limits = Annotated[
    list[str] | None, typer.Option("--limit", help="Like 'heating_kwh <= 300', kept by the interval; again for more.")
]
More = Annotated[
    list[str] | None,
    typer.Option("--with", help='KEY=VALUE of the question, as JSON: count=1000000, fixed={"weather": "chicago"}.'),
]
Rows = Annotated[Path | None, typer.Option("--rows", help="A table of points: CSV, Parquet or Excel.")]


class Outside(enum.StrEnum):
    """What becomes of points outside of what was trained on."""

    WIDEN = "widen"
    FLAG = "flag"
    REFUSE = "refuse"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="surrogate")


@group.command()
def predict(
    surrogate_id: SurrogateId,
    values: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="A point.")] = None,
    rows: Rows = None,
    level: Level = 0.9,
    outside: Annotated[Outside, typer.Option(help="What becomes of points outside.")] = Outside.WIDEN,
    out: Out = None,
) -> None:
    """Predict points: one as NAME=VALUE, or the rows of a table."""
    from casefarm.client import Client
    from casefarm.studies_file import read_table

    if (rows is None) == (not values):
        raise CasefarmError("say one of the two: NAME=VALUE for each input, or --rows FILE")
    points: Any = read_table(rows) if rows else [read_values(values)]
    with Client() as client:
        frame = client.surrogate(surrogate_id).predict(points, level=level, outside=outside.value)
    save_frame(frame, out)
    if outsiders := int((~frame["inside_domain"]).sum()):
        print(f"note: {outsiders} of {len(frame)} points lie outside of the surrogate's domain", file=sys.stderr)


@group.command()
def screen(
    surrogate_id: SurrogateId,
    minimise: Minimise = None,
    maximise: Maximise = None,
    limit: Limits = None,
    more: More = None,
    out: Out = None,
) -> None:
    """Look through very many designs and print the Pareto front, or the best: --with keep=top --with top=20."""
    question = {**aim(minimise, maximise, limit), **read_more(more)}
    send(surrogate_id, "screen", question, lambda errand: save_frame(errand.points(), out))


@group.command()
def optimise(
    surrogate_id: SurrogateId,
    minimise: Minimise = None,
    maximise: Maximise = None,
    limit: Limits = None,
    more: More = None,
    out: Out = None,
) -> None:
    """Search for the Pareto front by NSGA-II and print it."""
    question = {**aim(minimise, maximise, limit), **read_more(more)}
    send(surrogate_id, "optimise", question, lambda errand: save_frame(errand.points(), out))


@group.command()
def sensitivity(
    surrogate_id: SurrogateId,
    metric: Annotated[list[str] | None, typer.Option(help="Which metric; all if left out, again for more.")] = None,
    more: More = None,
    out: Out = None,
) -> None:
    """Print which inputs matter, with intervals that hold the surrogate's own error."""
    question = {"metrics": metric or [], **read_more(more)}
    send(surrogate_id, "sensitivity", question, lambda errand: save_frame(errand.indices(), out))


@group.command()
def verify(
    surrogate_id: SurrogateId,
    errand: Annotated[str | None, typer.Option(help="Points that this errand found.")] = None,
    top: Annotated[int | None, typer.Option(help="So many of its best.")] = None,
    rows: Rows = None,
    level: Level = 0.9,
    watch: Annotated[bool, typer.Option("--watch", help="Wait, and say how often the intervals held.")] = False,
) -> None:
    """Have points simulated as a batch of the study that the surrogate was trained on."""
    from casefarm.client import Client
    from casefarm.studies_file import read_table

    with Client() as client:
        surrogate = client.surrogate(surrogate_id)
        batch = surrogate.verify(read_table(rows) if rows else None, errand=errand, top=top, level=level)
        print(batch.id)
        if watch:
            batch.wait()
            found = next(told for told in surrogate.verifications() if told["batch"] == batch.id)
            print(*describe_rates(found["summary"]), sep="\n")


def send(surrogate_id: str, what: str, question: dict[str, Any], show: Callable[[Any], None]) -> None:
    """Send a surrogate on an errand, wait for it, show the answer; its id goes to standard error."""
    from casefarm.client import Client

    with Client() as client:
        errand = getattr(client.surrogate(surrogate_id), what)(wait=False, **question)
        print(f"errand {errand.id}", file=sys.stderr)
        show(errand.wait())


def aim(minimise: list[str] | None, maximise: list[str] | None, limits: list[str] | None) -> dict[str, Any]:
    """Return objectives and limits as the service takes them."""
    objectives = [{"metric": name, "goal": "minimise"} for name in minimise or ()]
    objectives += [{"metric": name, "goal": "maximise"} for name in maximise or ()]
    if not objectives:
        raise CasefarmError("say what is aimed at: --minimise METRIC or --maximise METRIC")
    return {"objectives": objectives, "limits": [read_limit(text) for text in limits or ()]}


def read_limit(text: str) -> dict[str, Any]:
    """Return a limit as the service takes it."""
    found = re.fullmatch(r"\s*(\S+?)\s*(<=|>=)\s*(\S+)\s*", text)
    bound = read_number(found[3]) if found else None
    if found is None or isinstance(bound, str):
        raise CasefarmError(f"--limit {text!r}: write METRIC <= NUMBER or METRIC >= NUMBER")
    return {"metric": found[1], "sense": found[2], "bound": bound}


def read_more(texts: list[str] | None) -> dict[str, Any]:
    """Return KEY=VALUE words as a mapping; a value is JSON, or a text where it is none."""
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise CasefarmError(f"--with {text!r}: write KEY=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def read_values(texts: list[str] | None) -> dict[str, Any]:
    """Return NAME=VALUE words as a mapping; what reads as a number is one."""
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise CasefarmError(f"{text!r}: write NAME=VALUE")
        found[name] = read_number(value)
    return found


def read_number(text: str) -> float | str:
    """Return a number where a text is one, else the text."""
    try:
        return float(text)
    except ValueError:
        return text


def save_frame(frame: "pd.DataFrame", out: Path | None) -> None:
    """Write a table to a file, of the form that its name ends in, or to standard output."""
    from casefarm.cli import save

    form = out.suffix if out else ".csv"
    if form not in FORMS:
        raise CasefarmError(f"--out {out}: write a name that ends in {', '.join(FORMS)}")
    content = FORMS[form](frame)
    save(out, lambda write: write(content))


FORMS: dict[str, Callable[["pd.DataFrame"], bytes]] = {
    ".csv": lambda frame: frame.to_csv(index=False).encode(),
    ".json": lambda frame: frame.to_json(orient="records").encode() + b"\n",
    ".parquet": lambda frame: frame.to_parquet(index=False),
}


def describe_rates(summary: dict[str, Any]) -> list[str]:
    """Return how often intervals held, a line for all and one for each metric."""
    if not summary["compared"]:
        return ["nothing to compare: no valid point lies inside of the surrogate's domain"]
    held = f"{summary['within']} of {summary['compared']} values lie within their intervals"
    lines = [f"{held} ({summary['rate']:.0%}; {summary['promised']:.0%} is promised)"]
    lines += [
        f"  {name}: {found['within']} of {found['compared']}, mean error {found['mean_error']:.4g}"
        for name, found in summary["metrics"].items()
        if found["compared"]
    ]
    left_out = {what: summary[f"points_{what}"] for what in ("outside", "suspect", "failed")}
    return [*lines, *(f"note: {what} points left out: {count}" for what, count in left_out.items() if count)]
