"""What the references of a batch meant at its submission, as a library: its rows may have gone or changed since."""

from collections.abc import Mapping
from typing import Any

from energyplus.measures.constructions import ConstructionSet
from library.selectors import read_description
from studies.checks.examination import LibraryModel, LibraryWeather


class PinnedLibrary:
    """A batch's inputs, to be examined against like a user's library (`studies.checks.examination.Library`).

    Args:
        inputs: of the batch, as `submission.pin_inputs` gives them.
    """

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self._models = inputs["models"]
        self._weathers = inputs["weathers"]
        self._sets = inputs.get("construction_sets", {})

    def find_model(self, ref: str) -> LibraryModel | None:
        """Return the model that a reference meant; its content must still be stored."""
        found = self._models.get(ref)
        if found is None:
            return None
        description = read_description(found["sha256"])
        attachments = found.get("attachments", {})
        return LibraryModel(ref, found["id"], found["sha256"], found["name"], description, attachments)

    def find_weather(self, ref: str) -> LibraryWeather | None:
        """Return the weather file that a reference meant."""
        found = self._weathers.get(ref)
        return found and LibraryWeather(ref, found["id"], found["sha256"], found["name"], found.get("facts", {}))

    def find_construction_set(self, ref: str) -> ConstructionSet | None:
        """Return the construction set that a reference meant, with the values it had."""
        found = self._sets.get(ref)
        return found and ConstructionSet.from_json(found)

    def model_names(self) -> list[str]:
        """Return the references of the batch's models."""
        return list(self._models)

    def weather_names(self) -> list[str]:
        """Return the references of the batch's weather files."""
        return list(self._weathers)

    def construction_set_names(self) -> list[str]:
        """Return the references of the batch's construction sets."""
        return list(self._sets)
