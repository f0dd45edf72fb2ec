"""A batch that has ended grows: what there was stays, shards follow from indices, and messages may come twice."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from batches import aggregation, cancellation, reconciliation, storage
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import claim_shards, list_open_indices
from batches.download import open_results
from batches.errors import NotExtensibleError, StillActiveError
from batches.expansion import expand_batch
from batches.growth import extension
from batches.models import Batch, Case
from batches.plans import load_plan, plan_of
from batches.queries import count_cases, measure_pace
from batches.states import BatchState, CaseState, ShardState, Verdict
from studies.definition import MoreRows
from tests.backend.stored import stored

pytestmark = pytest.mark.django_db(transaction=True)


def rows(*values: float) -> MoreRows:
    return MoreRows(rows=tuple({"lighting": value, "weather": "chicago"} for value in values))


def finish_open(batch: Batch, eui: Callable[[int], float] = lambda index: 100.0 + index) -> None:
    """Bring every case that is not final to its end, shard by shard, and close the batch."""
    while shards := claim_shards():
        for shard in shards:
            for index in list_open_indices(shard):
                attempt = claim_case(batch.pk, index, shard.epoch)
                assert attempt
                metrics = {"site_eui_kwh_m2": eui(index), "electricity_kwh": float(index)}
                assert finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, metrics))
            assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
    assert aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A completed batch of 8 cases and 2 baselines in shards of 4: the last of the three has room for two."""
    batch = make_batch()
    expand_batch(batch.pk)
    finish_open(batch)
    assert batch.state == BatchState.COMPLETED
    return batch


def extend(batch: Batch, *values: float) -> Batch:
    """Extend a batch and write its rows, as request and task do."""
    extension.extend_batch(batch=batch, more=rows(*values))
    assert expand_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def list_shards(batch: Batch) -> list[tuple[int, int, int, str]]:
    return [(s.number, s.first_index, s.size, s.state) for s in batch.shards.order_by("number")]


def list_cases(batch: Batch) -> list[dict[str, Any]]:
    return list(Case.objects.filter(batch_id=batch.pk, index__lt=8).order_by("index").values())


# --- rows and shards ---


def test_a_last_shard_that_has_room_is_opened_again_and_the_rest_follows_in_new_ones(batch: Batch) -> None:
    extend(batch, 9.0, 10.0, 11.0)
    assert list_shards(batch) == [
        (0, -2, 4, ShardState.FINISHED),
        (1, 2, 4, ShardState.FINISHED),
        (2, 6, 4, ShardState.PENDING),
        (3, 10, 1, ShardState.PENDING),
    ]
    cases = Case.objects.filter(batch_id=batch.pk)
    assert sorted(cases.values_list("index", flat=True)) == list(range(-2, 11))
    for shard in batch.shards.all():
        assert {batch.shard_of(index) for index in shard.indices} == {shard.number}


def test_a_full_last_shard_stays_closed(batch: Batch) -> None:
    extend(batch, 9.0, 10.0)
    finish_open(batch)
    extend(batch, 11.0)
    assert [state for *_, state in list_shards(batch)] == [ShardState.FINISHED] * 3 + [ShardState.PENDING]


def test_what_had_run_stays_as_it_is(batch: Batch) -> None:
    before = list_cases(batch)
    extend(batch, 9.0, 10.0, 11.0)
    finish_open(batch)
    assert list_cases(batch) == before


def test_only_the_new_cases_are_sent(batch: Batch) -> None:
    extend(batch, 9.0, 10.0, 11.0)
    assert [list_open_indices(shard) for shard in claim_shards()] == [[8, 9], [10]]


def test_the_table_grows_and_has_the_old_rows_at_any_time(batch: Batch) -> None:
    before = [row for part in open_results(batch).parts() for row in part.to_pylist()]
    extend(batch, 9.0, 10.0, 11.0)
    between = [row for part in open_results(batch).parts() for row in part.to_pylist()]
    assert between[: len(before)] == before
    assert [(row["case"], row["lighting"], row["state"]) for row in between[len(before) :]] == [
        (8, 9.0, "pending"),
        (9, 10.0, "pending"),
        (10, 11.0, "pending"),
    ]
    finish_open(batch)
    after = [row for part in open_results(batch).parts() for row in part.to_pylist()]
    assert after[: len(before)] == before
    assert [row["electricity_kwh"] for row in after[len(before) :]] == [8.0, 9.0, 10.0]


