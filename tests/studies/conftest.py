"""A library in memory: a small model written by hand, the real ones of the engine's package, three cities, the starter
set of constructions."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from energyplus.bundled import find_bundled_file, list_bundled_models
from energyplus.measures.constructions import ConstructionSet
from energyplus.models.description import ModelDescription, ObjectDescription, describe_model
from library import construction_csv
from studies.checks.examination import LibraryModel, LibraryWeather, examine_study
from studies.problems import InvalidStudy, Problem

CITIES: dict[str, dict[str, Any]] = {
    "chicago": {"city": "Chicago Ohare Intl Ap", "latitude_deg": 41.98, "longitude_deg": -87.92},
    "miami": {"city": "Miami Intl Ap", "latitude_deg": 25.82, "longitude_deg": -80.3},
    "denver": {"city": "Denver", "latitude_deg": 39.83, "longitude_deg": -104.65},
}
SHED = {
    "Building": [("Shed", "0", "City", "0.04", "0.4", "FullExterior", "25", "6")],
    "GlobalGeometryRules": [("UpperLeftCorner", "Counterclockwise", "Relative")],
    "Site:Location": [("CHICAGO IL", "41.98", "-87.92", "-6.0", "201")],
    "SizingPeriod:DesignDay": [("CHICAGO Ann Htg", "1", "21"), ("CHICAGO Ann Clg", "7", "21")],
    "Site:GroundTemperature:BuildingSurface": [("18", "18", "18")],
    "Material": [
        ("Wall Insulation", "MediumRough", "0.1", "0.045", "265", "836.8"),
        ("Roof Insulation", "MediumRough", "0.2", "0.045", "265", "836.8"),
        ("HW Concrete [8in]", "Rough", "0.2033", "1.729", "2242.6", "836.8"),
    ],
    "Schedule:Constant": [("Always On", "", "1"), ("Always Off", "", "0")],
    "Zone": [("Hall",), ("Office",)],
    "Lights": [
        ("Hall Lights", "Hall", "Always On", "Watts/Area", "", "10"),
        ("Office Lights", "Office", "Always On", "LightingLevel", "500", ""),
    ],
    "Sizing:Parameters": [("1.25", "1.15", "6")],
    "Timestep": [("6",)],
    "Coil:Heating:Fuel": [
        ("Burner", "Always On", "NaturalGas", "0.8", "Autosize"),
        ("Spare", "", "NaturalGas", "0.8", ""),
    ],
}


def make_description(classes: Mapping[str, list[tuple[str, ...]]], version: str = "25.2") -> ModelDescription:
    unnamed = {"GlobalGeometryRules", "Sizing:Parameters", "Timestep", "Site:GroundTemperature:BuildingSurface"}
    return ModelDescription(
        version,
        {
            name: tuple(ObjectDescription("" if name in unnamed else values[0], values) for values in objects)
            for name, objects in classes.items()
        },
    )


@cache
def describe_bundled(alias: str) -> ModelDescription | None:
    path = find_bundled_file(alias, list_bundled_models())
    return describe_model(path) if path else None


@cache
def read_starter_set() -> ConstructionSet:
    path = Path(construction_csv.__file__).with_name("construction_starter.csv")
    return ConstructionSet("starter", "Starter set", "EUR", construction_csv.read_csv(path.read_bytes()))


class MemoryLibrary:
    def __init__(self, models: Mapping[str, ModelDescription] | None = None) -> None:
        self.models = dict(models or {"shed": make_description(SHED)})
        self.construction_sets = {"starter": read_starter_set()}

    def find_model(self, ref: str) -> LibraryModel | None:
        description = self.models.get(ref) or describe_bundled(ref)
        return LibraryModel(ref, f"id of {ref}", "0" * 64, ref, description) if description else None

    def find_weather(self, ref: str) -> LibraryWeather | None:
        facts = CITIES.get(ref.removeprefix("same-as-"))
        return LibraryWeather(ref, ref.removeprefix("same-as-"), "0" * 64, ref, facts) if facts else None

    def find_construction_set(self, ref: str) -> ConstructionSet | None:
        return self.construction_sets.get(ref)

    def construction_set_names(self) -> list[str]:
        return list(self.construction_sets)

    def model_names(self) -> list[str]:
        return [*self.models, *(entry.alias for entry in list_bundled_models())]

    def weather_names(self) -> list[str]:
        return list(CITIES)


@pytest.fixture
def library() -> MemoryLibrary:
    return MemoryLibrary()


@pytest.fixture
def shed() -> ModelDescription:
    return make_description(SHED)


def insulation(**changes: Any) -> dict[str, Any]:
    """A sound parameter of the shed, with keys replaced; a key set to ... is left out."""
    parameter: dict[str, Any] = {
        "name": "insulation_m",
        "target": {"class": "Material", "object": "*Insulation", "field": "Thickness"},
        "values": [0.05, 0.1],
        **changes,
    }
    return {key: value for key, value in parameter.items() if value is not ...}


def make_study(*parameters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A sound study of the shed, with keys replaced; a key set to ... is left out."""
    study: dict[str, Any] = {
        "name": "Shed",
        "model": "shed",
        "weather": "chicago",
        "parameters": list(parameters) or [insulation()],
        **changes,
    }
    return {key: value for key, value in study.items() if value is not ...}


@pytest.fixture
def refuse(library: MemoryLibrary) -> Callable[..., dict[str, Problem]]:
    """Examine a study that must be refused; its problems by path, each path once."""

    def refuse_study(document: Any, **arguments: Any) -> dict[str, Problem]:
        with pytest.raises(InvalidStudy) as refusal:
            examine_study(document, arguments.pop("library", library), **arguments)
        problems = refusal.value.problems
        assert len({problem.path for problem in problems}) == len(problems), problems
        return {problem.path: problem for problem in problems}

    return refuse_study
