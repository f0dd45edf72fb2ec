"""`manage.py load_bundled_library`."""

from io import StringIO

import pytest
from django.core.management import call_command

from energyplus.bundled import list_bundled_models, list_bundled_weather
from library import storage
from library.models import StoredModel, StoredWeather

pytestmark = pytest.mark.django_db


def load() -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("load_bundled_library", stdout=out)
    return out.getvalue()


def test_every_bundled_file_is_taken_in_once() -> None:
    models, weathers = len(list_bundled_models()), len(list_bundled_weather())
    text = f"library: {models} models, {weathers} weather files and 1 construction set"
    assert load() == f"{text}, {models + weathers + 1} new or changed\n"
    assert load() == f"{text}, 0 new or changed\n"
    assert {"warehouse", "small_office", "ashrae_office_small"} <= set(
        StoredModel.objects.values_list("alias", flat=True)
    )
    assert {"chicago", "miami", "san_francisco"} <= set(StoredWeather.objects.values_list("alias", flat=True))


def test_the_newest_row_is_the_first_reference_building(warehouse: StoredModel) -> None:
    load()
    assert StoredModel.objects.exclude(pk=warehouse.pk).first().alias == list_bundled_models()[0].alias


def test_a_lost_content_is_stored_again(warehouse: StoredModel) -> None:
    load()
    storage.remove_content(warehouse.sha256)
    assert "1 new or changed" in load()
    assert storage.path_of(warehouse.sha256).is_file()


def test_a_changed_file_keeps_its_row_and_alias(warehouse: StoredModel) -> None:
    StoredModel.objects.filter(pk=warehouse.pk).update(sha256="0" * 64)
    load()
    assert StoredModel.objects.get(alias="warehouse").pk == warehouse.pk
    assert StoredModel.objects.get(alias="warehouse").sha256 == warehouse.sha256
