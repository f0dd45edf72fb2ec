"""Puts objects into IDF text with every digit of their numbers, for cases and for models read with eppy.

eppy's own writer cuts numbers to 18 characters, 7 digits at worst: a study's values would not be those simulated.
"""

from collections.abc import Sequence
from typing import Any

from energyplus.models.canonical import canonical_value
from energyplus.models.schema import ClassSchema


def render_idf(idf: Any) -> str:
    """The text of a model read, and perhaps edited, with eppy.

    Args:
        idf: an `eppy.modeleditor.IDF`.
    """
    objects = (entry.obj for name in idf.idfobjects for entry in idf.idfobjects[name])
    return "\n".join(join_object(obj[0], format_values(obj[1:])) for obj in objects)


def format_values(values: Sequence[Any]) -> list[str]:
    """Field texts, each number with as many digits as it takes to read the same number again."""
    return [_format_value(value) for value in values]


def join_object(class_name: str, values: Sequence[str]) -> str:
    """IDF text of one object, without comments."""
    return ",\n  ".join((class_name, *values)) + ";\n"


def comment_object(known: ClassSchema, values: Sequence[Any]) -> str:
    """IDF text of one object with the names and units of its fields, for those who open the file."""
    if not values:
        return f"{known.name};\n"
    lines = [f"{known.name},"]
    last = len(values) - 1
    for index, text in enumerate(format_values(values)):
        lines.append(f"    {text + (';' if index == last else ','):<25}!- {_describe_field(known, index)}")
    return "\n".join(lines) + "\n"


def annotate_object(known: ClassSchema, base: Sequence[str], values: Sequence[Any]) -> str:
    """IDF text of an edited object, laid out as `join_object` lays it out, so that only edited fields differ.

    Args:
        known: its class.
        base: field texts of the base model.
        values: all fields of the edited object. One that says the same as in the base model stays as it is written
            there; every other gets its name and unit as a comment.
    """
    length = max((n for n, value in enumerate(values, start=1) if value != ""), default=0)  # eppy may add blanks
    texts = list(base) + [""] * (length - len(base))
    comments = dict.fromkeys(range(len(texts)), "")
    for index, text in enumerate(format_values(values[: len(texts)])):
        is_numeric = known.is_numeric_at(index)
        if canonical_value(text, is_numeric=is_numeric) != canonical_value(texts[index], is_numeric=is_numeric):
            texts[index], comments[index] = text, f"  !- {_describe_field(known, index)}"
    lines = [f"  {text}{',' if n < len(texts) - 1 else ';'}{comments[n]}" for n, text in enumerate(texts)]
    return "\n".join((f"{known.name},", *lines)) + "\n"


def _describe_field(known: ClassSchema, index: int) -> str:
    field = known.field_at(index)
    unit = f" {{{field.units}}}" if field and field.units else ""
    return f"{field.name if field else ''}{unit}"


def _format_value(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)
