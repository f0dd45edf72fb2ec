"""The library as one user's studies see it."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from library import selectors, storage
from library.errors import ContentMissingError
from library.models import StoredModel, StoredWeather
from library.selectors import LibraryView
from library.services import add_model
from tests.backend.stored import stored

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


def test_references_are_aliases_and_ids_of_own_uploads(
    user: User, other_user: User, warehouse: StoredModel, chicago: StoredWeather, model_file: SimpleUploadedFile
) -> None:
    row, _ = add_model(owner=user, file=model_file)
    mine, theirs = LibraryView(user), LibraryView(other_user)
    assert mine.model_names() == ["warehouse", str(row.pk)]
    assert theirs.model_names() == ["warehouse"]
    assert mine.weather_names() == ["chicago"]
    found = mine.find_model(str(row.pk))
    assert found is not None
    assert (found.id, found.sha256, found.name) == (str(row.pk), row.sha256, "shed.idf")
    assert found.description.classes["Lights"][0].name == "Shed lights"
    assert theirs.find_model(str(row.pk)) is None


@pytest.mark.parametrize("ref", ["atlantis", "", "a\x00b", NOBODYS_ID])
def test_what_is_not_there_is_none(user: User, ref: str) -> None:
    assert LibraryView(user).find_model(ref) is None
    assert LibraryView(user).find_weather(ref) is None


def test_a_weather_file_brings_its_facts(user: User, chicago: StoredWeather) -> None:
    found = LibraryView(user).find_weather("Chicago")
    assert found is not None
    assert found.facts["elevation_m"] == chicago.facts["elevation_m"]


def test_a_lost_description_is_made_again(warehouse: StoredModel) -> None:
    path = stored(storage.description_key_of(warehouse.sha256))
    kept = json.loads(path.read_text())
    path.unlink()
    selectors.read_description.cache_clear()
    selectors.get_description(warehouse)
    assert json.loads(path.read_text()) == kept


def test_a_description_of_an_older_reader_is_made_again(warehouse: StoredModel) -> None:
    path = stored(storage.description_key_of(warehouse.sha256))
    kept = json.loads(path.read_text())
    zones = kept["classes"]["Zone"]
    path.write_text(json.dumps({**kept, "described_by": "older", "classes": {"Zone": zones[::-1]}}))
    selectors.read_description.cache_clear()
    assert [entry.name for entry in selectors.get_description(warehouse).classes["Zone"]] == [name for name, _ in zones]
    assert json.loads(path.read_text()) == kept


def test_a_lost_content_is_said_to_be_lost(warehouse: StoredModel) -> None:
    storage.remove_content(warehouse.sha256)
    selectors.read_description.cache_clear()
    with pytest.raises(ContentMissingError, match="upload the model again"):
        selectors.get_description(warehouse)
