"""The measure `insulation_r_value`: gives the insulation of walls, roofs or floors a thermal resistance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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
from energyplus.measures.layers import change_layer, group_by_construction, list_layers
from energyplus.measures.patterns import Patterns, matches
from energyplus.measures.surfaces import SurfaceKind, list_outdoor
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

LEAST_INSULATION_M2K_W = 0.176110
"""What a layer must have to be taken for insulation: 1 ft2-h-F/Btu, as in OpenStudio's measures; m2-K/W."""

_KINDS: dict[str, SurfaceKind] = {"exterior_walls": "wall", "roofs": "roof", "floors": "floor"}
_CHANGEABLE = ("Material", "Material:NoMass")


class InsulationArguments(MeasureArguments):
    """What insulation is told."""

    surfaces: Literal["exterior_walls", "roofs", "floors"] = Field(
        default="exterior_walls",
        description="What gets it: walls, roofs, or floors with outdoor air on their other side; floors on the ground,"
        " too.",
    )
    r_value_is: Literal["layer", "added"] = Field(
        default="layer",
        description="`layer`: the insulation layer has the value afterwards, as in OpenStudio's measures. `added`: the"
        " value is added to what the layer has.",
    )
    constructions: Patterns = Field(
        default=("*",),
        min_length=1,
        description="Names or globs of the constructions of these surfaces that get it, in any case.",
    )
    allow_reduction: bool = Field(
        default=True,
        description="Whether a layer that has more gets less; OpenStudio's default leaves it, so that cases equal the"
        " baseline.",
    )


@dataclass(frozen=True)
class _Insulated:
    """A construction, the surfaces that have it, and the layer that insulates it; None where none does."""

    construction: DraftObject
    surfaces: list[DraftObject]
    material: DraftObject | None
    r_m2k_w: float


class InsulationRValue(Measure[InsulationArguments]):
    """Give the insulation layer of walls, roofs or floors a thermal resistance, and keep everything else.

    The insulation of a construction is its layer of the largest thermal resistance (thickness over conductivity, or
    the resistance of a layer without mass; air gaps do not count), if that is at least 0.176 m2-K/W, as in OpenStudio's
    measures. A layer with mass becomes thicker or thinner, its conductivity stays; a layer without mass gets the
    resistance. Where the construction or the material has other users as well, such as a partition, these keep
    theirs, and the chosen surfaces get copies.

    Constructions without such a layer (a door's, bare concrete) are left alone and told; where none has one, the case
    fails. `Construction:FfactorGroundFloor` and other constructions that are not made of layers are left alone, too.

    Source: OpenStudio's measures IncreaseInsulationRValueForExteriorWalls and IncreaseInsulationRValueForRoofs
    (arguments r_value, in ft2-h-F/Btu there, and allow_reduction). They change the conductivity in place of the
    thickness.
    """

    name = "insulation_r_value"
    title = "Insulation R-value"
    openstudio = "IncreaseInsulationRValueForExteriorWalls"
    value = MeasureValue(
        "number",
        "Thermal resistance of the insulation layer, or what is added to it.",
        "m2-K/W",
        minimum=0,
        example=3.5,
    )
    Arguments = InsulationArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: InsulationArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        found = _find_insulation(draft, arguments)
        names = tuple(entry.construction.name for entry in found)
        if not found:
            message = "Write the constructions of these surfaces, or choose other surfaces."
            yield MeasureProblem("arguments.constructions", message, ", ".join(arguments.constructions))
        elif not any(entry.material for entry in found):
            message = "Choose other surfaces: no construction of these has a layer of at least 0.176 m2-K/W."
            yield MeasureProblem("arguments.surfaces", message, ", ".join(names[:5]))
        elif bare := [entry.construction.name for entry in found if entry.material is None]:
            message = "Constructions without an insulation layer are left alone."
            yield MeasureProblem("arguments.surfaces", message, ", ".join(bare[:5]), is_note=True)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: InsulationArguments, context: MeasureContext
    ) -> MeasureReport:
        found = _find_insulation(draft, arguments)
        before, after, count = [], [], 0
        for entry in found:
            if entry.material is None:
                continue
            wanted = float(value) + (entry.r_m2k_w if arguments.r_value_is == "added" else 0.0)
            if not arguments.allow_reduction:
                wanted = max(wanted, entry.r_m2k_w)
            before.append(entry.r_m2k_w)
            after.append(wanted)
            if wanted != entry.r_m2k_w:
                fields = _fields_for(entry.material, wanted)
                count += change_layer(draft, entry.construction, entry.surfaces, entry.material, fields)
        if not before:
            raise MeasureError(
                f"No construction of the {arguments.surfaces.replace('_', ' ')} has an insulation layer."
            )
        left = len(found) - len(before)
        text = f"R {_span(before)} → {_span(after)} m2-K/W in {count_of(len(before), 'construction')}"
        text += f"; {left} without insulation left alone" if left else ""
        one = (before[0], after[0]) if len(set(before)) == 1 and len(set(after)) == 1 else (None, float(value))
        return MeasureReport(text, one[0], one[1], "m2-K/W", count)


def _find_insulation(draft: ModelDraft, arguments: InsulationArguments) -> list[_Insulated]:
    surfaces = [*list_outdoor(draft, _KINDS[arguments.surfaces])]
    if arguments.surfaces == "floors":
        surfaces += list_outdoor(draft, "floor", "ground")
    layered = [
        surface
        for surface in surfaces
        if draft.find("Construction", surface.text("Construction Name")) is not None
        and matches(surface.text("Construction Name"), arguments.constructions)
    ]
    return [_find_layer(draft, *group) for group in group_by_construction(draft, layered)]


def _find_layer(draft: ModelDraft, construction: DraftObject, surfaces: list[DraftObject]) -> _Insulated:
    materials = [
        found
        for name in list_layers(construction)
        for class_name in _CHANGEABLE
        if (found := draft.find(class_name, name)) is not None
    ]
    best = max(materials, key=thermal_resistance, default=None)
    resistance = thermal_resistance(best) if best is not None else 0.0
    return _Insulated(construction, surfaces, best if resistance >= LEAST_INSULATION_M2K_W else None, resistance)


def thermal_resistance(material: DraftObject) -> float:
    """Thermal resistance of a material with or without mass, m2-K/W; 0 where the model does not say."""
    if material.class_name == "Material:NoMass":
        return float(material.number("Thermal Resistance") or 0.0)
    conductivity = material.number("Conductivity")
    return float(material.number("Thickness") or 0.0) / conductivity if conductivity else 0.0


def _fields_for(material: DraftObject, r_m2k_w: float) -> dict[str, Value]:
    if material.class_name == "Material:NoMass":
        if r_m2k_w < 0.001:  # the engine's own limit
            raise MeasureError(f"Material:NoMass '{material.name}' cannot have less than 0.001 m2-K/W.")
        return {"Thermal Resistance": r_m2k_w}
    thickness = r_m2k_w * float(material.number("Conductivity") or 0.0)
    if not 0 < thickness <= 3.0:  # the engine's own limits
        raise MeasureError(
            f"Material '{material.name}' would be {thickness:.4g} m thick for {r_m2k_w:g} m2-K/W; the engine takes more"
            " than 0 and at most 3 m."
        )
    return {"Thickness": thickness}


def _span(numbers: list[float]) -> str:
    low, high = f"{min(numbers):.4g}", f"{max(numbers):.4g}"
    return low if low == high else f"{low} to {high}"
