"""What a study varies, as factors of an analysis, and the columns of its points as numbers.

A parameter is a factor; parameters that are linked are one together, because they move together; a derived one is none.
Numbers stand for themselves. Names stand for their position in the study's list, which has no meaning but to tell them
apart: methods that need an order treat them as categories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study

Column = NDArray[Any]
Columns = Mapping[str, Column]
Floats = NDArray[np.float64]
PLACES = ("model", "weather")


@dataclass(frozen=True)
class Factor:
    """One thing that varies.

    Attributes:
        name: of the parameter, `a + b` for linked ones, `weather` or `model`.
        label: what people call it.
        parameters: the columns that it moves.
    """

    name: str
    label: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class CodedFactor:
    """A factor with its value in each case.

    Attributes:
        factor: which.
        codes: (n_cases,), float64: the number, or the position of the category.
        categories: names by position; empty where the codes are numbers.
    """

    factor: Factor
    codes: Floats
    categories: tuple[str, ...] = ()

    @property
    def is_unordered(self) -> bool:
        """Whether the order of its codes means nothing: more than two names."""
        return len(self.categories) > 2

    @property
    def varies(self) -> bool:
        """Whether it has more than one value in these cases."""
        return len(self.codes) > 0 and bool((self.codes != self.codes[0]).any())


def list_factors(study: Study) -> list[Factor]:
    """Return the factors that a study's parameters make, in its order; linked ones stand where their first does."""
    groups = {name: group for group in study.linked for name in group}
    labels = {parameter.name: parameter.title for parameter in study.parameters}
    names: dict[tuple[str, ...], None] = {}
    for parameter in study.parameters:
        if parameter.derived is None:
            names[groups.get(parameter.name, (parameter.name,))] = None
    return [Factor(" + ".join(group), " + ".join(labels[name] for name in group), group) for group in names]


def list_places(study: Study, chosen: Mapping[str, str | None]) -> list[Factor]:
    """Return model and weather as factors where the study has several and none is chosen."""
    counts = {"model": len(study.models), "weather": len(study.weathers)}
    return [Factor(what, what.capitalize(), (what,)) for what in PLACES if counts[what] > 1 and not chosen.get(what)]


def is_known(factors: Sequence[Factor], columns: Columns, count: int) -> NDArray[np.bool_]:
    """Tell which cases have a value of every factor: (n_cases,), bool. Others leave a parameter as the model has it."""
    known = np.ones(count, np.bool_)
    for factor in factors:
        for name in factor.parameters:
            column = columns[name]
            is_text = column.dtype == object
            known &= np.array([value is not None for value in column]) if is_text else ~np.isnan(column)
    return known


def code_factor(study: Study, factor: Factor, columns: Columns) -> CodedFactor:
    """Return the values of a factor as numbers.

    Linked parameters are told by the first whose numbers are all different where theirs together are, else as
    categories.

    Args:
        study: whose factor it is.
        factor: which.
        columns: a column for each parameter, (n_cases,), float64 or object, none of whose values is missing.
    """
    coded = [_code_column(study, name, columns[name]) for name in factor.parameters]
    if len(coded) == 1:
        return CodedFactor(factor, *coded[0])
    together, positions = np.unique(np.column_stack([codes for codes, _ in coded]), axis=0, return_inverse=True)
    for codes, categories in coded:
        if not categories and len(np.unique(codes)) == len(together):
            return CodedFactor(factor, codes)
    names = tuple(" + ".join(f"{value:g}" for value in row) for row in together)
    return CodedFactor(factor, positions.reshape(-1).astype(np.float64), names)


def list_positions(study: Study, factor: Factor, columns: Columns) -> Floats | None:
    """Return where the values of a factor stand in the study's list, from 0 for the first to 1 for the last.

    Args:
        study: whose factor it is.
        factor: which.
        columns: a column for each parameter, (n_cases,), float64 or object: values that the study lists.

    Returns:
        (n_cases,), float64; None for a range.
    """
    listed = next((found for found in study.parameters if found.name in factor.parameters and found.choices), None)
    if listed is None:
        return None
    order = {value: number for number, value in enumerate(listed.choices or ())}
    positions = np.array([order[value] for value in columns[listed.name].tolist()], np.float64)
    return positions / max(len(order) - 1, 1)


def _code_column(study: Study, name: str, column: Column) -> tuple[Floats, tuple[str, ...]]:
    if column.dtype != object:
        return column.astype(np.float64), ()
    texts, positions = np.unique(np.array([str(value) for value in column]), return_inverse=True)
    order = {text: number for number, text in enumerate(_list_names(study, name))}
    ranked = sorted(texts.tolist(), key=lambda text: (order.get(text, len(order)), text))
    place = np.array([ranked.index(text) for text in texts.tolist()], np.float64)
    return place[positions], tuple(ranked)


def _list_names(study: Study, name: str) -> list[str]:
    if name in PLACES:
        return list(study.models if name == "model" else study.weathers)
    parameter = next(parameter for parameter in study.parameters if parameter.name == name)
    return [str(value) for value in parameter.choices or ()]
