"""The outside of a building as its model has it: walls, roofs, ground floors, windows, each with its net area.

A draft goes in, surfaces come out; called by measures that assign constructions and by what reads them out of models.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from energyplus.measures.base import MeasureError
from energyplus.measures.geometry import polygon_area
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft, read_number
from energyplus.models.schema import ClassSchema

Part = Literal["exterior_walls", "roofs", "ground_floors", "windows", "skylights", "glass_doors"]
PARTS: tuple[Part, ...] = get_args(Part)

GROUND = frozenset(
    name.casefold()
    for name in (
        "Ground",
        "Foundation",
        "GroundFCfactorMethod",
        "GroundSlabPreprocessorAverage",
        "GroundSlabPreprocessorCore",
        "GroundSlabPreprocessorPerimeter",
        "GroundBasementPreprocessorAverageFloor",
        "OtherSideCoefficients",  # what ground temperatures of a slab calculation usually come in by
    )
)
"""Outside boundary conditions of a floor that stands on the ground."""


@dataclass(frozen=True)
class _Outline:
    """What is asked of a class: names of its fields, or the word that all of its objects mean.

    Attributes:
        parent: field with the zone of a surface, or with the surface of an opening.
        type: field with what it is.
        boundary: field with the outside boundary condition.
        sides: fields whose product is the area; none where there are vertices.
        multiplier: field that says how many alike there are; "" where there is none.
        typed, bounded: whether `type` and `boundary` are fields.
    """

    parent: str
    type: str
    boundary: str = ""
    sides: tuple[str, str] | None = None
    multiplier: str = ""
    typed: bool = False
    bounded: bool = False


_ZONE, _BOUNDARY, _SURFACE = "Zone Name", "Outside Boundary Condition", "Building Surface Name"
_SURFACES = {
    "BuildingSurface:Detailed": _Outline(_ZONE, "Surface Type", _BOUNDARY, typed=True, bounded=True),
    "Wall:Detailed": _Outline(_ZONE, "wall", _BOUNDARY, bounded=True),
    "RoofCeiling:Detailed": _Outline(_ZONE, "roof", _BOUNDARY, bounded=True),
    "Floor:Detailed": _Outline(_ZONE, "floor", _BOUNDARY, bounded=True),
    "Wall:Exterior": _Outline(_ZONE, "wall", "outdoors", ("Length", "Height")),
    "Roof": _Outline(_ZONE, "roof", "outdoors", ("Length", "Width")),
    "Floor:GroundContact": _Outline(_ZONE, "floor", "ground", ("Length", "Width")),
}
_OPENINGS = {
    "FenestrationSurface:Detailed": _Outline(_SURFACE, "Surface Type", multiplier="Multiplier", typed=True),
    "Window": _Outline(_SURFACE, "window", sides=("Length", "Height"), multiplier="Multiplier"),
    "GlazedDoor": _Outline(_SURFACE, "glassdoor", sides=("Length", "Height"), multiplier="Multiplier"),
    "Door": _Outline(_SURFACE, "door", sides=("Length", "Height"), multiplier="Multiplier"),
}
_OUTDOOR_PARTS: dict[str, Part] = {"wall": "exterior_walls", "roof": "roofs", "ceiling": "roofs"}
_WALL_OPENINGS: dict[str, Part] = {"window": "windows", "glassdoor": "glass_doors"}
CONSTRUCTION_FIELD = "Construction Name"
_VERTEX = ("Vertex X-coordinate 1", "Vertex 1 X-coordinate")
"""Its first coordinate, as a repeated field and as one of four."""
FEWEST_COORDINATES = 9


@dataclass(frozen=True)
class EnvelopeSurface:
    """A surface between inside and outside.

    Attributes:
        entry: the object.
        part: what of the building it is.
        area_m2: net of openings, multiplied as often as it stands in the building, m2.
        boundary: outside boundary condition of it or of the surface that it is in, lower case.
    """

    entry: DraftObject
    part: Part
    area_m2: float
    boundary: str

    @property
    def construction(self) -> str:
        """Name of the construction that the model gives it."""
        return self.entry.text(CONSTRUCTION_FIELD)


@dataclass(frozen=True)
class _Opened:
    """An opening of a surface: its object, the word for what it is, its area (of all that are alike, m2)."""

    entry: DraftObject
    type: str
    area_m2: float


def list_envelope(draft: ModelDraft) -> list[EnvelopeSurface]:
    """Return the outer surfaces of a model and what is glazed in them, in the order of the classes.

    An exterior wall is a wall, and a roof is a roof or a ceiling, that borders on the outdoors; a ground floor is a
    floor on the ground. Windows and glass doors are those in such walls, skylights those in such roofs. Everything else
    (partitions, walls and ceilings between zones, adiabatic surfaces, walls against earth, floors above outside air)
    is no part of it.

    Raises:
        MeasureError: a surface has no area: its vertices or its size are not all given.
    """
    openings = _gather_openings(draft)
    multipliers = _gather_multipliers(draft)
    return [
        found
        for class_name, outline in _SURFACES.items()
        for entry in draft.objects(class_name)
        for found in _describe_surface(entry, outline, openings, multipliers)
    ]


def _describe_surface(
    entry: DraftObject, outline: _Outline, openings: dict[str, list[_Opened]], multipliers: dict[str, float]
) -> Iterator[EnvelopeSurface]:
    boundary = _word(entry, outline.boundary) if outline.bounded else outline.boundary
    part = _find_part(_word(entry, outline.type) if outline.typed else outline.type, boundary)
    if part is None:
        return
    inside = openings.get(entry.name.casefold(), [])
    times = multipliers.get(entry.text(outline.parent).casefold(), 1.0)
    net_m2 = _area_m2(entry, outline) - sum(found.area_m2 for found in inside)
    if net_m2 < 0:
        raise MeasureError(f"The openings of {entry.class_name} {entry.name!r} are larger than the surface itself.")
    yield EnvelopeSurface(entry, part, net_m2 * times, boundary)
    for found in inside:
        glazed = _WALL_OPENINGS.get(found.type)
        if glazed is not None and part in ("exterior_walls", "roofs"):
            yield EnvelopeSurface(
                found.entry, "skylights" if part == "roofs" else glazed, found.area_m2 * times, boundary
            )


def _find_part(surface_type: str, boundary: str) -> Part | None:
    if boundary == "outdoors":
        return _OUTDOOR_PARTS.get(surface_type)
    return "ground_floors" if surface_type == "floor" and boundary in GROUND else None


def _gather_openings(draft: ModelDraft) -> dict[str, list[_Opened]]:
    """Return openings by the folded name of the surface that they are in."""
    openings: dict[str, list[_Opened]] = defaultdict(list)
    for class_name, outline in _OPENINGS.items():
        for entry in draft.objects(class_name):
            word = _word(entry, outline.type) if outline.typed else outline.type
            times = entry.number(outline.multiplier)
            found = _Opened(entry, word, _area_m2(entry, outline) * (1 if times is None else times))
            openings[entry.text(outline.parent).casefold()].append(found)
    return openings


def _gather_multipliers(draft: ModelDraft) -> dict[str, float]:
    """Return how often each zone stands in the building, by its folded name."""
    times = {zone.name.casefold(): float(zone.number("Multiplier") or 1) for zone in draft.objects("Zone")}
    for group in draft.objects("ZoneGroup"):
        listed = draft.find("ZoneList", group.text("Zone List Name"))
        for name in map(str, listed.values[1:]) if listed else ():
            zone = name.strip().casefold()
            times[zone] = times.get(zone, 1.0) * float(group.number("Zone List Multiplier") or 1)
    return times


def _word(entry: DraftObject, field: str) -> str:
    return entry.text(field).casefold()


def _area_m2(entry: DraftObject, outline: _Outline) -> float:
    if outline.sides is not None:
        return _number(entry, outline.sides[0]) * _number(entry, outline.sides[1])
    area_m2 = _polygon_area_m2(entry.values, _first_coordinate(entry.schema))
    if area_m2 is None:
        raise MeasureError(f"{entry.class_name} {entry.name!r} has no area: its vertices are not all given as numbers.")
    return area_m2


@lru_cache(maxsize=64)
def _first_coordinate(known: ClassSchema) -> int:
    return next(found[0] for found in map(known.find_field, _VERTEX) if found is not None)


@lru_cache(maxsize=100_000)  # every case of a study asks for the same polygons
def _polygon_area_m2(values: tuple[Value, ...], first: int) -> float | None:
    given = [value for value in values[first:] if str(value).strip()]
    numbers = [read_number(value) if isinstance(value, str) else value for value in given]
    known = [float(number) for number in numbers if number is not None]
    if len(given) < FEWEST_COORDINATES or len(given) % 3 or len(known) < len(given):
        return None
    return polygon_area([(x, y, z) for x, y, z in zip(known[::3], known[1::3], known[2::3], strict=True)])


def _number(entry: DraftObject, field: str) -> float:
    number = entry.number(field)
    if number is None:
        raise MeasureError(f"{entry.class_name} {entry.name!r} has no area: its {field} is no number.")
    return float(number)
