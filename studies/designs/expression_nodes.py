"""The parts of an expression, evaluated over columns of values: many rows at once, in double precision.

`expression_parser` makes them of a text; `expressions` is what others use.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kind = Literal["number", "condition", "text", "name"]


class ExpressionError(ValueError):
    """An expression that cannot be read, or has no value for some row.

    Attributes:
        message: What is wrong and what to write.
        column: Where in the text, 1 for its first sign; None where it is about values.
    """

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message if column is None else f"{message} (at sign {column})")
        self.message = message
        self.column = column


class Rows:
    """Columns of equal length, or some of their rows: what the right side of an `and` is asked of."""

    def __init__(self, columns: Mapping[str, Array], selection: Array | None = None) -> None:
        self._columns = columns
        self._selection = selection

    def column(self, name: str) -> Array:
        """Return the values of a name.

        Raises:
            ExpressionError: There is no such column.
        """
        if name not in self._columns:
            message = f"There is no `{name}`."
            raise ExpressionError(message)
        column = np.asarray(self._columns[name])
        return column if self._selection is None else column[self._selection]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, `()` where the columns are single values or there are none."""
        if self._selection is not None:
            return self._selection.shape
        return next((np.shape(column) for column in self._columns.values()), ())

    def select(self, mask: Array) -> "Rows":
        """Return the rows where the mask holds."""
        chosen = np.flatnonzero(mask)
        return Rows(self._columns, chosen if self._selection is None else self._selection[chosen])

    def describe(self, names: Iterable[str], bad: Array) -> str:
        """Say in words what the names are in the first row that is marked."""
        row = int(np.argmax(np.broadcast_to(bad, self.shape)))
        shown = [f"{name} = {_show(np.atleast_1d(self.column(name))[row])}" for name in sorted(names)]
        return f" where {', '.join(shown)}" if shown else ""


