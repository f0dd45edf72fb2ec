"""The measure `infiltration_air_changes`: sets the design infiltration of zones in air changes."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.infiltration_per_area import INFILTRATION
from energyplus.measures.loads import LoadMeasure


class InfiltrationAirChanges(LoadMeasure):
    """Set the design infiltration in air changes per hour.

    Every `ZoneInfiltration:DesignFlowRate` object of the chosen zones is calculated by `AirChanges/Hour` afterwards;
    the fields of other methods become blank. Schedules and the coefficients for temperature and wind stay, so the flow
    at any time is the design flow times these, as before. Where a zone has several objects, they have the value
    together, each the share of the flow that it had. Zones without infiltration get none.

    Source: EnergyPlus Input Output Reference, ZoneInfiltration:DesignFlowRate.
    """

    name = "infiltration_air_changes"
    title = "Infiltration in air changes"
    value = MeasureValue("number", "Design flow in volumes of the zone.", "1/hr", minimum=0, example=0.3)
    load = INFILTRATION
    method = "AirChanges/Hour"
