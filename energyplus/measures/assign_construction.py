"""The measure `assign_construction`: builds walls, roofs, ground floors or windows as a construction set says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

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
)
from energyplus.measures.constructions import BillItem, Construction, ConstructionKind, ConstructionSet, Layer
from energyplus.measures.envelope import CONSTRUCTION_FIELD, EnvelopeSurface, Part, list_envelope
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

AS_IS = "as_is"
"""The value that leaves the model's own constructions in place."""
KINDS: Mapping[Part, ConstructionKind] = {
    "exterior_walls": "exterior_wall",
    "roofs": "roof",
    "ground_floors": "ground_floor",
    "windows": "window",
    "skylights": "window",
    "glass_doors": "window",
}
_GLAZED = ("windows", "skylights", "glass_doors")


class AssignConstructionArguments(MeasureArguments):
    """Where a construction is put, and what set it is of."""

    construction_set: str = Field(
        alias="set",
        min_length=1,
        max_length=100,
        description="Reference of a construction set: its alias, its id, or the name of one of your own.",
        examples=["starter"],
    )
    surfaces: Literal["exterior_walls", "roofs", "ground_floors", "windows", "skylights", "glass_doors"] = Field(
        description="What is built: walls, roofs or windows between inside and outdoors, or floors on the ground."
    )


class AssignConstruction(Measure[AssignConstructionArguments]):
    """Build all exterior walls, roofs, ground floors or windows as a construction of a set says.

    Surfaces are chosen by what they border on; partitions and everything between zones stay as they are. The layers are
    added to the model in full. The case reports what the net areas cost and what carbon is in them. The value `as_is`
    leaves the model's own constructions in place, at no cost.
    """

    name = "assign_construction"
    title = "Assign construction"
    value = MeasureValue(
        "choice",
        "Name of a construction in the set, of the kind that fits the surfaces; or `as_is`.",
        example="Cavity wall 60 mm mineral wool",
    )
    Arguments = AssignConstructionArguments

    @override
    def choices_for(self, arguments: AssignConstructionArguments, context: MeasureContext) -> tuple[str, ...]:
        known = context.construction_sets.get(arguments.construction_set)
        names = [entry.name for entry in known.list_kind(KINDS[arguments.surfaces])] if known else []
        return (*names, AS_IS) if names else ()

    @override
    def check(
        self, draft: ModelDraft, arguments: AssignConstructionArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        known = context.construction_sets.get(arguments.construction_set)
        if known is None:
            message = "Write the reference of a construction set that there is."
            yield MeasureProblem("arguments.set", message, arguments.construction_set)
            return
        kind = KINDS[arguments.surfaces]
        if not known.list_kind(kind):
            message = f"Choose another set: there is no construction of the kind {kind} in '{known.name}'."
            yield MeasureProblem("arguments.set", message, arguments.construction_set)
        chosen = choose_surfaces(draft, arguments.surfaces)
        for reason in refuse_surfaces(draft, chosen, arguments.surfaces):
            yield MeasureProblem("arguments.surfaces", reason, arguments.surfaces)
        framed = [surface for surface in chosen if has_frame(surface)]
        if framed:
            message = (
                f"{len(framed)} of {len(chosen)} {words(arguments.surfaces)} have frames of their own in the model, "
                "which stay; the U-factors of a set are those of whole windows, frames included."
            )
            yield MeasureProblem("arguments.surfaces", message, is_note=True)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: AssignConstructionArguments, context: MeasureContext
    ) -> MeasureReport:
        if str(value).casefold() == AS_IS:
            return MeasureReport(f"{words(arguments.surfaces)} as the model has them")
        known = find_set(arguments, context)
        chosen = choose_surfaces(draft, arguments.surfaces)
        construction = find_construction(known, str(value), arguments.surfaces)
        for message in refuse_surfaces(draft, chosen, arguments.surfaces, construction):
            raise MeasureError(message)
        before = {surface.construction.casefold(): surface.construction for surface in chosen}
        name = add_construction(draft, construction)
        for surface in chosen:
            surface.entry.set(CONSTRUCTION_FIELD, name)
        draft.bill.append(_open_line(construction, known.currency, arguments.surfaces, chosen))
        return MeasureReport(
            f"{construction.name} on {len(chosen)} {words(arguments.surfaces, len(chosen))}",
            before=next(iter(before.values())) if len(before) == 1 else None,
            after=construction.name,
            objects=len(chosen),
        )


@dataclass(frozen=True)
class OpenLine(BillItem):
    """A line of a bill whose area later measures may still change, by other windows say.

    Attributes:
        construction: what was assigned.
        part: where.
    """

    construction: Construction
    part: Part


def _open_line(construction: Construction, currency: str, part: Part, chosen: Sequence[EnvelopeSurface]) -> OpenLine:
    what = f"{words(part).capitalize()}: {construction.name}"
    line = construction.bill(what, sum(surface.area_m2 for surface in chosen), currency)
    return OpenLine(**asdict(line), construction=construction, part=part)


def settle_bill(draft: ModelDraft) -> tuple[BillItem, ...]:
    """Return the bill of a case once everything has been written to its draft: areas are those that are built.

    Raises:
        MeasureError: a surface has no area.
    """
    open_lines = any(isinstance(line, OpenLine) for line in draft.bill)
    surfaces = list_envelope(draft) if open_lines else []
    return tuple(
        line.construction.bill(
            line.what, sum(found.area_m2 for found in surfaces if found.part == line.part), line.currency
        )
        if isinstance(line, OpenLine)
        else line
        for line in draft.bill
    )


