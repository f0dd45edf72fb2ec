"""`POST /api/weather/`."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from library.models import StoredWeather

WEATHER = "/api/weather/"


def test_an_upload_is_checked_and_described(api: APIClient, weather_file: SimpleUploadedFile) -> None:
    response = api.post(WEATHER, {"file": weather_file}, format="multipart")
    assert response.status_code == 201
    body = response.json()
    assert body["name"] == "my town.epw"
    assert body["facts"]["rows"] == 8760
    assert body["facts"]["latitude_deg"] == pytest.approx(41.98, abs=0.05)


def test_a_year_that_breaks_off_is_refused_with_its_line(api: APIClient, weather_file: SimpleUploadedFile) -> None:
    content = b"\n".join(weather_file.read().splitlines()[:5000])
    response = api.post(WEATHER, {"file": SimpleUploadedFile("short.epw", content)}, format="multipart")
    assert response.status_code == 400
    entry = response.json()["errors"][0]
    assert entry["path"] == "file"
    assert "8" in entry["message"]
    assert not StoredWeather.objects.exists()


def test_a_model_is_no_weather_file(api: APIClient, model_file: SimpleUploadedFile) -> None:
    response = api.post(WEATHER, {"file": model_file}, format="multipart")
    assert response.status_code == 400
    assert response.json()["errors"][0]["accepted"] == "*.epw"


def test_nobody_uploads_nothing(anonymous_api: APIClient, weather_file: SimpleUploadedFile) -> None:
    assert anonymous_api.post(WEATHER, {"file": weather_file}, format="multipart").status_code == 401


def test_a_weather_file_brings_no_attachments(api: APIClient, weather_file: SimpleUploadedFile) -> None:
    form = {"file": weather_file, "attachments": SimpleUploadedFile("a.csv", b"1")}
    response = api.post("/api/weather/", form, format="multipart")
    assert response.status_code == 400
    assert [entry["path"] for entry in response.json()["errors"]] == ["attachments"]
