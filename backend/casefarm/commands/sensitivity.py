"""`casefarm sensitivity`: which parameters of a batch matter for a metric, the most important first."""

import enum
import sys
from typing import Annotated, Any

import typer


class Method(enum.StrEnum):
    """The methods; `auto` takes the one that the batch's design says most by."""

    AUTO = "auto"
    MORRIS = "morris"
    SOBOL = "sobol"
    REGRESSION = "regression"
    PAWN = "pawn"
    DELTA = "delta"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sensitivity)


def sensitivity(
    batch_id: Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")],
    metric: Annotated[str, typer.Option(help="The metric of the result table that is to be explained.")],
    method: Annotated[Method, typer.Option(help="How; `auto` takes the best that the design supports.")] = Method.AUTO,
    weather: Annotated[str, typer.Option(help="Only cases of this weather.")] = "",
    model: Annotated[str, typer.Option(help="Only cases of this model.")] = "",
    keep_suspect: Annotated[bool, typer.Option("--keep-suspect", help="Use suspect cases like valid ones.")] = False,
) -> None:
    """Show which parameters matter for a metric, from the cases that have finished so far."""
    from casefarm.client import Client
    from casefarm.display import make_console

    asked = {"method": method.value, "weather": weather, "model": model, "suspect": "keep" if keep_suspect else ""}
    choice = {name: value for name, value in asked.items() if value}
    with Client() as client:
        answer = client.batch(batch_id).explain(metric, **choice)
    console = make_console()
    console.print(make_factor_table(answer))
    if answer["pairs"]:
        console.print(make_pair_table(answer))
    print(*describe_answer(answer), sep="\n", file=sys.stderr)


def make_factor_table(answer: dict[str, Any]) -> Any:
    """Return the factors as a table, the most important first, each index with its confidence."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(make_title(answer)), title_justify="left", header_style="bold")
    table.add_column("factor", no_wrap=True)
    for index in answer["indices"]:
        unit = f"\n[dim]{escape(index['unit'])}[/dim]" if index["unit"] else ""
        table.add_column(f"{escape(index['label'])}{unit}", justify="right", no_wrap=True)
    for factor in answer["factors"]:
        cells = [format_index(factor, index["name"]) for index in answer["indices"]]
        table.add_row(escape(factor["name"]), *cells)
    return table


def make_pair_table(answer: dict[str, Any]) -> Any:
    """Return the second-order indices as a table, the strongest pair first."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("pair", "S2", title="Pairs", title_justify="left", header_style="bold")
    for pair in answer["pairs"]:
        names = escape(f"{pair['first']} x {pair['second']}")
        table.add_row(names, f"{format_number(pair['s2'])} ±{format_number(pair['s2_conf'])}")
    return table


def make_title(answer: dict[str, Any]) -> str:
    """Return what was analysed, where, how and from how many cases."""
    unit = f" in {answer['unit']}" if answer["unit"] else ""
    place = "".join(f", {what} {answer[what]}" for what in ("weather", "model") if answer[what])
    return f"{answer['metric']}{unit} by {answer['method']}{place}: {answer['cases_used']:,} cases"


def format_index(factor: dict[str, Any], name: str) -> str:
    """Return an index with the half width of its 95 % confidence interval, where it has one."""
    value, conf = factor["values"].get(name), factor["conf"].get(name)
    if value is None:
        return "–"
    return format_number(value) + (f" ±{format_number(conf)}" if conf is not None else "")


def format_number(value: float) -> str:
    """Return a number in three significant digits, without an exponent where there is room."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}" if 0.001 <= abs(value) < 1 else f"{value:.3g}"


def describe_answer(answer: dict[str, Any]) -> list[str]:
    """Return what to know when reading the numbers, a line each."""
    lines = [f"R² of {name}: {value:.3f}" for name, value in answer["fit"].items()]
    if answer["noise"] is not None:
        lines.append(f"a factor without any influence would show a median of {answer['noise']:.3f}")
    if answer["cases_left_out"]:
        why = f": {'; '.join(answer['reasons'])}" if answer["reasons"] else ""
        lines.append(f"{answer['cases_left_out']:,} cases left out{why}")
    return [*lines, *(f"note: {note}" for note in answer["notes"])]
