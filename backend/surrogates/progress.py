"""How far a training or an errand is, written down twice a second: steps, percentage, a word, curves of losses.

Enters: what the emulator tells its watch, thousands of times. Leaves: plain data, a few kilobytes. Called by `leases`.
"""

import math
from threading import Lock
from typing import Any

MOST_POINTS = 200  # of a curve


class Curve:
    """A loss by step, thinned out as it grows: half of its points go whenever there are too many."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []
        self._stride = 1
        self._seen = 0

    def add(self, step: int, loss: float) -> None:
        """Take a loss, unless it falls between two points that are kept."""
        self._seen += 1
        if self._seen % self._stride:
            return
        self.points.append((step, float(f"{loss:.5g}")))
        if len(self.points) > MOST_POINTS:
            self.points = self.points[1::2]
            self._stride *= 2


class Progress:
    """What is shown of work in parts; each part counts its own steps. For any thread."""

    def __init__(self, parts: int = 1) -> None:
        self._expected = parts
        self._lock = Lock()
        self._shares: dict[str, float] = {}
        self._curves: dict[str, Curve] = {}
        self._shown: dict[str, Any] = {"current": 0, "total": 0, "percent": 0.0, "message": "it begins"}
        self._is_new = False

    def tell(self, part: str, step: int, steps: int, loss: float = math.nan) -> None:
        """Note that a step of a part is done, with its loss where it has one."""
        with self._lock:
            self._shares[part] = step / steps if steps else 1.0
            if math.isfinite(loss):
                self._curves.setdefault(part, Curve()).add(step, loss)
            done = sum(self._shares.values()) / max(self._expected, len(self._shares))
            # Work may turn out to have more parts than expected: what is shown never goes back, nor ends too early.
            percent = max(self._shown["percent"], min(99.0, int(1000 * done) / 10))
            self._shown = {"current": step, "total": steps, "percent": percent, "message": f"{part}: {step} of {steps}"}
            self._is_new = True

    def take_news(self) -> dict[str, Any] | None:
        """Return what is to be written down; None where nothing has happened since the last time."""
        with self._lock:
            if not self._is_new:
                return None
            self._is_new = False
            return self._describe()

    def describe(self) -> dict[str, Any]:
        """Return what is to be written down, new or not."""
        with self._lock:
            return self._describe()

    def _describe(self) -> dict[str, Any]:
        curves = {part: [list(point) for point in curve.points] for part, curve in self._curves.items()}
        return {**self._shown, "curves": curves} if curves else dict(self._shown)
