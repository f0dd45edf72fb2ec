"""`DELETE /api/models/{id}/`."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library import references, storage
from library.models import StoredModel
from library.references import UsedFiles
from library.services import add_model
from tests.backend.stored import stored


@pytest.fixture
def shed(user: User, model_file: SimpleUploadedFile) -> StoredModel:
    """The small model, uploaded."""
    return add_model(owner=user, file=model_file)[0]


@pytest.fixture
def used() -> Iterator[dict[str, frozenset[str]]]:
    """What a room says it uses; tests write into it."""
    claims = {"ids": frozenset[str](), "sha256s": frozenset[str]()}

    def find() -> UsedFiles:
        return UsedFiles(**claims)

    references.register_finder(find)
    yield claims
    references._finders.remove(find)


def test_an_unused_upload_goes_with_its_content(api: APIClient, shed: StoredModel) -> None:
    assert api.delete(f"/api/models/{shed.pk}/").status_code == 204
    assert not StoredModel.objects.exists()
    assert not storage.path_of(shed.sha256).exists()
    assert not stored(storage.description_key_of(shed.sha256)).exists()


def test_content_that_somebody_else_has_too_stays(
    api: APIClient, other_user: User, shed: StoredModel, model_file: SimpleUploadedFile
) -> None:
    model_file.seek(0)
    add_model(owner=other_user, file=model_file)
    assert api.delete(f"/api/models/{shed.pk}/").status_code == 204
    assert storage.path_of(shed.sha256).exists()


def test_a_model_of_a_batch_stays(api: APIClient, shed: StoredModel, used: dict[str, frozenset[str]]) -> None:
    used["ids"] = frozenset({str(shed.pk)})
    response = api.delete(f"/api/models/{shed.pk}/")
    assert response.status_code == 409
    assert "delete its batches first" in response.json()["detail"]
    assert storage.path_of(shed.sha256).exists()


def test_content_that_a_batch_needs_stays_when_its_row_goes(
    api: APIClient, shed: StoredModel, used: dict[str, frozenset[str]]
) -> None:
    used["sha256s"] = frozenset({shed.sha256})
    assert api.delete(f"/api/models/{shed.pk}/").status_code == 204
    assert storage.path_of(shed.sha256).exists()


def test_a_bundled_model_stays(api: APIClient, staff_api: APIClient, warehouse: StoredModel) -> None:
    assert api.delete("/api/models/warehouse/").status_code == 409
    assert staff_api.delete("/api/models/warehouse/").status_code == 409
    assert StoredModel.objects.filter(alias="warehouse").exists()


def test_anothers_model_does_not_exist(other_api: APIClient, staff_api: APIClient, shed: StoredModel) -> None:
    assert other_api.delete(f"/api/models/{shed.pk}/").status_code == 404
    assert staff_api.delete(f"/api/models/{shed.pk}/").status_code == 404
    assert storage.path_of(shed.sha256).exists()


def test_nobody_deletes_nothing(anonymous_api: APIClient, shed: StoredModel) -> None:
    assert anonymous_api.delete(f"/api/models/{shed.pk}/").status_code == 401
