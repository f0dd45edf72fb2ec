"""Prints a result table with units: the parameters and the metrics that matter most. Called by `cli` and `up`."""

from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

MAIN_METRICS = (
    "site_eui_kwh_m2",
    "electricity_kwh",
    "natural_gas_kwh",
    "heating_kwh",
    "cooling_kwh",
    "unmet_heating_hours",
    "unmet_cooling_hours",
)
UNIT_ENDINGS = ("_kwh_m2", "_kwh", "_hours", "_w", "_m2")
ROW_LIMIT = 50
PLAIN_WIDTH = 200


def make_console() -> Console:
    """Return a console that does not squeeze a table where there is no terminal."""
    console = Console()
    return console if console.is_terminal or console.is_jupyter else Console(width=PLAIN_WIDTH)


def choose_columns(results: pd.DataFrame, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the columns worth a place in a terminal: keys, parameters and the main metrics that have values.

    The state is left out where all cases succeeded: the verdict says more.
    """
    known = [column for column in columns if column["name"] in results.columns]
    if (results["state"] == "succeeded").all():
        known = [column for column in known if column["name"] != "state"]
    chosen = [column for column in known if column["kind"] in ("key", "parameter")]
    by_name = {column["name"]: column for column in known}
    chosen += [by_name[name] for name in MAIN_METRICS if name in by_name and results[name].notna().any()]
    return chosen


def format_value(value: Any) -> str:
    """Return a table cell: a dash for what is missing, whole numbers grouped, others with four significant digits."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, str | bool):
        return escape(str(value))
    number = float(value)
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.4g}"


def make_heading(column: dict[str, Any]) -> str:
    """Return a column's heading: its name without the unit, the unit below."""
    name, unit = column["name"], column.get("unit")
    if column["kind"] == "metric":
        ending = next((ending for ending in UNIT_ENDINGS if name.endswith(ending)), "")
        name = name.removesuffix(ending) if ending != "_hours" else name
        name = name.replace("_", "\n")
    name = escape(name)
    return f"{name}\n[dim]{unit}[/dim]" if unit and unit != "1" else name


def make_table(results: pd.DataFrame, chosen: list[dict[str, Any]], title: str) -> Table:
    """Return the first `ROW_LIMIT` rows of the chosen columns; no cell is broken."""
    table = Table(title=escape(title), title_justify="left", header_style="bold")
    for column in chosen:
        numeric = pd.api.types.is_numeric_dtype(results[column["name"]])
        table.add_column(make_heading(column), justify="right" if numeric else "left", no_wrap=True)
    for row in results[[column["name"] for column in chosen]].head(ROW_LIMIT).itertuples(index=False, name=None):
        table.add_row(*map(format_value, row))
    return table


def measure_width(console: Console, table: Table) -> int:
    """Return how many characters wide a table is where nothing limits it."""
    unlimited = console.options.update(max_width=10_000)
    return Measurement.get(console, unlimited, table).maximum


def print_results(results: pd.DataFrame, columns: list[dict[str, Any]], title: str) -> None:
    """Print the first `ROW_LIMIT` rows of a result table, with as many metrics as the terminal is wide."""
    console = make_console()
    chosen = choose_columns(results, columns)
    table = make_table(results, chosen, title)
    while measure_width(console, table) > console.width and chosen[-1]["kind"] == "metric":
        chosen = chosen[:-1]
        table = make_table(results, chosen, title)
    console.print(table)
    if len(results) > ROW_LIMIT:
        console.print(f"… and {len(results) - ROW_LIMIT:,} rows more", highlight=False)
    if (results["case"] < 0).any():
        console.print("case < 0: the baseline, the unmodified model under the same weather", highlight=False)
