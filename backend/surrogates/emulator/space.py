"""What a surrogate is asked over: its inputs, narrowed or fixed, as a unit cube; shares of it go in, features come out.

Screening, search, sensitivity and the choice of new cases all draw points here, so that one rule says what a share of
an input is: of a range the way from its low to its high end, of a list the place in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studies.designs.expressions import Expression, ExpressionError
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.inputs import SURFACE_RESISTANCE_M2K_W, InputColumn, Inputs, list_products

Value = float | str
Problem = tuple[str, str, object, object]
Rows = dict[str, NDArray[Any]]
RANGE_SLACK = 1e-9  # of a range: what writing its ends down and reading them again may cost


@dataclass(frozen=True)
class SpaceWish:
    """What inputs are narrowed to; those that are not named take all that was trained on.

    Attributes:
        ranges: low and high end by input, in its unit.
        fixed: one value by input.
        choices: values by input, of numbers or of texts.
        constraints: conditions of inputs in the study's language, like `wwr * shgc <= 0.2`; all have to hold.
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    choices: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    constraints: Sequence[str] = ()


@dataclass(frozen=True)
class Axis:
    """One input and what it may be.

    Attributes:
        column: the input.
        low: of a range, in the input's unit.
        high: of a range.
        choices: of a list, its values; empty for a range.
    """

    column: InputColumn
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Value, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether it has more than one value."""
        return len(self.choices) > 1 if self.choices else self.high > self.low

    def decode(self, shares: Tensor) -> Tensor:
        """Return numbers in the input's unit, float64, or places in a list of texts, int64.

        Args:
            shares: float64, 0 to 1.
        """
        if not self.choices:
            return self.low + (self.high - self.low) * shares
        places = (shares * len(self.choices)).long().clamp_(0, len(self.choices) - 1)
        if self.column.is_text:
            return places
        return torch.tensor(self.choices, dtype=torch.float64, device=shares.device)[places]

    def find_shares(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the shares of values: what `decode` reads back; of a list, the middle of the place."""
        if not self.choices:
            return np.asarray((values.astype(np.float64) - self.low) / (self.high - self.low), np.float64)
        places = {value: place for place, value in enumerate(self.choices)}
        return np.array([(places[value] + 0.5) / len(places) for value in values.tolist()])


