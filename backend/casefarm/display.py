"""Prints a result table with units: the parameters and the metrics that matter most. Called by `cli` and `up`."""

from typing import Any

import pandas as pd
from rich.console import Console
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
UNIT_ENDINGS = {"_kwh_m2": "kWh/m²", "_kwh": "kWh", "_hours": "h", "_w": "W", "_m2": "m²", "_m": "m"}
ROW_LIMIT = 50
PLAIN_WIDTH = 140


def make_console() -> Console:
    """Return a console that does not fold a table in two where there is no terminal."""
    console = Console()
    return console if console.is_terminal or console.is_jupyter else Console(width=PLAIN_WIDTH)


def choose_columns(results: pd.DataFrame, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the columns worth a place in a terminal: keys, parameters and the main metrics that have values."""
    known = [column for column in columns if column["name"] in results.columns]
    chosen = [column for column in known if column["kind"] in ("key", "parameter")]
    by_name = {column["name"]: column for column in known}
    chosen += [by_name[name] for name in MAIN_METRICS if name in by_name and results[name].notna().any()]
    return chosen


def format_value(value: Any) -> str:
    """Return a table cell: a dash for what is missing, whole numbers grouped, others with four significant digits."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, str | bool):
        return str(value)
    number = float(value)
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.4g}"


def make_heading(column: dict[str, Any]) -> str:
    """Return a column's heading: its name without the unit, the unit below."""
    name, unit = column["name"], column.get("unit")
    if column["kind"] == "metric":
        ending = next((ending for ending in UNIT_ENDINGS if name.endswith(ending)), "")
        unit = unit or UNIT_ENDINGS.get(ending)
        name = name.removesuffix(ending) if ending != "_hours" else name
    words = name.replace("_", " ") if column["kind"] == "metric" else name
    return f"{words}\n[dim]{unit}[/dim]" if unit else words


def print_results(results: pd.DataFrame, columns: list[dict[str, Any]], title: str) -> None:
    """Print the first `ROW_LIMIT` rows of a result table; a case number below 0 is the unmodified model."""
    chosen = choose_columns(results, columns)
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in chosen:
        numeric = pd.api.types.is_numeric_dtype(results[column["name"]])
        table.add_column(make_heading(column), justify="right" if numeric else "left")
    for row in results[[column["name"] for column in chosen]].head(ROW_LIMIT).itertuples(index=False, name=None):
        table.add_row(*map(format_value, row))
    console = make_console()
    console.print(table)
    if len(results) > ROW_LIMIT:
        console.print(f"… and {len(results) - ROW_LIMIT:,} rows more")
    if (results["case"] < 0).any():
        console.print("case < 0: the baseline, the unmodified model under the same weather")
