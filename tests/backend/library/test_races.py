"""Uploads and removals of one content at the same time: a row always has its content, and none is left over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from library import storage
from library.errors import FileGoneError
from library.models import StoredModel
from library.services import add_model, remove_file
from tests.backend.library.conftest import SMALL_MODEL

ROUNDS = 6


def in_a_thread(work: Callable[[], None]) -> None:
    """Do something on a connection of its own and give that back."""
    try:
        work()
    finally:
        connection.close()


def upload_and_remove(owner: User) -> None:
    """Upload the content and remove it again, many times over, and keep it at last."""
    for _ in range(ROUNDS):
        row, _ = add_model(owner=owner, file=SimpleUploadedFile("shed.idf", SMALL_MODEL))
        assert storage.path_of(row.sha256).is_file()
        try:
            remove_file(row=row)
        except FileGoneError:
            continue
    add_model(owner=owner, file=SimpleUploadedFile("shed.idf", SMALL_MODEL))


@pytest.mark.django_db(transaction=True)
def test_no_row_loses_its_content_to_somebody_elses_removal(files: Path) -> None:
    people = [User.objects.create_user(f"person {number}") for number in range(4)]
    add_model(owner=people[0], file=SimpleUploadedFile("shed.idf", SMALL_MODEL))
    with ThreadPoolExecutor(len(people)) as pool:
        work = [pool.submit(in_a_thread, lambda person=person: upload_and_remove(person)) for person in people]
        for done in work:
            done.result()
    rows = list(StoredModel.objects.all())
    assert len(rows) == len(people)
    assert storage.path_of(rows[0].sha256).is_file()
    for row in rows:
        remove_file(row=row)
    assert not storage.path_of(rows[0].sha256).exists()
    assert list(storage.list_contents(older_than=timedelta())) == []
