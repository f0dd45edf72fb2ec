"""The measure `boiler_efficiency`: sets the rated efficiency of boilers."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.equipment import EfficiencyMeasure, Rating


class BoilerEfficiency(EfficiencyMeasure):
    """Set the nominal thermal efficiency of hot-water and steam boilers.

    Curves stay, so the efficiency at part load and other temperatures changes in the same ratio.

    Source: OpenStudio's measure of that name (argument boiler_thermal_efficiency).
    """

    name = "boiler_efficiency"
    title = "Boiler efficiency"
    openstudio = "SetBoilerThermalEfficiency"
    value = MeasureValue(
        "number", "Heat given to the water over the fuel's.", "1", exclusive_minimum=0, maximum=1, example=0.9
    )
    ratings = {
        "Boiler:HotWater": Rating("Nominal Thermal Efficiency"),
        "Boiler:Steam": Rating("Theoretical Efficiency"),
        "HVACTemplate:Plant:Boiler": Rating("Efficiency"),
    }
