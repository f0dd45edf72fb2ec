"""Derived parameters and constraints of a study, computed over the columns of its points."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.errors import DesignError
from studies.designs.expressions import Expression, ExpressionError

Array = NDArray[Any]
Values = dict[str, Array]


@dataclass(frozen=True)
class Formula:
    """An expression of the study and where it stands."""

    path: str
    name: str
    expression: Expression

    def evaluate(self, values: Values) -> Array:
        """Return its value in each row.

        Raises:
            DesignError: It has none in some row.
        """
        try:
            return self.expression.evaluate({name: values[name] for name in sorted(self.expression.names)})
        except ExpressionError as error:
            raise DesignError(self.path, error.message, self.expression.text, "a value in each case") from error


class Formulas:
    """The derived parameters of a study, each after those that it needs, and its constraints.

    Raises:
        DesignError: An expression cannot be read, names what is not there, or goes round in a circle.
    """

    def __init__(self, study: Study) -> None:
        known = {MODEL, WEATHER, *(parameter.name for parameter in study.parameters)}
        derived = [
            _read(f"parameters[{i}].derived", parameter.name, parameter.derived, known, is_condition=False)
            for i, parameter in enumerate(study.parameters)
            if parameter.derived is not None
        ]
        self._derived = tuple(_sort_by_need(derived))
        self._constraints = tuple(
            _read(f"constraints[{i}]", "", text, known, is_condition=True) for i, text in enumerate(study.constraints)
        )

    @property
    def has_constraints(self) -> bool:
        """Whether cases may be lost."""
        return bool(self._constraints)

    @property
    def derived_names(self) -> tuple[str, ...]:
        """Names of the derived parameters."""
        return tuple(formula.name for formula in self._derived)

    @property
    def constrained_names(self) -> frozenset[str]:
        """What the constraints name."""
        return frozenset().union(*(formula.expression.names for formula in self._constraints))

    def close_names(self, names: Collection[str]) -> frozenset[str]:
        """Return names with those that derived ones among them need."""
        needed = set(names)
        for formula in reversed(self._derived):
            if formula.name in needed:
                needed |= formula.expression.names
        return frozenset(needed)

    def derive(self, values: Values, names: Collection[str]) -> None:
        """Add the named derived parameters to columns; NaN in rows that leave alone what they are derived of.

        Args:
            values: Columns, (n,) each, with all that `close_names` tells; added to.
            names: Closed, from `close_names`.

        Raises:
            DesignError: A derived parameter has no value in some row.
        """
        count = len(next(iter(values.values())))
        for formula in self._derived:
            if formula.name in names:
                needed = {name: values[name] for name in formula.expression.names}
                given = _find_given(needed, count)
                if given.all():
                    values[formula.name] = np.broadcast_to(formula.evaluate(needed), (count,))
                else:
                    values[formula.name] = np.full(count, np.nan)
                    rows = {name: column[given] for name, column in needed.items()}
                    values[formula.name][given] = formula.evaluate(rows)

    def keep(self, values: Values) -> NDArray[np.bool_]:
        """Tell which rows keep to every constraint, (n,); a later one is asked only of rows that keep to the earlier.

        Raises:
            DesignError: A constraint has no value in some row.
        """
        count = len(next(iter(values.values())))
        rows = np.arange(count)
        for formula in self._constraints:
            within = values if len(rows) == count else {
                name: values[name][rows] for name in formula.expression.names
            }  # fmt: skip
            rows = rows[np.broadcast_to(formula.evaluate(within), rows.shape)]
        kept = np.zeros(count, dtype=bool)
        kept[rows] = True
        return kept


def _read(path: str, name: str, text: str, known: set[str], *, is_condition: bool) -> Formula:
    try:
        expression = Expression.parse(text)
    except ExpressionError as error:
        raise DesignError(path, str(error), text, "an expression of parameters") from error
    unknown = sorted(expression.names - known)
    if unknown:
        raise DesignError(path, f"There is no parameter `{unknown[0]}`.", text, sorted(known))
    if expression.is_condition != is_condition:
        wanted = "a comparison" if is_condition else "an expression that gives a number"
        raise DesignError(path, f"Write {wanted}.", text, wanted)
    return Formula(path, name, expression)


def _sort_by_need(derived: list[Formula]) -> Iterator[Formula]:
    waiting = list(derived)
    while waiting:
        names = {formula.name for formula in waiting}
        ready = [formula for formula in waiting if not names & formula.expression.names]
        if not ready:
            message = "Derive a parameter of others than itself: these go round in a circle."
            raise DesignError(waiting[0].path, message, sorted(names), "no circle")
        yield from ready
        waiting = [formula for formula in waiting if formula not in ready]


def _find_given(values: Values, count: int) -> NDArray[np.bool_]:
    given = np.ones(count, dtype=bool)
    for column in values.values():
        if column.dtype == object:
            given &= np.fromiter((value is not None for value in column), dtype=bool, count=count)
        else:
            given &= ~np.isnan(column)
    return given
