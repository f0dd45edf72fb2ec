"""A model and the weather it is run under in, what stays of the model's own site out: for notes and changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from energyplus.models.description import ModelDescription
from studies.checks.targets import read_number
from studies.problems import list_names

# about 50 km: a model named after a city and the airport's weather station are one site
NEAR_DEG = 0.5


@dataclass(frozen=True)
class KeptSite:
    """What a model keeps of its own site when it runs under the weather of another.

    Attributes:
        model_site: Name of the model's site.
        weather_site: City of the weather file.
        kept: What stays, in words: design days with their names, ground temperatures, water mains temperature.
    """

    model_site: str
    weather_site: str
    kept: tuple[str, ...]

    @property
    def text(self) -> str:
        """The swap in one sentence."""
        kept = (
            f"kept from the model: {'; '.join(self.kept)}" if self.kept else "the model keeps nothing of its own site"
        )
        return f"Weather of {self.weather_site} in a model of {self.model_site}; {kept}"


def compare_sites(description: ModelDescription, facts: Mapping[str, Any]) -> KeptSite | None:
    """Compare a model's site with that of a weather file.

    Args:
        description: The model.
        facts: The weather's facts: `city`, `latitude_deg`, `longitude_deg`.

    Returns:
        What is kept of the model's site, or None where both are the same place or the model has no site.
    """
    places = description.classes.get("Site:Location", ())
    if not places:
        return None
    values = (*places[0].values, "", "", "")
    latitude, longitude = read_number(values[1].strip()), read_number(values[2].strip())
    if latitude is None or longitude is None or _is_near(latitude, longitude, facts):
        return None
    return KeptSite(
        values[0].strip() or "another site", str(facts.get("city") or "another city"), list_kept(description)
    )


def _is_near(latitude_deg: float, longitude_deg: float, facts: Mapping[str, Any]) -> bool:
    other_latitude, other_longitude = facts.get("latitude_deg"), facts.get("longitude_deg")
    if other_latitude is None or other_longitude is None:
        return False
    turn = abs(longitude_deg - float(other_longitude)) % 360.0
    return abs(latitude_deg - float(other_latitude)) <= NEAR_DEG and min(turn, 360.0 - turn) <= NEAR_DEG


def list_kept(description: ModelDescription) -> tuple[str, ...]:
    """List what a model says of its site that no weather file replaces."""
    kept = []
    days = [f"'{entry.name}'" for entry in description.classes.get("SizingPeriod:DesignDay", ())]
    if days:
        kept.append(f"design day{'s' if len(days) > 1 else ''} {list_names(days)}")
    ground = [name for name in description.classes if name.startswith("Site:GroundTemperature:")]
    if ground:
        kept.append(f"ground temperatures ({', '.join(sorted(ground))})")
    if description.classes.get("Site:WaterMainsTemperature"):
        kept.append("water mains temperature (Site:WaterMainsTemperature)")
    return tuple(kept)
