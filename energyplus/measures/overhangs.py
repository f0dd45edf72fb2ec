"""The measure `overhangs`: puts overhangs above the windows of exterior walls."""

from collections.abc import Iterator

from pydantic import Field
from typing_extensions import override

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
from energyplus.measures.surfaces import Facade, list_openings
from energyplus.measures.window_to_wall_ratio import select_walls
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

_OVERHANGS = ("Shading:Overhang", "Shading:Overhang:Projection")


class OverhangArguments(MeasureArguments):
    """What overhangs are told."""

    facade: Facade = Field(
        default="south", description="The walls whose windows get one, by the quarter they face as the building stands."
    )
    height_above_window: float = Field(
        default=0.0, ge=0, description="From the top of the window up to the overhang, m; OpenStudio's has 0."
    )
    extension: float = Field(
        default=0.0, ge=0, description="How far it goes beyond the window on the left and on the right, m."
    )
    remove_ext_space_shading: bool = Field(
        default=False, description="Take the Shading:Zone:Detailed objects off these walls."
    )


class Overhangs(Measure[OverhangArguments]):
    """Put a horizontal overhang above every window of the exterior walls of a facade.

    Its depth is the value times the height of the window (the projection factor), its width that of the window and
    what `extension` adds. Overhangs that these windows have already give way to it, so the value is what the windows
    have afterwards; 0 leaves them without. Windows in roofs and doors get none. The ratio of windows to walls goes
    before in a study that has both: an overhang follows the height of its window then.

    Source: OpenStudio's measure of that name; EnergyPlus Input Output Reference, Shading:Overhang:Projection.
    """

    name = "overhangs"
    title = "Overhangs"
    openstudio = "AddOverhangsByProjectionFactor"
    value = MeasureValue("number", "Depth of the overhang over the height of the window.", "1", minimum=0, example=0.5)
    Arguments = OverhangArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: OverhangArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        if not _find_windows(draft, arguments.facade):
            message = f"Choose another facade: no exterior wall that faces {arguments.facade} has a window."
            yield MeasureProblem("arguments.facade", message, arguments.facade)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: OverhangArguments, context: MeasureContext
    ) -> MeasureReport:
        factor = float(value)
        windows = _find_windows(draft, arguments.facade)
        if not windows:
            raise MeasureError(f"No exterior wall that faces {arguments.facade} has a window.")
        removed = _remove_overhangs(draft, {window.name.casefold() for window in windows})
        if arguments.remove_ext_space_shading:
            removed += _remove_shades(draft, arguments.facade)
        if factor > 0:
            for window in windows:
                _add_overhang(draft, window, factor, arguments)
        gone = f"; {removed} shades removed" if removed else ""
        added = len(windows) if factor > 0 else 0
        text = f"depth {factor:.4g} of the window's height above {count_of(len(windows), 'window')}{gone}"
        return MeasureReport(text, None, factor, "1", added + removed)


def _find_windows(draft: ModelDraft, facade: Facade) -> list[DraftObject]:
    walls = select_walls(draft, facade)
    found = list_openings(draft, walls)
    return [opening.entry for openings in found.values() for opening in openings if opening.kind == "window"]


def _add_overhang(draft: ModelDraft, window: DraftObject, factor: float, arguments: OverhangArguments) -> None:
    draft.add(
        "Shading:Overhang:Projection",
        {
            "Name": draft.unique_name(f"{window.name} Overhang"),
            "Window or Door Name": window.name,
            "Height above Window or Door": arguments.height_above_window,
            "Tilt Angle from Window/Door": 90,
            "Left extension from Window/Door Width": arguments.extension,
            "Right extension from Window/Door Width": arguments.extension,
            "Depth as Fraction of Window/Door Height": factor,
        },
    )


def _remove_overhangs(draft: ModelDraft, windows: set[str]) -> int:
    """Take the overhangs off windows, by folded name; returns how many there were."""
    found = [
        entry
        for class_name in _OVERHANGS
        for entry in draft.objects(class_name)
        if entry.text("Window or Door Name").casefold() in windows
    ]
    for entry in found:
        draft.remove(entry)
    return len(found)


def _remove_shades(draft: ModelDraft, facade: Facade) -> int:
    walls = {wall.name.casefold() for wall in select_walls(draft, facade)}
    shades = draft.objects("Shading:Zone:Detailed")
    found = [entry for entry in shades if entry.text("Base Surface Name").casefold() in walls]
    for entry in found:
        draft.remove(entry)
    return len(found)