def test_counts_are_exact_and_nothing_finished_is_lost(batch: Batch) -> None:
    extension.extend_batch(batch=batch, more=rows(9.0, 10.0, 11.0))
    batch.refresh_from_db()
    counts = count_cases(batch)
    assert (batch.state, counts.total, counts.finished, counts.pending) == (BatchState.EXPANDING, 13, 10, 3)
    assert (batch.finished_at, batch.started_at is not None) == (None, True)
    expand_batch(batch.pk)
    finish_open(batch)
    counts = count_cases(batch)
    assert (batch.state, counts.total, counts.succeeded) == (BatchState.COMPLETED, 13, 13)


def test_the_pace_of_an_extended_batch_is_that_of_its_new_cases(batch: Batch) -> None:
    extend(batch, 9.0)
    assert measure_pace(batch, count_cases(batch)).eta_s is None
    finish_open(batch)
    pace = measure_pace(batch, count_cases(batch))
    assert batch.resumed_at is not None
    assert batch.finished_at is not None
    elapsed_s = (batch.finished_at - batch.resumed_at).total_seconds()
    assert pace.rate_per_h == pytest.approx(3600 / elapsed_s)


def test_a_failed_batch_is_extended_where_every_case_had_its_turn(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    expand_batch(batch.pk)
    while shards := claim_shards():
        for shard in shards:
            for index in shard.indices:
                attempt = claim_case(batch.pk, index, shard.epoch)
                assert attempt
                assert finish_case(attempt, Final(CaseState.FAILED, Verdict.FAILED))
            aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    extend(batch, 9.0)
    assert (batch.state, batch.failure) == (BatchState.RUNNING, "")
    finish_open(batch)
    assert (batch.state, count_cases(batch).failed) == (BatchState.COMPLETED, 10)


def test_outliers_are_looked_for_anew_among_all_cases(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    Batch.objects.filter(pk=batch.pk).update(shard_size=1000)

    def suspects() -> list[int]:
        found = Case.objects.filter(batch_id=batch.pk, verdict=Verdict.SUSPECT).order_by("index")
        return list(found.values_list("index", flat=True))

    expand_batch(batch.pk)
    finish_open(batch)
    extend(batch, *(10.0 + n for n in range(40)))
    finish_open(batch, lambda index: 500.0 if index == 20 else 100.0 + index / 10)
    assert (suspects(), count_cases(batch).suspect) == ([20], 1)
    extend(batch, *(100.0 + n for n in range(200)))
    finish_open(batch, lambda index: 500.0 + index / 10)
    assert 20 not in suspects()
    assert count_cases(batch).suspect == len(suspects())


# --- messages that come twice, or never ---


def test_a_second_message_writes_nothing(batch: Batch) -> None:
    extend(batch, 9.0)
    before = list_shards(batch)
    assert not expand_batch(batch.pk)
    assert list_shards(batch) == before


def test_a_lost_message_is_found(batch: Batch) -> None:
    extension.extend_batch(batch=batch, more=rows(9.0))
    assert reconciliation.list_unexpanded_batches() == [(str(batch.pk),)]
    expand_batch(batch.pk)
    assert {shard.batch_id for shard in claim_shards()} == {batch.pk}


def test_a_late_message_of_the_old_epoch_closes_nothing(batch: Batch) -> None:
    old = batch.shards.get(number=2).epoch
    extend(batch, 9.0)
    claim_shards()
    assert not aggregation.aggregate_shard(batch.pk, 2, old)
    assert claim_case(batch.pk, 8, old) is None


def test_a_late_closing_message_does_not_close_an_extended_batch(batch: Batch) -> None:
    extend(batch, 9.0)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


def test_a_plan_from_before_is_read_again(batch: Batch) -> None:
    assert load_plan(batch.pk).points.case_count == 8
    extend(batch, 9.0)
    assert load_plan(batch.pk, 8).points[8].values == {"lighting": 9.0}
    extend_again = Batch.objects.get(pk=batch.pk)
    assert plan_of(extend_again).points.case_count == 9


def test_a_cancelled_extension_keeps_what_there_was(batch: Batch) -> None:
    before = list_cases(batch)
    extend(batch, 9.0, 10.0)
    cancellation.cancel_batch(batch=batch)
    cancellation.cancel_pending_cases(batch.pk)
    counts = count_cases(batch)
    assert (counts.succeeded, counts.cancelled) == (10, 2)
    assert list_cases(batch) == before
    states = [row["state"] for part in open_results(batch).parts() for row in part.to_pylist()]
    assert states == ["succeeded"] * 10 + ["cancelled"] * 2


# --- what cannot grow ---


def test_a_batch_at_work_is_not_extended(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    with pytest.raises(StillActiveError, match="queued"):
        extension.extend_batch(batch=batch, more=rows(9.0))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": BatchState.CANCELLED}, "cancelled"),
        ({"outputs_removed_at": timezone.now()}, "removed"),
        ({"design_digest": "0" * 64}, "NumPy and SciPy"),
    ],
)
def test_a_batch_that_is_not_whole_is_not_extended(batch: Batch, changes: dict[str, Any], why: str) -> None:
    Batch.objects.filter(pk=batch.pk).update(**changes)
    with pytest.raises(NotExtensibleError, match=why):
        extension.extend_batch(batch=batch, more=rows(9.0))


def test_a_batch_that_never_ran_its_cases_is_not_extended(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(state=BatchState.FAILED, failure="expand_batch failed: no room")
    with pytest.raises(NotExtensibleError, match="no room"):
        extension.extend_batch(batch=batch, more=rows(9.0))


def test_there_are_no_more_cases_than_a_study_may_have(batch: Batch, settings: Settings) -> None:
    settings.CASEFARM_MAX_CASES = 11
    with pytest.raises(NotExtensibleError, match="12 cases, at most 11"):
        extension.extend_batch(batch=batch, more=rows(9.0, 10.0))
    batch.refresh_from_db()
    assert (batch.state, batch.case_count, batch.extensions) == (BatchState.COMPLETED, 8, [])


# --- a running batch ---


def test_a_running_batch_takes_the_next_generation_of_a_search(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING, finished_at=None)
    assert extension.append_cases(batch, rows(9.0, 10.0)) == 2
    batch.refresh_from_db()
    assert (batch.state, batch.case_count) == (BatchState.RUNNING, 10)
    assert [list_open_indices(shard) for shard in claim_shards()] == [[8, 9]]


def test_a_batch_is_not_closed_while_cases_are_added_to_it(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING, finished_at=None)
    closed: list[bool] = []

    def close() -> None:
        closed.append(aggregation.begin_finish(batch.pk))
        connection.close()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        extension.append_cases(batch, rows(9.0))
        closing.start()
        while not count_waiting_for_locks():  # it has looked, or is about to look, and waits for the batch's row
            pass
    closing.join()
    batch.refresh_from_db()
    assert (closed, batch.state) == ([False], BatchState.RUNNING)


def count_waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


def test_an_ended_batch_takes_no_generation(batch: Batch) -> None:
    with pytest.raises(NotExtensibleError, match="completed"):
        extension.append_cases(batch, rows(9.0))


# --- over HTTP ---


@pytest.fixture
def owner_api(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    return log_in(owner)


def test_an_extension_is_one_of_samples_and_rows(batch: Batch, owner_api: APIClient) -> None:
    address = f"/api/batches/{batch.pk}/extend/"
    for body in ({}, {"samples": 1, "rows": []}, {"cases": 3}, []):
        answer = owner_api.post(address, body, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["accepted"]) == (400, ["samples", "rows"])


@pytest.mark.parametrize("samples", [0, -1, 1.5, "4", True, None])
def test_samples_are_a_number(batch: Batch, owner_api: APIClient, samples: Any) -> None:
    answer = owner_api.post(f"/api/batches/{batch.pk}/extend/", {"samples": samples}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "samples")


def test_a_grid_does_not_go_on_and_says_why(batch: Batch, owner_api: APIClient) -> None:
    answer = owner_api.post(f"/api/batches/{batch.pk}/extend/", {"samples": 4}, format="json")
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["path"], error["accepted"]) == (400, "samples", ["rows"])
    assert "grid" in error["message"]


def test_a_batch_at_work_answers_409(make_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    answer = owner_api.post(f"/api/batches/{make_batch().pk}/extend/", {"samples": 4}, format="json")
    assert (answer.status_code, "when it has ended" in answer.json()["detail"]) == (409, True)


def test_a_batch_whose_model_was_removed_is_not_extended(batch: Batch, owner_api: APIClient) -> None:
    point = {"lighting": 9.0, "weather": "chicago"}
    answer = owner_api.post(f"/api/batches/{batch.pk}/extend/", {"rows": [point]}, format="json")
    assert (answer.status_code, "has removed file" in answer.json()["detail"]) == (409, True)
    Batch.objects.filter(pk=batch.pk).update(study={**batch.study, "design": {"method": "random", "samples": 4}})
    answer = owner_api.post(f"/api/batches/{batch.pk}/extend/", {"samples": 4}, format="json")
    assert (answer.status_code, "has removed file" in answer.json()["detail"]) == (409, True)


def test_deleting_an_extended_batch_leaves_nothing(batch: Batch, files: Path) -> None:
    from batches.clean_up.removal import delete_batch, finish

    extend(batch, 9.0)
    finish_open(batch)
    delete_batch(batch=batch)
    finish(batch.pk)
    assert not Case.objects.filter(batch_id=batch.pk).exists()
    assert not stored(storage.batch_folder(batch.pk)).exists()
