"""Construction sets: what walls, roofs, floors and windows are made of, what they cost and what carbon is in them.

Plain data. The library keeps sets and a batch pins those it uses (`to_json`, `from_json`); the measure
`assign_construction` puts constructions into a case and writes the case's bill, which becomes two of its metrics.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

LayerKind = Literal["material", "no_mass", "air_gap"]
ConstructionKind = Literal["exterior_wall", "roof", "ground_floor", "window"]
CONSTRUCTION_KINDS: tuple[ConstructionKind, ...] = get_args(ConstructionKind)
LAYER_KINDS: tuple[LayerKind, ...] = get_args(LayerKind)
ROUGHNESSES = ("VeryRough", "Rough", "MediumRough", "MediumSmooth", "Smooth", "VerySmooth")
MOST_LAYERS = 10
"""As many as the engine's class Construction has places for."""

_SURFACE_NUMBERS = ("thermal_absorptance", "solar_absorptance", "visible_absorptance")
LAYER_NUMBERS: Mapping[LayerKind, tuple[str, ...]] = {
    "material": ("thickness_m", "conductivity_w_mk", "density_kg_m3", "specific_heat_j_kgk", *_SURFACE_NUMBERS),
    "no_mass": ("resistance_m2k_w", *_SURFACE_NUMBERS),
    "air_gap": ("resistance_m2k_w",),
}
"""The numbers a layer has, by its kind: all of these and no other, in the order of the engine's fields."""
_LAYER_CLASSES: Mapping[LayerKind, str] = {
    "material": "Material",
    "no_mass": "Material:NoMass",
    "air_gap": "Material:AirGap",
}
_FILMS_M2K_W: Mapping[str, float] = {"exterior_wall": 0.13 + 0.04, "roof": 0.10 + 0.04}
"""Surface resistances inside and outside, m2-K/W: ISO 6946:2017, table 7, heat flow sideways and upwards."""


@dataclass(frozen=True)
class Layer:
    """One layer of a construction.

    Attributes:
        name: of the material.
        kind: with mass, without mass, or a gap of air; `LAYER_NUMBERS` says which numbers it has, the others are None.
        roughness: of its surface, a word of the engine's (`ROUGHNESSES`); None of an air gap.
        thickness_m: m.
        conductivity_w_mk: W/m-K.
        density_kg_m3: kg/m3.
        specific_heat_j_kgk: J/kg-K.
        resistance_m2k_w: thermal resistance of a layer without mass or of an air gap, m2-K/W.
        thermal_absorptance, solar_absorptance, visible_absorptance: shares of 1.
    """

    name: str
    kind: LayerKind
    roughness: str | None = None
    thickness_m: float | None = None
    conductivity_w_mk: float | None = None
    density_kg_m3: float | None = None
    specific_heat_j_kgk: float | None = None
    resistance_m2k_w: float | None = None
    thermal_absorptance: float | None = None
    solar_absorptance: float | None = None
    visible_absorptance: float | None = None

    @property
    def thermal_resistance_m2k_w(self) -> float:
        """Thermal resistance of the layer, m2-K/W."""
        if self.thickness_m is not None and self.conductivity_w_mk is not None:
            return self.thickness_m / self.conductivity_w_mk
        return self.resistance_m2k_w or 0.0

    @property
    def class_name(self) -> str:
        """The engine's class of such a layer."""
        return _LAYER_CLASSES[self.kind]

    @property
    def values(self) -> tuple[str | float, ...]:
        """Its field values in the engine's order, after the name."""
        numbers = tuple(getattr(self, name) for name in LAYER_NUMBERS[self.kind])
        return (self.roughness, *numbers) if self.roughness is not None else numbers


@dataclass(frozen=True)
class Glazing:
    """A window as a whole, frame included: what the engine calls a simple glazing system.

    Attributes:
        u_factor_w_m2k: U-factor with the standard's films, W/m2-K.
        shgc: solar heat gain coefficient, share of 1.
        visible_transmittance: share of 1; None where the engine is to take as much as of the solar radiation.
    """

    u_factor_w_m2k: float
    shgc: float
    visible_transmittance: float | None = None


GLAZING_NUMBERS = tuple(field.name for field in fields(Glazing))


