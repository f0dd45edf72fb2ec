"""Points that were written down: the rows of a table, and rows that are added to a batch."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.designs.columns import Choices, Column, Value
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.rules import Columns, Indices, Rule

Row = Mapping[str, Value]


class RowsRule(Rule):
    """Rows in the order in which they were written; what a row leaves out is the study's only model or weather."""

    def __init__(self, study: Study, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._defaults: Row = {MODEL: study.models[0], WEATHER: study.weathers[0]}
        self._names = [parameter.name for parameter in study.parameters if parameter.derived is None]
        self._choices: dict[str, Choices] = {}
        self._is_left_alone: dict[str, NDArray[np.bool_]] = {}
        self.size = len(rows)

    def draw(self, indices: Indices, names: Collection[str]) -> Columns:
        """Return the named columns of some rows."""
        return {name: self._draw_column(name, indices) for name in (MODEL, WEATHER, *self._names) if name in names}

    def _draw_column(self, name: str, indices: Indices) -> Column:
        default = self._defaults.get(name)
        if name not in self._choices:
            values = [row.get(name, default) for row in self._rows]
            filler = next((value for value in values if value is not None), 0)
            self._choices[name] = Choices(tuple(filler if value is None else value for value in values))
            self._is_left_alone[name] = np.array([value is None for value in values])
        return Column(np.where(self._is_left_alone[name][indices], -1, indices), self._choices[name])

    @cached_property
    def _texts(self) -> list[bytes]:
        names = (MODEL, WEATHER, *self._names)
        rows = ([row.get(name, self._defaults.get(name)) for name in names] for row in self._rows)
        return [json.dumps(row, separators=(",", ":")).encode() for row in rows]

    def fingerprint(self, indices: Indices) -> bytes:
        """Return the rows as JSON, numbers as Python writes them, which tells each from all others."""
        return b"\n".join(self._texts[index] for index in indices.tolist())
