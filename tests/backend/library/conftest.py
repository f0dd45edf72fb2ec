"""Small files to upload, and the bundled library's smallest members in the database."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from energyplus.bundled import list_bundled_weather
from library.bundled import describe_bundled_model, describe_bundled_weather, load_files
from library.models import StoredModel, StoredWeather

SMALL_MODEL = b"""
Version,25.2;
Building,Shed,30,City,0.04,0.4,FullExterior,25,6;
Zone,Only zone;
Lights,Shed lights,Only zone,,Watts/Area,,8.5;
Material,Wall board,MediumSmooth,0.02,0.16,800,1090;
Material,Wool,Rough,0.1,0.04,30,840;
"""


def find_weather_path(alias: str) -> Path:
    """Return where a bundled weather file lies."""
    return next(file.path for file in list_bundled_weather() if file.alias == alias)


@pytest.fixture
def model_file() -> SimpleUploadedFile:
    """A building model of six objects."""
    return SimpleUploadedFile("shed.idf", SMALL_MODEL)


@pytest.fixture
def weather_file() -> SimpleUploadedFile:
    """A whole weather file."""
    return SimpleUploadedFile("my town.epw", find_weather_path("chicago").read_bytes())


@pytest.fixture
def warehouse(db: None) -> StoredModel:
    """The bundled warehouse."""
    from energyplus.bundled import list_bundled_models

    files = tuple(file for file in list_bundled_models() if file.alias == "warehouse")
    load_files(StoredModel, files, describe_bundled_model)
    return StoredModel.objects.get(alias="warehouse")


@pytest.fixture
def chicago(db: None) -> StoredWeather:
    """The bundled weather of Chicago."""
    files = tuple(file for file in list_bundled_weather() if file.alias == "chicago")
    load_files(StoredWeather, files, describe_bundled_weather)
    return StoredWeather.objects.get(alias="chicago")
