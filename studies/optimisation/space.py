"""The space that an optimiser searches: points of the unit cube in, designs of a study out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.designs.columns import Column, Value
from studies.designs.dimensions import MODEL, WEATHER, draw_dimensions, list_dimensions
from studies.designs.formulas import Formulas

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
        self._formulas = Formulas(study)
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
            DesignError: A constraint or a derived parameter has no value at a point.
        """
        if not self._formulas.has_constraints:
            return np.ones(len(shares), dtype=bool)
        columns: dict[str, Any] = {name: column.values for name, column in self._draw(shares).items()}
        columns |= {name: np.full(len(shares), ref, dtype=object) for name, ref in self._places.items()}
        self._formulas.derive(columns, self._formulas.close_names(self._formulas.constrained_names))
        return self._formulas.keep(columns)

    def _draw(self, shares: Shares) -> dict[str, Column]:
        return draw_dimensions(self._dimensions, shares, range(self.width), as_positions=False)
