"""The measure `equipment_power_density`: sets the electric equipment of zones per floor area."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.loads import LoadClass, LoadMeasure


class EquipmentPowerDensity(LoadMeasure):
    """Set the design power of the electric equipment per floor area.

    Every `ElectricEquipment` object of the chosen zones is calculated by `Watts/Area` afterwards; the fields of other
    methods become blank. Schedules, the fractions of heat, and end-use subcategories stay. Where a zone has several,
    they have the value together, each the share of the power that it had. Zones without equipment get none.

    Lifts, kitchens and the like are electric equipment, too: leave them alone with `exclude` where the value is meant
    for desks.

    Source: OpenStudio's measure of that name, which replaces all equipment of a space type by one.
    """

    name = "equipment_power_density"
    title = "Equipment power density"
    openstudio = "SetElectricEquipmentLoadsByEPD"
    value = MeasureValue(
        "number", "Design power of all electric equipment of a zone per floor area.", "W/m2", minimum=0, example=8.0
    )
    load = LoadClass(
        "ElectricEquipment",
        {
            "equipmentlevel": (4, "target"),
            "watts/area": (5, "floor"),
            "watts/person": (6, "person"),
        },
    )
    method = "Watts/Area"
