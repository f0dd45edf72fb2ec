"""Shows how a batch gets on: a live bar in terminal and notebook, plain lines elsewhere. Called by `client`."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Show = Callable[[dict[str, Any]], None]
LINE_EVERY_S = 10.0
SOON_S = 30


@contextlib.contextmanager
def show_progress(*, enabled: bool = True) -> Iterator[Show]:
    """Give a function that takes the batch's representation and shows it."""
    console = Console()
    if not enabled:
        yield lambda _: None
    elif console.is_terminal or console.is_jupyter:
        with _make_bar(console) as bar:
            task = bar.add_task("queued", total=None, left="", trouble="")
            yield lambda batch: bar.update(task, **_describe_for_bar(batch))
    else:
        yield _LinePrinter().show


def describe_time_left(seconds: float | None) -> str:
    """Return a time left in words, nothing where it is unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min left"
    return f"{minutes} min {rest:02d} s left" if minutes else f"{rest} s left"


def describe_queue(queue: dict[str, Any] | None) -> str:
    """Return where a batch stands that has not begun: "waits: 3rd in line, starts in about 4 min"; nothing after."""
    if not queue:
        return ""
    place = f"waits: {_count(queue['position'])} in line"
    if not queue["expected_start_at"]:
        return place
    seconds = (datetime.fromisoformat(queue["expected_start_at"]) - datetime.now(UTC)).total_seconds()
    if seconds < SOON_S:
        return f"{place}, starts soon"
    minutes = max(1, round(seconds / 60))
    hours, minutes = divmod(minutes, 60)
    return f"{place}, starts in about {f'{hours} h {minutes:02d} min' if hours else f'{minutes} min'}"


def _count(place: int) -> str:
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def describe_trouble(batch: dict[str, Any]) -> str:
    """Return how many cases failed or are suspect, nothing where none are."""
    verdicts = batch.get("verdicts", {})
    parts = [f"{verdicts[kind]} {kind}" for kind in ("failed", "suspect") if verdicts.get(kind)]
    return ", ".join(parts)


def _make_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TextColumn("cases"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("[yellow]{task.fields[trouble]}"),
        console=console,
        auto_refresh=console.is_terminal,
    )


def _describe_for_bar(batch: dict[str, Any]) -> dict[str, Any]:
    progress = batch["progress"]
    return {
        "description": batch["state"],
        "completed": progress["finished"],
        "total": progress["total"] or None,
        "left": describe_queue(batch.get("queue")) or describe_time_left(batch.get("eta_s")),
        "trouble": describe_trouble(batch),
        "refresh": True,
    }


class _LinePrinter:
    """Prints a line when the state changes, when all is done, and else at most every `LINE_EVERY_S`."""

    def __init__(self) -> None:
        self._state = ""
        self._finished = -1
        self._printed_at = float("-inf")

    def show(self, batch: dict[str, Any]) -> None:
        """Print the batch's progress where there is news."""
        progress, now = batch["progress"], time.monotonic()
        changed = progress["finished"] != self._finished
        if batch["state"] == self._state and not (changed and now - self._printed_at >= LINE_EVERY_S):
            return
        self._state, self._finished, self._printed_at = batch["state"], progress["finished"], now
        parts = [f"{progress['finished']} of {progress['total']} cases", f"{progress['percent']:g} %"]
        waits = describe_queue(batch.get("queue"))
        parts += [part for part in (waits, describe_time_left(batch.get("eta_s")), describe_trouble(batch)) if part]
        sys.stdout.write(f"{batch['state']}: {', '.join(parts)}\n")
        sys.stdout.flush()
