"""`/api/clean-up/`: administrators ask for clean-ups and read what came of them; nobody else does."""

from collections.abc import Callable
from unittest.mock import patch

from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import tasks
from batches.models import Batch, CleanUpReport
from tests.backend.batches.clean_up.conftest import clean_up, has_case_files


def test_a_clean_up_that_is_asked_for_is_recorded_and_sent(
    staff_api: APIClient, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with patch.object(tasks.clean_up, "delay") as sent, django_capture_on_commit_callbacks(execute=True):
        answer = staff_api.post("/api/clean-up/", {"dry_run": True})
    receipt = answer.json()
    assert (answer.status_code, receipt["state"], receipt["dry_run"]) == (202, "waiting", True)
    assert (receipt["requested_by"], receipt["duration_s"]) == ("root", None)
    sent.assert_called_once_with(receipt["id"])


def test_the_report_names_what_went(staff_api: APIClient, staff_user: User, ended: Callable[..., Batch]) -> None:
    batch = ended(31)
    report = clean_up(user=staff_user)
    shown = staff_api.get(f"/api/clean-up/{report.pk}/").json()
    assert shown["counts"] == [{"rule": "age", "items": 1, "bytes": 10}]
    (item,) = shown["items"]
    assert (item["id"], item["kind"], item["owner"], item["size_bytes"]) == (str(batch.pk), "batch", "owner", 10)
    assert "CASEFARM_KEEP_DAYS" in item["why"]
    assert shown["duration_s"] >= 0
    (listed,) = staff_api.get("/api/clean-up/").json()
    assert (listed["id"], "items" in listed) == (report.pk, False)


def test_whether_it_is_a_dry_run_has_to_be_said(staff_api: APIClient) -> None:
    answer = staff_api.post("/api/clean-up/", {})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "dry_run")
    assert not CleanUpReport.objects.exists()


def test_nobody_but_administrators_cleans_up(
    api: APIClient, anonymous_api: APIClient, ended: Callable[..., Batch]
) -> None:
    batch = ended(31)
    for client, status in ((api, 403), (anonymous_api, 401)):
        assert client.post("/api/clean-up/", {"dry_run": False}).status_code == status
        assert client.get("/api/clean-up/").status_code == status
        assert client.get("/api/clean-up/1/").status_code == status
    assert has_case_files(batch)


def test_a_report_that_is_not_there_is_not_found(staff_api: APIClient) -> None:
    assert staff_api.get("/api/clean-up/999/").status_code == 404
