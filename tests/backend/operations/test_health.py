"""`GET /api/health/`."""

import time

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from operations import health, tasks

HEALTH = "/api/health/"
NOBODY_LISTENS = "127.0.0.1:1"


def test_anybody_may_ask(anonymous_api: APIClient) -> None:
    body = anonymous_api.get(HEALTH).json()
    assert [body[name]["ok"] for name in ("database", "broker", "storage", "engine")] == [True] * 4
    assert body["database"]["detail"].startswith("PostgreSQL ")
    assert body["engine"]["sandbox"] == "unknown"
    assert body["engine"]["version"]


def test_without_workers_the_service_is_degraded_but_takes_work(anonymous_api: APIClient) -> None:
    response = anonymous_api.get(HEALTH)
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["workers"]["slots"] == 0


@pytest.mark.stack
def test_with_a_worker_and_a_heartbeat_all_is_well(anonymous_api: APIClient, worker_name: str) -> None:
    tasks.record_heartbeat()
    body = anonymous_api.get(HEALTH).json()
    assert body["status"] == "ok"
    assert (body["workers"]["count"], body["workers"]["slots"]) == (1, 2)
    assert body["scheduler"]["age_s"] < 5
    assert body["engine"]["sandbox"] == "enforced"


def test_an_old_heartbeat_is_told(anonymous_api: APIClient) -> None:
    cache.set(health.HEARTBEAT_KEY, time.time() - 1000, None)
    scheduler = anonymous_api.get(HEALTH).json()["scheduler"]
    assert scheduler["ok"] is False
    assert 1000 <= scheduler["age_s"] < 1100


def test_a_silent_broker_is_failing_and_told_without_its_address(anonymous_api: APIClient, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://user:secret@{NOBODY_LISTENS}/0"
    response = anonymous_api.get(HEALTH)
    assert response.status_code == 503
    body = response.json()
    assert (body["status"], body["broker"]["ok"], body["workers"]["ok"]) == ("failing", False, False)
    assert "secret" not in response.content.decode()


def test_a_silent_database_is_failing_and_told_within_seconds(anonymous_api: APIClient, settings: Settings) -> None:
    settings.DATABASE_URL = f"postgres://user:secret@{NOBODY_LISTENS}/casefarm"
    began = time.monotonic()
    response = anonymous_api.get(HEALTH)
    assert time.monotonic() - began < 5
    assert response.status_code == 503
    assert response.json()["database"]["ok"] is False
    assert "secret" not in response.content.decode()


def test_a_folder_that_cannot_be_written_is_failing(anonymous_api: APIClient, settings: Settings) -> None:
    settings.CASEFARM_FILES = "/proc/casefarm"
    response = anonymous_api.get(HEALTH)
    assert response.status_code == 503
    assert response.json()["storage"]["ok"] is False
