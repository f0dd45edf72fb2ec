"""The space that an optimiser searches: points of the unit cube in, designs of a study out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.designs.columns import Column, Value
from studies.designs.dimensions import MODEL, WEATHER, draw_dimensions, list_dimensions
from studies.designs.expressions import Expression

Shares = NDArray[np.float64]


class SearchSpace:
    """A dimension for each parameter or group of linked ones; lists are cut into equal parts, or by their weights.

    Attributes:
        width: Number of dimensions.

    Raises:
        DesignError: A parameter has no range, or linked ones do not fit together.
    """

    def __init__(self, study: Study) -> None:
        self._dimensions = list_dimensions(study, with_places=True)
        self._derived = {
            parameter.name: Expression.parse(parameter.derived)
            for parameter in study.parameters
            if parameter.derived is not None
        }
        self._constraints = [Expression.parse(text) for text in study.constraints]
        self._places = {MODEL: study.models[0], WEATHER: study.weathers[0]}
        self.width = len(self._dimensions)

    def decode(self, shares: Shares) -> list[dict[str, Value]]:
        """Return designs.

        Args:
            shares: (n, width), float64, 0 to 1.

        Returns:
            For each of the n points a value for each parameter that is not derived.
        """
        columns = self._draw(shares)
        values = {name: [column.value(row) for row in range(len(shares))] for name, column in columns.items()}
        return [
            {name: cells[row] for name, cells in values.items() if cells[row] is not None}  # type: ignore[misc]
            for row in range(len(shares))
        ]

    def keeps_constraints(self, shares: Shares) -> NDArray[np.bool_]:
        """Tell which points keep every constraint of the study, (n,), bool.

        Raises:
            ExpressionError: A constraint or a derived parameter has no value at a point.
        """
        kept = np.ones(len(shares), dtype=bool)
        if not self._constraints:
            return kept
        columns: dict[str, Any] = {name: column.values for name, column in self._draw(shares).items()}
        columns |= {name: np.full(len(shares), ref, dtype=object) for name, ref in self._places.items()}
        waiting = dict(self._derived)
        while waiting:
            # each needs only what stands already: circles are refused with the study
            name = next(name for name, expression in waiting.items() if not expression.names & set(waiting))
            columns[name] = waiting.pop(name).evaluate(columns)
        for constraint in self._constraints:
            kept &= np.asarray(constraint.evaluate(columns), dtype=bool)
        return kept

    def _draw(self, shares: Shares) -> dict[str, Column]:
        return draw_dimensions(self._dimensions, shares, range(self.width), as_positions=False)
