"""What is in a model file: its objects, field texts and facts, for studies, the form and the library."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from energyplus.models.model_text import TextModel, read_model_file
from energyplus.models.schema import ENGINE_VERSION


@dataclass(frozen=True)
class ObjectDescription:
    """One object.

    Attributes:
        name: its name, "" for a class without names.
        values: raw field texts in IDD order (the name included, where the class has one), "" where blank.
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ModelDescription:
    """Everything a study needs to know of a model.

    Attributes:
        version: of EnergyPlus, "25.2".
        classes: by class (the engine's spelling, in order of first appearance) the objects in file order.
        facts: building_name, north_axis_deg, zone_count, surface_count, object_count, run_periods (list of texts),
            runs_weather_file (its own SimulationControl), location; a value is None where the model does not say.
    """

    version: str
    classes: dict[str, tuple[ObjectDescription, ...]]
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The description as plain lists and dicts."""
        classes = {name: [[entry.name, list(entry.values)] for entry in self.classes[name]] for name in self.classes}
        return {"version": self.version, "classes": classes, "facts": self.facts}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ModelDescription":
        """A description from what `to_json` gave."""
        classes = {
            name: tuple(ObjectDescription(entry[0], tuple(entry[1])) for entry in entries)
            for name, entries in document["classes"].items()
        }
        return cls(document["version"], classes, dict(document["facts"]))


def describe_model(path: Path, versions: Collection[str] = (ENGINE_VERSION,)) -> ModelDescription:
    """Read a model file within this process; for files that are trusted, such as the bundled ones.

    Args:
        path: an IDF or epJSON file.
        versions: those that an engine is there for, "25.2".

    Raises:
        ModelError: what is wrong with the file and what to do.
    """
    return describe_text(read_model_file(path, versions))


def describe_text(model: TextModel) -> ModelDescription:
    """Describe a model that has been taken apart."""
    from energyplus.models.schema import load_schema

    schema = load_schema(model.version)
    named = {entry.class_name: False for entry in model.objects}
    for name in named:
        known = schema.find_class(name)
        named[name] = known is not None and known.has_name
    classes: dict[str, list[ObjectDescription]] = {name: [] for name in named}
    for entry in model.objects:
        name = entry.values[0] if named[entry.class_name] and entry.values else ""
        classes[entry.class_name].append(ObjectDescription(name, entry.values))
    described = {name: tuple(entries) for name, entries in classes.items()}
    return ModelDescription(model.version, described, _gather_facts(described))


def _gather_facts(classes: Mapping[str, tuple[ObjectDescription, ...]]) -> dict[str, Any]:
    surfaces = [name for name in classes if re.fullmatch(r"(BuildingSurface|Wall|RoofCeiling|Floor)(:.*)?", name)]
    return {
        "building_name": _first_value(classes, "Building", 0),
        "north_axis_deg": _as_number(_first_value(classes, "Building", 1)),
        "zone_count": len(classes.get("Zone", ())),
        "surface_count": sum(len(classes[name]) for name in surfaces),
        "object_count": sum(len(entries) for entries in classes.values()),
        "location": _first_value(classes, "Site:Location", 0),
        "run_periods": [entry.name for entry in classes.get("RunPeriod", ())],
        "runs_weather_file": (_first_value(classes, "SimulationControl", 4) or "Yes").casefold() == "yes",
    }


def _first_value(classes: Mapping[str, tuple[ObjectDescription, ...]], name: str, index: int) -> str | None:
    for entry in classes.get(name, ()):
        if index < len(entry.values) and entry.values[index]:
            return entry.values[index]
    return None


def _as_number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
