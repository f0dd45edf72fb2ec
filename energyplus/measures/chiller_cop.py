"""The measure `chiller_cop`: sets the reference COP of electric chillers."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.equipment import EfficiencyMeasure, Rating


class ChillerCop(EfficiencyMeasure):
    """Set the reference coefficient of performance of electric chillers.

    Curves stay, so the performance at part load and other temperatures changes in the same ratio.

    Source: OpenStudio's measure of that name (argument cop).
    """

    name = "chiller_cop"
    title = "Chiller COP"
    openstudio = "SetChillerCOP"
    value = MeasureValue("number", "Cooling over electricity.", "W/W", exclusive_minimum=0, maximum=30, example=6.0)
    ratings = {
        "Chiller:Electric:EIR": Rating("Reference COP"),
        "Chiller:Electric:ReformulatedEIR": Rating("Reference COP"),
        "Chiller:Electric": Rating("Nominal COP"),
        "HVACTemplate:Plant:Chiller": Rating("Nominal COP"),
    }
