"""Inputs that know physics: columns of the result table go in, the numbers that a regressor learns from come out.

What a parameter is decides how it enters: the thickness of an insulation as the transmittance that it leaves, an
orientation as waves, a coefficient of performance as its reciprocal, a weather file as its climate, a choice as one
column for each of its values. What passes through windows goes by their area times what a square metre lets through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from surrogates.emulator.errors import PredictionRefused

Kind = Literal["number", "logarithm", "reciprocal", "thickness", "angle", "category", "weather"]
Role = Literal["glazing_share", "glazing_transmittance", "glazing_shgc"]
Columns = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

SURFACE_RESISTANCE_M2K_W = 0.17  # inside and outside of a wall: ISO 6946:2017, table 7, horizontal heat flow
PRODUCTS: tuple[tuple[Role, Role], ...] = (
    ("glazing_share", "glazing_transmittance"),
    ("glazing_share", "glazing_shgc"),
)


@dataclass(frozen=True)
class InputColumn:
    """One input of a surrogate.

    Attributes:
        name: of the column in the result table.
        kind: how it enters.
        unit: of its values; `1` for factors, None for texts.
        low: lowest value that was trained on, in the unit; None for texts.
        high: highest value, likewise.
        values: of a category, the values that were trained on; of weather, the references.
        conductivity_w_mk: of a thickness: of the material, W/m-K, or of what a factor of 1 stands for, over its metres.
        climates: of weather: its numbers, by reference and then by name.
        role: what it is to others, whose product with it enters as well.
    """

    name: str
    kind: Kind
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    conductivity_w_mk: float | None = None
    climates: dict[str, dict[str, float]] = field(default_factory=dict)
    role: Role | None = None

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.kind in ("category", "weather")

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that it becomes; none where its texts are all alike."""
        if self.is_text and len(self.values) < 2:
            return ()
        names: dict[Kind, tuple[str, ...]] = {
            "number": (self.name,),
            "logarithm": (f"log({self.name})",),
            "reciprocal": (f"1/{self.name}",),
            "thickness": (f"transmittance({self.name})",),
            "angle": tuple(f"{wave}({turns}{self.name})" for turns in ("", "2 ") for wave in ("sin", "cos")),
            "category": tuple(f"{self.name}={value}" for value in self.values),
            "weather": tuple(next(iter(self.climates.values()), {})),
        }
        return names[self.kind]

    def encode(self, values: NDArray[Any]) -> Floats:
        """Return the numbers that values become, (rows, features), float64.

        Args:
            values: (rows,), float64 in the column's unit, or texts.
        """
        if not self.features:
            return np.empty((len(values), 0))
        if self.kind == "angle":
            radians = np.radians(values.astype(np.float64))
            # Buildings are alike from opposite sides: the second pair of waves says so.
            return np.column_stack([wave(turns * radians) for turns in (1, 2) for wave in (np.sin, np.cos)])
        if self.kind == "category":
            return np.column_stack([values == value for value in self.values]).astype(np.float64)
        if self.kind == "weather":
            names, places = np.unique(values.astype(str), return_inverse=True)
            known = [list(self.climates[name].values()) for name in names]
            return np.array(known, np.float64).reshape(len(names), len(self.features))[places]
        numbers = values.astype(np.float64)
        if self.kind == "thickness":
            assert self.conductivity_w_mk is not None  # noqa: S101 - a thickness has one
            numbers = 1 / (SURFACE_RESISTANCE_M2K_W + numbers / self.conductivity_w_mk)
        elif self.kind == "logarithm":
            numbers = np.log(numbers)
        elif self.kind == "reciprocal":
            numbers = 1 / numbers
        return numbers[:, None]