@dataclass(frozen=True)
class Construction:
    """A construction as it is bought and built.

    Attributes:
        name: what a study calls it; unique within its set.
        kind: where it may be put.
        layers: from outside to inside; none of a window.
        glazing: of a window; None of anything else.
        cost_per_m2: what a square metre costs, in the currency of the set; None where it is not known.
        embodied_carbon_kgco2e_m2: embodied carbon of a square metre, kgCO2e; None where it is not known.
        service_life_years: until it has to be replaced; None where it is not known.
        source: where the figures come from.
    """

    name: str
    kind: ConstructionKind
    layers: tuple[Layer, ...] = ()
    glazing: Glazing | None = None
    cost_per_m2: float | None = None
    embodied_carbon_kgco2e_m2: float | None = None
    service_life_years: float | None = None
    source: str = ""

    @property
    def u_factor_w_m2k(self) -> float | None:
        """U-factor, W/m2-K: that of the window; of walls and roofs by ISO 6946, without thermal bridges.

        None of a ground floor, whose heat loss depends on the ground and its shape.
        """
        if self.glazing is not None:
            return self.glazing.u_factor_w_m2k
        films = _FILMS_M2K_W.get(self.kind)
        if films is None:
            return None
        return 1 / (films + sum(layer.thermal_resistance_m2k_w for layer in self.layers))

    def bill(self, what: str, area_m2: float, currency: str) -> "BillItem":
        """Price an area of this construction.

        Args:
            what: the line of the bill.
            area_m2: how much of it is built, m2.
            currency: of its set.
        """
        return BillItem(
            what,
            area_m2,
            _times(self.cost_per_m2, area_m2),
            currency,
            _times(self.embodied_carbon_kgco2e_m2, area_m2),
            self.service_life_years,
        )


@dataclass(frozen=True)
class ConstructionSet:
    """Constructions that are priced together.

    Attributes:
        ref: what a study calls it.
        name: what people call it.
        currency: of all its costs, ISO 4217 ("EUR").
        constructions: in the order of the set.
    """

    ref: str
    name: str
    currency: str
    constructions: tuple[Construction, ...]

    def find(self, name: str, kind: ConstructionKind | None = None) -> Construction | None:
        """Return the construction of that name in any letter case, of that kind if one is given, or None."""
        wanted = name.casefold()
        return next((entry for entry in self.list_kind(kind) if entry.name.casefold() == wanted), None)

    def list_kind(self, kind: ConstructionKind | None = None) -> tuple[Construction, ...]:
        """Return the constructions of a kind, all without one."""
        return tuple(entry for entry in self.constructions if kind is None or entry.kind == kind)

    def to_json(self) -> dict[str, Any]:
        """The set as plain lists and dicts; what does not apply is left out."""
        return {
            "ref": self.ref,
            "name": self.name,
            "currency": self.currency,
            "constructions": [construction_to_json(entry) for entry in self.constructions],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ConstructionSet":
        """A set from what `to_json` gave."""
        constructions = tuple(construction_from_json(entry) for entry in document["constructions"])
        return cls(document["ref"], document["name"], document["currency"], constructions)


@dataclass(frozen=True)
class BillItem:
    """A line of what a case puts into the building.

    Attributes:
        what: what it is, in words.
        area_m2: how much of it, zones and windows counted as often as they stand there, m2.
        cost: of all of it, in `currency`; None where it is not known.
        currency: ISO 4217 code.
        embodied_carbon_kgco2e: of all of it, kgCO2e; None where it is not known.
        service_life_years: until it has to be replaced; None where it is not known.
    """

    what: str
    area_m2: float
    cost: float | None
    currency: str
    embodied_carbon_kgco2e: float | None
    service_life_years: float | None


CARBON_METRIC = "embodied_carbon_kgco2e"
COST_METRIC_PREFIX = "investment_cost_"


def cost_metric(currency: str) -> str:
    """Return the name of the metric that holds investment costs in a currency: `investment_cost_eur`."""
    return COST_METRIC_PREFIX + currency.lower()


def total_bill(items: Iterable[BillItem], currency: str) -> dict[str, float | None]:
    """Return the two metrics of a bill: investment cost and embodied carbon (kgCO2e).

    Nothing put in is 0; one line that is not known makes the sum unknown (None), never smaller.

    Args:
        items: every line, all in one currency.
        currency: ISO 4217 code.
    """
    lines = list(items)
    return {
        cost_metric(currency): _sum([line.cost for line in lines]),
        CARBON_METRIC: _sum([line.embodied_carbon_kgco2e for line in lines]),
    }


def construction_to_json(entry: Construction) -> dict[str, Any]:
    """Return a construction as plain lists and dicts; numbers that its layers do not have are left out."""
    document = asdict(entry)
    document["layers"] = [
        {key: value for key, value in layer.items() if value is not None} for layer in document["layers"]
    ]
    unused = "layers" if entry.glazing is not None else "glazing"
    return {key: value for key, value in document.items() if key != unused}


def construction_from_json(document: Mapping[str, Any]) -> Construction:
    """Return a construction from what `construction_to_json` gave."""
    parts = dict(document)
    parts["layers"] = tuple(Layer(**layer) for layer in parts.get("layers", ()))
    glazing = parts.get("glazing")
    parts["glazing"] = Glazing(**glazing) if glazing is not None else None
    return Construction(**parts)


def _times(per_m2: float | None, area_m2: float) -> float | None:
    return None if per_m2 is None else per_m2 * area_m2


def _sum(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return float(sum(known)) if len(known) == len(amounts) else None
