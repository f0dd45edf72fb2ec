"""A trained surrogate: rows of inputs go in, metrics with intervals and a word on its domain come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator.accuracy import LearningPoint, MetricAccuracy
from surrogates.emulator.calibration import WIDENED, Calibration
from surrogates.emulator.devices import Hardware
from surrogates.emulator.distillation import Pupil
from surrogates.emulator.domain import Domain, find_strays
from surrogates.emulator.errors import PredictionRefused
from surrogates.emulator.hourly import HourlyHead
from surrogates.emulator.inputs import Inputs
from surrogates.emulator.regressors import Kind, Regressor
from surrogates.emulator.targets import Targets

Floats = NDArray[np.float64]
Outside = Literal["widen", "flag", "refuse"]
STRAYS_NAMED = 5


@dataclass(frozen=True)
class CandidateScore:
    """What came of a kind that was tried.

    Attributes:
        kind: which.
        error: mean over the metrics of RMSE by standard deviation, on rows that were not learnt from.
        cvrmse: by metric; None where the mean is 0.
        fit_s: processor time of its training, s.
    """

    kind: Kind
    error: float
    cvrmse: dict[str, float | None]
    fit_s: float


@dataclass(frozen=True)
class Report:
    """What training found out.

    Attributes:
        kind: of the regressor that was kept.
        cases: rows that it was trained on.
        level: of the intervals that `accuracy` tells of.
        accuracy: by metric.
        candidates: what was tried, best first.
        curve: errors after fewer cases.
        warnings: what whoever uses it should know.
        screening_errors: root mean squared difference of the fast means from the others by metric, in its unit, over
            the whole domain; none where no networks have learnt from a process.
    """

    kind: Kind
    cases: int
    level: float
    accuracy: tuple[MetricAccuracy, ...]
    candidates: tuple[CandidateScore, ...]
    curve: tuple[LearningPoint, ...] = ()
    warnings: tuple[str, ...] = ()
    screening_errors: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Predictions:
    """What a surrogate says of rows.

    Attributes:
        metrics: names, in order.
        mean: (rows, metrics), float64, in the metrics' units.
        low: lower ends of the intervals, likewise.
        high: upper ends, likewise.
        inside: (rows,), whether the row lies in the surrogate's domain.
        strays: number of rows outside of the range of each input that has any.
    """

    metrics: tuple[str, ...]
    mean: Floats
    low: Floats
    high: Floats
    inside: NDArray[np.bool_]
    strays: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Emulator:
    """A trained surrogate.

    Attributes:
        inputs: what it is asked by.
        targets: what it answers for.
        regressor: what it learnt.
        calibration: of its intervals.
        domain: where it may be believed.
        report: how good it is.
        group_input: the input whose values are the groups of the calibration; None where all rows are one.
        fast: what has learnt from the regressor, for `predict_means`; None where it answers itself.
        hourly: heads for series of hours.
    """

    inputs: Inputs
    targets: Targets
    regressor: Regressor
    calibration: Calibration
    domain: Domain
    report: Report
    group_input: str | None = None
    fast: Pupil | None = None
    hourly: tuple[HourlyHead, ...] = ()

    def predict(
        self, given: Mapping[str, Any], hardware: Hardware, *, level: float = 0.9, outside: Outside = "widen"
    ) -> Predictions:
        """Return metrics of rows with intervals.

        Args:
            given: values by input, in their units: a list for the rows, or one value for all.
            hardware: where to compute.
            level: probability with which an interval holds the simulated value, inside of the domain.
            outside: what becomes of rows outside: intervals that are wider, a flag only, or a refusal of all.

        Raises:
            PredictionRefused: an input is missing, strange or, if so wished, outside.
        """
        rows = self.inputs.check(given)
        features = torch.from_numpy(self.inputs.encode(rows))
        mean, deviation = self.answer(features, hardware)
        strays = find_strays(self.inputs, rows)
        inside = self.domain.is_near(features).numpy() & ~np.any([np.zeros(len(features), bool), *strays.values()], 0)
        if outside == "refuse" and not inside.all():
            raise PredictionRefused(self._explain(strays, rows, inside))
        half = self.find_factors(rows, level) * deviation
        if outside == "widen":
            half[~inside] *= WIDENED
        low = mean - half
        low[:, self._positive] = np.maximum(low[:, self._positive], 0.0)
        counts = {name: int(strange.sum()) for name, strange in strays.items()}
        return Predictions(self.targets.metrics, mean, low, mean + half, inside, counts)

    def answer(self, features: Tensor, hardware: Hardware) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of metrics, both (rows, metrics), of standardised features."""
        if not self.targets.learnt:
            nothing = np.zeros((len(features), 0))
            mean, variance = self.targets.combine(nothing, nothing)
        else:
            said = self.regressor.predict(features, hardware)
            mean, variance = self.targets.combine(*(tensor.numpy() for tensor in said))
        return mean, np.sqrt(variance)

    def predict_means(self, rows: Mapping[str, NDArray[Any]], hardware: Hardware) -> NDArray[np.float32]:
        """Return the means of metrics, (rows, metrics), float32, in their units: fast, for the screening of many.

        Args:
            rows: checked columns, as `Inputs.check` gives them.
            hardware: where to compute.
        """
        return self.answer_means(torch.from_numpy(self.inputs.encode(rows)), hardware)

    def answer_means(self, features: Tensor, hardware: Hardware) -> NDArray[np.float32]:
        """Return the means of metrics of standardised features; see `predict_means`."""
        if self.fast is None:
            return self.answer(features, hardware)[0].astype(np.float32)
        said = self.fast.predict_means(features, hardware).numpy()
        # The networks have learnt means: what the process's uncertainty adds to a square is in them already.
        return self.targets.combine(said, np.zeros_like(said))[0].astype(np.float32)

    def predict_hourly(self, name: str, given: Mapping[str, Any], hardware: Hardware) -> NDArray[np.float32]:
        """Return series of hours, (rows, hours), float32, in the head's unit.

        Args:
            name: of the head.
            given: values by input, as for `predict`.
            hardware: where to compute.

        Raises:
            PredictionRefused: there is no such head, or an input is missing or strange.
        """
        heads = {head.name: head for head in self.hourly}
        if name not in heads:
            message = f"This surrogate has no hourly series of '{name}'."
            raise PredictionRefused([("hourly", message, name, sorted(heads))])
        features = torch.from_numpy(self.inputs.encode(self.inputs.check(given)))
        series: NDArray[np.float32] = heads[name].predict(features, hardware).numpy()
        return series

    def find_factors(self, rows: Mapping[str, NDArray[Any]], level: float) -> Floats:
        """Return what standard deviations are multiplied by for intervals, (rows, metrics) or (1, metrics)."""
        factors = self.calibration.factors(level)
        if self.group_input is None:
            return factors[:1]
        return factors[self.calibration.place(rows[self.group_input])]

    @cached_property
    def _positive(self) -> NDArray[np.bool_]:
        """Which metrics are sums of what cannot be negative."""
        rooted = np.array([component.scale == "root" or component.offset >= 0 for component in self.targets.components])
        plain = np.array([component.scale == "plain" for component in self.targets.components])
        weights = self.targets.weights
        positive: NDArray[np.bool_] = (weights >= 0).all(1) & ~(weights[:, ~rooted | plain] != 0).any(1)
        return positive

    def _explain(
        self, strays: Mapping[str, NDArray[np.bool_]], rows: Mapping[str, NDArray[Any]], inside: NDArray[np.bool_]
    ) -> list[tuple[str, str, object, object]]:
        problems: list[tuple[str, str, object, object]] = []
        for column in self.inputs.columns:
            if column.name in strays:
                found = rows[column.name][strays[column.name]][:STRAYS_NAMED].tolist()
                trained = list(column.values) if column.is_text else f"{column.low:g} to {column.high:g}"
                message = f"'{column.name}' lies outside of what the surrogate was trained on."
                problems.append((column.name, message, found, trained))
        if not problems:
            message = f"{int((~inside).sum())} rows are far from every case that the surrogate was trained on."
            problems.append(("inputs", message, int((~inside).sum()), "combinations like those of the training cases"))
        return problems
