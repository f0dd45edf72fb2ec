"""`GET /api/models/`."""

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredModel
from library.services import add_model

MODELS = "/api/models/"


def names(api: APIClient, query: str = "") -> list[str]:
    """Return the names of the first page."""
    return [row["name"] for row in api.get(MODELS + query).json()["results"]]


def test_own_uploads_come_before_the_bundled_models(
    api: APIClient, user: User, warehouse: StoredModel, model_file: SimpleUploadedFile
) -> None:
    add_model(owner=user, file=model_file)
    assert names(api) == ["shed.idf", warehouse.name]
    assert names(api, "?bundled=true") == [warehouse.name]
    assert names(api, "?bundled=false") == ["shed.idf"]
    assert names(api, "?name=SHED") == ["shed.idf"]


def test_anothers_uploads_are_not_listed(
    other_api: APIClient, user: User, model_file: SimpleUploadedFile, db: None
) -> None:
    add_model(owner=user, file=model_file)
    assert names(other_api) == []


def test_a_list_goes_on_by_cursor(api: APIClient, user: User) -> None:
    for number in range(5):
        StoredModel.objects.create(owner=user, name=str(number), sha256=f"{number:064x}", size_bytes=1)
    page, found = MODELS + "?page_size=2", []
    while page:
        body = api.get(page).json()
        found += [row["name"] for row in body["results"]]
        page = body["next"]
    assert sorted(found) == ["0", "1", "2", "3", "4"]


def test_nobody_sees_no_list(anonymous_api: APIClient) -> None:
    assert anonymous_api.get(MODELS).status_code == 401
