"""Construction sets as clients send them."""

from copy import deepcopy
from typing import Any

SETS = "/api/construction-sets/"
BRICK = {
    "name": "Brick",
    "kind": "material",
    "roughness": "Rough",
    "thickness_m": 0.24,
    "conductivity_w_mk": 0.8,
    "density_kg_m3": 1700,
    "specific_heat_j_kgk": 1000,
    "thermal_absorptance": 0.9,
    "solar_absorptance": 0.65,
    "visible_absorptance": 0.65,
}
GAP = {"name": "Gap", "kind": "air_gap", "resistance_m2k_w": 0.18}
WALL = {"name": "Wall", "kind": "exterior_wall", "layers": [BRICK, GAP, BRICK], "cost_per_m2": 120, "source": "Offer 7"}
WINDOW = {
    "name": "Window",
    "kind": "window",
    "glazing": {"u_factor_w_m2k": 1.1, "shgc": 0.5, "visible_transmittance": 0.6},
    "embodied_carbon_kgco2e_m2": 80,
    "service_life_years": 30,
}
SET = {"name": "Offers", "currency": "EUR", "description": "Of May", "constructions": [WALL, WINDOW]}


def make_set(**changes: Any) -> dict[str, Any]:
    """A sound set with keys replaced; a key set to ... is left out."""
    return {key: value for key, value in deepcopy({**SET, **changes}).items() if value is not ...}
