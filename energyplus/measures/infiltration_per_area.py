"""The measure `infiltration_per_area`: sets the design infiltration of zones per area."""

from typing import Literal

from pydantic import Field
from typing_extensions import override

from energyplus.measures.base import MeasureValue
from energyplus.measures.loads import LoadArguments, LoadClass, LoadMeasure

INFILTRATION = LoadClass(
    "ZoneInfiltration:DesignFlowRate",
    {
        "flow/zone": (4, "target"),
        "flow/area": (5, "floor"),
        "flow/exteriorarea": (6, "exterior"),
        "flow/exteriorwallarea": (6, "exterior_wall"),
        "airchanges/hour": (7, "volume"),
    },
)
"""How the engine calculates infiltration of the kind that measures set."""

_METHODS = {"exterior": "Flow/ExteriorArea", "exterior_wall": "Flow/ExteriorWallArea", "floor": "Flow/Area"}


class InfiltrationAreaArguments(LoadArguments):
    """What infiltration per area is told."""

    area: Literal["exterior", "exterior_wall", "floor"] = Field(
        default="exterior",
        description="The area it is given per: outside surfaces of the zone, its outside walls alone, or its floor.",
    )


class InfiltrationPerArea(LoadMeasure):
    """Set the design infiltration per m2 of the zones' outside surfaces, outside walls or floor.

    Every `ZoneInfiltration:DesignFlowRate` object of the chosen zones is calculated by that method afterwards; the
    fields of other methods become blank. Schedules and the coefficients for temperature and wind stay, so the flow at
    any time is the design flow times these, as before. Where a zone has several objects, they have the value together,
    each the share of the flow that it had. Zones without infiltration get none; infiltration by leakage area, flow
    coefficient or an airflow network is left alone.

    To the engine opaque doors are outside surfaces beside the walls that they are in, so that they count twice:
    `exterior` gives a zone of 156 m2 with a door of 2.1 m2 the flow of 158.1 m2.

    Source: EnergyPlus Input Output Reference, ZoneInfiltration:DesignFlowRate.
    """

    name = "infiltration_per_area"
    title = "Infiltration per area"
    openstudio = "SetSpaceInfiltrationByExteriorSurfaceArea"
    value = MeasureValue("number", "Design flow per m2.", "m3/s-m2", minimum=0, example=0.0003)
    load = INFILTRATION
    Arguments = InfiltrationAreaArguments

    @override
    def method_for(self, arguments: LoadArguments) -> str:
        assert isinstance(arguments, InfiltrationAreaArguments)  # noqa: S101 - they are of this measure
        return _METHODS[arguments.area]
