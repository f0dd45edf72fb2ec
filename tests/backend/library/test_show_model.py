"""`GET /api/models/{id or alias}/`."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredModel
from library.services import add_model

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


def test_a_bundled_model_goes_by_alias_in_any_case_and_by_id(api: APIClient, warehouse: StoredModel) -> None:
    for reference in ("warehouse", "Warehouse", str(warehouse.pk)):
        body = api.get(f"/api/models/{reference}/").json()
        assert (body["alias"], body["bundled"]) == ("warehouse", True)
        assert body["facts"]["zone_count"] == 3


def test_an_upload_goes_by_its_id_for_its_owner_only(
    api: APIClient, other_api: APIClient, user: User, model_file: SimpleUploadedFile
) -> None:
    row, _ = add_model(owner=user, file=model_file)
    assert api.get(f"/api/models/{row.pk}/").status_code == 200
    assert other_api.get(f"/api/models/{row.pk}/").status_code == 404


@pytest.mark.parametrize("reference", ["atlantis", NOBODYS_ID, "a%00b", "..%2f..", "%F0%9F%8F%A0"])
def test_what_is_not_there_is_not_found(api: APIClient, reference: str) -> None:
    response = api.get(f"/api/models/{reference}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_nobody_sees_nothing(anonymous_api: APIClient, warehouse: StoredModel) -> None:
    assert anonymous_api.get("/api/models/warehouse/").status_code == 401
