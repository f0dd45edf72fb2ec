"""Sets a property of simple glazing systems in exterior windows; what the two measures of windows share."""

from collections.abc import Iterator
from math import fsum
from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    count_of,
)
from energyplus.measures.layers import change_layer, list_layers
from energyplus.measures.patterns import Patterns, matches
from energyplus.measures.surfaces import SurfaceKind, list_outdoor, opening_area
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

SIMPLE = "WindowMaterial:SimpleGlazingSystem"
_GLAZED = {"window", "glassdoor", "tubulardaylightdome"}
_CLASSES = {"FenestrationSurface:Detailed": None, "Window": "window", "GlazedDoor": "glassdoor"}
_IN: dict[str, tuple[SurfaceKind, ...]] = {"all": ("wall", "roof"), "walls": ("wall",), "roofs": ("roof",)}
_ADVICE = (
    "It is made of layers of glass and gas, whose U-factor and SHGC are worked out, not given: replace it by a"
    " WindowMaterial:SimpleGlazingSystem, leave it out with `constructions`, or let a parameter choose between"
    " constructions"
)


class GlazingArguments(MeasureArguments):
    """Which windows a measure is about."""

    windows: Literal["all", "walls", "roofs"] = Field(
        default="all", description="Windows and glass doors in exterior walls, skylights in roofs, or both."
    )
    constructions: Patterns = Field(
        default=("*",), min_length=1, description="Names or globs of the window constructions, in any case."
    )


class GlazingMeasure(Measure[GlazingArguments]):
    """Sets one field of the simple glazing systems."""

    field: ClassVar[str]
    Arguments = GlazingArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: GlazingArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        try:
            groups = _group_windows(draft, arguments)
        except MeasureError as error:
            yield MeasureProblem("arguments.constructions", str(error))
            return
        if not groups:
            message = "Write constructions of exterior windows, or choose other windows: there are none of these."
            yield MeasureProblem("arguments.constructions", message, ", ".join(arguments.constructions))

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: GlazingArguments, context: MeasureContext
    ) -> MeasureReport:
        groups = _group_windows(draft, arguments)
        if not groups:
            raise MeasureError("The model has no exterior windows of these constructions.")
        numbers = [float(material.number(self.field) or 0.0) for _, _, material in groups]
        areas = [fsum(opening_area(window) for window in windows) for _, windows, _ in groups]
        before = fsum(n * a for n, a in zip(numbers, areas, strict=True)) / (fsum(areas) or 1.0)
        for construction, windows, material in groups:
            change_layer(draft, construction, windows, material, {self.field: float(value)})
        unit = self.value.unit
        shown = f" {unit}" if unit != "1" else ""
        count = sum(len(windows) for _, windows, _ in groups)
        where = f"{count_of(len(groups), 'construction')} of {count_of(count, 'window')}"
        text = f"{before:.4g} → {float(value):.4g}{shown} in {where}"
        return MeasureReport(text, before, float(value), unit, len(groups))


def _group_windows(
    draft: ModelDraft, arguments: GlazingArguments
) -> list[tuple[DraftObject, list[DraftObject], DraftObject]]:
    """The constructions of the chosen windows, these windows, and the glazing system of each.

    Raises:
        MeasureError: one is of layered glass.
    """
    groups: dict[str, list[DraftObject]] = {}
    for window in _list_windows(draft, _IN[arguments.windows]):
        name = window.text("Construction Name")
        if matches(name, arguments.constructions):
            groups.setdefault(name.casefold(), []).append(window)
    found = ((_find_glazing(draft, name), windows) for name, windows in groups.items())
    return [(construction, windows, glazing) for (construction, glazing), windows in found]


def _list_windows(draft: ModelDraft, kinds: tuple[SurfaceKind, ...]) -> Iterator[DraftObject]:
    bases = {entry.name.casefold() for kind in kinds for entry in list_outdoor(draft, kind)}
    for class_name, own in _CLASSES.items():
        if class_name not in draft.class_names:
            continue
        for entry in draft.objects(class_name):
            kind = own or entry.text("Surface Type").casefold()
            if kind in _GLAZED and entry.text("Building Surface Name").casefold() in bases:
                yield entry


def _find_glazing(draft: ModelDraft, name: str) -> tuple[DraftObject, DraftObject]:
    construction = draft.find("Construction", name)
    if construction is not None:
        for layer in list_layers(construction):
            found = draft.find(SIMPLE, layer)
            if found is not None:
                return construction, found
    shown = construction.name if construction is not None else name
    raise MeasureError(f"Window construction '{shown}' is no simple glazing system. {_ADVICE}.")
