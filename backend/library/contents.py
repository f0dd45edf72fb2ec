"""Shows what is in a model: its classes, and the objects and fields of one class; called by the library's API."""

from itertools import count, islice
from typing import Any

from energyplus.models.description import ModelDescription
from energyplus.models.schema import ClassSchema, FieldSchema, load_schema

FIELD_MEMBERS = (
    "name",
    "key",
    "units",
    "type",
    "minimum",
    "exclusive_minimum",
    "maximum",
    "exclusive_maximum",
    "choices",
    "default",
    "required",
    "autosizable",
    "autocalculatable",
)


def list_classes(description: ModelDescription) -> list[dict[str, Any]]:
    """Return the classes a model has objects of, by name: `{name, group, count}`."""
    schema = load_schema(description.version)
    found = []
    for name in sorted(description.classes):
        known = schema.find_class(name)
        found.append({"name": name, "group": known.group if known else "", "count": len(description.classes[name])})
    return found


def list_objects(description: ModelDescription, class_name: str) -> dict[str, Any] | None:
    """Return the objects of one class and the fields they have; None where the model's version has no such class.

    Args:
        description: what is in the model.
        class_name: EnergyPlus's class name in any letter case.

    Returns:
        `{class, fields, objects}`: the fields reach as far as the longest object, repeated groups included.
    """
    known = load_schema(description.version).find_class(class_name)
    if known is None:
        return None
    objects = description.classes.get(known.name, ())
    longest = max((len(found.values) for found in objects), default=0)
    fields = list_fields(known, max(longest, len(known.fields)))
    return {
        "class": known.name,
        "fields": [describe_field(index, field) for index, field in enumerate(fields)],
        "objects": [{"name": found.name, "values": list(found.values)} for found in objects],
    }


def list_fields(known: ClassSchema, at_most: int) -> list[FieldSchema]:
    """Return the first `at_most` fields of a class, fewer where it has fewer."""
    fields = []
    for field in map(known.field_at, islice(count(), at_most)):
        if field is None:
            break
        fields.append(field)
    return fields


def describe_field(index: int, field: FieldSchema) -> dict[str, Any]:
    """Return a field as the API shows it."""
    return {"index": index, **{name: getattr(field, name) for name in FIELD_MEMBERS}}
