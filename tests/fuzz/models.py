"""The inputs that mutations start from: the shed as IDF and epJSON, and a weather file; all of them sound."""

import json
from pathlib import Path
from typing import Any

from energyplus.bundled import find_bundled_file, list_bundled_weather
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.schema import ClassSchema, load_schema

SHED = Path(__file__).parent / "shed.idf"


def find_chicago() -> Path:
    """The weather file that mutated models run with, and that mutations of weather files start from."""
    path = find_bundled_file("chicago", list_bundled_weather())
    assert path is not None
    return path


def shed_as_epjson() -> dict[str, Any]:
    """The shed as epJSON, the same to the last digit."""
    return as_epjson(describe_model(SHED))


def as_epjson(description: ModelDescription) -> dict[str, Any]:
    """A model as epJSON: numbers as numbers, blank fields left out."""
    schema = load_schema(description.version)
    document: dict[str, Any] = {}
    for class_name, entries in description.classes.items():
        known = schema.find_class(class_name)
        assert known is not None
        objects = document.setdefault(class_name, {})
        for number, entry in enumerate(entries, start=1):
            group_key = schema._properties[class_name]["legacy_idd"].get("extension", "")
            objects[entry.name or f"{class_name} {number}"] = _as_fields(known, group_key, entry.values)
    return document


def _as_fields(known: ClassSchema, group_key: str, values: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    first = len(known.fields) if known.extensible_from is None else known.extensible_from
    for index, text in enumerate(values[:first]):
        field = known.fields[index]
        if text and not (index == 0 and known.has_name):
            fields[field.key] = _as_value(text, field.type)
    groups: list[dict[str, Any]] = []
    for start in range(first, len(values), known.extensible_size or 1):
        texts = values[start : start + (known.extensible_size or 1)]
        pairs = zip(known.repeated, texts, strict=False)
        groups.append({field.key: _as_value(text, field.type) for field, text in pairs if text})
    return fields | ({group_key: groups} if groups else {})


def _as_value(text: str, kind: str) -> Any:
    if kind not in ("real", "integer"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
