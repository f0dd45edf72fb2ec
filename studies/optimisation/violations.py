"""By how much metrics break a limit: what an optimiser needs to know where no case keeps all of them yet."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.designs.expression_nodes import AllOf, Comparison, Node, Rows
from studies.designs.expression_parser import parse


def measure_violation(limit: str, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return by how much each row breaks a limit.

    Args:
        limit: A condition, like `unmet_heating_hours <= 300`.
        columns: The numbers of each row by name, (n,) each.

    Returns:
        (n,), float64: 0 where the limit is kept; else by how much its comparisons miss, in the unit of what is
        compared, at least a little more than 0, and 1 for what is no comparison of numbers.

    Raises:
        ExpressionError: The limit cannot be read, or has no value in a row.
    """
    rows = Rows(columns)
    node = parse(limit)
    with np.errstate(all="ignore"):  # what is not finite raises
        broken = ~np.broadcast_to(node.evaluate(rows), rows.shape)
        missed = np.broadcast_to(_measure(node, rows), rows.shape)
    return np.where(broken, np.maximum(missed, np.finfo(np.float64).tiny), 0.0)


def _measure(node: Node, rows: Rows) -> NDArray[Any]:
    if isinstance(node, AllOf):
        return np.asarray(sum(np.broadcast_to(_measure(part, rows), rows.shape) for part in node.parts))
    if isinstance(node, Comparison) and set(node.operators) <= {"<", "<=", ">", ">="}:
        total: NDArray[Any] = np.asarray(0.0)
        for sign, left, right in zip(node.operators, node.parts, node.parts[1:], strict=False):
            above = left.numbers(rows) - right.numbers(rows)
            total = total + np.maximum(above if sign in ("<", "<=") else -above, 0.0)
        return total
    return np.where(node.evaluate(rows), 0.0, 1.0)
