"""`casefarm preview`: what a study would become, before anything of it runs."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

SHOWN_NAMES = 3
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    study: Annotated[Path, typer.Argument(metavar="FILE", help="The study, YAML or JSON.")],
    pilot: Annotated[int, typer.Option(help="First run so many of its cases, to see what a run takes.")] = 0,
) -> None:
    """Check a study and show its cases, what they touch and what they would cost; status 1 where it has mistakes."""
    from casefarm.client import Client
    from casefarm.display import make_console

    client = Client()
    if pilot:
        client.pilot(study, pilot).wait()
    answer = client.preview(study)
    console = make_console()
    console.print(*describe_counts(answer), sep="\n", highlight=False)
    if answer["touched"]:
        console.print(make_touched_table(answer["touched"]))
    if answer["cases"]:
        console.print(make_case_table(answer["cases"]))
    for note in answer["notes"]:
        print(f"note: {note['path']}: {note['message']}", file=sys.stderr)


def describe_counts(answer: dict[str, Any]) -> list[str]:
    """Return the lines on numbers: cases, those that are known, time, room."""
    baselines = f" and {count_of(answer['baseline_count'], 'baseline')}" if answer["baseline_count"] else ""
    lost = answer["candidate_count"] - answer["case_count"]
    lines = [f"cases: {answer['case_count']:,}{baselines}"]
    if lost > 0:
        lines.append(f"left out by constraints: {lost:,} ({answer['lost_share']:.1%} of {answer['candidate_count']:,})")
    if answer["duplicate_count"]:
        lines.append(f"duplicates: {answer['duplicate_count']:,}")
    return [*lines, f"known already: {describe_known(answer)}", *describe_estimate(answer["estimate"])]


def describe_known(answer: dict[str, Any]) -> str:
    """Return how many cases would not run because an identical one has."""
    sample = answer["known_sample"]
    if sample is not None:
        return f"about {sample['cases']:,} of {sample['total']:,}, as {sample['looked_at']:,} of them tell"
    return "not known" if answer["known_cases"] is None else f"{answer['known_cases']:,}"


def describe_estimate(estimate: dict[str, Any] | None) -> list[str]:
    """Return what the cases would cost, each number with its interval."""
    if estimate is None:
        return ["time: not known, no case of this model has run here; --pilot 3 runs three to see"]
    basis = f"{count_of(estimate['runs'], 'run')}{'' if estimate['same_run_period'] else ' over other run periods'}"
    wall = describe_span(estimate, "wall", "s", show_duration)
    lines = [f"time: {wall} on {count_of(estimate['slots'], 'slot')}, as {basis} of this model tell"]
    if estimate["stored_bytes"] is not None:
        lines.append(f"files: {describe_span(estimate, 'stored', 'bytes', show_bytes)}")
    return lines


def describe_span(estimate: dict[str, Any], what: str, unit: str, show: Any) -> str:
    """Return a number with its interval."""
    low, high = show(estimate[f"{what}_low_{unit}"]), show(estimate[f"{what}_high_{unit}"])
    return f"about {show(estimate[f'{what}_{unit}'])} ({low} to {high})"


def show_duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 2 * MINUTE_S:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 2 * HOUR_S:
        return f"{seconds / MINUTE_S:.0f} min"
    return f"{seconds / HOUR_S:.0f} h" if seconds < 2 * DAY_S else f"{seconds / DAY_S:.0f} days"


def show_bytes(number: float) -> str:
    """Return a size as people say it, in powers of ten."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f} B"


def count_of(number: int, noun: str) -> str:
    """Return `1 case`, `12 cases`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def make_touched_table(touched: list[dict[str, Any]]) -> Any:
    """Return what each parameter touches as a table."""
    from rich.markup import escape
    from rich.table import Table

    several = len({entry["model"] for entry in touched}) > 1
    table = Table("parameter", *(["model"] if several else []), "class", "field", "objects", "names")
    for entry in join_fields(touched):
        names = ", ".join(entry["names"][:SHOWN_NAMES]) + (" …" if entry["objects"] > SHOWN_NAMES else "")
        place = [entry["model"]] if several else []
        cells = [entry["parameter"], *place, entry["class_name"], entry["field"], f"{entry['objects']:,}", names]
        table.add_row(*map(escape, cells))
    return table


def join_fields(touched: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a line for each parameter, model and class: the many values of a schedule are one thing to the reader."""
    lines: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for entry in touched:
        lines.setdefault((entry["parameter"], entry["model"], entry["class_name"]), []).append(entry)
    return [
        entries[0]
        if len(entries) == 1
        else {
            **max(entries, key=lambda entry: int(entry["objects"])),
            "field": f"{entries[0]['field']} … {entries[-1]['field']} ({len(entries)} fields)",
        }
        for entries in lines.values()
    ]


def make_case_table(cases: list[dict[str, Any]]) -> Any:
    """Return the first cases as a table of what each parameter does in them."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("case", "model", "weather", "changes")
    for case in cases:
        lines = [f"cannot be made: {case['error']}"] if case["error"] else case["summary"] or ["the unmodified model"]
        cells = [str(case["index"]), case["model"] or "–", case["weather"] or "–", "\n".join(lines)]
        table.add_row(*map(escape, cells))
    return table
