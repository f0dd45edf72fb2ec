"""Takes a model file (IDF or epJSON) apart into its objects, for descriptions and models; linear in the file's size."""

import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from energyplus.errors import ModelError
from energyplus.models.schema import ENGINE_VERSION, ClassSchema, Schema, load_schema

# Far more than any model has: the largest reference model has 5,000 objects, 60,000 fields, and 230 in one object.
_MOST_FIELDS = 1_000_000
_MOST_OBJECTS = 200_000
_MOST_FIELDS_OF_OBJECT = 50_000  # a schedule of every hour of a year has 17,520
_LONGEST_FIELD = 100_000  # characters, comments included
_LONGEST_VERSION = 10  # "25.2" and the like; int() refuses very long digits


@dataclass(frozen=True)
class TextObject:
    """One object as written.

    Attributes:
        class_name: the engine's own spelling of its class.
        values: field texts in IDD order, "" where blank; the class name is not among them.
    """

    class_name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class TextModel:
    """A model file taken apart: its version ("25.2") and its objects in file order."""

    version: str
    objects: tuple[TextObject, ...]


def read_model_file(path: Path, versions: Collection[str] = (ENGINE_VERSION,)) -> TextModel:
    """Take a model file apart.

    Args:
        path: an IDF or epJSON file; which of the two is told from its first character.
        versions: those that an engine is there for, "25.2"; a model of any other is refused.

    Raises:
        ModelError: unreadable, no or another version, or a class or field the version does not have.
    """
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path.name}: the model cannot be read: {error.strerror}.") from error
    if "\0" in text:
        message = "this is not a text file in UTF-8 or Latin-1; give an IDF or epJSON model."
        raise ModelError(f"{path.name}: {message}")
    try:
        _check_size(text)
        if text.lstrip().startswith("{"):
            return _read_epjson(text, versions)
        return _read_idf(text, versions)
    except ModelError as error:
        raise ModelError(f"{path.name}: {error}") from error


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # what Windows tools write; every byte is a character


def _check_size(text: str) -> None:
    """Refuse what no model holds before anything is made of it."""
    fields = text.replace(";", ",").split(",")
    if len(fields) > _MOST_FIELDS:
        _refuse_size(len(fields), "fields", _MOST_FIELDS)
    longest = max(fields, key=len)
    if len(longest) > _LONGEST_FIELD:
        start = " ".join(longest[:200].split())[:40]
        raise ModelError(
            f"the text that begins with {start!r} has {len(longest):,} characters without a comma or semicolon;"
            f" accepted: at most {_LONGEST_FIELD:,}. Shorten it."
        )


def _refuse_size(count: int, what: str, most: int) -> NoReturn:
    raise ModelError(f"it has {count:,} {what}; accepted: at most {most:,}. Simplify it.")


def _read_idf(text: str, versions: Collection[str]) -> TextModel:
    raw_objects = list(_split_idf(text))
    version = next((values[0] for name, values in raw_objects if name.upper() == "VERSION" and values), "")
    schema = _schema_of(version, versions)
    return TextModel(schema.version, tuple(_name_objects(raw_objects, schema)))


def read_objects(text: str, schema: Schema) -> tuple[TextObject, ...]:
    """Take a piece of IDF text apart that need not be a whole model.

    Args:
        text: IDF text.
        schema: of the version it is for.

    Raises:
        ModelError: a class or field the version does not have.
    """
    return tuple(_name_objects(_split_idf(text), schema))


def _name_objects(raw_objects: Iterable[tuple[str, tuple[str, ...]]], schema: Schema) -> Iterator[TextObject]:
    classes: dict[str, ClassSchema] = {}
    for name, values in raw_objects:
        known = classes.get(name) or _find_class(schema, name)
        classes[name] = known
        if len(values) > len(known.fields) and known.extensible_from is None:
            label = values[0] or "without a name"
            raise ModelError(
                f"{known.name} {label!r} has {len(values)} fields; EnergyPlus {schema.version} accepts"
                f" {len(known.fields)}. Remove the others."
            )
        if len(values) > _MOST_FIELDS_OF_OBJECT:
            _refuse_size(len(values), f"fields in one {known.name}", _MOST_FIELDS_OF_OBJECT)
        yield TextObject(known.name, values)


