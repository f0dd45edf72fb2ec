"""What a version of EnergyPlus accepts: in goes a version, out come its classes and fields, for studies and models."""

import gzip
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from energyplus.errors import ModelError

ENGINE_VERSION = "25.2"
"""The version whose models are accepted: the engine runs older ones with no more than a warning, and wrongly."""

FieldType = Literal["real", "integer", "choice", "object-list", "external-list", "node", "alpha"]

# The schema drops the number out of the names of repeated fields ("Vertex X-coordinate"). These are the leading words
# after which the IDD puts it ("Vertex 1 X-coordinate"); elsewhere it comes last ("Field 1").
_NUMBERED_AFTER = (
    "Air Chiller", "AirLoopHVAC", "Availability Manager", "Branch", "Case or WalkIn", "Collection Surface",
    "Component", "Constituent", "Cooling Speed", "Custom Block", "Daylighting Reference Point", "DemandManager",
    "Electric Equipment", "Equipment", "Erl Variable", "Exterior Lights", "Fenestration Surface", "Generator",
    "Ground Surface", "Heating Speed", "Independent Variable", "Inlet", "Inlet Branch", "Internal Gain Object",
    "Lights", "Loading Index", "Meter", "Mode", "Node", "Outdoor Air System", "Outlet", "Outlet Branch", "Pair",
    "Refrigeration Compressor", "Report", "Shading Zone Group", "Space", "Speed", "Surface", "Surface Segment",
    "Surrounding Surface", "Thermostat", "Transition Zone", "Variable or Meter",
    "Variable or Meter or EMS Variable or Field", "Vertex", "Water Use Equipment", "Year", "Zone", "Zone Equipment",
    "Zone or ZoneList",
)  # fmt: skip
_OLDEST = (9, 0, 0)  # of the versions that are read
_LONGEST_NAME = 300  # of a field in a question; the schema's own are shorter, and search is quadratic in it
_NUMBERED_LAST = frozenset({"Zone Terminal Unit Name", "Node or NodeList Name", "Surface Name Pair"})


@dataclass(frozen=True)
class FieldSchema:
    """One field of a class.

    Attributes:
        name: EnergyPlus's own name ("Watts per Floor Area"); repeated ones have a number ("Vertex 1 X-coordinate").
        key: the name in epJSON ("watts_per_floor_area"); repeated ones end in their number ("vertex_x_coordinate_1").
        units: SI unit as the engine states it ("W/m2"), None where it has none.
        type: what kind of value it takes.
        minimum: smallest value allowed, in `units`; likewise the three other limits.
        choices: accepted words of a choice field, in the engine's spelling.
        default: what the engine takes for a blank.
        autosizable: whether the word "Autosize" is accepted; likewise autocalculatable.
        object_lists: names of the lists of objects the value may refer to.
    """

    name: str
    key: str
    units: str | None = None
    type: FieldType = "alpha"
    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: float | str | None = None
    required: bool = False
    autosizable: bool = False
    autocalculatable: bool = False
    object_lists: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassSchema:
    """One class of objects.

    Attributes:
        name: EnergyPlus's own spelling ("BuildingSurface:Detailed").
        group: the chapter of the engine's reference it stands in; "" where the schema (before 9.5) does not say.
        memo: what it is for.
        fields: its fields in IDD order, with the first group of the repeated ones.
        extensible_from: index of the first repeated field, None where the class has none.
        extensible_size: fields per repeated group, None where the class has none.
        extension: what epJSON calls the list of repeated groups, "" where the class has none.
        has_name: whether the first field is the object's name.
        is_unique: whether a model may have only one such object.
        min_fields: the fewest fields the engine's own writer gives.
    """

    name: str
    group: str
    memo: str
    fields: tuple[FieldSchema, ...]
    extensible_from: int | None
    extensible_size: int | None
    has_name: bool
    is_unique: bool = False
    min_fields: int = 0
    repeated: tuple[FieldSchema, ...] = field(default=(), repr=False)
    extension: str = ""

    def field_at(self, index: int) -> FieldSchema | None:
        """The field at a position.

        Args:
            index: 0 is the first field (the name, where the class has one); any number of repeated groups is reached.

        Returns:
            The field, or None past the end of a class without repeated fields.
        """
        if 0 <= index < len(self.fields):
            return self.fields[index]
        if index < 0 or self.extensible_from is None or not self.extensible_size:
            return None
        group, position = divmod(index - self.extensible_from, self.extensible_size)
        return _number_field(self.repeated[position], group + 1)

    def is_numeric_at(self, index: int) -> bool:
        """Whether the field at a position takes a number; False past the end of a class without repeated fields."""
        if index < len(self.fields):
            return self.fields[index].type in ("real", "integer")
        if self.extensible_from is None or not self.extensible_size:
            return False
        return self.repeated[(index - self.extensible_from) % self.extensible_size].type in ("real", "integer")

    def find_field(self, name: str) -> tuple[int, FieldSchema] | None:
        """Find a field by its name, whatever the letter case.

        Args:
            name: the IDD name ("Watts per Floor Area", "Vertex 2 X-coordinate") or the epJSON key.

        Returns:
            Its index and itself, or None when the class has no such field.
        """
        if len(name) > _LONGEST_NAME:
            return None
        index = self._indices.get(_fold(name))
        return self._find_repeated(name) if index is None else (index, self.fields[index])

    @cached_property
    def _indices(self) -> dict[str, int]:
        """Where each field stands, by its folded name and key; the first of two that are called alike."""
        found: dict[str, int] = {}
        for index, entry in enumerate(self.fields):
            for name in (entry.name, entry.key):
                found.setdefault(_fold(name), index)
        return found

    def _find_repeated(self, name: str) -> tuple[int, FieldSchema] | None:
        if self.extensible_from is None or not self.extensible_size:
            return None
        for match in re.finditer(r"(?<![^\s_])[1-9]\d{0,5}(?![^\s_])", name):
            rest = _fold(name[: match.start()] + " " + name[match.end() :])
            for position, candidate in enumerate(self.repeated):
                if rest in (_fold(candidate.name), _fold(candidate.key)):
                    index = self.extensible_from + (int(match.group()) - 1) * self.extensible_size + position
                    return index, _number_field(candidate, int(match.group()))
        return None


