"""A search in the database: one generation after the other, once each, whoever asks and how often."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from rest_framework.test import APIClient

from batches import aggregation, plans, queries
from batches.case_counts import unfold_shard
from batches.expansion import expand_batch
from batches.growth.extension import extend_batch
from batches.growth.generations import Step, begin_generation
from batches.models import Batch, Case, Shard
from batches.states import BatchState, CaseState, ShardState
from studies.definition import MoreRows, Study
from studies.designs.points import Points
from tests.backend.batches.finished_batches import close_shards

POPULATION, GENERATIONS = 6, 4
TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Search",
    "model": "warehouse",
    "weather": "chicago",
    "baseline": True,
    "parameters": [
        {"name": "x", "target": TARGET, "uniform": [0.0, 10.0]},
        {"name": "y", "target": TARGET, "uniform": [0.0, 10.0]},
    ],
    "design": {
        "method": "nsga2",
        "objectives": [{"metric": "heating_kwh"}, {"metric": "cooling_kwh", "goal": "maximise"}],
        "population": POPULATION,
        "generations": GENERATIONS,
    },
}


@pytest.fixture(autouse=True)
def fresh_plans() -> Iterator[None]:
    yield
    plans.forget_plans()


@pytest.fixture
def make_search(user: User) -> Callable[..., Batch]:
    def make(**changes: Any) -> Batch:
        study = Study.model_validate({**STUDY, **changes})
        points = Points(study)
        file = {"id": "1", "sha256": "0" * 64, "name": "file"}
        batch = Batch.objects.create(
            owner=user,
            name=study.name,
            study=study.model_dump(mode="json"),
            inputs={"models": {"warehouse": file}, "weathers": {"chicago": {**file, "facts": {}}}},
            parameters=[{"name": name, "unit": "1"} for name in "xy"],
            design_digest=points.digest,
            case_count=points.case_count,
            baseline_count=points.baseline_count,
            shard_size=4,
        )
        assert expand_batch(batch.pk)
        return batch

    return make


def end_cases(batch: Batch, state: str = CaseState.SUCCEEDED) -> None:
    """Have every open case end, as a worker would record it."""
    batch.refresh_from_db()
    points = plans.plan_of(batch).points
    for case in Case.objects.filter(batch_id=batch.pk, state=CaseState.PENDING):
        values = points[case.index].values
        x, y = (float(values.get(name, 0)) for name in "xy")
        metrics = {"heating_kwh": x + y, "cooling_kwh": -((x - 5) ** 2)}
        changes = {"metrics": metrics} if state == CaseState.SUCCEEDED else {}
        Case.objects.filter(pk=case.pk).update(state=state, verdict="valid", **changes)
        batch.shards.filter(number=batch.shard_of(case.index)).update(**{state: F(state) + 1})
    close_shards(batch)


def reopen(shard: Shard) -> None:
    assert unfold_shard(shard)
    Shard.objects.filter(pk=shard.pk).update(state=ShardState.DISPATCHED)


def begin(batch: Batch) -> bool:
    return begin_generation(batch.pk) is Step.BEGUN


def test_a_search_begins_with_its_first_generation(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    assert begin(batch)
    batch.refresh_from_db()
    assert (batch.case_count, batch.baseline_count) == (POPULATION, 1)
    indices = list(Case.objects.filter(batch_id=batch.pk).values_list("index", flat=True))
    assert indices == list(range(-1, POPULATION))
    assert all(batch.shard_of(index) == shard.number for shard in batch.shards.all() for index in shard.indices)


def test_a_search_whose_baselines_are_at_work_already_leaves_no_case_without_a_shard(
    make_search: Callable[..., Batch],
) -> None:
    batch = make_search()
    batch.shards.update(state=ShardState.DISPATCHED, epoch=1)
    assert begin_generation(batch.pk) is Step.WAITING
    end_cases(batch)
    assert begin(batch)
    covered = [index for shard in batch.shards.all() for index in shard.indices]
    assert covered == list(Case.objects.filter(batch_id=batch.pk).values_list("index", flat=True))


def test_the_next_generation_waits_for_every_case(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    assert begin(batch)
    assert not begin(batch)
    end_cases(batch)
    reopen(batch.shards.get(number=0))
    assert not begin(batch)
    close_shards(batch)
    assert begin(batch)


def test_a_generation_begins_once_however_often_it_is_asked_for(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    assert [begin(batch) for _ in range(3)] == [True, False, False]
    batch.refresh_from_db()
    assert len(batch.extensions) == 1


def test_a_search_ends_after_its_last_generation(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    rounds = 0
    while begin(batch):
        end_cases(batch)
        rounds += 1
    batch.refresh_from_db()
    assert rounds == GENERATIONS == len(batch.extensions)
    assert POPULATION <= batch.case_count <= POPULATION * GENERATIONS


def test_a_search_whose_cases_all_fail_goes_on_to_its_end(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    while begin(batch):
        end_cases(batch, CaseState.FAILED)
    batch.refresh_from_db()
    assert len(batch.extensions) == GENERATIONS


def test_a_cancelled_search_gets_no_more_cases(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    begin(batch)
    end_cases(batch)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED)
    assert not begin(batch)


def test_a_batch_that_is_no_search_begins_no_generation(make_search: Callable[..., Batch]) -> None:
    batch = make_search(design={"method": "sobol", "samples": 4})
    end_cases(batch)
    assert begin_generation(batch.pk) is Step.OVER


def test_nobody_is_told_to_close_a_search_whose_next_generation_is_to_come(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    assert begin(batch)
    assert begin_generation(batch.pk) is Step.WAITING
    end_cases(batch)
    reopen(batch.shards.get(number=1))
    assert begin_generation(batch.pk) is Step.WAITING
    close_shards(batch)
    while begin(batch):
        end_cases(batch)
    assert begin_generation(batch.pk) is Step.OVER


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_look_at_the_same_time_one_begins_a_generation(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    together = Barrier(3)

    def ask() -> Step:
        try:
            together.wait()
            return begin_generation(batch.pk)
        finally:
            connection.close()

    for number in range(1, 3):
        with ThreadPoolExecutor(3) as pool:
            steps = [asked.result() for asked in [pool.submit(ask) for _ in range(3)]]
        assert sorted(step.value for step in steps) == ["begun", "waiting", "waiting"]
        batch.refresh_from_db()
        assert len(batch.extensions) == number
        end_cases(batch)


def end_search(batch: Batch) -> None:
    """Carry a search through and close it."""
    while begin(batch):
        end_cases(batch)
    assert aggregation.begin_finish(batch.pk)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
    batch.refresh_from_db()


def promote(batch: Batch, *rows: dict[str, float]) -> None:
    """Add points of one's own to an ended search, and expand it."""
    extend_batch(batch=batch, more=MoreRows(rows=rows))
    assert expand_batch(batch.pk)
    batch.refresh_from_db()


