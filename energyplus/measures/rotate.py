"""The measure `rotate`: turns the building on its site."""

from collections.abc import Iterator

from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    MeasureValue,
    NoArguments,
)
from energyplus.measures.surfaces import read_appendix_g_deg, read_rules
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

_RECTANGULAR = ("Wall:Exterior", "Wall:Adiabatic", "Wall:Underground", "Wall:Interzone", "Roof", "Shading:Building")
_NOT_TURNED = {
    "Schedule:File:Shading": "the sunlit fractions of Schedule:File:Shading are those of the building as it stood",
    "SurfaceProperty:SolarIncidentInside": "SurfaceProperty:SolarIncidentInside is the sun in the building as it stood",
}


class Rotate(Measure[NoArguments]):
    """Turn the building clockwise, seen from above, by the value.

    The north axis of the building is raised by it. Where surfaces or daylighting reference points are in world
    coordinates, which the north axis does not turn, the rotation of `Compliance:Building` is raised in its place: it
    turns everything that belongs to the building.

    Turned are walls, windows, shades of the building and of its zones, reference points of daylighting, openings whose
    effective angle counts for wind, and the long axis that an airflow network takes its wind pressures from. Not turned
    are `Shading:Site` objects, the weather, and the ground. Two turns in one study add up.

    Source: OpenStudio's measure of that name (argument relative_building_rotation); EnergyPlus Input Output Reference,
    Building and Compliance:Building.
    """

    name = "rotate"
    title = "Rotate building"
    openstudio = "RotateBuilding"
    value = MeasureValue("number", "How far to turn it, clockwise as seen from above.", "deg", example=90.0)

    @override
    def check(self, draft: ModelDraft, arguments: NoArguments, context: MeasureContext) -> Iterator[MeasureProblem]:
        if not draft.objects("Building"):
            yield MeasureProblem("measure", "The model has no Building object, so there is no north axis to turn.")
        for class_name, why in _NOT_TURNED.items():
            if class_name in draft.class_names:
                yield MeasureProblem("measure", f"Replace it or mind that {why}.", class_name, is_note=True)
        nodes = draft.objects("AirflowNetwork:MultiZone:ExternalNode")
        if any(node.text("Wind Angle Type").casefold() != "relative" for node in nodes):
            message = "Write Relative as the wind angle type: wind pressures of absolute angles are not turned."
            yield MeasureProblem("measure", message, "AirflowNetwork:MultiZone:ExternalNode", is_note=True)

    @override
    def apply(self, draft: ModelDraft, value: Value, arguments: NoArguments, context: MeasureContext) -> MeasureReport:
        angle = float(value)
        building = next(iter(draft.objects("Building")), None)
        if building is None:
            raise MeasureError("The model has no Building object, so there is no north axis to turn.")
        before = float(building.number("North Axis") or 0.0) + read_appendix_g_deg(draft)
        if angle % 360.0 == 0.0:
            return MeasureReport(f"{before:.10g} deg stays", before, before, "deg", 0)
        if _is_world(draft):
            _turn_appendix_g(draft, angle)
        else:
            building.set("North Axis", (float(building.number("North Axis") or 0.0) + angle) % 360.0)
        count = 1 + sum(_turn_field(entry, field, angle, full) for entry, field, full in _angles(draft))
        after = (before + angle) % 360.0
        return MeasureReport(f"north axis {before:.6g} → {after:.6g} deg", before, after, "deg", count)


def _is_world(draft: ModelDraft) -> bool:
    """Whether anything that has to turn is in world coordinates."""
    rules = read_rules(draft)
    has_rectangular = any(draft.objects(name) for name in _RECTANGULAR)
    return (
        rules.is_world
        or (rules.is_daylight_world and bool(draft.objects("Daylighting:ReferencePoint")))
        or (rules.is_rectangular_world and has_rectangular)
    )


def _turn_appendix_g(draft: ModelDraft, angle: float) -> None:
    entry = next(iter(draft.objects("Compliance:Building")), None)
    rotation = (read_appendix_g_deg(draft) + angle) % 360.0
    if entry is None:
        draft.add("Compliance:Building", {"Building Rotation for Appendix G": rotation})
    else:
        entry.set("Building Rotation for Appendix G", rotation)


def _angles(draft: ModelDraft) -> Iterator[tuple[DraftObject, str, float]]:
    """Fields that hold an angle against north which the engine does not turn by itself, and where they begin anew."""
    for entry in draft.objects("ZoneVentilation:WindandStackOpenArea"):
        yield entry, "Effective Angle", 360.0
    for entry in draft.objects("AirflowNetwork:SimulationControl"):
        if entry.text("Wind Pressure Coefficient Type").casefold() != "input":
            yield entry, "Azimuth Angle of Long Axis of Building", 180.0


def _turn_field(entry: DraftObject, field: str, angle: float, full: float) -> int:
    entry.set(field, (float(entry.number(field) or 0.0) + angle) % full)
    return 1