class Schema:
    """Every class of one version; classes are built when first asked for."""

    def __init__(self, version: str, properties: Mapping[str, Any]) -> None:
        self.version = version
        self.class_names: tuple[str, ...] = tuple(properties)
        self._properties = properties
        self._canonical = {name.upper(): name for name in properties}
        self._classes: dict[str, ClassSchema] = {}

    def find_class(self, name: str) -> ClassSchema | None:
        """The class of that name, whatever the letter case, or None."""
        canonical = self._canonical.get(name.strip().upper())
        if canonical is None:
            return None
        found = self._classes.get(canonical)
        if found is None:
            # Two threads may build the same class at once: both results are equal, the last one stays.
            found = self._classes[canonical] = _build_class(canonical, self._properties[canonical])
        return found


def load_schema(version: str) -> Schema:
    """Load the schema of a version.

    Args:
        version: "25.2" (a patch number is ignored).

    Raises:
        ModelError: no schema for that version; the message lists the versions there are.
    """
    numbers = re.match(r"\s*(\d{1,3})\.(\d{1,3})", version)
    wanted = f"{int(numbers[1])}.{int(numbers[2])}" if numbers else "unknown"
    folders = _schema_folders()
    if wanted not in folders:
        raise ModelError(f"EnergyPlus version {version!r} is not known; known versions: {', '.join(folders)}.")
    return _load(wanted, folders[wanted])


def known_versions() -> tuple[str, ...]:
    """The versions that there is a schema of, oldest first: "9.0" and later.

    Raises:
        ModelError: the package that brings the schemas is not installed.
    """
    return tuple(_schema_folders())


@lru_cache(maxsize=8)
def _load(version: str, folder: Path) -> Schema:
    with gzip.open(folder / "Energy+.schema.epJSON.gz", "rt", encoding="utf-8") as stream:
        return Schema(version, json.load(stream)["properties"])


