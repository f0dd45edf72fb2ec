"""The measure `rooftop_pv`: puts photovoltaic panels on roofs."""

from collections.abc import Iterator, Mapping

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
from energyplus.measures.patterns import Patterns, matches
from energyplus.measures.surfaces import Surface, list_surfaces, sum_openings
from energyplus.models.case_objects import Value
from energyplus.models.draft import ModelDraft

_STANDARD_IRRADIANCE_W_M2 = 1000.0  # at which modules are rated
_PERFORMANCE = "PhotovoltaicPerformance:Simple"


class PvArguments(MeasureArguments):
    """What panels on the roof are told."""

    cell_efficiency: float = Field(
        default=0.18, gt=0, le=1, description="Electricity of the panels over the sun that falls on them, at all times."
    )
    inverter_efficiency: float = Field(
        default=0.98, gt=0, le=1, description="Alternating current over the direct current of the panels, at all times."
    )
    roofs: Patterns = Field(
        default=("*",), min_length=1, description="Names or globs of the roof surfaces that get panels, in any case."
    )
    max_tilt: float = Field(
        default=90.0, ge=0, le=90, description="Steepest roof that gets panels, degrees from the horizontal."
    )
    exclude_north: bool = Field(
        default=False,
        description="Leave sloped roofs (more than 5 degrees) alone that face north, 315 up to 45 degrees.",
    )


class RooftopPv(Measure[PvArguments]):
    """Cover a share of every roof with photovoltaic panels.

    Roofs are surfaces of that kind with outdoor air on their other side. The panels lie in the roof's plane, cover the
    value times its area without skylights, and do not change its heat balance. Their electricity is the sun that falls
    on them, shades and all, times `cell_efficiency`; an inverter of `inverter_efficiency` makes alternating current of
    it. What the building does not use goes into the grid. Of zones with a multiplier every roof counts.

    The panels have a load center of their own, beside any that the model has: generators and batteries of the model
    work as before. 0 adds nothing. Results report what is produced, bought, sold and the net of electricity
    (`electricity_produced_kwh` and so on); `electricity_kwh` stays what the building uses, whoever makes it.

    Source: OpenStudio's measure of that name (arguments fraction_of_surface, cell_efficiency, inverter_efficiency),
    which puts the panels on shading surfaces above the roof; EnergyPlus Input Output Reference, Generator:Photovoltaic
    and PhotovoltaicPerformance:Simple.
    """

    name = "rooftop_pv"
    title = "Rooftop photovoltaics"
    openstudio = "AddRooftopPV"
    value = MeasureValue("number", "Share of the roof's area with cells.", "1", minimum=0, maximum=1, example=0.5)
    Arguments = PvArguments

    @override
    def check(self, draft: ModelDraft, arguments: PvArguments, context: MeasureContext) -> Iterator[MeasureProblem]:
        names = [roof.name for roof in list_surfaces(draft, "roof")]
        if not _list_roofs(draft, arguments):
            message = "Write roof surfaces with outdoor air on their other side, not steeper than `max_tilt`."
            yield MeasureProblem("arguments.roofs", message, ", ".join(arguments.roofs), tuple(names[:20]))
        if draft.objects("ElectricLoadCenter:Distribution"):
            message = "The model has a load center; the panels get one of their own beside it."
            yield MeasureProblem("measure", message, "ElectricLoadCenter:Distribution", is_note=True)

    @override
    def apply(self, draft: ModelDraft, value: Value, arguments: PvArguments, context: MeasureContext) -> MeasureReport:
        share = float(value)
        roofs = _list_roofs(draft, arguments)
        if not roofs:
            raise MeasureError("The model has no roof with outdoor air on its other side that panels could lie on.")
        openings = sum_openings(draft)
        areas_m2 = [roof.area_m2 - openings.get(roof.name.casefold(), 0.0) for roof in roofs]
        text = f"{share:.4g} of {count_of(len(roofs), 'roof')} of {sum(areas_m2):.4g} m2"
        if share == 0:
            return MeasureReport(text, None, share, "1", 0)
        powers_w = [area * share * arguments.cell_efficiency * _STANDARD_IRRADIANCE_W_M2 for area in areas_m2]
        _add_panels(draft, share, dict(zip((roof.name for roof in roofs), powers_w, strict=True)), arguments)
        return MeasureReport(text, None, share, "1", len(roofs) + 4)


def _list_roofs(draft: ModelDraft, arguments: PvArguments) -> list[Surface]:
    return [
        roof
        for roof in list_surfaces(draft, "roof")
        if matches(roof.name, arguments.roofs)
        and roof.tilt_deg <= arguments.max_tilt + 1e-6
        and not (arguments.exclude_north and roof.tilt_deg > 5.0 and roof.facade == "north")
    ]


def _add_panels(draft: ModelDraft, share: float, rated_w: Mapping[str, float], arguments: PvArguments) -> None:
    """Add everything; `rated_w` is the power at standard irradiance by the name of the roof."""
    performance = draft.add(
        _PERFORMANCE,
        {
            "Name": draft.unique_name("Rooftop PV Cells"),
            "Fraction of Surface Area with Active Solar Cells": share,
            "Conversion Efficiency Input Mode": "Fixed",
            "Value for Cell Efficiency if Fixed": arguments.cell_efficiency,
        },
    )
    generators: dict[int, Value] = {0: draft.unique_name("Rooftop PV Panels")}
    for number, (roof, power_w) in enumerate(rated_w.items()):
        panel = draft.add(
            "Generator:Photovoltaic",
            {
                "Name": draft.unique_name(f"{roof} PV"),
                "Surface Name": roof,
                "Photovoltaic Performance Object Type": _PERFORMANCE,
                "Module Performance Name": performance.name,
                "Heat Transfer Integration Mode": "Decoupled",
            },
        )
        # name, class and rated power of each; five fields a generator
        generators |= {1 + 5 * number: panel.name, 2 + 5 * number: panel.class_name, 3 + 5 * number: power_w}
    listed = draft.add("ElectricLoadCenter:Generators", generators)
    inverter = draft.add(
        "ElectricLoadCenter:Inverter:Simple",
        {
            "Name": draft.unique_name("Rooftop PV Inverter"),
            "Inverter Efficiency": arguments.inverter_efficiency,
        },
    )
    draft.add(
        "ElectricLoadCenter:Distribution",
        {
            "Name": draft.unique_name("Rooftop PV Load Center"),
            "Generator List Name": listed.name,
            "Generator Operation Scheme Type": "Baseload",
            "Electrical Buss Type": "DirectCurrentWithInverter",
            "Inverter Name": inverter.name,
        },
    )
