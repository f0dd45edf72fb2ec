"""The measure `lighting_power_density`: sets the lights of zones per floor area."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.loads import LoadClass, LoadMeasure


class LightingPowerDensity(LoadMeasure):
    """Set the design power of the lights per floor area.

    Every `Lights` object of the chosen zones is calculated by `Watts/Area` afterwards; the fields of other methods
    become blank. Schedules, the fractions of heat and light, and end-use subcategories stay. Where a zone has several
    lights, they have the value together, each the share of the power that it had. Zones without lights get none.

    Source: OpenStudio's measure of that name, which replaces all lights of a space type by one.
    """

    name = "lighting_power_density"
    title = "Lighting power density"
    openstudio = "SetLightingLoadsByLPD"
    value = MeasureValue(
        "number", "Design power of all lights of a zone per floor area.", "W/m2", minimum=0, example=6.0
    )
    load = LoadClass(
        "Lights",
        {
            "lightinglevel": (4, "target"),
            "watts/area": (5, "floor"),
            "watts/person": (6, "person"),
        },
    )
    method = "Watts/Area"
