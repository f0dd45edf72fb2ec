"""Files that come with a model: `POST /api/models/` with `attachments`, and what becomes of their contents."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from library import references, storage
from library.models import StoredModel
from library.references import UsedFiles
from library.selectors import LibraryView
from library.services import remove_unused_uploads
from tests.backend.library.conftest import SMALL_MODEL

MODELS = "/api/models/"
MODEL = SMALL_MODEL + b"Schedule:File,People,,people.csv,1,0;\n"
PEOPLE = b"1\n" * 8760


def upload(api: APIClient, attachments: dict[str, bytes], content: bytes = MODEL) -> tuple[int, dict]:
    files = [SimpleUploadedFile(name, data) for name, data in attachments.items()]
    form = {"file": SimpleUploadedFile("shed.idf", content), "attachments": files}
    response = api.post(MODELS, form, format="multipart")
    return response.status_code, response.json()


def count_contents() -> int:
    return len(list(storage.list_contents(older_than=timedelta())))


def test_an_attachment_is_stored_by_its_hash_and_shown_with_the_model(api: APIClient) -> None:
    status, body = upload(api, {"people.csv": PEOPLE})
    assert status == 201, body
    sha256 = hashlib.sha256(PEOPLE).hexdigest()
    assert body["attachments"] == [{"name": "people.csv", "sha256": sha256, "size_bytes": len(PEOPLE)}]
    assert body["facts"]["notes"] == []
    assert storage.path_of(sha256).read_bytes() == PEOPLE
    assert api.get(f"{MODELS}{body['id']}/").json()["attachments"] == body["attachments"]


def test_a_missing_attachment_is_named_with_the_way_to_bring_it(api: APIClient, files: Path) -> None:
    status, body = upload(api, {})
    assert status == 400
    (error,) = body["errors"]
    assert (error["path"], error["found"]) == ("file", "people.csv")
    assert error["message"].startswith("shed.idf: Schedule:File 'People', File Name: found 'people.csv'; refused:")
    assert error["accepted"] == "Upload 'people.csv' with the model as an attachment."
    assert not StoredModel.objects.exists()
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_an_attachment_with_an_impossible_name_is_told_as_such(api: APIClient) -> None:
    status, body = upload(api, {"people.csv": PEOPLE, "eplusout.err": b"x", "PEOPLE.csv": b"x"})
    assert status == 400
    assert {(error["path"], error["found"]) for error in body["errors"]} == {
        ("attachments", "eplusout.err"),
        ("attachments", "people.csv"),
        ("attachments", "PEOPLE.csv"),
    }


def test_a_superfluous_attachment_is_noted(api: APIClient) -> None:
    status, body = upload(api, {"people.csv": PEOPLE, "other.csv": b"1"})
    assert status == 201
    assert body["facts"]["notes"] == ["Attachment 'other.csv': nothing in the model refers to it."]


def test_the_same_text_with_another_attachment_is_another_model(api: APIClient) -> None:
    _, first = upload(api, {"people.csv": PEOPLE})
    status, second = upload(api, {"people.csv": PEOPLE + b"1\n"})
    assert status == 201
    assert first["sha256"] == second["sha256"]
    assert first["id"] != second["id"]
    assert upload(api, {"people.csv": PEOPLE}) == (200, first)


def test_the_second_upload_of_a_content_is_judged_as_well(api: APIClient, other_api: APIClient) -> None:
    assert upload(api, {"people.csv": PEOPLE})[0] == 201
    assert upload(other_api, {})[0] == 400


def test_contents_go_with_the_last_model_that_needs_them(api: APIClient, other_api: APIClient) -> None:
    _, mine = upload(api, {"people.csv": PEOPLE})
    _, other = upload(api, {"people.csv": PEOPLE, "other.csv": b"1"})
    _, theirs = upload(other_api, {"people.csv": PEOPLE})
    assert count_contents() == 3
    assert api.delete(f"{MODELS}{other['id']}/").status_code == 204
    assert count_contents() == 2
    assert api.delete(f"{MODELS}{mine['id']}/").status_code == 204
    assert count_contents() == 2
    assert other_api.delete(f"{MODELS}{theirs['id']}/").status_code == 204
    assert count_contents() == 0


def test_an_attachment_that_is_a_model_of_its_own_stays_with_it(api: APIClient) -> None:
    _, alone = upload(api, {}, SMALL_MODEL)
    _, both = upload(api, {"people.csv": SMALL_MODEL})
    assert api.delete(f"{MODELS}{both['id']}/").status_code == 204
    assert storage.path_of(alone["sha256"]).is_file()


def test_clean_up_leaves_what_models_and_batches_need(
    api: APIClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(api, {"people.csv": PEOPLE})
    monkeypatch.setattr("library.services.GRACE", timedelta())
    assert remove_unused_uploads(older_than=timedelta(days=30)).contents == 0
    needed = hashlib.sha256(PEOPLE).hexdigest()
    monkeypatch.setattr(references, "_finders", [lambda: UsedFiles(sha256s=frozenset({needed}))])
    user.delete()
    assert remove_unused_uploads(older_than=timedelta(days=30)).contents == 1
    assert storage.path_of(needed).is_file()


def test_too_many_or_too_large_attachments_are_refused(api: APIClient, settings: Settings) -> None:
    settings.CASEFARM_MAX_ATTACHMENTS = 2
    status, body = upload(api, {"people.csv": PEOPLE, "a.csv": b"1", "b.csv": b"1"})
    assert (status, body["errors"][0]["accepted"]) == (400, "at most 2")
    settings.CASEFARM_UPLOAD_LIMIT_MB = 1
    status, body = upload(api, {"people.csv": b"1" * 700_000, "a.csv": b"1" * 700_000})
    assert (status, body["errors"][0]["path"], body["errors"][0]["accepted"]) == (413, "attachments", "at most 1 MB")


def test_a_study_sees_which_files_came_with_its_model(api: APIClient, user: User) -> None:
    _, body = upload(api, {"people.csv": PEOPLE})
    found = LibraryView(user).find_model(body["id"])
    assert found is not None
    assert found.attachments == {"people.csv": hashlib.sha256(PEOPLE).hexdigest()}
