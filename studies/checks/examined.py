"""What a study is checked against, a library and engines, and what a sound one becomes: `ExaminedStudy`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from energyplus.engines.declarations import ProgramDeclaration
from energyplus.measures.constructions import ConstructionSet
from energyplus.models.description import ModelDescription
from studies.checks.fields import Note
from studies.definition import Study
from studies.designs.points import Points


@dataclass(frozen=True)
class LibraryModel:
    """A model of the library as a study sees it.

    Attributes:
        ref: What the study calls it: alias or id.
        id: Its id.
        sha256: Hash of its content.
        name: What people call it.
        description: Its objects and fields.
        attachments: Hashes of the files that came with it, by name.
    """

    ref: str
    id: str
    sha256: str
    name: str
    description: ModelDescription
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LibraryWeather:
    """A weather file of the library as a study sees it.

    Attributes:
        ref: What the study calls it: alias or id.
        id: Its id.
        sha256: Hash of its content.
        name: What people call it.
        facts: City, coordinates in degrees, elevation in m, ….
    """

    ref: str
    id: str
    sha256: str
    name: str
    facts: Mapping[str, Any]


class Library(Protocol):
    """Where a study's models, weather files and construction sets are looked up, with the eyes of who sends it."""

    def find_model(self, ref: str) -> LibraryModel | None:
        """Return the model of an alias or id, or None."""

    def find_weather(self, ref: str) -> LibraryWeather | None:
        """Return the weather of an alias or id, or None."""

    def find_construction_set(self, ref: str) -> ConstructionSet | None:
        """Return the construction set of a reference, or None."""

    def model_names(self) -> list[str]:
        """Return the references of models to offer where one is not known."""

    def weather_names(self) -> list[str]:
        """Return the references of weather files to offer where one is not known."""

    def construction_set_names(self) -> list[str]:
        """Return the references of construction sets to offer where one is not known."""


@dataclass(frozen=True)
class SurrogateInput:
    """An input of a trained surrogate, as its table of training cases had it.

    Attributes:
        name: What the study calls the parameter.
        unit: Of its values; None for texts.
        low: Lowest value that was trained on, in the unit; None for texts.
        high: Highest value, likewise.
        values: Of texts, those that were trained on.
        least: What values may not be below, whatever was trained on; None where any number will do.
        is_least_open: Whether they may not equal it either.
    """

    name: str
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    least: float | None = None
    is_least_open: bool = False


@dataclass(frozen=True)
class SurrogateDeclaration:
    """What a study must know of the trained surrogate that answers for its cases.

    Attributes:
        id: Its id.
        label: How people read it.
        digest: Hash of its file.
        inputs: Its inputs by name, models and weather files apart.
        metrics: Unit and label of each column that it fills, by name: of a metric, of both ends of its interval, and
            of `inside_domain`, which has the unit "".
        places: `models` and `weathers` that it was trained on: id, sha256, name and facts of each by its reference.
        run_period: What its cases simulated, as a study writes it; None where that is not known.
    """

    id: str
    label: str
    digest: str
    inputs: Mapping[str, SurrogateInput]
    metrics: Mapping[str, Mapping[str, str]]
    places: Mapping[str, Mapping[str, Mapping[str, Any]]]
    run_period: Any = None


class Engines(Protocol):
    """What there is to run a study with, with the eyes of who sends it."""

    @property
    def programs(self) -> Mapping[str, ProgramDeclaration]:
        """The declared programs by name."""

    def find_surrogate(self, ref: str) -> SurrogateDeclaration | None:
        """Return the trained surrogate of an id, or None."""

    def surrogate_names(self) -> list[str]:
        """Return the ids of surrogates to offer where one is not known."""

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of EnergyPlus models that can run."""


@dataclass(frozen=True)
class ExaminedStudy:
    """A study that can be run.

    Attributes:
        study: The study.
        models: Its models by reference, in the study's order.
        weathers: Its weather files by reference, in the study's order.
        notes: What the modeller should know of it.
        parameters: Unit of each parameter's values by its name: the field's unit, `1` for factors and dimensionless
            fields, None for texts and where models disagree.
        series_values: How many values of time series a case reports, about; the most of any model.
        program: The declared program that runs the cases, None for EnergyPlus.
        construction_sets: The construction sets that its measures name, by reference.
        surrogate: The trained surrogate that answers for the cases, None where they are simulated.
        points: Its cases by index.
    """

    study: Study
    points: Points
    models: dict[str, LibraryModel]
    weathers: dict[str, LibraryWeather]
    notes: tuple[Note, ...] = ()
    parameters: dict[str, str | None] = field(default_factory=dict)
    series_values: int = 0
    program: ProgramDeclaration | None = None
    construction_sets: Mapping[str, ConstructionSet] = field(default_factory=dict)
    surrogate: SurrogateDeclaration | None = None
