"""The measure `window_to_wall_ratio`: gives the windows of exterior walls a share of the walls' area."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import fsum

from pydantic import Field
from typing_extensions import override

from energyplus.measures.bands import Band, WallRoom, cut_windows
from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    MeasureValue,
    count_of,
)
from energyplus.measures.geometry import Rectangle
from energyplus.measures.references import find_references
from energyplus.measures.surfaces import (
    Facade,
    GeometryRules,
    Opening,
    Surface,
    list_openings,
    list_surfaces,
    opening_area,
    read_rules,
)
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

DEFAULT_SILL_M = 0.762
"""30 inches, the default of OpenStudio's measure; m."""

_FIRST_VERTEX = 9  # index of the first coordinate of FenestrationSurface:Detailed
_ATTACHED = frozenset({"Shading:Overhang", "Shading:Overhang:Projection", "Shading:Fin", "Shading:Fin:Projection"})
"""Classes of objects that hang on a window and go with it."""


class RatioArguments(MeasureArguments):
    """What the ratio of windows to walls is told."""

    facade: Facade = Field(
        default="all",
        description="The walls it changes, by the quarter they face once the building stands as it is turned.",
    )
    sill_height: float | None = Field(
        default=None,
        ge=0,
        description="Height of the windows' lower edge above the lowest point of their wall, m. Left out, it is that of"
        " the lowest window the wall has, 0.762 m in a wall without. It is lowered where the windows do not fit above.",
    )
    exl_spaces_not_incl_fl_area: bool = Field(
        default=True,
        description="Leave walls of zones alone that are not part of the total floor area, such as plenums and attics.",
    )
    construction: str | None = Field(
        default=None,
        description="Construction of the windows in walls that have none; left out, the one of the largest window area"
        " in the exterior walls of the model.",
    )


class WindowToWallRatio(Measure[RatioArguments]):
    """Give windows a share of the gross area of the exterior walls they are in, wall by wall.

    Every wall with outdoor air on its other side that faces `facade` gets windows of exactly `value` times its gross
    area. The area is that of the glazing with dividers, as EnergyPlus counts it; frames lie around it. A quarter is 90
    degrees wide, north from 315 up to 45 degrees clockwise from true north; the north axis of the building and the turn
    of the zone count.

    The windows of a wall keep their number, names, constructions, frames and shading controls. They are put side by
    side into one horizontal band, 25.4 mm from the edges of the wall, doors left alone: the band goes on beside or
    above them. Glass doors are doors here, as in OpenStudio; the engine's own table of ratios counts them as windows.
    A wall without windows gets one, or one on each side of a door. A ratio of 0 removes the windows with the overhangs
    and fins at them.

    A wall that has no room for the ratio makes the case fail, with the ratio that there is room for; it is never
    rounded down.

    Source: OpenStudio's measure of that name, which makes one band per wall, too, but replaces the windows.
    """

    name = "window_to_wall_ratio"
    title = "Window-to-wall ratio"
    openstudio = "SetWindowToWallRatioByFacade"
    value = MeasureValue(
        "number",
        "Area of the windows over the gross area of their wall.",
        "1",
        minimum=0,
        exclusive_maximum=1,
        example=0.4,
    )
    Arguments = RatioArguments

    @override
    def check(self, draft: ModelDraft, arguments: RatioArguments, context: MeasureContext) -> Iterator[MeasureProblem]:
        walls = select_walls(draft, arguments.facade, is_floor_area_only=arguments.exl_spaces_not_incl_fl_area)
        if not walls:
            yield MeasureProblem(
                "arguments.facade", f"Choose another facade: no exterior wall faces {arguments.facade}."
            )
        name = arguments.construction
        if name is not None and draft.find("Construction", name) is None:
            yield MeasureProblem("arguments.construction", "Write a construction of the model.", name)
        openings = list_openings(draft, walls)
        bare = [wall.name for wall in walls if not any(_is_window(found) for found in openings[wall.name.casefold()])]
        if bare and walls and name is None and _usual_construction(draft) is None:
            message = "Write `construction`: walls have no windows, and no exterior wall has one to take it from."
            yield MeasureProblem("arguments.construction", message, ", ".join(bare[:3]))
        elif bare and len(bare) < len(walls):
            message = f"{len(bare)} of {len(walls)} walls have no windows now and get some, as in OpenStudio's measure."
            yield MeasureProblem("measure", message, ", ".join(bare[:3]), is_note=True)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: RatioArguments, context: MeasureContext
    ) -> MeasureReport:
        ratio = float(value)
        walls = select_walls(draft, arguments.facade, is_floor_area_only=arguments.exl_spaces_not_incl_fl_area)
        if not walls:
            raise MeasureError(f"No exterior wall faces {arguments.facade}; choose another facade.")
        openings = list_openings(draft, walls)
        change = _RatioChange(draft, arguments)
        before = fsum(opening_area(o.entry) for wall in walls for o in openings[wall.name.casefold()] if _is_window(o))
        gross = fsum(wall.area_m2 for wall in walls)
        count = sum(change.apply(wall, openings[wall.name.casefold()], ratio) for wall in walls)
        text = f"{before / gross:.4g} → {ratio:.4g} in {count_of(len(walls), 'wall')}"
        return MeasureReport(text, before / gross, ratio, "1", count)


