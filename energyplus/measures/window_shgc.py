"""The measure `window_shgc`: sets the solar heat gain coefficient of exterior windows."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.glazing import GlazingMeasure


class WindowShgc(GlazingMeasure):
    """Set the solar heat gain coefficient of the simple glazing systems in exterior windows, glass doors and skylights.

    It is the value of `WindowMaterial:SimpleGlazingSystem` at normal incidence. U-factor and visible transmittance
    stay; where the latter is blank, the engine works it out of this value. Where a construction or glazing has other
    users as well, such as a window between zones, these keep theirs. Windows of layered glass cannot be given a
    coefficient: the case fails and says what to do.

    Source: EnergyPlus Input Output Reference, WindowMaterial:SimpleGlazingSystem.
    """

    name = "window_shgc"
    title = "Window SHGC"
    value = MeasureValue(
        "number", "Solar heat gain coefficient at normal incidence.", "1", exclusive_minimum=0, exclusive_maximum=1,
        example=0.4,
    )  # fmt: skip
    field = "Solar Heat Gain Coefficient"
