"""Failed cases, and they alone, are run again; one case of a batch is stopped. Counters equal rows throughout."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import aggregation, tasks
from batches.cases.attempts import Attempt, Final, claim_case, finish_case
from batches.dispatch import claim_shards
from batches.execution import find_target
from batches.expansion import expand_batch
from batches.growth.retries import list_open_retries, open_failed_cases
from batches.models import Batch, Case, Diagnosis, Shard
from batches.queries import count_cases
from batches.states import BatchState, CaseState, ShardState, Verdict
from filestore.operations import Key
from filestore.store import files

pytestmark = pytest.mark.django_db

FAILED = {-1: "crash", 0: "fatal", 7: "timeout"}


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is enqueued; it is done by the tests themselves."""
    found: list[str] = []
    monkeypatch.setattr(tasks.retry_cases, "delay", found.append)
    monkeypatch.setattr("batches.growth.retries.refuse_lost_inputs", lambda _row: None)
    return found


@pytest.fixture
def owner_api(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as the owner of the batch."""
    return log_in(owner)


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A running batch without an outcome."""
    batch = make_batch()
    expand_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def end(batch: Batch, index: int, kind: str | None) -> Attempt:
    shard = Shard.objects.get(pk=(batch.pk, batch.shard_of(index)))
    attempt = claim_case(batch.pk, index, shard.epoch)
    assert attempt
    folder = Path(settings.CASEFARM_FILES) / find_target(attempt)
    folder.mkdir(parents=True)
    (folder / "eplusout.err.zst").write_bytes(b"12345")
    final = Final(CaseState.SUCCEEDED, Verdict.VALID, {"a_kwh": 1.0}, stored_bytes=5)
    if kind:
        why = Diagnosis(kind=kind, message="It failed.")
        final = Final(CaseState.FAILED, Verdict.FAILED, {}, why, stored_bytes=5)
    assert finish_case(attempt, final)
    return attempt


def carry_out(batch: Batch, outcomes: dict[int, str]) -> None:
    """Run the batch to its end."""
    while shards := claim_shards():
        for shard in shards:
            for case in Case.objects.filter(batch_id=batch.pk, index__in=shard.indices, state="pending"):
                end(batch, case.index, outcomes.get(case.index))
            assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
    assert aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()


def count_rows(batch: Batch, state: str) -> int:
    return Case.objects.filter(batch_id=batch.pk, state=state).count()


def retry(api: APIClient, batch: Batch, **asked: Any) -> Any:
    return api.post(f"/api/batches/{batch.pk}/retry/", asked)


def test_only_failed_cases_run_again_and_what_succeeded_stays(
    batch: Batch, owner_api: APIClient, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    carry_out(batch, FAILED)
    before = {case.index: (case.attempt, case.finished_at) for case in Case.objects.filter(state="succeeded")}
    with django_capture_on_commit_callbacks(execute=True):
        answer = retry(owner_api, batch)
    assert (answer.status_code, answer.json()["retried"], sent) == (202, 3, [str(batch.pk)])
    assert not aggregation.begin_finish(batch.pk)  # its cases are still to be opened
    assert list_open_retries() == [(str(batch.pk),)]
    assert list(open_failed_cases(batch.pk)) == []
    batch.refresh_from_db()
    counts = count_cases(batch)
    assert (batch.state, counts.failed, counts.succeeded, counts.pending) == (BatchState.RUNNING, 0, 7, 3)
    assert (batch.retrying, Diagnosis.objects.count(), list_open_retries()) == (None, 0, [])
    assert sorted(batch.shards.filter(state=ShardState.PENDING).values_list("number", flat=True)) == [0, 2]
    carry_out(batch, {})
    counts = count_cases(batch)
    assert (batch.state, counts.failed, counts.succeeded) == (BatchState.COMPLETED, 0, 10)
    assert count_rows(batch, "succeeded") == batch.closed_succeeded == 10
    assert batch.closed_bytes == 50
    after = {case.index: (case.attempt, case.finished_at) for case in Case.objects.filter(index__in=before)}
    assert after == before


def test_files_of_failed_attempts_go_and_numbers_go_on(batch: Batch, owner_api: APIClient) -> None:
    carry_out(batch, FAILED)
    old = Path(settings.CASEFARM_FILES) / find_target(Attempt(batch.pk, 0, 1))
    assert old.exists()
    retry(owner_api, batch)
    list(open_failed_cases(batch.pk))
    assert not old.exists()
    claim_shards()
    assert end(batch, 0, None).number == 2


def test_of_two_who_open_the_same_cases_one_takes_their_files_off(
    batch: Batch, owner_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(batch, FAILED)
    retry(owner_api, batch)
    late, measure = [batch.pk], files.measure_own

    def measure_then_be_overtaken(folder: Key) -> int:
        found = measure(folder)
        while late:
            list(open_failed_cases(late.pop()))
        return found

    monkeypatch.setattr(files, "measure_own", measure_then_be_overtaken)
    list(open_failed_cases(batch.pk))
    assert sum(batch.shards.values_list("stored_bytes", flat=True)) == 7 * 5


def test_a_late_message_opens_nothing_of_a_batch_that_was_cancelled(batch: Batch, owner_api: APIClient) -> None:
    carry_out(batch, FAILED)
    retry(owner_api, batch)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED)
    list(open_failed_cases(batch.pk))
    assert count_rows(batch, "failed") == 3


def test_kinds_and_cases_narrow_it(batch: Batch, owner_api: APIClient) -> None:
    carry_out(batch, FAILED)
    assert retry(owner_api, batch, kinds=["crash", "timeout"], cases=[0, 7]).json()["retried"] == 1
    list(open_failed_cases(batch.pk))
    assert list(Case.objects.filter(state="pending").values_list("index", flat=True)) == [7]
    assert Diagnosis.objects.count() == 2


def test_repeating_it_opens_nothing_that_has_failed_again_since(batch: Batch, owner_api: APIClient) -> None:
    carry_out(batch, FAILED)
    retry(owner_api, batch)
    wanted = Batch.objects.get(pk=batch.pk).retrying
    list(open_failed_cases(batch.pk))
    claim_shards()
    # The clock of a transaction stands still: what ends in this test's one ends at its beginning.
    end(batch, 0, "crash")
    Case.objects.filter(index=0).update(finished_at="2100-01-01T00:00Z")
    Batch.objects.filter(pk=batch.pk).update(retrying=wanted)  # as if the task had been killed before its end
    list(open_failed_cases(batch.pk))
    assert Case.objects.get(index=0).state == CaseState.FAILED


def test_failed_cases_of_a_batch_at_work_run_again_and_its_shard_stays_open_for_them(
    batch: Batch, owner_api: APIClient
) -> None:
    (first, *_) = claim_shards()
    end(batch, 0, "crash")
    assert retry(owner_api, batch).status_code == 202
    ((shard, indices),) = list(open_failed_cases(batch.pk))
    assert (shard.number, shard.epoch, indices) == (0, first.epoch, [0])
    assert count_cases(Batch.objects.get(pk=batch.pk)).failed == 0
    for index in (-2, -1, 1):
        end(batch, index, None)
    assert not aggregation.aggregate_shard(batch.pk, 0, first.epoch)
    end(batch, 0, None)
    assert aggregation.aggregate_shard(batch.pk, 0, first.epoch)


def test_a_batch_where_nothing_failed_is_refused(batch: Batch, owner_api: APIClient) -> None:
    carry_out(batch, {})
    answer = retry(owner_api, batch)
    assert answer.status_code == 409
    assert "No case of this batch has failed" in answer.json()["detail"]
    assert Batch.objects.get(pk=batch.pk).state == BatchState.COMPLETED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": BatchState.CANCELLED}, "some of its cases never ran"),
        ({"state": BatchState.EXPANDING}, "being written"),
        ({"outputs_removed_at": "2026-01-01T00:00Z"}, "files of this batch were removed"),
        ({"retrying": {"before": "2026-01-01", "kinds": None, "cases": None}}, "just now"),
    ],
)
def test_a_batch_that_cannot_is_refused_with_the_reason(
    batch: Batch, owner_api: APIClient, change: dict[str, Any], reason: str
) -> None:
    carry_out(batch, FAILED)
    Batch.objects.filter(pk=batch.pk).update(**change)
    answer = retry(owner_api, batch)
    assert answer.status_code == 409
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"kinds": "crash"}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"cases": [1, "two"]}, "cases[1]"),
        ({"cases": [2**40]}, "cases[0]"),
        ({"case": [1]}, "case"),
    ],
)
def test_what_cannot_be_read_is_named(batch: Batch, owner_api: APIClient, asked: Any, path: str) -> None:
    answer = retry(owner_api, batch, **asked)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == path


