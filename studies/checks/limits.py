"""A value and the schema's field in, what is wrong with it out: numbers, limits, choices, names of other objects."""

import math
from collections.abc import Mapping

from energyplus.models.schema import FieldSchema
from studies.checks.targets import is_numeric, show_field
from studies.problems import nearest_names

Value = float | int | str
# a message that says what to do, and what is accepted
Fault = tuple[str, object]


def check_value(value: Value, field: FieldSchema, references: Mapping[str, Mapping[str, str]]) -> Fault | None:
    """Check a value that is to be written into a field.

    Args:
        value: Number in the field's unit, or text.
        field: The field, with its limits and choices.
        references: Names in each of the schema's object lists, folded name to name as written.

    Returns:
        What is wrong, or None.
    """
    if is_numeric(field):
        return check_number(value, field) if not isinstance(value, str) else _check_word(value, field)
    text = write_value(value)
    if field.choices:
        if text.casefold() in (choice.casefold() for choice in field.choices):
            return None
        return f"Write one of the choices of {field.name}.", nearest_choices(text, field)
    return _check_reference(text, field, references)


def nearest_choices(text: str, field: FieldSchema) -> list[str]:
    """Return a choice field's choices, those like `text` first."""
    near = nearest_names(text, field.choices)
    return list(dict.fromkeys([*near, *field.choices]))


def _check_word(value: str, field: FieldSchema) -> Fault | None:
    words = list_words(field)
    if value.casefold() in (word.casefold() for word in words):
        return None
    expected = f"a number{f' in {field.units}' if field.units else ''}"
    message = f"Write {expected} without quotes: {field.name} takes no such text."
    return message, [expected, *words]


def list_words(field: FieldSchema) -> list[str]:
    """Return the words that a numeric field takes besides numbers."""
    # the engine takes both words wherever it takes one of them, and reference models rely on it
    automatic = ["Autosize", "Autocalculate"] if field.autosizable or field.autocalculatable else []
    return [*field.choices, *(automatic if field.autosizable else automatic[::-1])]


def _check_reference(text: str, field: FieldSchema, references: Mapping[str, Mapping[str, str]]) -> Fault | None:
    # lists called "valid…" hold class names, not objects of the model
    lists = [name for name in field.object_lists if not name.startswith("valid")]
    if not lists or len(lists) < len(field.object_lists):
        return None
    if any(text.casefold() in references.get(listed, {}) for listed in lists):
        return None
    names = {folded: name for listed in lists for folded, name in references.get(listed, {}).items()}
    message = f"Write the name of an object that {field.name} can refer to: there is none called '{text}'."
    return message, nearest_names(text, names.values())


def check_number(number: float, field: FieldSchema) -> Fault | None:
    """Check a number against a field's limits, and that it is whole where the field takes whole numbers."""
    if not math.isfinite(number):
        return f"Write a smaller number: {field.name} would be beyond what a computer can hold.", "a finite number"
    if field.type == "integer" and number != int(number):
        return f"Write a whole number: {field.name} takes no fractions.", "whole numbers"
    if is_within(number, field):
        return None
    return f"{show_field(field)} takes only what is {describe_limits(field)}.", describe_limits(field)


def is_within(number: float, field: FieldSchema) -> bool:
    """Tell whether a number is within a field's limits."""
    return not (
        (field.minimum is not None and number < field.minimum)
        or (field.exclusive_minimum is not None and number <= field.exclusive_minimum)
        or (field.maximum is not None and number > field.maximum)
        or (field.exclusive_maximum is not None and number >= field.exclusive_maximum)
    )


def describe_limits(field: FieldSchema) -> str:
    """Return a field's limits as a phrase with the unit: `greater than 0 and at most 3 m`."""
    limits = (
        ("at least", field.minimum),
        ("greater than", field.exclusive_minimum),
        ("at most", field.maximum),
        ("less than", field.exclusive_maximum),
    )
    phrases = [f"{words} {limit:g}" for words, limit in limits if limit is not None]
    unit = f" {field.units}" if phrases and field.units else ""
    return " and ".join(phrases) + unit


def write_value(value: Value) -> str:
    """Return a value as text, a number in the shortest form that reads back as the same number."""
    return value if isinstance(value, str) else repr(value)