@dataclass(frozen=True)
class Inputs:
    """All inputs of a surrogate, and how the numbers they become are standardised.

    Attributes:
        columns: in the order of the table.
        centre: (features,), mean of the training rows.
        spread: (features,), standard deviation of the training rows, 1 where they are all alike.
    """

    columns: tuple[InputColumn, ...]
    centre: Floats
    spread: Floats

    @classmethod
    def fit(cls, columns: Sequence[InputColumn], rows: Columns) -> "Inputs":
        """Return inputs standardised by rows, with the ranges and values that these have."""
        ranged = tuple(_take_range(column, rows[column.name]) for column in columns)
        numbers = _encode(ranged, rows)
        spread = numbers.std(axis=0)
        # A feature that is constant but for rounding must not be blown up to unit variance.
        flat = spread <= 1e-12 * np.maximum(1.0, np.abs(numbers).max(axis=0, initial=0.0))
        return cls(ranged, numbers.mean(axis=0), np.where(flat, 1.0, spread))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the standardised numbers."""
        products = [f"{left.name} * {right.name}" for left, right in list_products(self.columns)]
        return (*(name for column in self.columns for name in column.features), *products)

    def encode(self, rows: Columns) -> Floats:
        """Return standardised features, (rows, features), float64, of checked columns."""
        return (_encode(self.columns, rows) - self.centre) / self.spread

    def check(self, rows: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Return inputs as arrays, one for each column; a single value stands for all rows.

        Args:
            rows: values by column, in the columns' units.

        Raises:
            PredictionRefused: a column is missing, is not one of the surrogate's, or has values that are no numbers or
                no text that was trained on.
        """
        known = {column.name: column for column in self.columns}
        problems: list[tuple[str, str, object, object]] = [
            (name, f"This surrogate has no input '{name}'; leave it out.", name, sorted(known))
            for name in sorted(rows.keys() - known.keys())
        ]
        found: dict[str, NDArray[Any]] = {}
        for name, column in known.items():
            if name in rows:
                try:
                    found[name] = _read_values(column, rows[name])
                except ValueError as error:
                    problems.append((name, str(error), _shorten(rows[name]), _describe(column)))
            elif len(column.values) == 1:
                found[name] = np.array([column.values[0]], object)
            else:
                problems.append((name, f"Write `{name}`: the surrogate needs it.", None, _describe(column)))
        lengths = {len(values) for values in found.values()} - {1}
        if len(lengths) > 1:
            message = "Write as many values for each input, or one for all rows."
            problems.append(("inputs", message, sorted(lengths), "equal lengths"))
        if problems:
            raise PredictionRefused(problems)
        count = lengths.pop() if lengths else 1
        return {name: np.broadcast_to(values, (count,)) for name, values in found.items()}

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "columns": [asdict(column) for column in self.columns],
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Inputs":
        """Return inputs from plain data; see `to_json`."""
        columns = (InputColumn(**{**column, "values": tuple(column["values"])}) for column in told["columns"])
        return cls(tuple(columns), np.array(told["centre"], np.float64), np.array(told["spread"], np.float64))


def list_products(columns: Sequence[InputColumn]) -> list[tuple[InputColumn, InputColumn]]:
    """Return the pairs of inputs whose products are features too."""
    return [
        (left, right)
        for one, other in PRODUCTS
        for left in columns
        for right in columns
        if (left.role, right.role) == (one, other)
    ]


def _encode(columns: Sequence[InputColumn], rows: Columns) -> Floats:
    products = [rows[left.name] * rows[right.name] for left, right in list_products(columns)]
    numbers = [column.encode(rows[column.name]) for column in columns]
    return np.column_stack([*numbers, *(product.astype(np.float64) for product in products)])


def _take_range(column: InputColumn, values: NDArray[Any]) -> InputColumn:
    if column.is_text:
        return InputColumn(**{**vars(column), "values": tuple(sorted(set(values.astype(str).tolist())))})
    numbers = values.astype(np.float64)
    return InputColumn(**{**vars(column), "low": float(numbers.min()), "high": float(numbers.max())})


def _read_values(column: InputColumn, given: Any) -> NDArray[Any]:
    try:
        values = np.atleast_1d(np.asarray(given, dtype=object if column.is_text else None))
    except ValueError:  # lists of lists of different lengths
        values = np.empty((0, 0))
    if values.ndim != 1:
        raise ValueError(f"Write a value or a list of values for '{column.name}'.")
    if column.is_text:
        known = set(column.climates) if column.kind == "weather" else set(column.values)
        strange = {str(value) for value in values.tolist()} - known
        if strange:
            raise ValueError(f"'{column.name}' has {_shorten(sorted(strange))}, which was not trained on.")
        return values.astype(str).astype(object)
    if values.dtype.kind not in "fiu":
        raise ValueError(f"Write numbers{f' in {column.unit}' if column.unit else ''} for '{column.name}'.")
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"Write finite numbers for '{column.name}'.")
    if column.kind in ("logarithm", "reciprocal") and (numbers <= 0).any():
        raise ValueError(f"Write numbers above 0 for '{column.name}'.")
    if column.kind == "thickness" and (numbers < 0).any():
        raise ValueError(f"Write thicknesses of 0 or more for '{column.name}'.")
    return numbers


def _describe(column: InputColumn) -> object:
    if column.is_text:
        return sorted(column.climates) if column.kind == "weather" else list(column.values)
    return f"{column.low:g} to {column.high:g}{f' {column.unit}' if column.unit else ''}"


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
