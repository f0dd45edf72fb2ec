"""Walls, roofs and floors of a draft with their geometry, and the windows and doors in them; for measures.

Vertices are in the model's own coordinates, whose turn against north is told beside them: `Relative` ones turn with the
zone and the building, `World` ones only with the rotation of Appendix G (EnergyPlus Input Output Reference,
GlobalGeometryRules, Building, Compliance:Building).
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, get_args

from energyplus.measures.base import MeasureError
from energyplus.measures.geometry import Plane, PlanePoint, Point, Rectangle, area_vector, azimuth_deg, dot, tilt_deg
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft, read_number

Facade = Literal["all", "north", "east", "south", "west"]
SurfaceKind = Literal["wall", "roof", "floor"]
FACADES: tuple[Facade, ...] = get_args(Facade)

_KINDS: dict[str, SurfaceKind | None] = {
    "Wall:Detailed": "wall",
    "Wall:Exterior": "wall",
    "RoofCeiling:Detailed": "roof",
    "Roof": "roof",
    "Floor:Detailed": "floor",
    "BuildingSurface:Detailed": None,  # its Surface Type says it
}
_ROOFED = {"ceiling": "roof"}  # a ceiling under the open sky is a roof
_RECTANGULAR = frozenset({"Wall:Exterior", "Roof"})  # their class says that outdoors is on the other side
_OPENINGS = {"FenestrationSurface:Detailed": None, "Window": "window", "Door": "door", "GlazedDoor": "glassdoor"}
_FEWEST_COORDINATES = 9
_CORNERS = ("upperleftcorner", "lowerleftcorner", "lowerrightcorner", "upperrightcorner")


@dataclass(frozen=True)
class GeometryRules:
    """How a model writes its vertices.

    Attributes:
        first_corner: which corner of a rectangle stands first, counted counterclockwise from the upper left one.
        is_clockwise: whether vertices run clockwise as seen from outside.
        is_world, is_rectangular_world, is_daylight_world: whether detailed surfaces, rectangular ones and daylighting
            reference points are in world coordinates.
    """

    first_corner: int
    is_clockwise: bool
    is_world: bool
    is_rectangular_world: bool
    is_daylight_world: bool

    def order(self, rectangle: Rectangle) -> list[PlanePoint]:
        """The corners of a rectangle as this model writes them."""
        corners = [
            (rectangle.left, rectangle.top),
            (rectangle.left, rectangle.bottom),
            (rectangle.right, rectangle.bottom),
            (rectangle.right, rectangle.top),
        ]
        step = -1 if self.is_clockwise else 1
        return [corners[(self.first_corner + step * n) % 4] for n in range(4)]


def read_rules(draft: ModelDraft) -> GeometryRules:
    """The model's GlobalGeometryRules.

    Raises:
        MeasureError: it has none, so its geometry cannot be read.
    """
    entry = next(iter(draft.objects("GlobalGeometryRules")), None)
    if entry is None:
        raise MeasureError("The model has no GlobalGeometryRules, so the vertices of its surfaces mean nothing.")
    corner = entry.text(0).casefold()
    systems = [entry.text(index).casefold() in ("world", "worldcoordinatesystem", "absolute") for index in (2, 3, 4)]
    first = _CORNERS.index(corner) if corner in _CORNERS else 0
    return GeometryRules(first, entry.text(1).casefold() == "clockwise", systems[0], systems[2], systems[1])


@dataclass(frozen=True)
class Opening:
    """A window or door.

    Attributes:
        entry: the object.
        kind: "window", "door", "glassdoor" and the like.
        outline: its place in the wall's plane; None where that cannot be told.
    """

    entry: DraftObject
    kind: str
    outline: Rectangle


class Surface:
    """A wall, roof or floor with its geometry.

    Attributes:
        entry: the object.
        kind: what it is.
        zone: name of its zone.
        vertices: counterclockwise as seen from outside, m.
        turn_deg: how far the coordinates are turned clockwise against north.
    """

    def __init__(self, entry: DraftObject, kind: SurfaceKind, vertices: list[Point], turn_deg: float) -> None:
        self.entry = entry
        self.kind = kind
        self.zone = entry.text("Zone Name")
        self.vertices = vertices
        self.turn_deg = turn_deg

    @property
    def name(self) -> str:
        """Of the object."""
        return self.entry.name

    @cached_property
    def normal(self) -> Point:
        """Pointing outwards, as long as the surface has m2."""
        return area_vector(self.vertices)

    @property
    def area_m2(self) -> float:
        """Gross, windows and doors included."""
        return math.sqrt(dot(self.normal, self.normal))

    @property
    def azimuth_deg(self) -> float:
        """Where it faces, clockwise from true north, in [0, 360)."""
        return (azimuth_deg(self.normal) + self.turn_deg) % 360.0

    @property
    def tilt_deg(self) -> float:
        """0 degrees where it looks upwards, 90 for a wall."""
        return tilt_deg(self.normal)

    @property
    def facade(self) -> Facade:
        """The quarter it faces: north from 315 up to 45 degrees, and so on, as OpenStudio's measures divide them."""
        quarter = int((round(self.azimuth_deg, 6) + 45.0) % 360.0 // 90.0)
        return FACADES[1 + quarter]

    @cached_property
    def plane(self) -> Plane:
        """With axes to the right and up.

        Raises:
            MeasureError: it lies flat.
        """
        plane = Plane.of(self.vertices, self.normal)
        if plane is None:
            raise MeasureError(f"{self.entry.class_name} '{self.name}' lies flat: nothing in it is up.")
        return plane


def list_surfaces(draft: ModelDraft, kind: SurfaceKind) -> list[Surface]:
    """The surfaces of a kind that have outdoor air on their other side, in file order.

    Raises:
        MeasureError: the model does not say how its vertices are written, or a vertex is no number.
    """
    rules = read_rules(draft)
    turns = _Turns(draft, rules)
    return [Surface(entry, kind, _vertices(entry, rules), turns.of(entry)) for entry in list_outdoor(draft, kind)]


def list_outdoor(draft: ModelDraft, kind: SurfaceKind, beyond: str = "outdoors") -> Iterator[DraftObject]:
    """The objects of the surfaces of a kind with outdoor air on their other side; reads no geometry.

    Args:
        draft: the case in the making.
        kind: of the surfaces.
        beyond: another outside boundary condition, lower case.
    """
    for class_name, own in _KINDS.items():
        if class_name not in draft.description.classes:
            continue
        for entry in draft.objects(class_name):
            found = own or entry.text("Surface Type").casefold()
            boundary = "outdoors" if class_name in _RECTANGULAR else entry.text("Outside Boundary Condition").casefold()
            if _ROOFED.get(found, found) == kind and boundary == beyond:
                yield entry


def list_openings(draft: ModelDraft, surfaces: list[Surface]) -> dict[str, list[Opening]]:
    """The windows and doors of surfaces, in file order, by the folded name of the surface."""
    by_name = {surface.name.casefold(): surface for surface in surfaces}
    found: dict[str, list[Opening]] = {name: [] for name in by_name}
    for class_name, own in _OPENINGS.items():
        if class_name not in draft.class_names:
            continue
        for entry in draft.objects(class_name):
            base = entry.text("Building Surface Name").casefold()
            if base in found:
                kind = own or entry.text("Surface Type").casefold()
                found[base].append(Opening(entry, kind, _outline(entry, by_name[base])))
    return found


def sum_openings(draft: ModelDraft) -> dict[str, float]:
    """The area of all windows and doors in a surface, m2, by the folded name of the surface; flat ones as well.

    Raises:
        MeasureError: a vertex or a measure is no number.
    """
    areas: dict[str, float] = defaultdict(float)
    for class_name in _OPENINGS:
        for entry in draft.objects(class_name) if class_name in draft.class_names else ():
            areas[entry.text("Building Surface Name").casefold()] += opening_area(entry)
    return areas


def opening_area(entry: DraftObject) -> float:
    """Area of a window or door as often as its multiplier says, m2; frames are not counted.

    Raises:
        MeasureError: a vertex or a measure is no number.
    """
    times = float(entry.number("Multiplier") or 1)
    if entry.class_name != "FenestrationSurface:Detailed":
        return times * _number(entry, "Length") * _number(entry, "Height")
    vector = area_vector(read_vertices(entry))
    return times * math.sqrt(dot(vector, vector))


def read_vertices(entry: DraftObject) -> list[Point]:
    """The vertices of a detailed surface, window or shade as they are written, m.

    Raises:
        MeasureError: one is no number, or there are fewer than three.
    """
    known = entry.schema.find_field("Number of Vertices")
    first = known[0] + 1 if known else 0
    # the texts of the base model are the same in every case, so they are read once
    read = _read_vertices if entry.is_unwritten else _read_vertices.__wrapped__
    vertices = read(entry.values, first)
    if vertices is None:
        raise MeasureError(f"{entry.class_name} '{entry.name}': its vertices are not written in full.")
    return list(vertices)


@lru_cache(maxsize=20_000)
def _read_vertices(values: tuple[Value, ...], first: int) -> tuple[Point, ...] | None:
    numbers = [read_number(value) if isinstance(value, str) else value for value in values[first:]]
    while numbers and numbers[-1] is None:
        numbers.pop()
    if len(numbers) % 3 or len(numbers) < _FEWEST_COORDINATES or any(number is None for number in numbers):
        return None
    flat = [float(number) for number in numbers if number is not None]
    return tuple(zip(flat[::3], flat[1::3], flat[2::3], strict=True))


class _Turns:
    """How far coordinates are turned against north, by zone."""

    def __init__(self, draft: ModelDraft, rules: GeometryRules) -> None:
        self._draft = draft
        self._rules = rules
        building = next(iter(draft.objects("Building")), None)
        self._north = float(building.number("North Axis") or 0.0) if building else 0.0
        self._appendix_g = read_appendix_g_deg(draft)

    def of(self, entry: DraftObject) -> float:
        # the engine turns rectangular surfaces like detailed ones, whatever it says of rectangular ones
        if self._rules.is_world:
            return self._appendix_g
        zone = self._draft.find("Zone", entry.text("Zone Name"))
        own = float(zone.number("Direction of Relative North") or 0.0) if zone else 0.0
        return own + self._north + self._appendix_g


def read_appendix_g_deg(draft: ModelDraft) -> float:
    """The rotation that turns world coordinates too, degrees clockwise."""
    entry = next(iter(draft.objects("Compliance:Building")), None)
    return float(entry.number("Building Rotation for Appendix G") or 0.0) if entry else 0.0


def _vertices(entry: DraftObject, rules: GeometryRules) -> list[Point]:
    if entry.class_name in _RECTANGULAR:
        return _rectangle(entry)
    vertices = read_vertices(entry)
    return vertices[::-1] if rules.is_clockwise else vertices


def _rectangle(entry: DraftObject) -> list[Point]:
    """A rectangular surface from its lower left corner, counterclockwise as seen from outside."""
    azimuth, tilt = (math.radians(_number(entry, field)) for field in ("Azimuth Angle", "Tilt Angle"))
    width = "Width" if entry.schema.find_field("Width") else "Height"
    length, height = _number(entry, "Length"), _number(entry, width)
    corner = [_number(entry, f"Starting {axis} Coordinate") for axis in "XYZ"]
    right = (-math.cos(azimuth), math.sin(azimuth), 0.0)
    up = (-math.cos(tilt) * math.sin(azimuth), -math.cos(tilt) * math.cos(azimuth), math.sin(tilt))
    offsets = ((0.0, 0.0), (length, 0.0), (length, height), (0.0, height))
    return [
        (corner[0] + a * right[0] + b * up[0], corner[1] + a * right[1] + b * up[1], corner[2] + b * up[2])
        for a, b in offsets
    ]


def _outline(entry: DraftObject, surface: Surface) -> Rectangle:
    if entry.class_name == "FenestrationSurface:Detailed":
        return Rectangle.around(surface.plane.flatten(read_vertices(entry)))
    left, bottom = _number(entry, "Starting X Coordinate"), _number(entry, "Starting Z Coordinate")
    return Rectangle(left, bottom, left + _number(entry, "Length"), bottom + _number(entry, "Height"))


def _number(entry: DraftObject, field: str) -> float:
    number = entry.number(field)
    if number is None:
        raise MeasureError(f"{entry.class_name} '{entry.name}': {field} is not a number.")
    return float(number)
