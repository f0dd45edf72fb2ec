"""`GET /api/models/{id}/classes/`."""

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredModel
from library.services import add_model


def test_classes_are_counted_and_grouped(api: APIClient, user: User, model_file: SimpleUploadedFile) -> None:
    row, _ = add_model(owner=user, file=model_file)
    found = api.get(f"/api/models/{row.pk}/classes/").json()
    assert [(entry["name"], entry["count"]) for entry in found] == [
        ("Building", 1),
        ("Lights", 1),
        ("Material", 2),
        ("Version", 1),
        ("Zone", 1),
    ]
    assert {entry["name"]: entry["group"] for entry in found}["Lights"] == "Internal Gains"


def test_anothers_model_has_no_classes(other_api: APIClient, user: User, model_file: SimpleUploadedFile) -> None:
    row, _ = add_model(owner=user, file=model_file)
    assert other_api.get(f"/api/models/{row.pk}/classes/").status_code == 404


def test_nobody_sees_nothing(anonymous_api: APIClient, warehouse: StoredModel) -> None:
    assert anonymous_api.get("/api/models/warehouse/classes/").status_code == 401
