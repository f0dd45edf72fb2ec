"""Writes what was found into `docs/reference/faults.md`, row by row: rows that were not run keep their older date."""

import math
import os
import platform
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.counts import ASKED, SEED
from tests.faults.history import History
from tests.faults.incidents import Recoveries, describe_times

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
RULE = "|---|---|---|---|---|---|---|"


@dataclass
class Report:
    """What one fault came to."""

    fault: str
    done: str = ""
    times: int = 0
    held: str = ""
    is_finished: bool = False
    violations: list[str] = field(default_factory=list)
    recovery: str = "–"
    leftovers: Counter[str] = field(default_factory=Counter)

    def add(self, history: History) -> None:
        """Take over what the checker found."""
        self.violations += history.violations
        self.leftovers += history.leftovers

    def add_recoveries(self, recoveries: Recoveries, limit_s: float = math.inf) -> None:
        """Take over how long cases were with nobody; longer than a limit, where there is one, is a violation."""
        self.recovery = describe_times(recoveries.took_s)
        late = [took_s for took_s in recoveries.took_s if took_s > limit_s]
        self.violations += [f"picked up again after {took_s:.0f} s" for took_s in late]

    def text(self) -> str:
        """Return the violations as text."""
        return "\n".join(self.violations)

    def write(self) -> None:
        """Put the row into the page, in place of the fault's older one."""
        when = datetime.now(UTC).strftime("%d %B %Y")
        where = f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"
        asked = "" if ASKED == "all" else f" FAULTS='{ASKED}'"
        how = f"`make faults{asked}`, seed {SEED}"
        count = str(len(self.violations)) if self.is_finished else "not finished"
        left = "; ".join(f"{count} {what}" for what, count in self.leftovers.items() if count)
        held = f"{self.held} ({left})" if left else self.held
        cells = (self.fault, self.done, str(self.times), held, count, self.recovery, f"{when}, {where}, {how}")
        row = "| " + " | ".join(cells) + " |"
        rows = [line for line in read_rows() if not line.startswith(f"| {self.fault} |")]
        write_rows(sorted([*rows, row], key=order_of))


def order_of(row: str) -> tuple[str, int]:
    """Return where a row stands: by letter, then by number."""
    name = row.split("|")[1].strip()
    return name[0], int(name[1:])


def read_rows() -> list[str]:
    """Return the rows of the table as they are."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index(RULE) + 1
    return [line for line in lines[start:] if line.startswith("|")]


def write_rows(rows: list[str]) -> None:
    """Replace the rows of the table."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index(RULE) + 1
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    PAGE.write_text("\n".join([*lines[:start], *rows, *lines[end:]]) + "\n", encoding="utf-8")
