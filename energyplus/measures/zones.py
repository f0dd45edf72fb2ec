"""What zones measure: floor, exterior area and volume of zones, spaces and lists of them, for loads given per m2."""

import math
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from energyplus.measures.geometry import Point, area_vector, dot
from energyplus.measures.surfaces import read_vertices
from energyplus.models.draft import DraftObject, ModelDraft

Basis = Literal["target", "floor", "exterior", "exterior_wall", "volume", "person"]
"""What an amount is given per: zone or space, m2 of floor, m2 of outside surface, m2 of outside wall, m3, person."""

_LISTS = {"ZoneList": "Zone", "SpaceList": "Space"}
_OWN_TYPE = {"Wall:Detailed": "wall", "RoofCeiling:Detailed": "roof", "Floor:Detailed": "floor"}
_RECTANGULAR = ("Wall:Exterior", "Wall:Adiabatic", "Wall:Underground", "Wall:Interzone", "Roof", "Ceiling:Adiabatic",
                "Ceiling:Interzone", "Floor:GroundContact", "Floor:Adiabatic", "Floor:Interzone")  # fmt: skip


class ZoneMeasures:
    """Measures of a draft's zones and spaces, worked out when first asked for."""

    def __init__(self, draft: ModelDraft) -> None:
        self._draft = draft

    def members(self, target: str) -> tuple[tuple[str, str], ...]:
        """The zones and spaces that a name stands for: ("Zone", folded name) each; () for a name of neither."""
        for list_class, member_class in _LISTS.items():
            found = self._draft.find(list_class, target)
            if found is not None:
                names = (found.text(index) for index in range(1, found.length))
                return tuple((member_class, name.casefold()) for name in names if name)
        for class_name in ("Zone", "Space"):
            if self._draft.find(class_name, target) is not None:
                return ((class_name, target.casefold()),)
        return ()

    def covered(self, target: str) -> tuple[tuple[str, str], ...]:
        """The members of a name, and the spaces of zones among them: all that a load written for it reaches."""
        members = self.members(target)
        zones = {name for class_name, name in members if class_name == "Zone"}
        spaces = (space for space in self._draft.objects("Space") if space.text("Zone Name").casefold() in zones)
        return tuple(dict.fromkeys((*members, *(("Space", space.name.casefold()) for space in spaces))))

    def amount_of(self, target: str, basis: Basis) -> float | None:
        """How much of a basis a zone, a space or a list has, without the zones' multipliers.

        Returns:
            Zones or spaces, m2 or m3; None where the model does not say, and for persons.
        """
        members = self.members(target)
        if basis == "target":
            return float(len(members))
        if basis == "person":
            return None
        found = [self._one(member, basis) for member in members]
        known = [value for value in found if value is not None]
        return math.fsum(known) if members and len(known) == len(found) else None

    def _one(self, member: tuple[str, str], basis: Basis) -> float | None:
        if basis == "volume":
            return self._volume(member)
        if basis == "floor":
            written = self._written(member, "Floor Area")
            return written if written is not None else self._areas[member].get("floor")
        return None if self._has_rectangles else self._areas[member].get(basis, 0.0)

    def _volume(self, member: tuple[str, str]) -> float | None:
        """As the engine has it: what is written, else floor times ceiling height, else of the surfaces around it."""
        written = self._written(member, "Volume")
        if written is not None:
            return written
        height, floor = self._written(member, "Ceiling Height"), self._one(member, "floor")
        if height is not None and floor is not None:
            return height * floor
        enclosed = abs(self._areas[member].get("enclosed", 0.0))
        return enclosed or None

    def _written(self, member: tuple[str, str], field: str) -> float | None:
        entry = self._draft.find(*member)
        number = entry.number(field) if entry is not None else None
        return float(number) if number is not None and number > 0 else None

    @cached_property
    def _areas(self) -> dict[tuple[str, str], dict[str, float]]:
        """By zone and space the areas of floors, of outside surfaces and walls, m2, and the volume within, m3.

        None of a model that has surfaces without vertices as well: what is known of it would be too little.
        """
        areas: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        if self._has_rectangles:
            return areas
        for entry, vertices in self._surfaces():
            vector = area_vector(vertices)
            kind = _OWN_TYPE.get(entry.class_name) or entry.text("Surface Type").casefold()
            is_outdoors = entry.text("Outside Boundary Condition").casefold() == "outdoors"
            area = math.sqrt(dot(vector, vector))
            members = [("Zone", entry.text("Zone Name").casefold()), ("Space", entry.text("Space Name").casefold())]
            for found in (areas[member] for member in members if member[1]):
                found["enclosed"] += dot(vertices[0], vector) / 3.0  # divergence theorem
                found["floor"] += area if kind == "floor" else 0.0
                found["exterior"] += area if is_outdoors else 0.0
                found["exterior_wall"] += area if is_outdoors and kind == "wall" else 0.0
        return areas

    @cached_property
    def _has_rectangles(self) -> bool:
        return any(name in self._draft.description.classes for name in _RECTANGULAR)

    def _surfaces(self) -> Iterator[tuple[DraftObject, list[Point]]]:
        for name in ("BuildingSurface:Detailed", *_OWN_TYPE):
            if name in self._draft.description.classes:
                yield from ((entry, read_vertices(entry)) for entry in self._draft.objects(name))
