"""What of a study is well formed, piece by piece: what the checks work on while the whole may still be broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from energyplus.outputs import Frequency
from studies.definition import CONTINUOUS_SPREADS, SPREADS

Value = float | int | str


@dataclass(frozen=True)
class TargetDraft:
    """One target of a parameter; None stands for what is missing or broken.

    Attributes:
        path: Where it stands, like `parameters[1].target` or `parameters[1].target[0]`.
        patterns: Object patterns by their path.
        field_name: Name of the field, or its position in the object from 1.
        change: How it is changed: its own word, else the parameter's.
        change_path: Where that word stands, or would.
        optional_in: References of models, or `*`, by their path.
    """

    path: str
    class_name: str | None = None
    patterns: Mapping[str, str] = field(default_factory=dict)
    field_name: str | int | None = None
    change: str | None = None
    change_path: str = ""
    optional_in: Mapping[str, str] = field(default_factory=dict)

    def is_optional_in(self, model: str) -> bool:
        """Tell whether it need not match anything in a model, by the study's reference."""
        return bool({"*", model} & set(self.optional_in.values()))


@dataclass(frozen=True)
class ParameterDraft:
    """What of one parameter is well formed; None stands for what is missing or broken.

    Attributes:
        path: Where it stands, like `parameters[1]`.
        keys: The keys that were written, well formed or not.
        arguments: Well-formed arguments of its measure.
        values: Well-formed values by their position in the list of `values`.
        choice: Likewise those of `choice`.
        weights: Likewise `weights`.
        parts: Numbers of `normal`, `truncated_normal` and `triangular` by name, of the one that was written.
    """

    path: str
    keys: frozenset[str]
    name: str | None = None
    targets: tuple[TargetDraft, ...] = ()
    measure: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    change: str | None = None
    unit: str | None = None
    values: Mapping[int, Value] = field(default_factory=dict)
    choice: Mapping[int, Value] = field(default_factory=dict)
    weights: Mapping[int, float] = field(default_factory=dict)
    uniform: tuple[float, float] | None = None
    loguniform: tuple[float, float] | None = None
    integer: tuple[int, int] | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    derived: str | None = None

    @property
    def spreads(self) -> tuple[str, ...]:
        """The keys that say what it varies over, as many as were written."""
        return tuple(key for key in SPREADS if key in self.keys)

    @property
    def is_derived(self) -> bool:
        """Whether an expression gives its value."""
        return "derived" in self.keys

    @property
    def is_continuous(self) -> bool:
        """Whether it takes any value of a range."""
        return bool(CONTINUOUS_SPREADS & self.keys)

    @property
    def level_count(self) -> int | None:
        """How many discrete values it takes; None where they are not listed or broken."""
        if self.integer is not None:
            return self.integer[1] - self.integer[0] + 1
        return len(self.values) or len(self.choice) or None

    @property
    def ends(self) -> tuple[float, float] | None:
        """Lowest and highest value of a continuous range; None where it has no ends."""
        if {"low", "high"} <= self.parts.keys():
            return self.parts["low"], self.parts["high"]
        return self.uniform if self.uniform is not None else self.loguniform

    def walk_candidates(self) -> Iterator[tuple[str, Value]]:
        """Yield every value it can take, or the ends of its range, each with its path."""
        for key, listed in (("values", self.values), ("choice", self.choice)):
            for position, value in listed.items():
                yield f"{self.path}.{key}[{position}]", value
        for key in ("uniform", "loguniform", "integer"):
            ends = getattr(self, key) or ()
            if key == "loguniform" and ends and min(ends) <= 0:
                continue  # refused as what it is
            for position, end in enumerate(ends):
                yield f"{self.path}.{key}[{position}]", end
        for key in ("truncated_normal", "triangular"):
            if key in self.keys:
                ends = [end for end in ("low", "high") if end in self.parts]
                yield from ((f"{self.path}.{key}.{end}", self.parts[end]) for end in ends)


@dataclass(frozen=True)
class RowDraft:
    """One row of a table: the columns that were written, and the well-formed cells among them."""

    path: str
    columns: frozenset[str]
    cells: Mapping[str, Value]


@dataclass(frozen=True)
class OutputDraft:
    """One asked-for time series, as far as it is well formed; None stands for what is missing or broken."""

    path: str
    meter: str | None
    variable: str | None
    key: str | None
    frequency: Frequency | None


@dataclass(frozen=True)
class DesignDraft:
    """What of a design is well formed.

    Attributes:
        method: Its method, None if it is not a known one.
        fields: Its numbers and words by key: `samples`, `levels`, `second_order`, ….
        rows: Rows of a table.
        metrics: Metrics of an optimiser's objectives by their path.
        limits: An optimiser's limits by their path.
    """

    method: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[RowDraft, ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_optimiser(self) -> bool:
        """Whether it chooses cases by the results of others."""
        return self.method in ("nsga2", "differential_evolution")


@dataclass(frozen=True)
class StudyDraft:
    """What of a study is well formed.

    Attributes:
        models: Model references by their path, `model` or `model[1]`.
        weathers: Weather references by their path.
        parameters: One draft for each parameter that is a mapping.
        design: Its design.
        linked: Groups of parameter names, each name by its path.
        constraints: Expressions by their path.
        outputs: One draft for each output that is a mapping.
        program: Name of the declared program that runs the cases, None for EnergyPlus.
        surrogate: Id of the trained surrogate that answers for them, None where they are simulated.
    """

    models: Mapping[str, str]
    weathers: Mapping[str, str]
    parameters: tuple[ParameterDraft, ...]
    design: DesignDraft
    linked: tuple[Mapping[str, str], ...] = ()
    constraints: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[OutputDraft, ...] = ()
    program: str | None = None
    surrogate: str | None = None

    @property
    def method(self) -> str | None:
        """The design's method, None if it is not a known one."""
        return self.design.method

    @property
    def rows(self) -> tuple[RowDraft, ...]:
        """Rows of a table."""
        return self.design.rows
