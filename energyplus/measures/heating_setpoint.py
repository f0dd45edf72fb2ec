"""The measure `heating_setpoint`: shifts the set-points for heating."""

from energyplus.measures.base import MeasureValue
from energyplus.measures.setpoints import SetpointMeasure


class HeatingSetpoint(SetpointMeasure):
    """Shift the set-points for heating of all thermostats.

    The value is added to every hour of their schedules: of `ThermostatSetpoint:DualSetpoint`, `:SingleHeating` and
    `HVACTemplate:Thermostat`. A schedule that something else uses, too, stays as it is; the thermostats get a copy.
    Schedules that thermostats alone use are changed in place, so that energy management programs which write them go
    on; what these write is not shifted. Set-backs are shifted as much as set-points. Sizing keeps the set-points of the
    design days unless `alter_design_days` says otherwise; constants of templates have no design days of their own.

    Heating never comes above cooling: where less than `min_deadband` would stay between the two, `on_conflict` says
    what gives way, hour by hour, and the case's changes tell of it.

    Source: OpenStudio's measure of that name, whose heating_adjustment is in F; the deadband is Casefarm's own.
    """

    name = "heating_setpoint"
    title = "Heating set-point"
    openstudio = "AdjustThermostatSetpointsByDegrees"
    value = MeasureValue(
        "number", "What is added to the set-points for heating.", "K", minimum=-30, maximum=30, example=-1.0
    )
    side = "heating"
