"""`GET /api/models/{id}/objects/?class=`."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredModel
from library.services import add_model


@pytest.fixture
def shed(user: User, model_file: SimpleUploadedFile) -> StoredModel:
    """The small model, uploaded."""
    return add_model(owner=user, file=model_file)[0]


def test_objects_come_with_their_fields_units_and_limits(api: APIClient, shed: StoredModel) -> None:
    body = api.get(f"/api/models/{shed.pk}/objects/?class=material").json()
    assert body["class"] == "Material"
    assert [entry["name"] for entry in body["objects"]] == ["Wall board", "Wool"]
    thickness = body["fields"][2]
    assert (thickness["name"], thickness["key"], thickness["units"], thickness["type"]) == (
        "Thickness",
        "thickness",
        "m",
        "real",
    )
    assert thickness["exclusive_minimum"] == 0
    assert body["objects"][1]["values"][2] == "0.1"
    assert body["fields"][1]["choices"]


def test_repeated_fields_reach_as_far_as_the_longest_object(api: APIClient, warehouse: StoredModel) -> None:
    body = api.get("/api/models/warehouse/objects/?class=BuildingSurface:Detailed").json()
    longest = max(len(entry["values"]) for entry in body["objects"])
    assert len(body["fields"]) >= longest
    assert [field["index"] for field in body["fields"]] == list(range(len(body["fields"])))


def test_a_class_without_objects_shows_its_fields(api: APIClient, shed: StoredModel) -> None:
    body = api.get(f"/api/models/{shed.pk}/objects/?class=People").json()
    assert body["objects"] == []
    assert body["fields"][0]["name"] == "Name"


@pytest.mark.parametrize("asked", ["?class=Lihgts", "?class=", ""])
def test_an_unknown_class_is_refused_with_those_that_are_there(api: APIClient, shed: StoredModel, asked: str) -> None:
    response = api.get(f"/api/models/{shed.pk}/objects/{asked}")
    assert response.status_code == 400
    assert "Lights" in response.json()["errors"][0]["accepted"]


def test_anothers_model_has_no_objects(other_api: APIClient, shed: StoredModel) -> None:
    assert other_api.get(f"/api/models/{shed.pk}/objects/?class=Zone").status_code == 404


def test_nobody_sees_nothing(anonymous_api: APIClient, warehouse: StoredModel) -> None:
    assert anonymous_api.get("/api/models/warehouse/objects/?class=Zone").status_code == 401
