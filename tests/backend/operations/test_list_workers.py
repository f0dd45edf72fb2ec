"""`GET /api/workers/`."""

import socket
import time
from importlib.metadata import version

import pytest
from celery import current_app
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from operations import workers

WORKERS = "/api/workers/"


@pytest.mark.stack
def test_a_worker_tells_its_queues_and_threads(api: APIClient, worker_name: str) -> None:
    found = {worker["name"]: worker for worker in api.get(WORKERS).json()["workers"]}
    worker = found[worker_name]
    assert worker["queues"] == ["simulations"]
    assert (worker["concurrency"], worker["active"]) == (2, 0)
    assert worker["uptime_s"] > 0
    assert (worker["host"], worker["release"]) == (socket.gethostname(), version("casefarm"))
    assert worker["memory_bytes"] > 10_000_000


def test_a_worker_of_another_release_is_shown_with_what_it_says() -> None:
    told = {"pid": 1, "queues": [], "concurrency": 1, "processed": 0, "uptime_s": 1.0, "tasks": [], "of_later": 1}
    assert workers.make_worker("old@host", told).release is None


def test_the_answer_takes_little_more_than_a_second(api: APIClient) -> None:
    cache.delete(workers.CACHE_KEY)
    began = time.monotonic()
    assert api.get(WORKERS).status_code == 200
    assert time.monotonic() - began < 1.5


def test_queues_tell_how_much_waits(api: APIClient) -> None:
    before = {queue["name"]: queue["waiting"] for queue in api.get(WORKERS).json()["queues"]}
    current_app.send_task("surrogates.of_nobody", queue="surrogates")
    queues = {queue["name"]: queue["waiting"] for queue in api.get(WORKERS).json()["queues"]}
    assert sorted(queues) == ["aggregation", "maintenance", "simulations", "surrogates"]
    assert queues == {**before, "surrogates": before["surrogates"] + 1}


def test_a_silent_broker_is_told(api: APIClient, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = api.get(WORKERS)
    assert response.status_code == 503
    assert response.json()["detail"] == "The broker does not answer."


def test_nobody_sees_nothing(anonymous_api: APIClient) -> None:
    assert anonymous_api.get(WORKERS).status_code == 401
