"""The names that the engine gives its meters: whether a text is one, and which ones to offer; for asked-for outputs.

The engine makes them of resources, end uses and the model's own sub-categories, zones and space types, as its Input
Output Reference says under Output:Meter. Which of them a model has depends on its equipment.
"""

from energyplus.models.description import ModelDescription
from energyplus.results.metrics import END_USES, FUELS

_GROUPS = ("Facility", "Building", "HVAC", "Plant")
_EMITTED = (
    "CO2", "CO", "CH4", "NOx", "N2O", "SO2", "PM", "PM10", "PM2.5", "NH3", "NMVOC", "Hg", "Pb", "Nuclear High",
    "Nuclear Low", "WaterEnvironmentalFactors", "Source", "Carbon Equivalent",
)  # fmt: skip
_RESOURCES = frozenset(
    name.casefold()
    for name in (
        *FUELS.values(), *_EMITTED, "ElectricityProduced", "ElectricityNet", "ElectricityPurchased",
        "ElectricitySurplusSold", "EnergyTransfer", "Water", "MainsWater", "OnSiteWater", "WellWater", "RainWater",
        "Condensate", "GrayWater", "PlantLoopHeatingDemand", "PlantLoopCoolingDemand", "SolarAir", "SolarWater",
        "None", "Electric", "Gas", "Steam", "FuelOil#1", "FuelOil#2", "DistrictHeating",
    )
)  # fmt: skip
_END_USES = frozenset(
    name.casefold()
    for name in (
        *END_USES.values(), *(f"{fuel}Emissions" for fuel in FUELS.values()), "Baseboard", "Boilers", "Chillers",
        "CarbonEquivalentEmissions", "ColdStorageCharge", "ColdStorageDischarge", "Condensate", "CoolingCoils",
        "CoolingPanel", "DistrictChilledWater", "DistrictHotWater", "ElectricStorage", "FreeCooling", "HeatingCoils",
        "HeatProduced", "HeatRecoveryForCooling", "HeatRecoveryForHeating", "LoopToLoop", "MainsWater", "Photovoltaic",
        "PowerConversion", "PurchasedElectricityEmissions", "RainWater", "SoldElectricityEmissions", "WellWater",
        "WindTurbine",
    )
)  # fmt: skip
_CUSTOM_CLASSES = ("Meter:Custom", "Meter:CustomDecrement")


def is_meter(name: str, description: ModelDescription) -> bool:
    """Tell whether a model could have a meter of this name, in any letter case."""
    folded = name.casefold()
    if folded in map(str.casefold, _list_custom(description)):
        return True
    stem, _, zone = folded.partition(":zone:")
    if zone:
        zones = {entry.name.casefold() for kind in ("Zone", "Space") for entry in description.classes.get(kind, ())}
        return zone in zones and (stem in _RESOURCES or _is_use(stem))
    stem, _, space_type = folded.partition(":spacetype:")
    if space_type:
        return stem in _RESOURCES or _is_use(stem)
    resource, _, group = folded.rpartition(":")
    return (group in map(str.casefold, _GROUPS) and resource in _RESOURCES) or _is_use(folded)


def list_meters(description: ModelDescription) -> list[str]:
    """Return the names of meters to offer where one is not known: the usual ones and the model's own."""
    facilities = [f"{fuel}:Facility" for fuel in FUELS.values()]
    uses = [f"{use}:{fuel}" for fuel in FUELS.values() for use in END_USES.values()]
    return [*facilities, *_list_custom(description), *uses]


def _is_use(folded: str) -> bool:
    """Whether a folded name is END USE:RESOURCE, or that of a sub-category: SUB-CATEGORY:END USE:RESOURCE."""
    parts = folded.split(":")
    return len(parts) > 1 and parts[-2] in _END_USES and parts[-1] in _RESOURCES


def _list_custom(description: ModelDescription) -> list[str]:
    return [entry.name for kind in _CUSTOM_CLASSES for entry in description.classes.get(kind, ())]