def test_a_point_of_ones_own_does_not_set_an_ended_search_going(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    end_search(batch)
    known = plans.plan_of(batch).points[POPULATION].values
    promote(batch, {"x": 1.0, "y": 2.0}, {name: float(value) for name, value in known.items()})
    assert begin_generation(batch.pk) is Step.WAITING
    # one fails that the search had seen succeed: what it goes on from is what it saw
    end_cases(batch, CaseState.FAILED)
    assert begin_generation(batch.pk) is Step.OVER


def test_points_of_ones_own_are_no_generation(make_search: Callable[..., Batch], api: APIClient) -> None:
    batch = make_search()
    end_search(batch)
    before = api.get(f"/api/batches/{batch.pk}/front/").json()
    promote(batch, {"x": 1.0, "y": 2.0})
    assert queries.count_cases(batch).total == batch.total
    end_cases(batch)
    shown = api.get(f"/api/batches/{batch.pk}/front/").json()
    assert shown["generation"] == before["generation"] == GENERATIONS
    assert shown["evaluated"] == before["evaluated"] + 1
    assert max(point["generation"] for point in shown["points"]) == GENERATIONS - 1


def test_a_generation_that_brings_nothing_new_counts(make_search: Callable[..., Batch], api: APIClient) -> None:
    numbers = [{"name": name, "target": TARGET, "values": [0, 5]} for name in "xy"]
    batch = make_search(parameters=numbers, design={**STUDY["design"], "population": 4, "generations": 30})
    seen = []
    while begin(batch):
        end_cases(batch)
        seen.append(api.get(f"/api/batches/{batch.pk}/front/").json()["generation"])
    recorded = [more["generation"] for more in batch.extensions]
    assert seen == [number + 1 for number in recorded]
    assert len(plans.plan_of(batch).points) == 1 + sum(len(more["rows"]) for more in batch.extensions) <= 1 + 4


def test_a_search_with_another_past_is_not_begun_anew(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    for _ in range(2):
        begin(batch)
        end_cases(batch)
    # as where another release of the optimiser draws other points: those of its first generation are not known
    first, second = batch.extensions
    moved = [{name: value + 1e-9 for name, value in row.items()} for row in first["rows"]]
    batch.extensions = [{**first, "rows": moved}, second]
    study = Study.model_validate(batch.study)
    batch.design_digest = plans.make_points(study, plans.read_extensions(batch)).digest
    batch.save()
    plans.forget_plans()
    assert begin_generation(batch.pk) is Step.WAITING
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert "other cases here" in batch.failure
    assert len(batch.extensions) == 2


def test_a_search_that_cannot_go_on_fails_with_the_reason(make_search: Callable[..., Batch]) -> None:
    batch = make_search(constraints=["x == 0.123456789"])
    assert not begin(batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert "loosen them" in batch.failure


def test_progress_counts_the_generations_to_come(make_search: Callable[..., Batch]) -> None:
    batch = make_search()
    shares = []
    while begin(batch):
        end_cases(batch)
        batch.refresh_from_db()
        counts = queries.count_cases(batch)
        assert counts.total == 1 + POPULATION * GENERATIONS
        shares.append(counts.finished / counts.total)
    assert shares == sorted(shares)
    batch.state = BatchState.COMPLETED
    assert queries.count_cases(batch).total == batch.total


def test_the_front_is_shown_while_the_search_goes_on(make_search: Callable[..., Batch], api: APIClient) -> None:
    batch = make_search()
    for _ in range(2):
        begin(batch)
        end_cases(batch)

    shown = api.get(f"/api/batches/{batch.pk}/front/").json()

    assert (shown["generation"], shown["generations"]) == (2, GENERATIONS)
    assert [objective["goal"] for objective in shown["objectives"]] == ["minimise", "maximise"]
    assert shown["objectives"][0]["unit"] == "kWh"
    assert shown["evaluated"] == len(shown["points"]) > POPULATION
    assert {point["generation"] for point in shown["points"]} == {0, 1}
    front = [point for point in shown["points"] if point["on_front"]]
    assert {point["case"] for point in front} == set(shown["front"])
    for point in shown["points"]:
        better = [
            other
            for other in front
            if other["objectives"]["heating_kwh"] <= point["objectives"]["heating_kwh"]
            and other["objectives"]["cooling_kwh"] >= point["objectives"]["cooling_kwh"]
        ]
        assert better


def test_a_batch_that_is_no_search_has_no_front(make_search: Callable[..., Batch], api: APIClient) -> None:
    batch = make_search(design={"method": "sobol", "samples": 4})
    answer = api.get(f"/api/batches/{batch.pk}/front/")
    assert answer.status_code == 409
    assert "searches for nothing" in answer.json()["detail"]


def test_the_front_of_others_is_not_shown(make_search: Callable[..., Batch], other_api: APIClient) -> None:
    assert other_api.get(f"/api/batches/{make_search().pk}/front/").status_code == 404
