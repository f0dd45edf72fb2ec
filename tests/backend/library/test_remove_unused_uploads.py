"""Clean-up of uploads that nobody uses: `library.services.remove_unused_uploads` and `mark_used`."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from filestore.store import files
from library import storage
from library.errors import FileGoneError
from library.models import StoredModel
from library.services import RemovedFiles, add_model, mark_used, remove_unused_uploads
from tests.backend.stored import stored

MONTH = timedelta(days=30)


@pytest.fixture
def add_old_model(user: User) -> Callable[[str], StoredModel]:
    """Upload a model that was last used forty days ago."""

    def add(name: str) -> StoredModel:
        row, _ = add_model(owner=user, file=SimpleUploadedFile("m.idf", f"Version,25.2;\nZone,{name};".encode()))
        StoredModel.objects.filter(pk=row.pk).update(last_used_at=timezone.now() - timedelta(days=40))
        return row

    return add


def age(path: Path) -> None:
    """Make a file look a day old."""
    yesterday = timezone.now().timestamp() - 86_400
    os.utime(path, (yesterday, yesterday))


def test_only_old_uploads_go(
    add_old_model: Callable[[str], StoredModel], user: User, warehouse: StoredModel, model_file: SimpleUploadedFile
) -> None:
    old = add_old_model("Old")
    new, _ = add_model(owner=user, file=model_file)
    StoredModel.objects.filter(pk=warehouse.pk).update(last_used_at=timezone.now() - timedelta(days=400))
    assert remove_unused_uploads(older_than=MONTH) == RemovedFiles(rows=1, contents=0, remains=0)
    assert set(StoredModel.objects.all()) == {new, warehouse}
    assert not storage.path_of(old.sha256).exists()
    assert storage.path_of(new.sha256).exists()


def test_an_upload_just_marked_as_used_stays(add_old_model: Callable[[str], StoredModel]) -> None:
    row = add_old_model("Used")
    mark_used(model_ids=[str(row.pk)], weather_ids=[])
    assert remove_unused_uploads(older_than=MONTH).rows == 0


def test_an_upload_sent_again_counts_as_used(add_old_model: Callable[[str], StoredModel]) -> None:
    add_old_model("Again")
    StoredModel.objects.update(last_used_at=timezone.now() - timedelta(days=40))
    owner = User.objects.get()
    add_model(owner=owner, file=SimpleUploadedFile("m.idf", b"Version,25.2;\nZone,Again;"))
    assert remove_unused_uploads(older_than=MONTH).rows == 0


def test_a_removed_file_cannot_be_marked_as_used(add_old_model: Callable[[str], StoredModel]) -> None:
    row = add_old_model("Gone")
    remove_unused_uploads(older_than=MONTH)
    with pytest.raises(FileGoneError, match="choose another"):
        mark_used(model_ids=[str(row.pk)], weather_ids=[])


def test_contents_of_a_deleted_user_go_once_they_are_old(user: User, model_file: SimpleUploadedFile) -> None:
    row, _ = add_model(owner=user, file=model_file)
    user.delete()
    assert remove_unused_uploads(older_than=MONTH).contents == 0
    age(storage.path_of(row.sha256))
    age(stored(storage.description_key_of(row.sha256)))
    assert remove_unused_uploads(older_than=MONTH).contents == 1
    assert not storage.path_of(row.sha256).exists()


def test_what_a_killed_upload_has_left_goes_once_it_is_old(db: None) -> None:
    young, old = (files.passing_folder() / name for name in ("upload-1", "upload-2"))
    young.write_bytes(b"half")
    old.write_bytes(b"half")
    age(old)
    assert remove_unused_uploads(older_than=MONTH) == RemovedFiles(rows=0, contents=0, remains=1)
    assert young.exists()
