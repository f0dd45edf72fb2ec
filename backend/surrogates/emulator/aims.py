"""What is aimed at: metrics to be small or large, limits that intervals have to keep; predictions in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from surrogates.emulator.emulator import Outside, Predictions
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.space import Rows

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Goal = Literal["minimise", "maximise"]
Sense = Literal["<=", ">="]
MOST_OBJECTIVES = 4


@dataclass(frozen=True)
class Objective:
    """A metric to be made small or large, by its mean."""

    metric: str
    goal: Goal = "minimise"


@dataclass(frozen=True)
class Limit:
    """What a metric has to keep to with the pessimistic end of its interval: the high one under `<=`.

    Attributes:
        metric: its name.
        sense: `<=` or `>=`.
        bound: in the metric's unit.
    """

    metric: str
    sense: Sense
    bound: float


@dataclass(frozen=True)
class Aims:
    """Objectives and limits, and how sure one wants to be of the limits.

    Attributes:
        objectives: one to four.
        limits: all have to hold.
        level: of the intervals.
        outside: `widen` the intervals of points outside of the domain, `flag` them only, or leave them out: `refuse`.
    """

    objectives: tuple[Objective, ...]
    limits: tuple[Limit, ...] = ()
    level: float = 0.9
    outside: Outside = "widen"

    def check(self, metrics: Sequence[str]) -> None:
        """Refuse what a surrogate of these metrics cannot aim at.

        Raises:
            WishRefused: a metric is none of them or comes twice, or there are too few or too many objectives.
        """
        problems: list[tuple[str, str, object, object]] = []
        places = [(f"objectives[{place}].metric", part.metric) for place, part in enumerate(self.objectives)]
        places += [(f"limits[{place}].metric", part.metric) for place, part in enumerate(self.limits)]
        for place, name in places:
            if name not in metrics:
                problems.append((place, f"The surrogate has no metric '{name}'.", name, list(metrics)))
        named = [objective.metric for objective in self.objectives]
        if not 1 <= len(named) <= MOST_OBJECTIVES:
            message = f"Write one to {MOST_OBJECTIVES} objectives."
            problems.append(("objectives", message, len(named), f"1 to {MOST_OBJECTIVES}"))
        if len(set(named)) < len(named):
            problems.append(("objectives", "Write each metric once.", named, "different metrics"))
        for number, limit in enumerate(self.limits):
            if not np.isfinite(limit.bound):
                problems.append((f"limits[{number}].bound", "Write a finite number.", limit.bound, "a number"))
        if not 0 < self.level < 1:
            problems.append(("level", "Write a probability.", self.level, "more than 0, less than 1"))
        if problems:
            raise WishRefused(problems)

    def list_metrics(self) -> list[str]:
        """Return the names of the metrics that count, each once: those of the objectives first."""
        named = [objective.metric for objective in self.objectives] + [limit.metric for limit in self.limits]
        return list(dict.fromkeys(named))

    def value(self, mean: Floats, metrics: Sequence[str]) -> Floats:
        """Return what is to be small, (points, objectives): means, with the sign turned where more is better."""
        columns = [metrics.index(objective.metric) for objective in self.objectives]
        return np.asarray(mean[:, columns] * self.signs, np.float64)

    @property
    def signs(self) -> Floats:
        """1 for each objective that is to be small, -1 for each that is to be large."""
        return np.array([1.0 if objective.goal == "minimise" else -1.0 for objective in self.objectives])

    def measure_excess(self, low: Floats, high: Floats, metrics: Sequence[str]) -> Floats:
        """Return how far beyond each limit the pessimistic end lies, (points, limits), in the metrics' units.

        0 or less where the limit is kept. With means for both ends: how far the mean lies beyond.
        """
        found = np.empty((len(low), len(self.limits)))
        for place, limit in enumerate(self.limits):
            column = metrics.index(limit.metric)
            found[:, place] = high[:, column] - limit.bound if limit.sense == "<=" else limit.bound - low[:, column]
        return found

    def keep(self, said: Predictions) -> Mask:
        """Return which predictions keep the limits, and lie in the domain where that is asked for, (points,)."""
        kept = (self.measure_excess(said.low, said.high, said.metrics) <= 0).all(axis=1)
        return np.asarray(kept & said.inside if self.outside == "refuse" else kept)


@dataclass(frozen=True)
class Points:
    """Points of a space and what the surrogate says of them.

    Attributes:
        inputs: values by input, (points,): float64 in their units, or texts.
        said: predictions, in the same order.
    """

    inputs: Mapping[str, NDArray[Any]]
    said: Predictions

    def __len__(self) -> int:
        return len(self.said.mean)

    def pick(self, rows: Any) -> "Points":
        """Return some of the points, by a mask or by positions."""
        said = self.said
        picked = Predictions(said.metrics, said.mean[rows], said.low[rows], said.high[rows], said.inside[rows])
        return Points({name: values[rows] for name, values in self.inputs.items()}, picked)

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain data: for each point `inputs`, `predicted` by metric with `mean`, `low`, `high`, and `inside`.

        An end of an interval that is not finite becomes None.
        """
        said = self.said
        return [
            {
                "inputs": {name: _plain(values[row]) for name, values in self.inputs.items()},
                "predicted": {
                    metric: {end: _plain(getattr(said, end)[row, column]) for end in ("mean", "low", "high")}
                    for column, metric in enumerate(said.metrics)
                },
                "inside": bool(said.inside[row]),
            }
            for row in range(len(self))
        ]


def join_points(parts: Sequence[Points]) -> Points:
    """Return points of one surrogate together."""
    said = [part.said for part in parts]
    joined = Predictions(
        said[0].metrics,
        np.concatenate([one.mean for one in said]),
        np.concatenate([one.low for one in said]),
        np.concatenate([one.high for one in said]),
        np.concatenate([one.inside for one in said]),
    )
    inputs: Rows = {name: np.concatenate([part.inputs[name] for part in parts]) for name in parts[0].inputs}
    return Points(inputs, joined)


def _plain(value: Any) -> float | str | None:
    if isinstance(value, str):
        return value
    return float(value) if np.isfinite(value) else None
