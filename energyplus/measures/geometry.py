"""Polygons in space and in a wall's own plane: areas, directions and the room that is left; plain numbers in and out.

eppy.geometry has area, tilt and azimuth of a polygon as well. Its area is right; tilt and azimuth look at the first,
second and last vertex only: they point the other way where the first vertex is an inward corner, and fail where it lies
on a straight edge (`tests/engine/measures/test_geometry.py` has the cases). All three take 20 times as long as these,
which a case of hundreds of walls would notice. So the direction comes from all vertices here (Newell's method).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float, float]
"""x (east), y (north), z (up) in m."""
PlanePoint = tuple[float, float]
"""In a wall's plane as seen from outside: to the right and up from its lower left corner, m."""
Interval = tuple[float, float]

_LEVEL = 1e-9  # m; below it two heights are the same


def add(first: Point, second: Point, factor: float = 1.0) -> Point:
    """The first vector plus a multiple of the second."""
    return first[0] + factor * second[0], first[1] + factor * second[1], first[2] + factor * second[2]


def dot(first: Point, second: Point) -> float:
    """Scalar product."""
    return first[0] * second[0] + first[1] * second[1] + first[2] * second[2]


def cross(first: Point, second: Point) -> Point:
    """Vector product."""
    return (
        first[1] * second[2] - first[2] * second[1],
        first[2] * second[0] - first[0] * second[2],
        first[0] * second[1] - first[1] * second[0],
    )


def unit(vector: Point) -> Point:
    """The vector of length 1 in the same direction."""
    length = math.sqrt(dot(vector, vector))
    return vector[0] / length, vector[1] / length, vector[2] / length


def area_vector(vertices: Sequence[Point]) -> Point:
    """The vector that stands on a plane polygon and is as long as its area, m2.

    It points to where the vertices run counterclockwise. Newell's method: half the sum of the vector products of
    successive vertices, here seen from the first one, so that large coordinates cost no digits.
    """
    total = (0.0, 0.0, 0.0)
    origin = vertices[0]
    for first, second in pairwise(vertices[1:]):
        total = add(total, cross(add(first, origin, -1), add(second, origin, -1)), 0.5)
    return total


def polygon_area(vertices: Sequence[Point]) -> float:
    """Area of a plane polygon, m2."""
    vector = area_vector(vertices)
    return math.sqrt(dot(vector, vector))


def azimuth_deg(normal: Point) -> float:
    """Where a normal points, clockwise from north (y), in [0, 360) degrees; of a vertical one nothing is said (0)."""
    return math.degrees(math.atan2(normal[0], normal[1])) % 360.0


def tilt_deg(normal: Point) -> float:
    """0 degrees for a normal that points upwards, 90 for that of a wall, 180 for one that points downwards."""
    return math.degrees(math.acos(max(-1.0, min(1.0, unit(normal)[2]))))


@dataclass(frozen=True)
class Plane:
    """The plane of a wall with axes of its own.

    Attributes:
        origin: its lower left corner as seen from outside: leftmost and lowest, which need not be a vertex.
        right: unit vector along the wall, to the right as seen from outside.
        up: unit vector in the wall's plane, upwards.
    """

    origin: Point
    right: Point
    up: Point

    @classmethod
    def of(cls, vertices: Sequence[Point], normal: Point) -> "Plane | None":
        """The plane of a wall.

        Args:
            vertices: of the wall.
            normal: pointing outwards, of any length.

        Returns:
            None where it lies flat, so that nothing in it is up.
        """
        outwards = unit(normal)
        if abs(outwards[2]) > 1 - 1e-9:
            return None
        right = unit(cross((0.0, 0.0, 1.0), outwards))
        up = cross(outwards, right)
        first = vertices[0]
        offsets = [add(vertex, first, -1) for vertex in vertices]
        corner = add(first, right, min(dot(offset, right) for offset in offsets))
        return cls(add(corner, up, min(dot(offset, up) for offset in offsets)), right, up)

    def flatten(self, vertices: Iterable[Point]) -> list[PlanePoint]:
        """Points in space as points of the plane."""
        offsets = (add(vertex, self.origin, -1) for vertex in vertices)
        return [(dot(offset, self.right), dot(offset, self.up)) for offset in offsets]

    def place(self, point: PlanePoint) -> Point:
        """A point of the plane as a point in space."""
        return add(add(self.origin, self.right, point[0]), self.up, point[1])


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in a wall's plane, m."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, points: Sequence[PlanePoint]) -> "Rectangle":
        """The smallest one that holds all points."""
        across, upwards = [point[0] for point in points], [point[1] for point in points]
        return cls(min(across), min(upwards), max(across), max(upwards))

    @property
    def width(self) -> float:
        """m."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """m."""
        return self.top - self.bottom


def free_intervals(outline: Sequence[PlanePoint], bottom: float, top: float) -> list[Interval]:
    """Where a horizontal band lies inside a polygon over its whole height.

    Args:
        outline: the polygon, in either direction, with inward corners or without.
        bottom, top: of the band, m.

    Returns:
        From left to right, the intervals in which everything between bottom and top is inside; m.
    """
    levels = sorted({bottom, top, *(y for _, y in outline if bottom + _LEVEL < y < top - _LEVEL)})
    free: list[Interval] = [(-math.inf, math.inf)]
    for low, high in pairwise(levels):
        free = intersect(free, _slab_intervals(outline, low, high))
    return free


def intersect(first: Sequence[Interval], second: Sequence[Interval]) -> list[Interval]:
    """The parts that two lists of intervals have in common."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second)
    return sorted((low, high) for low, high in pairs if high > low)


def subtract(intervals: Sequence[Interval], low: float, high: float) -> list[Interval]:
    """What is left of intervals without the part between two ends."""
    return intersect(intervals, [(-math.inf, low), (high, math.inf)])


def _slab_intervals(outline: Sequence[PlanePoint], low: float, high: float) -> list[Interval]:
    """Inside a polygon between two heights with no vertex between them: edges that cross come in pairs."""
    crossings = []
    for (x0, y0), (x1, y1) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if min(y0, y1) <= low + _LEVEL and max(y0, y1) >= high - _LEVEL and abs(y1 - y0) > _LEVEL:
            at_low, at_high = (x0 + (x1 - x0) * (y - y0) / (y1 - y0) for y in (low, high))
            crossings.append((at_low + at_high, at_low, at_high))
    crossings.sort()
    pairs = zip(crossings[::2], crossings[1::2], strict=False)
    found = ((max(left[1:]), min(right[1:])) for left, right in pairs)
    return [(left, right) for left, right in found if right > left]
