"""`GET /api/weather/` and `GET /api/weather/{id or alias}/`."""

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredWeather
from library.services import add_weather


def test_bundled_weather_is_there_for_everybody(api: APIClient, other_api: APIClient, chicago: StoredWeather) -> None:
    for client in (api, other_api):
        assert [row["alias"] for row in client.get("/api/weather/").json()["results"]] == ["chicago"]
        shown = client.get("/api/weather/chicago/").json()
        assert shown["bundled"] is True
        assert shown["facts"]["country"] == "USA"


def test_anothers_upload_does_not_exist(other_api: APIClient, user: User, weather_file: SimpleUploadedFile) -> None:
    row, _ = add_weather(owner=user, file=weather_file)
    assert other_api.get("/api/weather/").json()["results"] == []
    assert other_api.get(f"/api/weather/{row.pk}/").status_code == 404
    assert other_api.delete(f"/api/weather/{row.pk}/").status_code == 404


def test_an_upload_can_be_deleted_by_its_owner(api: APIClient, user: User, weather_file: SimpleUploadedFile) -> None:
    row, _ = add_weather(owner=user, file=weather_file)
    assert api.delete(f"/api/weather/{row.pk}/").status_code == 204
    assert api.get(f"/api/weather/{row.pk}/").status_code == 404


def test_nobody_sees_nothing(anonymous_api: APIClient, chicago: StoredWeather) -> None:
    assert anonymous_api.get("/api/weather/").status_code == 401
    assert anonymous_api.get("/api/weather/chicago/").status_code == 401
