"""Sets the rated efficiency of plant equipment and coils; what the four measures of efficiencies share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum
from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    count_of,
)
from energyplus.measures.patterns import Patterns, matches
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft


@dataclass(frozen=True)
class Rating:
    """Where a class of equipment holds its rated efficiency.

    Attributes:
        fields: one field; or of several speeds those of each, the slowest first, `{n}` standing for its number.
        count: field that says how many speeds there are; "" for a fixed number.
        nominal: field that says which speed is rated; "" for the fastest.
    """

    fields: str | tuple[str, ...]
    count: str = ""
    nominal: str = ""

    def names(self, entry: DraftObject) -> tuple[str, ...]:
        """The fields of one object, the slowest speed first."""
        if isinstance(self.fields, tuple):
            return self.fields
        if not self.count:
            return (self.fields,)
        speeds = int(entry.number(self.count) or 1)
        return tuple(self.fields.format(n=n) for n in range(1, speeds + 1))

    def rated(self, entry: DraftObject) -> int:
        """Which of `names` the value is for."""
        nominal = entry.number(self.nominal) if self.nominal else None
        last = len(self.names(entry)) - 1
        return min(max(int(nominal) - 1, 0), last) if nominal else last


class EquipmentArguments(MeasureArguments):
    """Which equipment a measure is about."""

    objects: Patterns = Field(default=("*",), min_length=1, description="Names or globs of the equipment, in any case.")


class EfficiencyMeasure(Measure[EquipmentArguments]):
    """Sets the rated efficiency of every object of some classes; the other speeds keep their ratio to the rated one."""

    ratings: ClassVar[Mapping[str, Rating]]
    Arguments = EquipmentArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: EquipmentArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        names = [entry.name for entry in self._list(draft, EquipmentArguments())]
        if not names:
            classes = ", ".join(self.ratings)
            yield MeasureProblem("measure", f"Choose another measure: the model has no {classes}.")
        for position, pattern in enumerate(arguments.objects):
            if names and not any(matches(name, (pattern,)) for name in names):
                message = "Write the name of equipment that this measure is for, or a glob of such."
                yield MeasureProblem(f"arguments.objects[{position}]", message, pattern, tuple(names[:20]))

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: EquipmentArguments, context: MeasureContext
    ) -> MeasureReport:
        entries = list(self._list(draft, arguments))
        if not entries:
            names = "" if "*" in arguments.objects else f" by the name of {' or '.join(arguments.objects)}"
            raise MeasureError(f"The model has no {' or '.join(self.ratings)}{names}.")
        before = [_rate(entry, self.ratings[entry.class_name], float(value)) for entry in entries]
        mean = fsum(before) / len(before)
        text = f"{_span(before)} → {float(value):.4g} in {count_of(len(entries), 'object')}"
        return MeasureReport(text, mean, float(value), self.value.unit, len(entries))

    def _list(self, draft: ModelDraft, arguments: EquipmentArguments) -> Iterator[DraftObject]:
        for class_name in self.ratings:
            if class_name in draft.class_names:
                yield from (e for e in draft.objects(class_name) if matches(e.name, arguments.objects))


def _rate(entry: DraftObject, rating: Rating, value: float) -> float:
    """Set an object's rated efficiency; returns what it was."""
    names = rating.names(entry)
    numbers = [_read(entry, name) for name in names]
    rated = numbers[rating.rated(entry)]
    for name, number in zip(names, numbers, strict=True):
        entry.set(name, value if number == rated else value * (number / rated))
    return rated


def _read(entry: DraftObject, field: str) -> float:
    """A field's number, the engine's default where it is blank."""
    number = entry.number(field)
    found = entry.schema.find_field(field)
    default = found[1].default if found else None
    if number is None and not entry.text(field) and isinstance(default, int | float):
        number = default
    if number is None or number <= 0:
        raise MeasureError(f"{entry.class_name} '{entry.name}': {field} is not a number above 0.")
    return float(number)


def _span(numbers: list[float]) -> str:
    low, high = f"{min(numbers):.4g}", f"{max(numbers):.4g}"
    return low if low == high else f"{low} to {high}"
