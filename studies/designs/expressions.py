"""Expressions over named columns, read from a text and never executed: constraints and derived parameters of a study,
limits of optimisers.

Arithmetic `+ - * / ** %`, comparisons (chained as in `0 < a <= b`), `and`, `or`, `not`, brackets, the functions of
`FUNCTIONS`, numbers, names, and quoted texts, which can be compared by == and != (without regard to case). Everything
is computed in double precision. What has no finite value is an error that names the row, never quietly false.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.designs.expression_nodes import ExpressionError, Node, Rows
from studies.designs.expression_parser import parse

__all__ = ["Expression", "ExpressionError"]


@dataclass(frozen=True)
class Expression:
    """An expression that could be read.

    Attributes:
        text: As it was written.
        names: The columns it needs.
        is_condition: Whether it says yes or no; it gives a number otherwise.
    """

    text: str
    names: frozenset[str]
    is_condition: bool
    _node: Node

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Read an expression.

        Raises:
            ExpressionError: It cannot be read; with a message and the place.
        """
        node = parse(text)
        return cls(text, node.list_names(), node.kind == "condition", node)

    def evaluate(self, columns: Mapping[str, Any]) -> NDArray[Any]:
        """Return its value in each row.

        Args:
            columns: Values by name, each (n,): numbers, or an object array of texts and numbers. Single values give a
                single one. Missing values (NaN, None) are errors where they matter; leave such rows out.

        Returns:
            (n,), bool for a condition and float64 otherwise.

        Raises:
            ExpressionError: A name is missing, a text stands where a number is needed, or a row has no finite value,
                as after a division by zero.
        """
        rows = Rows(columns)
        with np.errstate(all="ignore"):
            values = self._node.evaluate(rows) if self.is_condition else self._node.numbers(rows)
        return np.broadcast_to(values, rows.shape) if values.shape != rows.shape else values
