"""Energy carriers, as valuations name them: which metrics hold their energy and which meters tell its times.

Electricity is what the building takes from the grid. A model that generates none takes what it uses; of one that does,
the engine tells apart in every time step what is bought and what is sold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from energyplus.results.metrics import FORMER_NAMES, FUELS

ELECTRICITY = "electricity"
PURCHASED_METER, SOLD_METER = "ElectricityPurchased:Facility", "ElectricitySurplusSold:Facility"
PRODUCED_METRIC, PURCHASED_METRIC, SOLD_METRIC = (
    "electricity_produced_kwh",
    "electricity_purchased_kwh",
    "electricity_sold_kwh",
)


@dataclass(frozen=True)
class Carrier:
    """An energy carrier.

    Attributes:
        name: as a valuation writes it.
        fuels: of the engine, by the names of their metrics; several where the engine tells more apart.
    """

    name: str
    fuels: tuple[str, ...]

    @property
    def metric(self) -> str:
        """The metric that holds what is used of it, kWh."""
        return f"{self.name}_kwh"

    @property
    def meters(self) -> dict[str, str]:
        """By fuel, the meter that says when it is used."""
        return {fuel: f"{FUELS[fuel]}:Facility" for fuel in self.fuels}


CARRIERS: Mapping[str, Carrier] = {
    **{fuel: Carrier(fuel, (fuel,)) for fuel in FUELS},
    "district_heating": Carrier("district_heating", ("district_heating_water", "district_heating_steam")),
}
"""Every fuel of the engine, and district heating whether it comes as water or as steam."""

_FORMER_BY_NAME = {now: former for former, now in FORMER_NAMES.items()}


def meter_names(meter: str) -> tuple[str, ...]:
    """Return what a meter is called, in small letters: today, and by older versions of the engine."""
    resource, _, group = meter.partition(":")
    former = _FORMER_BY_NAME.get(resource)
    names = [meter, f"{former}:{group}"] if former else [meter]
    return tuple(name.casefold() for name in names)