def words(part: Part, count: int = 2) -> str:
    """Return what a part is called: "exterior walls", or "exterior wall" where there is one."""
    text = part.replace("_", " ")
    return text if count != 1 else text.removesuffix("s")


def find_set(arguments: AssignConstructionArguments, context: MeasureContext) -> ConstructionSet:
    """Return the set that the arguments name.

    Raises:
        MeasureError: it is not among those that the study has.
    """
    known = context.construction_sets.get(arguments.construction_set)
    if known is None:
        raise MeasureError(f"There is no construction set '{arguments.construction_set}'.")
    return known


def find_construction(known: ConstructionSet, name: str, part: Part) -> Construction:
    """Return the construction of a set that a value names.

    Raises:
        MeasureError: there is none of that name, or it is of another kind.
    """
    kind = KINDS[part]
    found = known.find(name, kind)
    if found is not None:
        return found
    other = known.find(name)
    accepted = ", ".join(entry.name for entry in known.list_kind(kind)) or "none of that kind"
    is_what = f"'{other.name}' is a construction of the kind {other.kind}" if other else f"There is no '{name}'"
    raise MeasureError(f"{is_what} in the set '{known.name}'; for {words(part)} it has: {accepted}; or {AS_IS}.")


def choose_surfaces(draft: ModelDraft, part: Part) -> list[EnvelopeSurface]:
    """Return the surfaces that a construction is put on.

    Raises:
        MeasureError: a surface has no area.
    """
    return [surface for surface in list_envelope(draft) if surface.part == part]


def refuse_surfaces(
    draft: ModelDraft, chosen: Sequence[EnvelopeSurface], part: Part, construction: Construction | None = None
) -> Iterator[str]:
    """Yield reasons why surfaces cannot be built otherwise, with this construction where one is given."""
    if not chosen:
        yield f"The model has no {words(part)}: choose other surfaces or another model."
    if part in _GLAZED:
        yield from _refuse_shaded(draft, chosen)
        return
    factors = [surface for surface in chosen if surface.boundary == "groundfcfactormethod"]
    if factors:
        yield (
            f"{_list_surfaces(factors)}: the engine computes such ground floors by an F-factor, without layers. Give "
            "them the outside boundary condition Ground, and a construction with layers, in the model; or vary the "
            "F-Factor of its Construction:FfactorGroundFloor objects."
        )
    kiva = [surface for surface in chosen if surface.boundary == "foundation"]
    if kiva and construction and any(layer.kind != "material" for layer in construction.layers):
        yield (
            f"{_list_surfaces(kiva)}: the engine takes only layers with mass on a Foundation (Kiva), and "
            f"'{construction.name}' has an air gap or a layer without mass. Choose another construction."
        )


def _refuse_shaded(draft: ModelDraft, chosen: Sequence[EnvelopeSurface]) -> Iterator[str]:
    """Yield the reason why shaded windows stay: a shading control would bring the old glass back."""
    names = {surface.entry.name.casefold() for surface in chosen}
    for control in draft.objects("WindowShadingControl"):
        shaded = {str(value).strip().casefold() for value in control.values[_first_window(control) :]}
        if control.text("Construction with Shading Name") and names & shaded:
            yield (
                f"WindowShadingControl '{control.name}' puts a construction with shading in place of that of its "
                "windows, with the old glass in it. Name a Shading Device Material there instead, or remove it."
            )


def _first_window(control: DraftObject) -> int:
    return control.schema.extensible_from or len(control.values)


def list_some(names: Sequence[str]) -> str:
    """Return the first three names, and how many more there are."""
    return f"{', '.join(names[:3])} and {len(names) - 3} more" if len(names) > 3 else ", ".join(names)


def _list_surfaces(surfaces: Sequence[EnvelopeSurface]) -> str:
    return list_some([f"'{surface.entry.name}'" for surface in surfaces])


def has_frame(surface: EnvelopeSurface) -> bool:
    """Return whether an opening has a frame and divider of its own."""
    field = surface.entry.schema.find_field("Frame and Divider Name")
    return field is not None and bool(surface.entry.text(field[0]))


def add_construction(draft: ModelDraft, construction: Construction) -> str:
    """Add a construction with all of its layers to a draft, under names that nothing else has; return its name."""
    if construction.glazing is not None:
        glazing = construction.glazing
        visible = "" if glazing.visible_transmittance is None else glazing.visible_transmittance
        numbers = (glazing.u_factor_w_m2k, glazing.shgc, visible)
        names = [_add_named(draft, "WindowMaterial:SimpleGlazingSystem", f"{construction.name} glazing", numbers)]
    else:
        added: dict[Layer, str] = {}
        for layer in construction.layers:
            if layer not in added:
                added[layer] = _add_named(draft, layer.class_name, layer.name, layer.values)
        names = [added[layer] for layer in construction.layers]
    return _add_named(draft, "Construction", construction.name, names)


def _add_named(draft: ModelDraft, class_name: str, stem: str, values: Sequence[Any]) -> str:
    name = draft.unique_name(stem)
    draft.add(class_name, dict(enumerate((name, *values))))
    return name
