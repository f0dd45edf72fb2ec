"""A parameter's target and a model's description in, the fields it means out: for the checks at submission and again
when a case's edits are planned."""

import fnmatch
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from energyplus.models.description import ModelDescription, ObjectDescription
from energyplus.models.schema import ClassSchema, FieldSchema, Schema
from energyplus.outputs import REPLACED_CLASSES
from studies.problems import list_names, nearest_names

# what each case gets from the study's run period
RUN_PERIOD_CLASSES = frozenset({"RunPeriod", "SimulationControl"})
# fields of these types hold the name of something; `scale` and `add` mean nothing there
NUMERIC_TYPES = frozenset({"real", "integer"})
# whose repeated fields hold words and numbers in turn
MIXED_CLASSES = frozenset({"Schedule:Compact"})


@dataclass(frozen=True)
class Miss:
    """A part of a target that means nothing in a model: what to do about it, what was written, what is there.

    Attributes:
        is_absence: Whether the model merely has no such object: no problem where the target is optional.
    """

    message: str
    found: str | int
    accepted: tuple[str, ...]
    is_absence: bool = False


@dataclass(frozen=True)
class FieldTarget:
    """One field of a class, found.

    Attributes:
        class_schema: The class.
        index: Position of the field in the class, 0 for its first field.
        field: The field, with units and limits.
    """

    class_schema: ClassSchema
    index: int
    field: FieldSchema

    @property
    def is_mixed(self) -> bool:
        """Whether words and numbers stand there in turn, so that the model says which: Schedule:Compact has such."""
        return self.class_schema.name in MIXED_CLASSES and self.field.type == "alpha" and self.index >= 2


def find_class(name: str, description: ModelDescription, schema: Schema) -> ClassSchema | Miss:
    """Find the class of a target.

    Args:
        name: Class name in any letter case.
        description: The model.
        schema: The schema of the model's version.
    """
    found = schema.find_class(name)
    if found is None:
        present = nearest_names(name, description.classes, count=3)
        accepted = _merge(present, nearest_names(name, schema.class_names, count=5))
        return Miss(f"EnergyPlus {schema.version} has no class '{name}'; write one of its classes.", name, accepted)
    if found.name in RUN_PERIOD_CLASSES:
        return Miss(
            f"Use the study's `run_period`: it says what {found.name} says in each case.", name, ("run_period",)
        )
    if found.name == "Version":
        return Miss(
            "Choose another class: the version of a model chooses its engine. List several models to vary it.",
            name,
            ("another class",),
        )
    if found.name in REPLACED_CLASSES:
        return Miss(
            f"Choose another class: each case reports the same, whatever {found.name} says.", name, ("another class",)
        )
    if not description.classes.get(found.name):
        accepted = tuple(nearest_names(found.name, description.classes))
        return Miss(f"There is no {found.name} object; choose a class the model has.", name, accepted, is_absence=True)
    return found


def find_field(wanted: str | int, class_schema: ClassSchema) -> FieldTarget | Miss:
    """Find the field of a target.

    Args:
        wanted: Its EnergyPlus name, its epJSON key, or its position in the object from 1.
        class_schema: The class.
    """
    if isinstance(wanted, int):
        at = class_schema.field_at(wanted - 1)
        found = (wanted - 1, at) if at is not None else None
    else:
        found = class_schema.find_field(wanted)
    if found is None:
        return _miss_field(wanted, class_schema)
    index, field = found
    if index == 0 and class_schema.has_name:
        accepted = tuple(show_field(field) for field in class_schema.fields[1:6])
        return Miss("The name of an object cannot vary: others refer to it. Choose another field.", wanted, accepted)
    return FieldTarget(class_schema, index, field)


def _miss_field(wanted: str | int, class_schema: ClassSchema) -> Miss:
    fields = class_schema.fields[1 if class_schema.has_name else 0 :]
    if isinstance(wanted, int):
        count = len(class_schema.fields)
        accepted = tuple(f"{position}: {show_field(field)}" for position, field in enumerate(class_schema.fields, 1))
        message = f"{class_schema.name} has {count} fields; write the position of one, or its name."
        return Miss(message, wanted, accepted[1 if class_schema.has_name else 0 :])
    by_name = {field.name: field for field in fields}
    accepted = tuple(show_field(by_name[near]) for near in nearest_names(wanted, by_name))
    return Miss(f"{class_schema.name} has no field '{wanted}'; write one of its fields.", wanted, accepted)