def _show(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


class Node(ABC):
    """A part of an expression.

    Attributes:
        kind: What it gives; a name may stand for numbers or for texts.
        parts: The nodes it is made of.
    """

    kind: Kind
    parts: "tuple[Node, ...]"

    @abstractmethod
    def evaluate(self, rows: Rows) -> Array:
        """Return its value in each row, or a single one where it is the same in all.

        Raises:
            ExpressionError: It has no value in a row.
        """

    def list_names(self) -> frozenset[str]:
        """Return the names that it depends on."""
        return frozenset[str]().union(*(part.list_names() for part in self.parts))

    def numbers(self, rows: Rows) -> Array:
        """Return its value in each row as numbers, float64, all finite.

        Raises:
            ExpressionError: A value is a text, missing or not finite.
        """
        values = self.evaluate(rows)
        if values.dtype.kind not in "fiu":
            values = self._read_numbers(values)
        values = values.astype(np.float64, copy=False)
        bad = ~np.isfinite(values)
        if bad.any():
            message = f"It has no finite value{rows.describe(self.list_names(), bad)}."
            raise ExpressionError(message)
        return values

    def _read_numbers(self, values: Array) -> Array:
        found = next((value for value in values.flat if isinstance(value, str)), None)
        if found is not None:
            message = f"`{found}` is a text: compare it with == or != only."
            raise ExpressionError(message)
        numbers = [np.nan if value is None else float(value) for value in values.flat]
        return np.array(numbers, dtype=np.float64).reshape(values.shape)


@dataclass(frozen=True)
class Constant(Node):
    """A number or a quoted text."""

    value: float | str
    parts: tuple[Node, ...] = ()

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        """Its kind: that of the value."""
        return "text" if isinstance(self.value, str) else "number"

    def evaluate(self, rows: Rows) -> Array:
        """Return the value itself."""
        return np.asarray(self.value, dtype=object if isinstance(self.value, str) else np.float64)


@dataclass(frozen=True)
class Name(Node):
    """A name: the values of a column."""

    name: str
    kind: Kind = "name"
    parts: tuple[Node, ...] = ()

    def evaluate(self, rows: Rows) -> Array:
        """Return the column."""
        return rows.column(self.name)

    def list_names(self) -> frozenset[str]:
        """Return the name."""
        return frozenset({self.name})


@dataclass(frozen=True)
class Chain(Node):
    """Operands in a row with arithmetic between them, from left to right: a sum, a product, a power, a negative."""

    parts: tuple[Node, ...]
    operators: tuple[str, ...]
    kind: Kind = "number"

    def evaluate(self, rows: Rows) -> Array:
        """Return the result in each row."""
        result = self.parts[0].numbers(rows)
        for sign, part in zip(self.operators, self.parts[1:], strict=True):
            result = ARITHMETIC[sign](result, part.numbers(rows))
        return result


@dataclass(frozen=True)
class Call(Node):
    """A function of one or more numbers."""

    function: str
    parts: tuple[Node, ...]
    kind: Kind = "number"

    def evaluate(self, rows: Rows) -> Array:
        """Return the result in each row."""
        return np.asarray(FUNCTIONS[self.function][0](*(part.numbers(rows) for part in self.parts)))


@dataclass(frozen=True)
class Comparison(Node):
    """Two or more values compared, each with the next: `0 < a <= b`."""

    parts: tuple[Node, ...]
    operators: tuple[str, ...]
    kind: Kind = "condition"

    def evaluate(self, rows: Rows) -> Array:
        """Tell in which rows all the comparisons hold."""
        result: Array = np.asarray(True)
        for sign, left, right in zip(self.operators, self.parts, self.parts[1:], strict=False):
            result = result & _compare(sign, left, right, rows)
        return result


@dataclass(frozen=True)
class AllOf(Node):
    """Conditions of which every one must hold; a later one is asked only where the earlier ones hold."""

    parts: tuple[Node, ...]
    kind: Kind = "condition"

    def evaluate(self, rows: Rows) -> Array:
        """Tell in which rows all hold."""
        return _decide_in_turn(self.parts, rows, until=False)


@dataclass(frozen=True)
class AnyOf(Node):
    """Conditions of which one must hold; a later one is asked only where the earlier ones do not."""

    parts: tuple[Node, ...]
    kind: Kind = "condition"

    def evaluate(self, rows: Rows) -> Array:
        """Tell in which rows at least one holds."""
        return _decide_in_turn(self.parts, rows, until=True)


@dataclass(frozen=True)
class Not(Node):
    """The opposite of a condition."""

    parts: tuple[Node]
    kind: Kind = "condition"

    def evaluate(self, rows: Rows) -> Array:
        """Tell in which rows it does not hold."""
        return np.logical_not(self.parts[0].evaluate(rows))


def _decide_in_turn(parts: Sequence[Node], rows: Rows, *, until: bool) -> Array:
    """Ask one condition after the other, each only in the rows that are open still."""
    if not rows.shape:
        return np.asarray((any if until else all)(bool(part.evaluate(rows)) for part in parts))
    decided = np.full(rows.shape, not until)
    open_rows = np.ones(rows.shape, dtype=bool)
    for part in parts:
        if not open_rows.any():
            break
        answers = np.broadcast_to(part.evaluate(rows.select(open_rows)), (int(open_rows.sum()),))
        decided[open_rows] = answers
        open_rows[open_rows] = answers != until
    return decided


def _compare(sign: str, left: Node, right: Node, rows: Rows) -> Array:
    values = left.evaluate(rows), right.evaluate(rows)
    if sign not in ("==", "!=") or all(value.dtype.kind in "fiu" for value in values):
        return np.asarray(COMPARISONS[sign](left.numbers(rows), right.numbers(rows)))
    for node, value in zip((left, right), values, strict=True):
        if value.dtype.kind in "fiu" and "text" in (left.kind, right.kind):
            shown = f"`{node.name}`" if isinstance(node, Name) else "a number"
            message = f"It compares {shown}, a number, with a text."
            raise ExpressionError(message)
    return np.asarray(COMPARISONS[sign](*(_fold(value) for value in values)), dtype=bool)


def _fold(values: Array) -> Array:
    """Return texts in small letters, so that they compare as EnergyPlus compares them; few differ, so each is kept."""
    folded: dict[Any, Any] = {}
    flat = [folded.setdefault(value, value.casefold() if isinstance(value, str) else value) for value in values.flat]
    result = np.empty(values.size, dtype=object)
    result[:] = flat
    return result.reshape(values.shape)


def _round(values: Array, digits: Array | None = None) -> Array:
    if digits is None:
        return np.round(values)
    scale = np.power(10.0, np.round(digits))
    return np.round(values * scale) / scale


def _fold_pairs(function: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def fold(*values: Array) -> Array:
        result = values[0]
        for value in values[1:]:
            result = function(result, value)
        return result

    return fold


ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.true_divide,
    "%": np.mod,
    "**": np.power,
}
COMPARISONS: dict[str, Callable[[Array, Array], Array]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
FUNCTIONS: dict[str, tuple[Callable[..., Array], int, int]] = {
    "min": (_fold_pairs(np.minimum), 2, 100),
    "max": (_fold_pairs(np.maximum), 2, 100),
    "abs": (np.abs, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "exp": (np.exp, 1, 1),
    "log": (np.log, 1, 1),
    "log10": (np.log10, 1, 1),
    "round": (_round, 1, 2),
    "floor": (np.floor, 1, 1),
    "ceil": (np.ceil, 1, 1),
}
"""The functions, with the least and the most number of arguments of each."""
