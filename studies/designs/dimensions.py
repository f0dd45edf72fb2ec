"""What a design varies: each dimension is the models, the weathers, a parameter, or a group of linked parameters."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Parameter, Study
from studies.designs.columns import Choices, Column
from studies.designs.distributions import (
    divide_evenly,
    divide_quantiles,
    draw_numbers,
    draw_positions,
    has_ends,
    has_weight,
)
from studies.designs.errors import DesignError

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
MODEL, WEATHER = "model", "weather"


@dataclass(frozen=True)
class Member:
    """One column of a dimension.

    Attributes:
        name: Name of the parameter, or `model` or `weather`.
        choices: The values it takes; None for a continuous range.
        parameter: The parameter, None for models and weathers.
    """

    name: str
    choices: Choices | None
    parameter: Parameter | None = None

    @property
    def weights(self) -> Sequence[float] | None:
        """How likely each of the choices is; None for all alike."""
        return self.parameter.weights if self.parameter is not None else None

    def draw(self, shares: Floats) -> Column:
        """Return the values at shares from 0 to 1 of the range, (n,)."""
        if self.choices is not None:
            return Column(draw_positions(shares, len(self.choices), self.weights), self.choices)
        assert self.parameter is not None  # noqa: S101 - models and weathers are listed
        return Column(draw_numbers(self.parameter, shares))

    def is_closed(self) -> bool:
        """Tell whether shares 0 and 1 are values of their own: the ends of a continuous range."""
        return self.choices is None and self.parameter is not None and has_ends(self.parameter)


@dataclass(frozen=True)
class Dimension:
    """What moves as one: one member, or several that are linked."""

    members: tuple[Member, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members."""
        return tuple(member.name for member in self.members)

    @property
    def levels(self) -> int:
        """Number of values; 0 for a continuous range."""
        choices = self.members[0].choices
        return 0 if choices is None else len(choices)

    def draw(self, shares: Floats) -> Iterator[tuple[str, Column]]:
        """Yield the values of each member at shares; listed values that are linked stand at the same position."""
        lead = next((member for member in self.members if member.weights is not None), self.members[0])
        column = lead.draw(shares)
        for member in self.members:
            if member.choices is not None and column.choices is not None:
                yield member.name, Column(column.cells, member.choices)
            else:
                yield member.name, member.draw(shares)

    def pick(self, positions: Positions) -> Iterator[tuple[str, Column]]:
        """Yield the values of each member at positions of its list; -1 leaves it alone."""
        for member in self.members:
            yield member.name, Column(positions, member.choices)


def list_dimensions(study: Study, *, with_places: bool) -> tuple[Dimension, ...]:
    """Return the dimensions of a sampled design.

    Args:
        study: The study.
        with_places: Whether models and weathers are dimensions, where there are several.

    Raises:
        DesignError: A parameter has no range, or linked ones do not fit together.
    """
    members = (_make_member(parameter, _list_choices(parameter)) for parameter in _list_varied(study))
    return (*_list_places(study, with_places=with_places), *_link(study, members))


def list_divided_dimensions(study: Study, levels: int | None, *, to_the_ends: bool) -> tuple[Dimension, ...]:
    """Return the dimensions of a design that takes every value, continuous ranges divided.

    Args:
        study: The study.
        levels: Number of parts of a continuous range; None if none is given.
        to_the_ends: Whether a range is divided evenly from end to end, its two ends without `levels`, as it is one at
            a time; a grid takes quantiles of what is not uniform.

    Raises:
        DesignError: A continuous range is not divided, a parameter has no range, or linked ones do not fit together.
    """
    members = [
        _make_member(parameter, _list_choices(parameter) or _divide(parameter, levels, to_the_ends=to_the_ends))
        for parameter in _list_varied(study)
    ]
    return (*_list_places(study, with_places=not to_the_ends), *_link(study, members))


def _list_varied(study: Study) -> Iterator[Parameter]:
    return (parameter for parameter in study.parameters if parameter.derived is None)


def _make_member(parameter: Parameter, choices: Choices | None) -> Member:
    return Member(parameter.name, choices, parameter)


def _list_choices(parameter: Parameter) -> Choices | None:
    if parameter.integer is not None:
        low, high = parameter.integer
        return Choices(range(low, high + 1))
    values = parameter.values if parameter.values is not None else parameter.choice
    return None if values is None else Choices(values)


