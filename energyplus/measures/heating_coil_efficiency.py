"""The measure `heating_coil_efficiency`: sets the burner efficiency of fuel-fired heating coils."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.equipment import EfficiencyMeasure, Rating


class HeatingCoilEfficiency(EfficiencyMeasure):
    """Set the burner efficiency of heating coils that burn a fuel, as in furnaces and rooftop units.

    Of coils with several stages the value is that of the highest; the others keep their ratio to it. Part-load curves
    and parasitic loads stay. Electric coils and heat pumps are left alone.

    Source: OpenStudio's measure of that name (argument eff).
    """

    name = "heating_coil_efficiency"
    title = "Heating coil efficiency"
    openstudio = "SetGasBurnerEfficiency"
    value = MeasureValue(
        "number", "Heat given to the air over the fuel's.", "1", exclusive_minimum=0, maximum=1, example=0.92
    )
    ratings = {
        "Coil:Heating:Fuel": Rating("Burner Efficiency"),
        "Coil:Heating:Gas:MultiStage": Rating("Stage {n} Gas Burner Efficiency", count="Number of Stages"),
    }