def select_walls(draft: ModelDraft, facade: Facade, *, is_floor_area_only: bool = False) -> list[Surface]:
    """The exterior walls that face a quarter, in file order.

    Args:
        draft: the case in the making.
        facade: "all" for every one.
        is_floor_area_only: whether walls of zones that are not part of the total floor area are left out.

    Raises:
        MeasureError: their geometry cannot be read.
    """
    walls = (wall for wall in list_surfaces(draft, "wall") if facade in ("all", wall.facade))
    return [wall for wall in walls if not is_floor_area_only or _is_floor_area(draft, wall.zone)]


def _is_floor_area(draft: ModelDraft, zone_name: str) -> bool:
    zone = draft.find("Zone", zone_name)
    return zone is None or zone.text("Part of Total Floor Area").casefold() != "no"


def _is_window(opening: Opening) -> bool:
    return opening.kind == "window"


def _usual_construction(draft: ModelDraft) -> str | None:
    """The construction of the largest window area in exterior walls."""
    areas: dict[str, float] = defaultdict(float)
    walls = list_surfaces(draft, "wall")
    for found in list_openings(draft, walls).values():
        for opening in filter(_is_window, found):
            areas[opening.entry.text("Construction Name")] += opening_area(opening.entry)
    return max(areas, key=lambda name: areas[name], default=None)