def _divide(parameter: Parameter, levels: int | None, *, to_the_ends: bool) -> Choices | None:
    if parameter.spread is None:
        return None
    if to_the_ends:
        return Choices(divide_evenly(parameter, levels or 2))
    if levels is None:
        message = f"List `values` of `{parameter.name}`, give the grid `levels` for its range, or sample it."
        raise DesignError("design.levels", message, None, "a whole number from 2")
    return Choices(divide_quantiles(parameter, levels))


def _list_places(study: Study, *, with_places: bool) -> Iterator[Dimension]:
    for name, refs in ((MODEL, study.models), (WEATHER, study.weathers)):
        if with_places and len(refs) > 1:
            yield Dimension((Member(name, Choices(refs)),))


def _link(study: Study, members: Iterable[Member]) -> Iterator[Dimension]:
    """Yield a dimension for each parameter that is not linked and for each group, where its first one stands."""
    by_name = {member.name: member for member in members}
    group_of: dict[str, tuple[int, tuple[str, ...]]] = {}
    for position, group in enumerate(study.linked):
        for name in group:
            if name not in by_name or name in group_of or group.count(name) > 1:
                message = f"Link parameters that vary, each in one group: `{name}` does not fit."
                raise DesignError(f"linked[{position}]", message, list(group), list(by_name))
            group_of[name] = (position, group)
    for name, member in by_name.items():
        _check_range(study, member)
        if name not in group_of:
            yield Dimension((member,))
        elif name == min(group_of[name][1], key=list(by_name).index):
            position, group = group_of[name]
            yield _make_group(f"linked[{position}]", [by_name[linked] for linked in group])


def _check_range(study: Study, member: Member) -> None:
    if member.choices is None and (member.parameter is None or member.parameter.spread is None):
        message = f"Say what `{member.name}` varies over: write `values` or a distribution."
        raise DesignError(_path_of(study, member.name), message, None, "values")
    if member.parameter is not None and not has_weight(member.parameter):
        message = f"Move the ends of `{member.name}` nearer to its mean: the distribution has nothing between them."
        raise DesignError(f"{_path_of(study, member.name)}.truncated_normal", message, None, "ends nearer to the mean")


def _path_of(study: Study, name: str) -> str:
    return f"parameters[{next(i for i, parameter in enumerate(study.parameters) if parameter.name == name)}]"


def _make_group(path: str, members: list[Member]) -> Dimension:
    counts = {member.name: len(member.choices) if member.choices is not None else 0 for member in members}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{name} {count or 'a range'}" for name, count in counts.items())
        message = "Give linked parameters equally many values, or a range each: they move together, value by value."
        raise DesignError(path, message, found, "equally many values")
    weights = {member.weights for member in members if member.weights is not None}
    if len(weights) > 1:
        message = "Give linked parameters the same weights, or only one of them: they move together."
        raise DesignError(path, message, sorted(counts), "the same weights")
    return Dimension(tuple(members))


def close_shares(dimension: Dimension, shares: Floats, levels: int) -> Floats:
    """Place the levels of a Morris grid, 0 to 1 with both ends, in the range of a dimension.

    A continuous range with ends is walked from end to end. What has none, a list or a normal distribution, is cut into
    `levels` parts of equal probability, and a level stands in the middle of its part: a step then always changes which
    of two or more equally likely values it is.
    """
    if all(member.is_closed() for member in dimension.members):
        return shares
    return (np.round(shares * (levels - 1)) + 0.5) / levels


def draw_dimensions(
    dimensions: Sequence[Dimension], coordinates: NDArray[Any], wanted: Sequence[int], *, as_positions: bool
) -> dict[str, Column]:
    """Return the columns of some dimensions.

    Args:
        dimensions: All dimensions.
        coordinates: A column for each wanted one, (n, len(wanted)): shares, or positions.
        wanted: Which dimensions.
        as_positions: Whether the coordinates are positions in lists.
    """
    columns: dict[str, Column] = {}
    for k, dimension in enumerate(wanted):
        column = np.ascontiguousarray(coordinates[:, k])
        chosen = dimensions[dimension]
        columns.update(chosen.pick(column.astype(np.int64)) if as_positions else chosen.draw(column))
    return columns
