"""Cases wait for room on the disks, and what their models need is remembered."""

import errno
from uuid import uuid4

import pytest
from celery.exceptions import Retry
from django.db import OperationalError
from pytest_django import Settings

from batches import execution, tasks
from batches.cases import resources
from batches.errors import HandedBackError
from batches.models import ModelNeed
from energyplus.errors import DiskFullError, EngineError
from energyplus.results.outcome import SimulationOutcome
from filestore.operations import StorageUnavailableError

pytestmark = pytest.mark.django_db

SHA256 = "a" * 64


@pytest.fixture(autouse=True)
def _know_nothing() -> None:
    resources._known_need.cache_clear()


def outcome_of(peak: int | None) -> SimulationOutcome:
    return SimulationOutcome("succeeded", {}, peak_memory_bytes=peak)


def test_the_largest_need_of_a_model_is_remembered() -> None:
    assert resources.expect_memory(SHA256) is None
    for peak in (300, 200, None, 400):
        resources.record_need(SHA256, outcome_of(peak))
    assert resources.expect_memory(SHA256) == 400
    assert ModelNeed.objects.get(sha256=SHA256).peak_memory_bytes == 400


def test_a_smaller_need_seen_by_another_process_does_not_replace_a_larger_one() -> None:
    assert resources.expect_memory(SHA256) is None
    ModelNeed.objects.create(sha256=SHA256, peak_memory_bytes=500)  # by another process, meanwhile
    resources.record_need(SHA256, outcome_of(300))
    assert ModelNeed.objects.get(sha256=SHA256).peak_memory_bytes == 500


def test_no_case_begins_while_a_disk_has_too_little_room(settings: Settings) -> None:
    settings.CASEFARM_LEAST_FREE_MB = 10**9
    with pytest.raises(DiskFullError, match=r"CASEFARM_SCRATCH: \d+ MB free, 1000000000 MB are needed; cases wait"):
        execution.execute_case(uuid4(), 0, 0)  # before the case is claimed, or it would be looked for


def simulate_with(error: Exception, waits: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Run the task, with `error` in place of a case; return what it asks of its next try."""
    asked: dict[str, object] = {}

    def fail(*_arguments: object) -> None:
        raise error

    def retry(**options: object) -> Retry:
        asked.update(options)
        return Retry()

    monkeypatch.setattr(execution, "execute_case", fail)
    monkeypatch.setattr(tasks.simulate_case, "retry", retry)
    with pytest.raises(Retry):
        tasks.simulate_case.run(str(uuid4()), 0, 0, waits)
    return asked


@pytest.mark.parametrize(
    "error",
    [DiskFullError("full"), OSError(errno.ENOSPC, "No space left"), StorageUnavailableError("S3 does not answer")],
)
def test_a_case_waits_however_often_a_disk_is_full_or_s3_away(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = simulate_with(error, 99, monkeypatch)
    assert asked["kwargs"] == {"waits": 100}
    assert asked["countdown"] == tasks.FULL_DISK_PAUSE_S


def test_a_case_that_was_handed_back_comes_again_after_its_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    assert simulate_with(HandedBackError("broken", 4.5), 0, monkeypatch)["countdown"] == 4.5


def test_a_case_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = simulate_with(OperationalError("the server closed the connection"), 40, monkeypatch)
    assert (asked["countdown"], asked["kwargs"]) == (tasks.LONGEST_PAUSE_S, {"waits": 41})


def test_only_a_full_disk_says_so() -> None:
    assert not resources.is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not resources.is_disk_full(EngineError("The engine's server ended."))
