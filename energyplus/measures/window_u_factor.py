"""The measure `window_u_factor`: sets the U-factor of exterior windows."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.glazing import GlazingMeasure


class WindowUFactor(GlazingMeasure):
    """Set the U-factor of the simple glazing systems in exterior windows, glass doors and skylights.

    It is the value of `WindowMaterial:SimpleGlazingSystem`, films on both sides included, frames of their own not.
    Solar heat gain and visible transmittance stay. Where a construction or glazing has other users as well, such as a
    window between zones, these keep theirs. Windows of layered glass cannot be given a U-factor: the case fails and
    says what to do.

    Source: EnergyPlus Input Output Reference, WindowMaterial:SimpleGlazingSystem (U up to 7 W/m2-K).
    """

    name = "window_u_factor"
    title = "Window U-factor"
    value = MeasureValue(
        "number", "U-factor of the glazing with films.", "W/m2-K", exclusive_minimum=0, maximum=7, example=1.6
    )
    field = "U-Factor"
