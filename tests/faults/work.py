"""What the farm is given to do while it is hit, and what must come of it. Called by the tests of this folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

SHED = Path(__file__).parents[1] / "fuzz" / "shed.idf"
Row = Mapping[str, Any]
Expectation = Callable[[Row], dict[str, Any]]


def dawdle(random: Random, cases: int, lasts_s: float, *, ends: str = "well") -> dict[str, Any]:
    """Return a study of cases that sleep; two studies hardly ever have a case in common."""
    first = random.randrange(9 * 10**7)
    return {
        "name": f"Dawdling from {first}",
        "engine": "executable:dawdler",
        "parameters": [
            {"name": "x", "values": list(range(first, first + cases)), "unit": "1"},
            {"name": "lasts_s", "values": [round(lasts_s, 3)], "unit": "s"},
            {"name": "ends", "values": [ends]},
        ],
    }


def expect_dawdling(row: Row) -> dict[str, Any]:
    """Return the metrics of a dawdling case, from its row in the table."""
    return {"square": float(row["x"] ** 2)}


def light_shed(model: str, random: Random, cases: int) -> dict[str, Any]:
    """Return a study of the shed's design days on the real engine, with as many different lighting densities."""
    powers = sorted(random.sample(range(1, 1_000_000), cases))
    target = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
    return {
        "name": f"Shed from {powers[0]}",
        "model": model,
        "weather": "chicago",
        "run_period": "design_days",
        "parameters": [{"name": "lighting", "target": target, "values": [power / 1e5 for power in powers]}],
    }


class Undisturbed:
    """What an undisturbed farm made of a study, by the values of its parameters."""

    def __init__(self, rows: list[dict[str, Any]], metrics: list[str], parameter: str) -> None:
        self._parameter = parameter
        self._known = {row[parameter]: {name: row[name] for name in metrics} for row in rows}

    def __call__(self, row: Row) -> dict[str, Any]:
        """Return the metrics of the case with the same parameters."""
        return self._known[row[self._parameter]]
