"""What a sensitivity analysis says: indices of each factor with their confidence, or why it cannot say anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from studies.sensitivity.factors import Factor

Method = Literal["morris", "sobol", "regression", "pawn", "delta"]
METHODS: tuple[Method, ...] = ("morris", "sobol", "regression", "pawn", "delta")
CONFIDENCE_LEVEL = 0.95
NORMAL_QUANTILE = 1.959963984540054
"""Half width of the confidence interval in standard deviations of the bootstrap's estimates."""
SEED = 2718
"""Of every bootstrap: the same cases give the same answer."""


class SensitivityRefused(Exception):  # noqa: N818 - reads as what it is
    """The cases cannot bear the analysis.

    Attributes:
        path: which wish has to change: `method`, `metric`, `weather` or `model`.
        message: why, and what to do.
        accepted: what would be accepted there.
    """

    def __init__(self, path: str, message: str, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.accepted = accepted


@dataclass(frozen=True)
class IndexFacts:
    """An index as people read it.

    Attributes:
        name: its key in the values of a factor.
        label: its usual sign.
        meaning: a sentence.
        in_metric_unit: whether it has the unit of the metric; it has none otherwise.
    """

    name: str
    label: str
    meaning: str
    in_metric_unit: bool = False


INDICES: Mapping[Method, tuple[IndexFacts, ...]] = {
    "morris": (
        IndexFacts("mu_star", "μ*", "Mean of the absolute elementary effects: how much the factor matters.", True),
        IndexFacts("mu", "μ", "Mean of the elementary effects: the direction.", True),
        IndexFacts("sigma", "σ", "Their standard deviation: curvature, and interaction with other factors.", True),
    ),
    "sobol": (
        IndexFacts("st", "ST", "Share of the variance that the factor has a part in, interactions included."),
        IndexFacts("s1", "S1", "Share of the variance that the factor makes by itself."),
    ),
    "regression": (
        IndexFacts("src", "SRC", "Change of the metric for one of the factor, both in standard deviations."),
        IndexFacts("srrc", "SRRC", "The same of their ranks: for what rises or falls steadily but is not straight."),
    ),
    "pawn": (
        IndexFacts("median", "median", "Distance of the metric's distribution where the factor is known: the median."),
        IndexFacts("mean", "mean", "The mean of these distances."),
        IndexFacts("maximum", "maximum", "The largest of these distances: 0 where the factor never matters."),
    ),
    "delta": (
        IndexFacts("delta", "δ", "Expected shift of the metric's density once the factor is known, 0 to 1."),
        IndexFacts("s1", "S1", "Share of the variance that the factor makes by itself, from the same cases."),
    ),
}
"""The indices of each method; the first is what the factors are sorted by."""


@dataclass(frozen=True)
class FactorIndices:
    """What a method found of one factor.

    Attributes:
        factor: a parameter, several that are linked, the weather or the model.
        values: each index by its name.
        confidence: half width of the 95 % confidence interval of those indices that have one.
    """

    factor: Factor
    values: Mapping[str, float]
    confidence: Mapping[str, float]


@dataclass(frozen=True)
class PairIndex:
    """The second-order index of two factors: the share of the variance that only both together make."""

    first: str
    second: str
    s2: float
    s2_conf: float


@dataclass(frozen=True)
class Findings:
    """What a method gives back: its numbers, and what to know when reading them.

    Attributes:
        factors: one for each, in the order of the study.
        pairs: of Sobol' indices of second order.
        fit: R² of each regression, by index.
        noise: PAWN: what a factor without any influence would show of its median.
        notes: sentences.
        sorted_by: the index that tells importance; the method's first where it is not given.
    """

    factors: tuple[FactorIndices, ...]
    pairs: tuple[PairIndex, ...] = ()
    fit: Mapping[str, float] = field(default_factory=dict)
    noise: float | None = None
    notes: tuple[str, ...] = ()
    sorted_by: str | None = None


@dataclass(frozen=True)
class Analysis:
    """The answer: findings, and which cases they rest on.

    Attributes:
        method: that was used.
        weather: that the cases share, as the study writes it; None where several are analysed together.
        model: likewise.
        cases_used: how many.
        cases_left_out: of the same place, how many were not used.
        reasons: why, with numbers.
        is_complete: whether every case of this place has ended: what is said otherwise is so far.
        sorted_by: the index by which the factors are sorted.
        factors: the most important first.
        pairs: the strongest first.
        fit: R² of each regression, by index.
        noise: what a factor without influence would show.
        notes: what to know when reading the numbers.
    """

    method: Method
    weather: str | None
    model: str | None
    cases_used: int
    cases_left_out: int
    reasons: tuple[str, ...]
    is_complete: bool
    sorted_by: str
    factors: tuple[FactorIndices, ...]
    pairs: tuple[PairIndex, ...]
    fit: Mapping[str, float]
    noise: float | None
    notes: tuple[str, ...]