@cache
def _schema_folders() -> dict[str, Path]:
    spec = importlib.util.find_spec("idfkit")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("The package idfkit, which brings the schemas of EnergyPlus, is not installed.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "schemas"
    found = ((re.fullmatch(r"V(\d+)-(\d+)-(\d+)", entry.name), entry) for entry in folder.iterdir())
    # a later patch of a version ("V9-0-1") stands for it
    numbered = sorted((tuple(int(part) for part in match.groups()), entry) for match, entry in found if match)
    return {f"{numbers[0]}.{numbers[1]}": entry for numbers, entry in numbered if numbers >= _OLDEST}


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).strip().casefold()


def _number_field(repeated: FieldSchema, number: int) -> FieldSchema:
    name = repeated.name
    prefixes = [p for p in _NUMBERED_AFTER if name.startswith(p + " ")] if name not in _NUMBERED_LAST else []
    if prefixes:
        prefix = max(prefixes, key=len)
        name = f"{prefix} {number}{name[len(prefix) :]}"
    else:
        name = f"{name} {number}"
    return replace(repeated, name=name, key=f"{repeated.key}_{number}")


def _build_class(name: str, properties: Mapping[str, Any]) -> ClassSchema:
    legacy = properties["legacy_idd"]
    inner = next(iter(properties["patternProperties"].values()))
    required = set(inner.get("required", ()))
    fields = [
        _build_field(
            key,
            legacy["field_info"][key],
            properties["name"] if key == "name" else inner["properties"].get(key, {}),
            is_required=key in required,
        )
        for key in legacy["fields"]
    ]
    repeated: tuple[FieldSchema, ...] = ()
    if "extension" in legacy:
        items = inner["properties"][legacy["extension"]]["items"]
        needed = set(items.get("required", ())) if legacy["extension"] in required else set()
        repeated = tuple(
            _build_field(key, legacy["field_info"].get(key, {}), items["properties"][key], is_required=key in needed)
            for key in legacy["extensibles"]
        )
    return ClassSchema(
        name=name,
        group=properties.get("group", ""),
        memo=properties.get("memo", ""),
        fields=(*fields, *(_number_field(candidate, 1) for candidate in repeated)),
        extensible_from=len(fields) if repeated else None,
        extensible_size=len(repeated) or None,
        has_name=bool(fields) and fields[0].key == "name",
        is_unique=properties.get("maxProperties") == 1,
        min_fields=int(properties.get("min_fields", 0)),
        repeated=repeated,
        extension=legacy.get("extension", ""),
    )


def _build_field(
    key: str, legacy: Mapping[str, Any], properties: Mapping[str, Any], *, is_required: bool
) -> FieldSchema:
    options = properties.get("anyOf", [properties])
    number: Mapping[str, Any] = next((o for o in options if o.get("type") in ("number", "integer")), {})
    words = [word for option in options for word in option.get("enum", ()) if isinstance(word, str) and word]
    folded = {word.casefold() for word in words}
    return FieldSchema(
        name=legacy.get("field_name") or key.replace("_", " ").title(),
        key=key,
        units=properties.get("units"),
        type=_field_type(key, legacy, properties, options),
        minimum=number.get("minimum"),
        exclusive_minimum=number.get("exclusiveMinimum"),
        maximum=number.get("maximum"),
        exclusive_maximum=number.get("exclusiveMaximum"),
        choices=tuple(w for w in words if w.casefold() not in ("autosize", "autocalculate")),
        default=properties.get("default"),
        required=is_required or bool(properties.get("is_required")),
        autosizable="autosize" in folded,
        autocalculatable="autocalculate" in folded,
        object_lists=tuple(properties.get("object_list", ())),
        references=tuple(properties.get("reference", ())),
    )


def _field_type(
    key: str, legacy: Mapping[str, Any], properties: Mapping[str, Any], options: list[Mapping[str, Any]]
) -> FieldType:
    types = {option.get("type") for option in options}
    is_alpha = legacy.get("field_type") == "a"
    if not is_alpha and types & {"number", "integer"}:
        return "integer" if "integer" in types else "real"
    if properties.get("data_type") == "object_list":
        return "object-list"
    if properties.get("data_type") == "external_list":
        return "external-list"
    if "enum" in properties:
        return "choice"
    # The schema has lost the IDD's "\type node"; node fields are those that are named so.
    return "node" if re.search(r"_node(_name)?$", key) else "alpha"
