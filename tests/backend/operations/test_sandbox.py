"""Whether cases are sealed: what a worker finds of its machine, and what the health page makes of the answers."""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from operations import sandbox, workers

HEALTH = "/api/health/"
ENFORCED = {"mode": "enforced", "reason": ""}
TRUSTED = {"mode": "trusted", "reason": ""}
UNAVAILABLE = {"mode": "unavailable", "reason": "This kernel does not enforce Landlock."}


def answer_with(*found: dict[str, str] | None, queue: str = "simulations") -> None:
    """Have workers called w0, w1 … answer that they found this."""
    answer = {"pid": 1, "uptime_s": 1.0, "concurrency": 2, "queues": [queue], "processed": 0, "tasks": []}
    answers: dict[str, dict[str, Any]] = {
        f"w{number}@here": answer | {"sandbox": each} for number, each in enumerate(found)
    }
    cache.set(workers.CACHE_KEY, answers, 60)


def test_workers_that_seal_are_well(anonymous_api: APIClient) -> None:
    answer_with(ENFORCED, ENFORCED)
    engine = anonymous_api.get(HEALTH).json()["engine"]
    assert (engine["ok"], engine["sandbox"]) == (True, "enforced")


def test_a_worker_that_trusts_is_told_and_is_well(anonymous_api: APIClient) -> None:
    answer_with(ENFORCED, TRUSTED)
    engine = anonymous_api.get(HEALTH).json()["engine"]
    assert (engine["ok"], engine["sandbox"]) == (True, "trusted")


def test_one_worker_that_cannot_seal_degrades_the_service_and_is_named(anonymous_api: APIClient) -> None:
    answer_with(ENFORCED, UNAVAILABLE, TRUSTED)
    response = anonymous_api.get(HEALTH)
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    engine = response.json()["engine"]
    assert (engine["ok"], engine["sandbox"]) == (False, "unavailable")
    assert engine["detail"].endswith("on w1@here: This kernel does not enforce Landlock.")


def test_without_a_worker_that_can_seal_the_service_fails(anonymous_api: APIClient) -> None:
    answer_with(UNAVAILABLE, UNAVAILABLE)
    response = anonymous_api.get(HEALTH)
    assert (response.status_code, response.json()["status"]) == (503, "failing")


def test_a_simulation_worker_that_does_not_tell_counts_as_one_that_cannot(anonymous_api: APIClient) -> None:
    answer_with(None)
    assert anonymous_api.get(HEALTH).json()["engine"]["sandbox"] == "unavailable"


def test_workers_that_do_not_simulate_are_not_asked(anonymous_api: APIClient) -> None:
    answer_with(None, queue="maintenance")
    engine = anonymous_api.get(HEALTH).json()["engine"]
    assert (engine["ok"], engine["sandbox"]) == (True, "unknown")


def test_a_worker_probes_where_it_keeps_run_folders(settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_SCRATCH = tmp_path / "scratch"
    assert sandbox.find_sandbox() == sandbox.Sandbox("enforced")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_worker_probes_below_a_long_path_too(settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_SCRATCH = tmp_path / ("long" * 20) / ("longer" * 20)
    assert sandbox.find_sandbox() == sandbox.Sandbox("enforced")


def test_a_worker_that_trusts_does_not_probe(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.CASEFARM_SANDBOX = "trusted"
    settings.CASEFARM_SCRATCH = "/proc/nowhere"
    assert sandbox.find_sandbox() == sandbox.Sandbox("trusted")
    assert "without a sandbox" in caplog.text


def test_a_worker_that_cannot_seal_says_so_in_its_log(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CASEFARM_SCRATCH = tmp_path
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert sandbox.find_sandbox().mode == "unavailable"
    assert "every case will be refused" in caplog.text