@dataclass(frozen=True)
class Space:
    """The unit cube of the inputs that vary.

    Attributes:
        inputs: of the surrogate.
        axes: one for each input, in their order.
        constraints: what points have to keep to.
    """

    inputs: Inputs
    axes: tuple[Axis, ...]
    constraints: tuple[Expression, ...] = ()

    @classmethod
    def make(cls, inputs: Inputs, wish: SpaceWish) -> "Space":
        """Return the space that is wished for.

        Raises:
            WishRefused: an input is unknown, is named twice, or goes beyond what was trained on; a constraint cannot be
                read.
        """
        known = {column.name: column for column in inputs.columns}
        problems: list[Problem] = [
            (name, f"This surrogate has no input '{name}'; leave it out.", name, sorted(known))
            for name in sorted({*wish.ranges, *wish.fixed, *wish.choices} - known.keys())
        ]
        axes = []
        for column in inputs.columns:
            try:
                axes.append(_make_axis(column, wish))
            except ValueError as error:
                problems.append((column.name, str(error), _tell_wish(column.name, wish), describe(column)))
        constraints, unreadable = _read_constraints(wish.constraints, known)
        problems += unreadable
        if problems:
            raise WishRefused(problems)
        return cls(inputs, tuple(axes), constraints)

    @cached_property
    def varying(self) -> tuple[Axis, ...]:
        """The axes that have more than one value, in order: the dimensions of the cube."""
        return tuple(axis for axis in self.axes if axis.varies)

    @property
    def width(self) -> int:
        """Number of dimensions."""
        return len(self.varying)

    def decode(self, shares: Tensor) -> dict[str, Tensor]:
        """Return what inputs are at points, by name: (points,) each, see `Axis.decode`.

        Args:
            shares: (points, width), float64, on the device.
        """
        found, column = {}, 0
        for axis in self.axes:
            if axis.varies:
                found[axis.column.name] = axis.decode(shares[:, column])
                column += 1
            else:
                found[axis.column.name] = axis.decode(shares.new_zeros(len(shares)))
        return found

    def encode(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return standardised features, (points, features), float64, on the device: as `Inputs.encode`, on tensors."""
        parts: list[Tensor] = []
        for axis in self.axes:
            parts += _encode(axis, values[axis.column.name])
        for left, right in list_products(self.inputs.columns):
            parts.append(values[left.name] * values[right.name])
        device = next(iter(values.values())).device
        centre, spread = torch.from_numpy(self.inputs.centre), torch.from_numpy(self.inputs.spread)
        return (torch.stack(parts, 1) - centre.to(device)) / spread.to(device)

    def name_values(self, values: Mapping[str, Tensor], names: Sequence[str] | None = None) -> Rows:
        """Return what inputs are as arrays: float64 in their units, texts as objects.

        Args:
            values: as `decode` gives them.
            names: of the inputs; all if left out.
        """
        rows: Rows = {}
        for axis in self.axes:
            name = axis.column.name
            if names is None or name in names:
                found = values[name].cpu().numpy()
                rows[name] = np.array(axis.choices, object)[found] if axis.column.is_text else found
        return rows

    def draw_rows(self, shares: NDArray[np.float64]) -> Rows:
        """Return what inputs are at points, as `name_values`; shares are (points, width)."""
        return self.name_values(self.decode(torch.from_numpy(shares)))

    def find_shares(self, rows: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Return the shares of rows, (rows, width)."""
        count = len(next(iter(rows.values())))
        found = [axis.find_shares(rows[axis.column.name]) for axis in self.varying]
        return np.column_stack(found) if found else np.empty((count, 0))

    def keep(self, values: Mapping[str, Tensor]) -> NDArray[np.bool_] | None:
        """Return which points keep every constraint, (points,); None where there are no constraints.

        Raises:
            WishRefused: a constraint has no value at some point.
        """
        if not self.constraints:
            return None
        kept = np.ones(len(next(iter(values.values()))), np.bool_)
        for place, expression in enumerate(self.constraints):
            try:
                kept &= expression.evaluate(self.name_values(values, sorted(expression.names)))
            except ExpressionError as error:
                problem = (f"constraints[{place}]", error.message, expression.text, "a value at each point")
                raise WishRefused([problem]) from error
        return kept


def _make_axis(column: InputColumn, wish: SpaceWish) -> Axis:
    name = column.name
    if sum(name in told for told in (wish.ranges, wish.fixed, wish.choices)) > 1:
        raise ValueError(f"Write a range, a value or choices for '{name}', one of them.")
    if name in wish.fixed:
        return Axis(column, choices=_check_values(column, [wish.fixed[name]]))
    if name in wish.choices:
        return Axis(column, choices=_check_values(column, wish.choices[name]))
    if column.is_text:
        if name in wish.ranges:
            raise ValueError(f"'{name}' is no number: write choices for it, not a range.")
        return Axis(column, choices=column.values)
    assert column.low is not None and column.high is not None  # noqa: S101, PT018 - numbers have a range
    low, high = wish.ranges.get(name, (column.low, column.high))
    low, high = _check_values(column, [low, high])  # type: ignore[assignment]
    if low > high:
        raise ValueError(f"Write the lower end of the range of '{name}' first.")
    return Axis(column, low, high) if high > low else Axis(column, choices=(low,))


def _check_values(column: InputColumn, given: Sequence[Value]) -> tuple[Value, ...]:
    """Return values that a surrogate was trained on, of the type of the column."""
    if not given:
        raise ValueError(f"Write a value or more for '{column.name}'.")
    if len(set(given)) < len(given) and column.is_text:
        raise ValueError(f"Write each of the choices of '{column.name}' once.")
    if column.is_text:
        allowed = set(column.climates) if column.kind == "weather" else set(column.values)
        strange = sorted({str(value) for value in given} - allowed)
        if strange:
            raise ValueError(f"'{column.name}' has {', '.join(strange)}, which the surrogate does not know.")
        return tuple(str(value) for value in given)
    assert column.low is not None and column.high is not None  # noqa: S101, PT018 - numbers have a range
    slack = RANGE_SLACK * max(abs(column.low), abs(column.high), 1e-300)
    numbers = []
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise ValueError(f"Write finite numbers{f' in {column.unit}' if column.unit else ''} for '{column.name}'.")
        if not column.low - slack <= value <= column.high + slack:
            raise ValueError(f"{value:g} for '{column.name}' lies outside of what the surrogate was trained on.")
        numbers.append(min(max(float(value), column.low), column.high))
    return tuple(numbers)


def _read_constraints(
    texts: Sequence[str], known: Mapping[str, InputColumn]
) -> tuple[tuple[Expression, ...], list[Problem]]:
    found: list[Expression] = []
    problems: list[Problem] = []
    for place, text in enumerate(texts):
        path = f"constraints[{place}]"
        try:
            expression = Expression.parse(text)
        except ExpressionError as error:
            problems.append((path, str(error), text, "a condition of inputs"))
            continue
        unknown = sorted(expression.names - known.keys())
        if unknown:
            problems.append((path, f"This surrogate has no input '{unknown[0]}'.", text, sorted(known)))
        elif not expression.is_condition:
            problems.append((path, "Write a comparison.", text, "a comparison of inputs"))
        found.append(expression)
    return tuple(found), problems


def describe(column: InputColumn) -> object:
    """Return what an input may be, for who wrote something else."""
    if column.is_text:
        return sorted(column.climates) if column.kind == "weather" else list(column.values)
    return f"{column.low:g} to {column.high:g}{f' {column.unit}' if column.unit else ''}"


def _tell_wish(name: str, wish: SpaceWish) -> object:
    return next(told[name] for told in (wish.fixed, wish.choices, wish.ranges) if name in told)


def _encode(axis: Axis, values: Tensor) -> list[Tensor]:
    column = axis.column
    if column.is_text:
        table = torch.from_numpy(column.encode(np.array(axis.choices, object))).to(values.device)
        return list(table[values].unbind(1))
    if column.kind == "angle":
        radians = torch.deg2rad(values)
        return [wave(turns * radians) for turns in (1, 2) for wave in (torch.sin, torch.cos)]
    if column.kind == "thickness":
        assert column.conductivity_w_mk is not None  # noqa: S101 - a thickness has one
        return [1 / (SURFACE_RESISTANCE_M2K_W + values / column.conductivity_w_mk)]
    if column.kind == "logarithm":
        return [torch.log(values)]
    return [1 / values] if column.kind == "reciprocal" else [values]
