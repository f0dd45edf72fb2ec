"""`GET /api/engines/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from library.engines import catalogue
from tests.declared_programs import declare_program
from tests.fakes.installed import make_folder

ENGINES, HEALTH = "/api/engines/", "/api/health/"


@pytest.fixture(autouse=True)
def fresh_catalogue() -> Iterator[None]:
    """Each test has settings of its own."""
    catalogue.cache_clear()
    yield
    catalogue.cache_clear()


def test_what_casefarm_brings_is_always_there(api: APIClient) -> None:
    (engine,) = api.get(ENGINES).json()
    assert (engine["engine"], engine["kind"], engine["version"]) == ("energyplus", "package", "25.2")
    assert engine["detail"].startswith("25.2.0-")
    assert (engine["parameters"], engine["metrics"], engine["reads_weather"]) == ([], [], True)


def test_installed_engines_and_declared_programs_are_listed(api: APIClient, settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_ENERGYPLUS = (make_folder(tmp_path / "EnergyPlus-23-2-0"),)
    settings.CASEFARM_PROGRAMS = declare_program(tmp_path)
    _package, installed, program = api.get(ENGINES).json()
    assert (installed["engine"], installed["version"]) == ("energyplus", "23.2")
    assert installed["detail"] == "23.2.0-7636e6b3e9 in EnergyPlus-23-2-0"
    assert (program["engine"], program["detail"]) == ("executable:degree_days", "Degree days")
    assert program["parameters"][1] == {
        "name": "base_c",
        "unit": "C",
        "default": 15.0,
        "minimum": None,
        "maximum": None,
    }
    assert program["metrics"][1] == {"name": "degree_days_k_d", "unit": "K d", "label": "degree_days_k_d"}


def test_the_health_page_names_engines_but_not_where_they_lie(
    anonymous_api: APIClient, settings: Settings, tmp_path: Path
) -> None:
    settings.CASEFARM_ENERGYPLUS = (make_folder(tmp_path / "EnergyPlus-23-2-0"),)
    settings.CASEFARM_PROGRAMS = declare_program(tmp_path)
    response = anonymous_api.get(HEALTH)
    kinds = [engine["kind"] for engine in response.json()["engine"]["engines"]]
    assert kinds == ["package", "installed", "executable"]
    assert str(tmp_path) not in response.content.decode()


def test_an_engine_that_has_broken_since_is_told(anonymous_api: APIClient, settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_ENERGYPLUS = (tmp_path / "gone",)
    engine = anonymous_api.get(HEALTH).json()["engine"]
    assert (engine["ok"], engine["detail"]) == (False, "an engine of the settings is broken")


def test_a_stranger_is_not_told(anonymous_api: APIClient) -> None:
    assert anonymous_api.get(ENGINES).status_code == 401