def show_field(field: FieldSchema) -> str:
    """Return a field as people read it, with its unit: `Thickness (m)`."""
    return f"{field.name} ({field.units})" if field.units else field.name


def match_objects(pattern: str, objects: Sequence[ObjectDescription]) -> tuple[int, ...]:
    """Find the objects that a pattern names.

    Args:
        pattern: A name or a glob with `*` and `?`, in any letter case; `*` alone also takes objects without a name.
        objects: The objects of one class in file order.

    Returns:
        Their positions in file order, (n,), from 0.
    """
    if pattern.strip() == "*":
        return tuple(range(len(objects)))
    expression = compile_glob(pattern)
    return tuple(
        position
        for position, entry in enumerate(objects)
        if entry.name and expression.fullmatch(entry.name.strip().casefold())
    )


@lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """Return what matches the folded names that a pattern means."""
    # object names do hold brackets, so these mean themselves; fnmatch's expressions cannot backtrack for ages
    return re.compile(fnmatch.translate(pattern.strip().casefold().replace("[", "[[]")))


def miss_objects(pattern: str, class_schema: ClassSchema, objects: Sequence[ObjectDescription]) -> Miss:
    """Say that a pattern names no object, and which names come near."""
    names = [entry.name for entry in objects if entry.name]
    if not names:
        message = f'The {class_schema.name} objects have no names; write "*" for all of them.'
        return Miss(message, pattern, ("*",), is_absence=True)
    message = (
        f"No {class_schema.name} object is named '{pattern}'; write a name, a glob or \"*\" for all {len(objects)}."
    )
    return Miss(message, pattern, tuple(nearest_names(pattern, names)), is_absence=True)


def is_numeric(field: FieldSchema) -> bool:
    """Tell whether a field holds a number."""
    return field.type in NUMERIC_TYPES


def read_field(entry: ObjectDescription, index: int) -> str:
    """Return a field's text, "" where it is blank or past the last field that the model writes."""
    return entry.values[index].strip() if index < len(entry.values) else ""


def is_reachable(entry: ObjectDescription, target: FieldTarget) -> bool:
    """Tell whether an object has the field at all: the groups of an extensible class end with the object's own."""
    start = target.class_schema.extensible_from
    return start is None or target.index < max(start, len(entry.values))


def read_number(text: str) -> float | int | None:
    """Return the number that a field's text means, whole numbers as such; None for blanks and words."""
    if re.fullmatch(r"[-+]?[0-9]{1,15}", text):
        return int(text)
    if not re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def list_references(description: ModelDescription, schema: Schema) -> dict[str, dict[str, str]]:
    """Collect what the model's object-list fields may refer to.

    Returns:
        For each list of the schema, by its name, the names in it: folded name to name as written.
    """
    lists: dict[str, dict[str, str]] = {}
    for class_name, objects in description.classes.items():
        class_schema = schema.find_class(class_name)
        for index, field in enumerate(class_schema.fields if class_schema else ()):
            for reference in field.references:
                names = lists.setdefault(reference, {})
                for entry in objects:
                    name = read_field(entry, index)
                    if name:
                        names.setdefault(name.casefold(), name)
    return lists


def describe_object(class_name: str, entry: ObjectDescription) -> str:
    """Return an object as people read it: `Material 'Typical Insulation'`, or the class where it has no name."""
    return f"{class_name} '{entry.name}'" if entry.name else class_name


def list_objects(class_name: str, entries: Iterable[ObjectDescription]) -> str:
    """Return objects of a class as they stand in a sentence: `Lights 'a', 'b' and 3 more`."""
    names = [f"'{entry.name}'" if entry.name else class_name for entry in entries]
    return f"{class_name} {list_names(names)}"


def _merge(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
