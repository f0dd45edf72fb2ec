"""Writes the data dictionary (IDD) that eppy and ExpandObjects need, out of the schema; called when models are read.

EnergyPlus's Python package has no IDD and eppy's own end at version 9.2. The schema keeps everything an IDD says but
notes and the numbers in the names of repeated fields, which `energyplus.models.schema` puts back.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from energyplus.models.schema import ClassSchema, FieldSchema, load_schema

FEWEST_GROUPS = 8
"""Repeated groups written for every class, whatever the model needs."""


def render_idd(version: str, groups: Mapping[str, int] | None = None) -> str:
    """The text of an IDD.

    Args:
        version: "25.2".
        groups: how many repeated groups to write out, by class name; `FEWEST_GROUPS` at least.

    Raises:
        ModelError: no such version.
    """
    schema = load_schema(version)
    wanted = groups or {}
    lines = [f"!IDD_Version {schema.version}.0\n!IDD_BUILD made from the epJSON schema\n"]
    group = None
    for name in schema.class_names:
        known = schema.find_class(name)
        if known is None:
            continue
        if known.group != group:
            group = known.group
            lines.append(f"\n\\group {group or 'Every class'}\n")
        lines += _class_lines(known, max(FEWEST_GROUPS, wanted.get(name, 0)))
    return "".join(lines)


def write_idd(version: str, folder: Path, groups: Mapping[str, int] | None = None) -> Path:
    """Write an IDD for tools that want a file.

    Args:
        version: "25.2".
        folder: where to write it.
        groups: as for `render_idd`.

    Returns:
        The file, `Energy+-25.2.idd`.
    """
    path = folder / f"Energy+-{load_schema(version).version}.idd"
    path.write_text(render_idd(version, groups), encoding="ascii", errors="replace")
    return path


@lru_cache(maxsize=8)
def count_fields(idd: Path) -> dict[str, int]:
    """How many fields the classes of an IDD have, by class in capitals.

    Args:
        idd: the data dictionary of an installed EnergyPlus.
    """
    with idd.open(encoding="latin-1") as lines:
        bare = "".join(re.split(r"[!\\]", line, maxsplit=1)[0] for line in lines)
    entries = (entry.split(",") for entry in bare.split(";"))
    return {name.strip().upper(): len(fields) for name, *fields in entries if name.strip()}


def groups_needed(known: ClassSchema, field_count: int) -> int:
    """Repeated groups of an object of so many fields, rounded up to a power of two so that models share IDDs."""
    if known.extensible_from is None or not known.extensible_size:
        return 0
    groups = -(-(field_count - known.extensible_from) // known.extensible_size)
    return 1 << max(groups - 1, 0).bit_length()


def _class_lines(known: ClassSchema, groups: int) -> Iterator[str]:
    count = len(known.fields)
    if known.extensible_from is not None and known.extensible_size:
        count = known.extensible_from + groups * known.extensible_size
    yield f"\n{known.name}{',' if count else ';'}\n"
    if known.is_unique:
        yield "  \\unique-object\n"
    if known.extensible_size:
        yield f"  \\extensible:{known.extensible_size}\n"
    if known.min_fields:
        yield f"  \\min-fields {known.min_fields}\n"
    letters = {"A": 0, "N": 0}
    for index in range(count):
        field = known.field_at(index)
        if field is None:
            break
        letter = "N" if field.type in ("real", "integer") else "A"
        letters[letter] += 1
        # ExpandObjects counts a class's fields by lines of this form: the name stands beside the field's number.
        yield f"  {letter}{letters[letter]} {';' if index == count - 1 else ','} \\field {field.name}\n"
        if index == known.extensible_from:
            yield "       \\begin-extensible\n"
        yield from (f"       \\{line}\n" for line in _field_lines(field))


def _field_lines(field: FieldSchema) -> Iterator[str]:
    yield f"type {field.type}"
    if field.required:
        yield "required-field"
    if field.units:
        yield f"units {field.units}"
    limits = {
        "minimum": field.minimum,
        "minimum>": field.exclusive_minimum,
        "maximum": field.maximum,
        "maximum<": field.exclusive_maximum,
    }
    yield from (f"{name} {value}" for name, value in limits.items() if value is not None)
    if field.default not in (None, ""):
        yield f"default {field.default}"
    if field.autosizable:
        yield "autosizable"
    if field.autocalculatable:
        yield "autocalculatable"
    yield from (f"key {choice}" for choice in field.choices)
    yield from (f"object-list {name}" for name in field.object_lists)
    yield from (f"reference {name}" for name in field.references)
