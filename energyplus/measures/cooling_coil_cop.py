"""The measure `cooling_coil_cop`: sets the rated COP of direct-expansion cooling coils."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.equipment import EfficiencyMeasure, Rating


class CoolingCoilCop(EfficiencyMeasure):
    """Set the gross rated coefficient of performance of direct-expansion cooling coils.

    Of coils with several speeds the value is that of the fastest, of variable-speed coils that of the nominal speed;
    the other speeds keep their ratio to it. `CoilPerformance:DX:Cooling` and `Coil:Cooling:DX:CurveFit:Speed` objects
    are one stage or speed each: each gets the value; leave some out with `objects`. Curves stay. Heating of heat pumps
    is left alone.

    Source: OpenStudio's measures SetCOPforSingleSpeedDXCoolingUnits (argument cop) and SetCOPforTwoSpeedDXCoolingUnits.
    """

    name = "cooling_coil_cop"
    title = "Cooling coil COP"
    openstudio = "SetCOPforSingleSpeedDXCoolingUnits"
    value = MeasureValue(
        "number", "Gross cooling over electricity.", "W/W", exclusive_minimum=0, maximum=20, example=4.0
    )
    ratings = {
        "Coil:Cooling:DX:SingleSpeed": Rating("Gross Rated Cooling COP"),
        "Coil:Cooling:DX:TwoSpeed": Rating(("Low Speed Gross Rated Cooling COP", "High Speed Gross Rated Cooling COP")),
        "Coil:Cooling:DX:MultiSpeed": Rating("Speed {n} Gross Rated Cooling COP", count="Number of Speeds"),
        "Coil:Cooling:DX:VariableSpeed": Rating(
            "Speed {n} Reference Unit Gross Rated Cooling COP", count="Number of Speeds", nominal="Nominal Speed Level"
        ),
        "Coil:Cooling:DX:CurveFit:Speed": Rating("Gross Cooling COP"),
        "CoilPerformance:DX:Cooling": Rating("Gross Rated Cooling COP"),
        "Coil:Cooling:WaterToAirHeatPump:EquationFit": Rating("Gross Rated Cooling COP"),
    }
