"""Quotas of users, and the farm that takes no new work: 429 with the reason, and nothing half done."""

from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import UserQuota
from batches.models import Batch, Shard
from batches.states import BatchState
from library import services
from library.models import StoredWeather
from problems.exceptions import TooMuch

QueueBatch = Callable[..., Batch]
STUDY = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": "chicago",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "values": [5.0, 6.0, 7.0, 8.0],
        }
    ],
}


@pytest.fixture
def submit(api: APIClient, small_library: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Submit a study of four cases as `user`; nothing of it is sent to a worker."""
    from batches import tasks

    monkeypatch.setattr(tasks.expand_batch, "apply_async", lambda *_, **__: None)
    return lambda **changes: api.post("/api/batches/", {**STUDY, **changes})


def test_more_cases_than_the_quota_are_refused_with_what_is_used_and_what_to_do(
    user: User, submit: Callable[..., Any], queue_batch: QueueBatch
) -> None:
    UserQuota.objects.create(user=user, cases=10)
    queue_batch(user, 7)
    response = submit()
    assert (response.status_code, response["Content-Type"]) == (429, "application/problem+json")
    assert response["Retry-After"] == "60"
    (entry,) = response.json()["errors"]
    assert (entry["path"], entry["found"]) == ("cases_in_flight", "7 cases used, 4 cases asked for")
    assert "cancel a batch" in entry["message"]
    assert Batch.objects.count() == 1


def test_what_never_fits_does_not_say_when_to_try_again(user: User, submit: Callable[..., Any]) -> None:
    UserQuota.objects.create(user=user, cases=3)
    response = submit()
    assert response.status_code == 429
    assert "Retry-After" not in response


def test_finished_cases_and_ended_batches_do_not_count(
    user: User, submit: Callable[..., Any], queue_batch: QueueBatch
) -> None:
    UserQuota.objects.create(user=user, cases=10)
    Batch.objects.filter(pk=queue_batch(user, 50).pk).update(state=BatchState.CANCELLED)
    going = queue_batch(user, 50, closed_succeeded=30, closed_failed=5)
    Shard.objects.filter(batch=going).update(state="dispatched", epoch=1, succeeded=9)
    assert submit().status_code == 202
    assert submit().status_code == 429


def test_a_search_counts_the_generations_to_come(user: User, api: APIClient, queue_batch: QueueBatch) -> None:
    batch = queue_batch(user, 8)
    batch.study["design"] = {"method": "nsga2", "population": 8, "generations": 50}
    batch.save()
    uses = {use["name"]: use["used"] for use in api.get("/api/quota/").json()}
    assert uses["cases_in_flight"] == 400


def test_an_administrator_s_word_goes_before_the_farm_s_and_zero_is_no_limit(
    user: User, submit: Callable[..., Any], settings: Settings
) -> None:
    settings.CASEFARM_QUOTA_CASES = 1
    assert submit().status_code == 429
    UserQuota.objects.create(user=user, cases=0)
    assert submit().status_code == 202


def test_stored_files_beyond_the_quota_refuse_new_cases(
    user: User, submit: Callable[..., Any], queue_batch: QueueBatch
) -> None:
    UserQuota.objects.create(user=user, stored_gb=1)
    queue_batch(user, 5, closed_bytes=1_000_000_000)
    response = submit()
    assert (response.status_code, response.json()["errors"][0]["path"]) == (429, "stored_files")
    assert "Retry-After" not in response


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_once_do_not_both_slip_through(queue_batch: QueueBatch, owner: User) -> None:
    from accounts.quotas import lock_quotas
    from batches.scheduling.quotas import require_cases

    UserQuota.objects.create(user=owner, cases=10)

    def record(_: int) -> bool:
        try:
            with lock_quotas(owner) as limits:
                require_cases(owner, limits, 6)
                queue_batch(owner, 6)
        except TooMuch:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(record, range(4))) == [False, False, False, True]


def test_uploads_beyond_the_quota_are_refused_and_leave_nothing(user: User, small_library: None) -> None:
    UserQuota.objects.create(user=user, uploads_mb=1)
    bundled = StoredWeather.objects.get(alias="chicago")
    from library.storage import hold_content

    with hold_content(bundled.sha256) as path:
        content = ContentFile(path.read_bytes(), name="chicago.epw")
    with pytest.raises(TooMuch, match="uploads"):
        services.add_weather(owner=user, file=content)
    assert not StoredWeather.objects.filter(owner=user).exists()


def test_everybody_sees_his_own_quota_and_use(api: APIClient, user: User, queue_batch: QueueBatch) -> None:
    UserQuota.objects.create(user=user, cases=100, stored_gb=0.5)
    queue_batch(user, 7, closed_bytes=123)
    assert api.get("/api/quota/").json() == [
        {"name": "cases_in_flight", "used": 7, "limit": 100, "unit": "cases"},
        {"name": "stored_files", "used": 123, "limit": 500_000_000, "unit": "bytes"},
        {"name": "uploads", "used": 0, "limit": None, "unit": "bytes"},
    ]


def test_nobody_sees_no_quota(anonymous_api: APIClient) -> None:
    assert anonymous_api.get("/api/quota/").status_code == 401


def test_a_full_disk_refuses_work_but_not_reads_and_cancelling(
    user: User, api: APIClient, submit: Callable[..., Any], queue_batch: QueueBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = queue_batch(user, 5)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("batches.cases.resources.shutil.disk_usage", lambda _: usage(10**12, 10**12, 0))
    response = submit()
    assert (response.status_code, response["Retry-After"]) == (429, "300")
    assert response.json()["errors"][0]["path"] == "disk"
    assert Batch.objects.count() == 1
    assert api.get(f"/api/batches/{batch.pk}/").status_code == 200
    assert api.post(f"/api/batches/{batch.pk}/cancel/").status_code == 200


def test_a_full_broker_refuses_work(submit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batches.broker.measure_memory_bytes", lambda: 10**9)
    response = submit()
    assert (response.status_code, response["Retry-After"]) == (429, "30")
    (entry,) = response.json()["errors"]
    assert (entry["path"], entry["found"]) == ("broker", "1000 MB")


def test_a_broker_that_does_not_answer_refuses_work(submit: Callable[..., Any], settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = submit()
    assert (response.status_code, response.json()["errors"][0]["path"]) == (429, "broker")


def test_a_long_line_of_batches_refuses_more(
    user: User, submit: Callable[..., Any], queue_batch: QueueBatch, settings: Settings
) -> None:
    settings.CASEFARM_QUEUE_BATCHES = 1
    queue_batch(user, 5)
    response = submit()
    assert (response.status_code, response.json()["errors"][0]["path"]) == (429, "batches")


def test_a_study_s_priority_is_its_batch_s(submit: Callable[..., Any]) -> None:
    batch_id = submit(priority="high").json()["id"]
    assert Batch.objects.get(pk=batch_id).priority == "high"
    refused = submit(priority="urgent")
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "priority")
