"""Whose fault it is: outages wait, faults of the farm are counted and end the case, mistakes end it at once."""

import errno
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError

from batches import execution
from batches.cases import faults
from batches.cases.attempts import claim_case
from batches.cases.faults import insist, is_outage, pause_after
from batches.cases.keeper import KEEPER, Reason
from batches.dispatch import claim_shards
from batches.errors import HandedBackError, WorkerEndsError
from batches.execution import Making, execute_case
from batches.expansion import expand_batch
from batches.models import Batch, Case, Diagnosis
from batches.states import CaseState
from energyplus.errors import DiskFullError, EngineError


def of_server(code: str | None) -> OperationalError:
    error = OperationalError("away")
    cause = Exception()
    cause.sqlstate = code  # type: ignore[attr-defined]
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        of_server(None),
        of_server("57P01"),
        of_server("53300"),
        InterfaceError("connection closed"),
        ConnectionRefusedError(),
        OSError(errno.ESTALE, "Stale file handle"),
    ],
)
def test_servers_and_storages_that_are_away_are_outages(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error", [of_server("54000"), DataError("out of range"), EngineError("gone"), OSError(errno.EACCES, "denied")]
)
def test_what_may_lie_in_the_case_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


def test_pauses_double_and_are_not_all_the_same() -> None:
    assert 0.75 <= pause_after(1) <= 1.25
    assert 3 <= pause_after(3) <= 5
    assert len({pause_after(2) for _ in range(20)}) > 1


def test_a_write_is_made_again_until_the_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([of_server(None), of_server("57P03"), None])
    monkeypatch.setattr(faults, "sleep", lambda _pause_s: None)
    monkeypatch.setattr(faults, "connection", SimpleNamespace(in_atomic_block=False, close=lambda: None))

    def write() -> str:
        if (error := next(answers)) is not None:
            raise error
        return "written"

    assert insist(write) == "written"


def test_a_write_that_is_refused_is_not_made_again(db: None) -> None:
    def write() -> None:
        raise DataError("out of range")

    with pytest.raises(DataError):
        insist(write)


@pytest.fixture
def batch(make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A dispatched batch whose cases could be made."""
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards()
    monkeypatch.setattr(execution, "find_out", lambda _batch_id, _index: Making(object(), "a" * 64))  # type: ignore[arg-type]
    return batch


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Have every run raise an error."""

    def use(error: Exception) -> None:
        def fail(*_arguments: Any) -> None:
            raise error

        monkeypatch.setattr(execution, "simulate_case", fail)

    return use


def case_of(batch: Batch) -> Case:
    return Case.objects.get(pk=(batch.pk, 0))


def test_the_fourth_fault_ends_a_case_and_says_what_happened_each_time(
    batch: Batch, broken: Callable[[Exception], None]
) -> None:
    for number in range(3):
        broken(EngineError(f"The engine's server ended, {number}."))
        with pytest.raises(HandedBackError) as caught:
            execute_case(batch.pk, 0, 1)
        assert 0.75 * 2**number <= caught.value.pause_s <= 1.25 * 2**number
        assert case_of(batch).state == CaseState.PENDING
    broken(OSError(errno.EACCES, "Permission denied"))
    execute_case(batch.pk, 0, 1)
    assert case_of(batch).state == CaseState.FAILED
    diagnosis = Diagnosis.objects.get(pk=(batch.pk, 0))
    assert (diagnosis.kind, len(diagnosis.reasons)) == ("farm", 4)
    assert diagnosis.message.startswith("The farm failed 4 times with this case: attempt 1: EngineError: The engine's")
    assert "attempt 4: PermissionError" in diagnosis.message


def test_a_case_that_kills_its_worker_each_time_ends_failed(batch: Batch, broken: Callable[[Exception], None]) -> None:
    for _ in range(4):
        assert claim_case(batch.pk, 0, 1)
        Case.objects.filter(batch_id=batch.pk, index=0).update(leased_until="2020-01-01T00:00Z")
    broken(AssertionError("it is not run a fifth time"))
    execute_case(batch.pk, 0, 1)
    assert case_of(batch).state == CaseState.FAILED
    diagnosis = Diagnosis.objects.get(pk=(batch.pk, 0))
    assert diagnosis.kind == "farm"
    assert diagnosis.message.count("its worker vanished") == 4


@pytest.mark.parametrize("error", [of_server("57P01"), DiskFullError("full"), OSError(errno.EROFS, "Read-only")])
def test_outages_and_full_disks_cost_no_try(
    batch: Batch, broken: Callable[[Exception], None], error: Exception
) -> None:
    broken(error)
    for _ in range(6):
        with pytest.raises(type(error)):
            execute_case(batch.pk, 0, 1)
    assert (case_of(batch).state, case_of(batch).losses) == (CaseState.PENDING, 0)


def test_a_mistake_in_the_farm_ends_the_case_at_once(batch: Batch, broken: Callable[[Exception], None]) -> None:
    broken(ZeroDivisionError("division by zero"))
    execute_case(batch.pk, 0, 1)
    assert case_of(batch).state == CaseState.FAILED
    assert Diagnosis.objects.get(pk=(batch.pk, 0)).message == "ZeroDivisionError: division by zero"


def test_a_worker_that_is_to_end_hands_its_case_back_and_begins_no_other(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: Any) -> None:
        KEEPER.drain(0)
        arguments[-1].reason = Reason.DRAINED
        raise execution.StoppedError("stopped")

    monkeypatch.setattr(execution, "simulate_case", stop)
    monkeypatch.setattr(KEEPER, "_drain_at", None)
    with pytest.raises(WorkerEndsError):
        execute_case(batch.pk, 0, 1)
    assert (case_of(batch).state, case_of(batch).losses) == (CaseState.PENDING, 0)
    with pytest.raises(WorkerEndsError):
        execute_case(batch.pk, 0, 1)
    assert case_of(batch).attempt == 1