def test_another_users_batch_is_not_found(batch: Batch, other_api: APIClient) -> None:
    assert retry(other_api, batch).status_code == 404
    assert other_api.post(f"/api/batches/{batch.pk}/cases/0/cancel/").status_code == 404


# --- one case is cancelled ---


def cancel(api: APIClient, batch: Batch, index: int) -> Any:
    return api.post(f"/api/batches/{batch.pk}/cases/{index}/cancel/")


def test_a_running_case_is_cancelled_and_its_attempt_publishes_nothing(batch: Batch, owner_api: APIClient) -> None:
    (shard, *_) = claim_shards()
    attempt = claim_case(batch.pk, 0, shard.epoch)
    assert attempt
    answer = cancel(owner_api, batch, 0)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert not finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {}))
    assert claim_case(batch.pk, 0, shard.epoch) is None
    assert count_cases(batch).cancelled == count_rows(batch, "cancelled") == 1
    for index in (-2, -1, 1):
        end(batch, index, None)
    assert aggregation.aggregate_shard(batch.pk, 0, shard.epoch)


def test_a_case_of_a_shard_that_waits_is_counted_at_once_and_never_sent(batch: Batch, owner_api: APIClient) -> None:
    assert cancel(owner_api, batch, 7).status_code == 200
    assert count_cases(batch).cancelled == 1
    carry_out(batch, {})
    assert (batch.closed_cancelled, batch.closed_succeeded) == (1, 9)


def test_cancelling_twice_is_the_same_and_a_final_case_is_refused(batch: Batch, owner_api: APIClient) -> None:
    claim_shards()
    assert cancel(owner_api, batch, 0).status_code == cancel(owner_api, batch, 0).status_code == 200
    assert count_cases(batch).cancelled == 1
    end(batch, 1, None)
    answer = cancel(owner_api, batch, 1)
    assert answer.status_code == 409
    assert "Case 1 is succeeded" in answer.json()["detail"]
    assert cancel(owner_api, batch, 99).status_code == 404
