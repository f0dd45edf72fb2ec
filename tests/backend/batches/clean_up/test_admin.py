"""The admin deletes batches as their owners would, never a person with his batches, and only shows reports."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from batches.models import Batch
from batches.states import BatchState
from tests.backend.batches.clean_up.conftest import clean_up


@pytest.fixture
def admin(db: None) -> Client:
    """A browser of an administrator who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("chief"))
    return client


def test_deleting_marks_a_batch_and_leaves_the_rest_to_the_task(admin: Client, ended: Callable[..., Batch]) -> None:
    batch = ended(1)
    assert admin.get("/admin/batches/batch/").status_code == 200
    assert admin.get(f"/admin/batches/batch/{batch.pk}/delete/").status_code == 200
    assert admin.post(f"/admin/batches/batch/{batch.pk}/delete/", {"post": "yes"}).status_code == 302
    batch.refresh_from_db()
    assert batch.deleted_at is not None


def test_several_batches_are_deleted_at_once_unless_one_is_at_work(admin: Client, ended: Callable[..., Batch]) -> None:
    batches = [ended(1), ended(2)]
    form = {"action": "delete_selected", "_selected_action": [str(batch.pk) for batch in batches], "post": "yes"}
    Batch.objects.filter(pk=batches[1].pk).update(state=BatchState.RUNNING)
    admin.post("/admin/batches/batch/", form)
    assert not Batch.objects.exclude(deleted_at=None).exists()
    Batch.objects.filter(pk=batches[1].pk).update(state=BatchState.COMPLETED)
    admin.post("/admin/batches/batch/", form)
    assert Batch.objects.exclude(deleted_at=None).count() == 2


def test_a_person_with_batches_stays(admin: Client, ended: Callable[..., Batch], owner: User) -> None:
    ended(1)
    admin.post(f"/admin/auth/user/{owner.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=owner.pk).exists()


def test_reports_are_shown_and_not_changed(admin: Client, ended: Callable[..., Batch], owner: User) -> None:
    ended(31)
    report = clean_up(user=owner)
    assert admin.get("/admin/batches/cleanupreport/").status_code == 200
    assert b"CASEFARM_KEEP_DAYS" in admin.get(f"/admin/batches/cleanupreport/{report.pk}/change/").content
    assert admin.post(f"/admin/batches/cleanupreport/{report.pk}/delete/", {"post": "yes"}).status_code == 403