class _RatioChange:
    """Changes the windows of one draft, wall by wall."""

    def __init__(self, draft: ModelDraft, arguments: RatioArguments) -> None:
        self._draft = draft
        self._arguments = arguments
        self._rules: GeometryRules = read_rules(draft)
        self._usual: str | None = None

    def apply(self, wall: Surface, openings: list[Opening], ratio: float) -> int:
        """Give one wall its windows; returns how many objects were changed."""
        windows = sorted(filter(_is_window, openings), key=lambda window: window.outline.left + window.outline.right)
        if ratio == 0:
            return sum(self._remove(window.entry) for window in windows)
        doors = [opening.outline for opening in openings if not _is_window(opening)]
        frame = max((self._frame_m(window.entry) for window in windows), default=0.0)
        area = ratio * wall.area_m2
        band = self._find_band(wall, doors, area, windows, frame)
        entries = [window.entry for window in windows]
        while len(entries) < len(band.parts):
            entries.append(self._add(wall, entries))
        for entry, place in zip(entries, cut_windows(band, area, len(entries), frame), strict=True):
            self._place(entry, wall, place)
        return len(entries)

    def _find_band(
        self, wall: Surface, doors: list[Rectangle], area: float, windows: list[Opening], frame: float
    ) -> Band:
        outline = wall.plane.flatten(wall.vertices)
        sill = self._arguments.sill_height
        if sill is None:
            sill = min((window.outline.bottom for window in windows), default=DEFAULT_SILL_M)
        rooms = [WallRoom(outline, doors, count, frame) for count in dict.fromkeys((len(windows) or 1, None))]
        for room in rooms:
            band = room.find_band(area, sill)
            if band is not None:
                return band
        largest = max(room.largest_area() for room in rooms) / wall.area_m2
        beside = " beside its doors" if doors else ""
        raise MeasureError(
            f"{wall.entry.class_name} '{wall.name}' has no room for windows of {area / wall.area_m2:.4g} of its area"
            f"{beside}; there is room for about {largest:.2f}."
        )

    def _add(self, wall: Surface, entries: list[DraftObject]) -> DraftObject:
        """A further window: like the wall's first one, or of the usual construction."""
        name = self._draft.unique_name(f"{wall.name} Window")
        if entries and entries[0].class_name == "FenestrationSurface:Detailed":
            return self._draft.copy(entries[0], name)
        self._usual = self._usual or self._arguments.construction or _usual_construction(self._draft)
        if self._usual is None:
            raise MeasureError(
                f"'{wall.name}' has no window, and no exterior wall has one whose construction it could get; write the"
                " argument `construction`."
            )
        construction = entries[0].text("Construction Name") if entries else self._usual
        fields = {"Name": name, "Surface Type": "Window", "Construction Name": construction}
        return self._draft.add(
            "FenestrationSurface:Detailed", {**fields, "Building Surface Name": wall.name, "Multiplier": 1}
        )

    def _place(self, entry: DraftObject, wall: Surface, place: Rectangle) -> None:
        if (entry.number("Multiplier") or 1) != 1:
            entry.set("Multiplier", 1)
        if entry.class_name == "Window":
            fields = ("Starting X Coordinate", "Starting Z Coordinate", "Length", "Height")
            for field, number in zip(fields, (place.left, place.bottom, place.width, place.height), strict=True):
                entry.set(field, number)
            return
        entry.set("Number of Vertices", 4)
        corners = [wall.plane.place(corner) for corner in self._rules.order(place)]
        for index, number in enumerate((number for corner in corners for number in corner), start=_FIRST_VERTEX):
            entry.set(index, number)

    def _frame_m(self, entry: DraftObject) -> float:
        name = entry.text("Frame and Divider Name")
        frame = self._draft.find("WindowProperty:FrameAndDivider", name) if name else None
        return float(frame.number("Frame Width") or 0.0) if frame else 0.0

    def _remove(self, entry: DraftObject) -> int:
        removed = 1
        for other, _ in find_references(self._draft, entry):
            if other.class_name in _ATTACHED:
                self._draft.remove(other)
                removed += 1
            elif other.class_name == "WindowShadingControl":
                self._forget_shading(other, entry)
            else:
                who = f"{other.class_name} '{other.name}'" if other.name else other.class_name
                raise MeasureError(f"{who} refers to '{entry.name}', which a ratio of 0 would remove.")
        self._draft.remove(entry)
        return removed

    def _forget_shading(self, control: DraftObject, window: DraftObject) -> None:
        """Take a window off a shading control's list; a control of no window goes."""
        first = control.schema.extensible_from or 0
        names = [control.text(index) for index in range(first, control.length)]
        kept = [name for name in names if name and name.casefold() != window.name.casefold()]
        if not kept:
            self._draft.remove(control)
            return
        for index, name in enumerate(_pad(kept, len(names)), start=first):
            control.set(index, name)


def _pad(names: Iterable[str], length: int) -> list[str]:
    found = list(names)
    return found + [""] * (length - len(found))
