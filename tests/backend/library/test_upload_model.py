"""`POST /api/models/`."""

import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from energyplus.errors import SandboxError
from library import storage
from library.models import StoredModel

MODELS = "/api/models/"


def upload(api: APIClient, content: bytes, name: str = "shed.idf", **more: object) -> tuple[int, dict]:
    """Upload a content; return status and body."""
    response = api.post(MODELS, {"file": SimpleUploadedFile(name, content), **more}, format="multipart")
    return response.status_code, response.json()


def stored_files(files: Path) -> list[str]:
    """Return the names of all files in the store, half-done ones included."""
    return sorted(path.name for path in files.rglob("*") if path.is_file())


def test_an_upload_is_stored_under_its_hash_and_described(
    api: APIClient, model_file: SimpleUploadedFile, files: Path
) -> None:
    content = model_file.read()
    status, body = upload(api, content)
    assert status == 201
    sha256 = hashlib.sha256(content).hexdigest()
    assert body["sha256"] == sha256
    assert body["name"] == "shed.idf"
    assert body["size_bytes"] == len(content)
    assert (body["alias"], body["bundled"]) == (None, False)
    assert body["facts"]["building_name"] == "Shed"
    assert body["facts"]["zone_count"] == 1
    assert storage.path_of(sha256).read_bytes() == content
    assert stored_files(files) == [sha256, f"{sha256}.description.json"]


def test_the_same_content_again_gives_the_row_that_is_there(api: APIClient, model_file: SimpleUploadedFile) -> None:
    content = model_file.read()
    _, first = upload(api, content)
    status, second = upload(api, content, "another name.idf")
    assert status == 200
    assert second == first
    assert StoredModel.objects.count() == 1


def test_two_people_share_the_content_but_not_the_row(
    api: APIClient, other_api: APIClient, model_file: SimpleUploadedFile, files: Path
) -> None:
    content = model_file.read()
    _, mine = upload(api, content)
    status, theirs = upload(other_api, content)
    assert status == 201
    assert mine["id"] != theirs["id"]
    assert mine["sha256"] == theirs["sha256"]
    assert len(stored_files(files)) == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"this is no model", "model.idf"),
        (b"\x00\x01\x02" * 100, "model.idf"),
        (b"Version,25.2;\nZone,Unfinished", "model.idf"),
        (b'{"Version": ', "model.epJSON"),
        (b"Version,25.2;\nZone,Only;", "model.exe"),
        (b"Version,25.2;\nZone,Only;", "model"),
        (b"", "model.idf"),
    ],
)
def test_what_is_no_model_is_refused_and_leaves_nothing(api: APIClient, files: Path, content: bytes, name: str) -> None:
    status, body = upload(api, content, name)
    assert status == 400
    assert [entry["path"] for entry in body["errors"]] == ["file"]
    assert body["errors"][0]["message"]
    assert "upload-" not in body["errors"][0]["message"]
    assert not files.exists() or stored_files(files) == []
    assert not StoredModel.objects.exists()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/shed.idf", "shed.idf"),
        ("C:\\models\\shed.idf", "shed.idf"),
        ("s\x00hed.idf", "shed.idf"),
        ("n" * 230 + ".idf", "n" * 196 + ".idf"),
    ],
)
def test_a_hostile_name_is_harmless(
    api: APIClient, model_file: SimpleUploadedFile, files: Path, sent: str, shown: str
) -> None:
    boundary = "casefarm"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{sent}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{model_file.read().decode()}\r\n--{boundary}--\r\n"
    )
    response = api.generic("POST", MODELS, body.encode(), content_type=f"multipart/form-data; boundary={boundary}")
    assert response.status_code == 201, response.content
    assert response.json()["name"] == shown
    assert all(len(name.partition(".")[0]) == 64 for name in stored_files(files))


def test_a_file_over_the_limit_is_refused(api: APIClient, settings: Settings, files: Path) -> None:
    settings.CASEFARM_UPLOAD_LIMIT_MB = 1
    status, body = upload(api, b"!" * (1024 * 1024 + 1))
    assert status == 413
    assert body["errors"][0]["accepted"] == "at most 1 MB"
    assert not files.exists()


def test_a_form_without_a_file_is_refused(api: APIClient) -> None:
    response = api.post(MODELS, {}, format="multipart")
    assert response.status_code == 400
    assert [entry["path"] for entry in response.json()["errors"]] == ["file"]


def test_something_else_than_a_form_is_refused(api: APIClient) -> None:
    assert api.post(MODELS, {"file": "Version,25.2;"}, format="json").status_code == 415


def test_nobody_uploads_nothing(anonymous_api: APIClient, model_file: SimpleUploadedFile) -> None:
    assert upload(anonymous_api, model_file.read())[0] == 401


def test_where_no_model_can_be_read_safely_none_is_taken(
    api: APIClient, model_file: SimpleUploadedFile, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise SandboxError("The kernel has no Landlock.")

    monkeypatch.setattr("library.judging.read_safely", refuse)
    status, body = upload(api, model_file.read())
    assert (status, body["errors"]) == (503, [])
    assert body["detail"] == "No model can be read here at present. The kernel has no Landlock."
    assert stored_files(files) == []
