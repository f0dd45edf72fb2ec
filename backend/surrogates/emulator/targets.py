"""Metrics that add up: which are modelled, which are sums of others, and the scale on which each is learnt.

End uses by fuel are modelled and summed, so that totals are consistent with their parts and errors of parts do not
hide in them. A load that cannot be negative is learnt as its square root, whose errors are alike at small and large
loads; what comes back is the mean of the squared normal distribution, not the square of the mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scale = Literal["root", "plain", "constant"]

AGREEMENT = 1e-6  # of the largest value: what a sum may differ from its parts by
WEIGHTED = ("total_source_energy_kwh", "site_eui_kwh_m2")  # sums of fuels by factors, which the rows tell
ROOTED = ("_kwh", "_kwh_m2", "_w", "_hours")


@dataclass(frozen=True)
class Component:
    """A metric that is modelled itself.

    Attributes:
        name: of the metric.
        scale: `root`: its square root is learnt; `plain`: itself; `constant`: it did not vary and is not learnt.
        offset: mean of what is learnt over the training rows; of a constant, its value.
        spread: standard deviation of what is learnt.
    """

    name: str
    scale: Scale
    offset: float
    spread: float

    def standardise(self, values: Floats) -> Floats:
        """Return what is learnt of values in the metric's unit: mean 0, variance 1 over the training rows."""
        learnt = np.sqrt(np.maximum(values, 0.0)) if self.scale == "root" else values
        return (learnt - self.offset) / self.spread


@dataclass(frozen=True)
class Targets:
    """Metrics of a surrogate, as weighted sums of its components.

    Attributes:
        components: what is modelled, in order.
        metrics: names of what is answered for, in order.
        weights: (metrics, components): `metrics = weights @ components`.
    """

    components: tuple[Component, ...]
    metrics: tuple[str, ...]
    weights: Floats

    @property
    def learnt(self) -> list[int]:
        """Places of the components that vary."""
        return [place for place, component in enumerate(self.components) if component.scale != "constant"]

    @classmethod
    def fit(cls, table: Mapping[str, Floats], metrics: Sequence[str]) -> "Targets":
        """Return how metrics are to be learnt from rows.

        Args:
            table: values of metrics, (rows,), without gaps; may hold more than is asked for: parts of sums.
            metrics: which are to be answered for.
        """
        sums: dict[str, dict[str, float]] = {}
        for name in metrics:
            _resolve(name, table, sums)
        parts = sorted({part for name in metrics for part in sums[name]}, key=list(table).index)
        places = {part: place for place, part in enumerate(parts)}
        weights = np.zeros((len(metrics), len(parts)))
        for row, name in enumerate(metrics):
            for part, weight in sums[name].items():
                weights[row, places[part]] = weight
        components = tuple(make_component(part, table[part]) for part in parts)
        return cls(components, tuple(metrics), weights)

    def part(self) -> "Targets":
        """Return the same components, each answered for by itself."""
        return Targets(
            self.components, tuple(component.name for component in self.components), np.eye(len(self.components))
        )

    def standardise(self, table: Mapping[str, Floats]) -> Floats:
        """Return what is learnt, (rows, learnt components), float64."""
        columns = [self.components[place] for place in self.learnt]
        return np.stack([component.standardise(table[component.name]) for component in columns], axis=1)

    def combine(self, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Return metrics from what regressors say.

        Args:
            mean: (rows, learnt components) of what is learnt, standardised.
            variance: likewise; of components that are independent of each other.

        Returns:
            Mean and variance of each metric, both (rows, metrics), in its unit and that squared.

        Source:
            Moments of the square of a normal variable: mean m² + v, variance 4 m² v + 2 v².
        """
        rows = len(mean)
        means, variances = np.empty((rows, len(self.components))), np.zeros((rows, len(self.components)))
        column = 0
        for place, component in enumerate(self.components):
            if component.scale == "constant":
                means[:, place] = component.offset
                continue
            centre = component.offset + component.spread * mean[:, column]
            spread = component.spread**2 * variance[:, column]
            if component.scale == "root":
                centre = np.maximum(centre, 0.0)
                centre, spread = centre**2 + spread, 4 * centre**2 * spread + 2 * spread**2
            means[:, place], variances[:, place] = centre, spread
            column += 1
        return means @ self.weights.T, variances @ np.square(self.weights).T

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "components": [vars(component) for component in self.components],
            "metrics": list(self.metrics),
            "weights": self.weights.tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Targets":
        """Return targets from plain data; see `to_json`."""
        components = tuple(Component(**component) for component in told["components"])
        return cls(components, tuple(told["metrics"]), np.array(told["weights"], np.float64))


def make_component(name: str, values: Floats) -> Component:
    """Return how a metric is learnt from its values."""
    largest = float(np.abs(values).max())
    if float(np.ptp(values)) <= AGREEMENT * largest:
        return Component(name, "constant", float(values.mean()), 1.0)
    is_load = name.endswith(ROOTED) and float(values.min()) >= 0
    learnt = np.sqrt(values) if is_load else values
    return Component(name, "root" if is_load else "plain", float(learnt.mean()), float(learnt.std()))


def _resolve(name: str, table: Mapping[str, Floats], sums: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return a metric as a sum of components, by name and weight; found ones are kept in `sums`."""
    if name not in sums:
        sums[name] = {name: 1.0}
        parts = list_parts(name, table)
        weights = _weigh(table[name], [table[part] for part in parts], is_sum=name not in WEIGHTED)
        if weights is not None:
            total: dict[str, float] = {}
            for part, weight in zip(parts, weights, strict=True):
                for piece, share in _resolve(part, table, sums).items():
                    total[piece] = total.get(piece, 0.0) + weight * share
            sums[name] = total
    return sums[name]


def list_parts(name: str, known: Iterable[str]) -> list[str]:
    """Return the metrics that one may be made up of, by the names of EnergyPlus's meters.

    An end use is made up of its fuels (`heating_kwh` of `heating_electricity_kwh`, …), a fuel of its end uses, the
    site's and the source's energy and the EUI of the fuels.
    """
    names = [other for other in known if other.endswith("_kwh") and other != name]
    fuels = [other for other in names if other.removesuffix("_kwh") in FUELS]
    if name in ("total_site_energy_kwh", *WEIGHTED):
        return fuels
    stem = name.removesuffix("_kwh")
    by_both = [other for other in names if any(other.endswith(f"_{fuel}_kwh") for fuel in FUELS)]
    if stem in FUELS:
        return [other for other in by_both if other.endswith(f"_{stem}_kwh")]
    return [other for other in by_both if any(other == f"{stem}_{fuel}_kwh" for fuel in FUELS)]


FUELS = (
    "electricity", "natural_gas", "gasoline", "diesel", "coal", "fuel_oil_no_1", "fuel_oil_no_2", "propane",
    "other_fuel_1", "other_fuel_2", "district_cooling", "district_heating_water", "district_heating_steam",
)  # fmt: skip


def _weigh(total: Floats, parts: Sequence[Floats], *, is_sum: bool) -> list[float] | None:
    """Return the weights with which parts add up to a total in every row; None where they do not."""
    if not parts:
        return None
    allowed = AGREEMENT * float(np.abs(total).max())
    if is_sum:
        return [1.0] * len(parts) if float(np.abs(total - np.sum(parts, axis=0)).max()) <= allowed else None
    matrix = np.column_stack(parts)
    scales = np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    if len(matrix) <= 2 * len(parts):
        return None
    found = np.linalg.lstsq(matrix / scales, total, rcond=None)[0] / scales
    return found.tolist() if float(np.abs(matrix @ found - total).max()) <= allowed else None