def _split_idf(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    # Only these end a line for the engine. Python knows a dozen others, one of which is the … of Windows files: what
    # follows it in a comment must not become an object.
    lines = [line.partition("!")[0] for line in re.split(r"\r\n?|\n", text)]
    if any(line.lstrip().startswith("##") for line in lines):
        raise ModelError("it uses EPMacro commands (##…); expand them with EPMacro first.")
    *complete, rest = "\n".join(lines).split(";")
    if rest.strip():
        raise ModelError(f"the last object, {rest.split(',')[0].strip()[:80]!r}, does not end with a semicolon.")
    if len(complete) > _MOST_OBJECTS:
        _refuse_size(len(complete), "objects", _MOST_OBJECTS)
    for element in complete:
        name, *values = [_on_one_line(part).strip() for part in element.split(",")]
        if name:
            yield name, tuple(values)


def _on_one_line(text: str) -> str:
    """A field without anything that ends a line for the next reader: eppy takes Python's word for what does."""
    return " ".join(text.splitlines())


def _schema_of(version: str, versions: Collection[str]) -> Schema:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None:
        newest = max(versions, key=lambda known: tuple(map(int, known.split("."))), default=ENGINE_VERSION)
        raise ModelError(f"it has no Version object, so it cannot be read; add one: `Version, {newest};`.")
    found = f"{int(numbers[1])}.{int(numbers[2])}" if len(numbers[0]) < _LONGEST_VERSION else numbers[0]
    if found not in versions:
        accepted = ", ".join(sorted(versions, key=lambda known: tuple(map(int, known.split(".")))))
        raise ModelError(
            f"it is of version {version[:20]}; accepted: {accepted}. Update it with EnergyPlus's IDFVersionUpdater, or"
            " ask the administrator to name an installed EnergyPlus of that version in CASEFARM_ENERGYPLUS."
        )
    return load_schema(found)


def _find_class(schema: Schema, name: str) -> ClassSchema:
    known = schema.find_class(name)
    if known is None:
        near = get_close_matches(name[:100].upper(), [candidate.upper() for candidate in schema.class_names], n=1)
        hint = f" Did you mean {schema.find_class(near[0]).name}?" if near else ""  # type: ignore[union-attr]
        raise ModelError(f"EnergyPlus {schema.version} has no class {name[:100]!r}.{hint}")
    return known


def _read_epjson(text: str, versions: Collection[str]) -> TextModel:
    try:
        document = json.loads(text, object_pairs_hook=_as_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"it begins like epJSON but is not JSON: {error}.") from error
    found = [
        _as_text(fields.get("version_identifier", ""))
        for name, entries in document.items()
        if name.upper() == "VERSION" and isinstance(entries, dict)
        for fields in entries.values()
        if isinstance(fields, dict)
    ]
    schema = _schema_of(found[0] if found else "", versions)
    objects: list[TextObject] = []
    for name, entries in document.items():
        known = _find_class(schema, name)
        if not isinstance(entries, dict) or not all(isinstance(fields, dict) for fields in entries.values()):
            raise ModelError(f"{known.name} must hold objects by name.")
        if len(objects) + len(entries) > _MOST_OBJECTS:
            _refuse_size(len(objects) + len(entries), "objects", _MOST_OBJECTS)
        objects += [TextObject(known.name, _epjson_values(known, *entry)) for entry in entries.items()]
    return TextModel(schema.version, tuple(objects))


def _as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # JSON parsers keep the last of them silently: a part of the model would be lost.
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ModelError(f"{twice[:80]!r} stands twice in one object; give each its own name.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ModelError(f"{name} is not a number that the engine takes; write a finite one.")


def _epjson_values(known: ClassSchema, name: str, fields: dict[str, Any]) -> tuple[str, ...]:
    values: dict[int, str] = {0: _as_text(name)} if known.has_name else {}
    for key, value in fields.items():
        if key.startswith("idf_"):
            continue  # bookkeeping of the engine's own converter
        if isinstance(value, list):
            values |= _epjson_groups(known, key, value)
            continue
        found = known.find_field(key)
        if found is None:
            raise ModelError(f"{known.name} {name!r} has no field {key!r}.")
        values[found[0]] = _as_text(value)
    return tuple(values.get(index, "") for index in range(max(values, default=-1) + 1))


def _epjson_groups(known: ClassSchema, name: str, groups: list[Any]) -> dict[int, str]:
    values: dict[int, str] = {}
    positions = {candidate.key: position for position, candidate in enumerate(known.repeated)}
    if known.extensible_from is None or not known.extensible_size or name != known.extension:
        accepted = f"{known.extension!r} alone" if known.extension else "no list"
        raise ModelError(f"{known.name}: found a list {name[:80]!r}; accepted: {accepted}.")
    if len(groups) * known.extensible_size > _MOST_FIELDS_OF_OBJECT:
        count = len(groups) * known.extensible_size
        _refuse_size(count, f"fields in one {known.name}", _MOST_FIELDS_OF_OBJECT)
    for number, group in enumerate(groups):
        if not isinstance(group, dict):
            found = f"{str(group)[:80]!r} in {name!r}"
            raise ModelError(f"{known.name}: found {found}; accepted: objects with {', '.join(positions)}.")
        for key, value in group.items():
            if key not in positions:
                raise ModelError(f"{known.name} has no repeated field {key!r}; it has {', '.join(positions)}.")
            values[known.extensible_from + number * known.extensible_size + positions[key]] = _as_text(value)
    return values


def _as_text(value: object) -> str:
    if isinstance(value, str):
        if re.search(r"[,;!\n\r]", value):
            raise ModelError(f"{value[:80]!r} has a character that IDF cannot hold: one of , ; ! or a line end.")
        return _on_one_line(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        return repr(value)
    raise ModelError(f"{str(value)[:80]!r} is neither a number nor a text.")
