"""Batches of an engine that takes whole shards: one message each, cases final at once, the table from its answers."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from numpy.typing import NDArray
from redis import Redis
from rest_framework.test import APIClient

from batches import aggregation, dispatch, messages, plans, queries, reconciliation, shard_engines, shard_runs, tasks
from batches.cancellation import cancel_batch, cancel_case, cancel_pending_cases
from batches.download import open_results
from batches.expansion import expand_batch
from batches.models import Batch, Case
from batches.plans import PinnedProgram
from batches.scheduling.queue_position import forget_look
from batches.shard_engines import ShardEngineError
from batches.states import BatchState, CaseState, ShardState, Verdict
from batches.submission import submit_batch
from studies.checks.examined import SurrogateDeclaration, SurrogateInput

ID = "6f1f9a54-9a0c-4a6c-8b1c-0d6c3a1f2b3c"
FILE = {"id": "1", "sha256": "0" * 64, "name": "file"}
QUEUE = "surrogates"
STUDY: dict[str, Any] = {
    "name": "Many designs",
    "engine": f"surrogate:{ID}",
    "parameters": [{"name": "x", "uniform": [0.0, 1.0]}, {"name": "fuel", "choice": ["gas", "oil"]}],
    "design": {"method": "sobol", "samples": 10},
}


class Doubling:
    """Answers with twice x, which it was trained on from 0 to 1."""

    prefix = shard_engines.SURROGATE
    task = "surrogates.predict_shard"
    queue = QUEUE
    shard_size = 4
    fault: str | None = None

    def find(self, user: User, ref: str) -> SurrogateDeclaration | None:
        units = {"twice_kwh": "kWh", "twice_kwh_low": "kWh", "twice_kwh_high": "kWh", "inside_domain": ""}
        return SurrogateDeclaration(
            id=ref,
            label="Doubling v1",
            digest="d" * 64,
            inputs={"x": SurrogateInput("x", "m", 0.0, 1.0), "fuel": SurrogateInput("fuel", values=("gas", "oil"))},
            metrics={name: {"label": name, "unit": unit} for name, unit in units.items()},
            places={"models": {"warehouse": FILE}, "weathers": {"chicago": FILE}},
        )

    def list_names(self, user: User) -> list[str]:
        return [ID]

    def answer(self, pinned: PinnedProgram, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        if self.fault:
            raise ShardEngineError(self.fault)
        mean = 2 * inputs["x"]
        inside = ((inputs["x"] >= 0) & (inputs["x"] <= 1)).astype(np.int64)
        return {"twice_kwh": mean, "twice_kwh_low": mean - 0.1, "twice_kwh_high": mean + 0.1, "inside_domain": inside}


@pytest.fixture
def engine() -> Iterator[Doubling]:
    known = shard_engines._engines.copy()
    made = Doubling()
    shard_engines.register_engine(made)
    yield made
    shard_engines._engines.clear()
    shard_engines._engines.update(known)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    plans.forget_plans()
    forget_look()


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The broker, empty; no worker runs."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
        messages.notice_loss()
        yield client
        client.flushall()


@pytest.fixture
def make_batch(engine: Doubling, user: User) -> Callable[..., Batch]:
    def make(**changes: Any) -> Batch:
        batch = submit_batch(user=user, document={**STUDY, **changes})
        assert expand_batch(batch.pk)
        batch.refresh_from_db()
        return batch

    return make


def run(engine: Doubling, batch: Batch) -> int:
    """Answer for all shards that are sent until none is; return how many were closed."""
    closed = 0
    while shards := dispatch.claim_whole_shards():
        closed += sum(shard_runs.run_shard(engine, batch.pk, shard.number, shard.epoch) for shard in shards)
    return closed


def read_table(batch: Batch) -> list[dict[str, Any]]:
    return [row for part in open_results(batch).parts() for row in part.to_pylist()]


def test_a_batch_is_recorded_with_its_engine_and_what_it_brings(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert (batch.shard_engine, batch.shard_size, batch.shards.count()) == ("surrogate", 4, 3)
    assert batch.inputs["models"] == {"warehouse": FILE}
    assert batch.parameters == [{"name": "x", "unit": "m"}, {"name": "fuel", "unit": None}]


def test_cases_become_final_with_their_shard_and_the_table_holds_the_answers(
    make_batch: Callable[..., Batch], engine: Doubling
) -> None:
    batch = make_batch()
    assert run(engine, batch) == 3
    counts = queries.count_cases(batch)
    assert (counts.succeeded, counts.pending, counts.total) == (10, 0, 10)
    rows = read_table(batch)
    assert [row["case"] for row in rows] == list(range(10))
    assert {row["fuel"] for row in rows} == {"gas", "oil"}
    for row in rows:
        case = Case.objects.get(batch_id=batch.pk, index=row["case"])
        assert row["twice_kwh"] == 2 * row["x"] == case.metrics["twice_kwh"]
        assert (row["weather"], row["state"], row["verdict"], row["inside_domain"]) == (
            "chicago",
            "succeeded",
            "valid",
            1,
        )
        assert (case.state, case.verdict) == (CaseState.SUCCEEDED, Verdict.VALID)


def test_a_part_from_answers_is_the_part_from_the_database(make_batch: Callable[..., Batch], engine: Doubling) -> None:
    batch = make_batch()
    run(engine, batch)
    from_parts = read_table(batch)
    batch.shards.update(state=ShardState.DISPATCHED)
    assert read_table(batch) == from_parts


def test_a_batch_ends_when_its_last_shard_is_answered(make_batch: Callable[..., Batch], engine: Doubling) -> None:
    batch = make_batch()
    run(engine, batch)
    assert aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.COMPLETED


def test_the_shards_of_an_owner_go_out_few_at_a_time(make_batch: Callable[..., Batch]) -> None:
    make_batch(), make_batch()
    assert len(dispatch.claim_whole_shards()) == dispatch.WHOLE_SHARDS_SENT
    assert dispatch.claim_whole_shards() == []


def test_they_take_no_turn_of_what_is_simulated(make_batch: Callable[..., Batch], broker: Redis) -> None:
    make_batch()
    assert dispatch.claim_shards() == []


def test_a_shard_is_one_message(make_batch: Callable[..., Batch], broker: Redis) -> None:
    batch = make_batch()
    (shard, *_) = dispatch.claim_whole_shards()
    tasks.send_shard(shard)
    (message,) = [json.loads(raw) for raw in broker.lrange(QUEUE, 0, -1)]
    assert message["headers"]["task"] == "surrogates.predict_shard"
    assert messages.read_message(broker.lrange(QUEUE, 0, 0)[0]) == (
        "surrogates.predict_shard",
        (str(batch.pk), 0, 1),
    )


def test_a_lost_message_is_sent_again_and_one_that_waits_is_not(
    make_batch: Callable[..., Batch], broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "SECOND_LOOK_AFTER_S", 0)
    monkeypatch.setattr(messages, "ANSWER_TIMEOUT_S", 0.05)
    make_batch()
    sent = dispatch.claim_whole_shards()
    tasks.send_shard(sent[0])
    tasks.reconcile_batches()
    tasks.reconcile_batches()
    waiting = sorted(messages.read_message(raw)[1][1] for raw in broker.lrange(QUEUE, 0, -1))  # type: ignore[index]
    assert waiting == [0, 1]


def test_two_workers_with_the_same_shard_count_it_once(make_batch: Callable[..., Batch], engine: Doubling) -> None:
    batch = make_batch()
    (shard, *_) = dispatch.claim_whole_shards()
    plan = plans.plan_of(batch)
    answers = shard_runs.compute_answers(engine, plan, shard)
    assert shard_runs.publish_answers(plan, shard, answers)
    assert not shard_runs.publish_answers(plan, shard, answers)
    assert queries.count_cases(batch).succeeded == 4


def test_a_message_of_an_older_epoch_does_nothing(make_batch: Callable[..., Batch], engine: Doubling) -> None:
    batch = make_batch()
    (shard, *_) = dispatch.claim_whole_shards()
    plan = plans.plan_of(batch)
    answers = shard_runs.compute_answers(engine, plan, shard)
    reconciliation.renew_epochs()
    assert not shard_runs.run_shard(engine, batch.pk, 0, shard.epoch)
    assert not shard_runs.publish_answers(plan, shard, answers)
    assert queries.count_cases(batch).succeeded == 0


def test_a_batch_that_is_cancelled_meanwhile_gets_no_answer(make_batch: Callable[..., Batch], engine: Doubling) -> None:
    batch = make_batch()
    first, second = dispatch.claim_whole_shards()
    assert shard_runs.run_shard(engine, batch.pk, first.number, first.epoch)
    plan = plans.plan_of(batch)
    answers = shard_runs.compute_answers(engine, plan, second)
    cancel_batch(batch=batch)
    assert not shard_runs.publish_answers(plan, second, answers)
    cancel_pending_cases(batch.pk)
    counts = queries.count_cases(batch)
    assert (counts.succeeded, counts.cancelled) == (4, 6)
    assert [row["state"] for row in read_table(batch)] == ["succeeded"] * 4 + ["cancelled"] * 6


def test_a_case_that_was_cancelled_stays_so_in_a_shard_that_is_answered(
    make_batch: Callable[..., Batch], engine: Doubling
) -> None:
    batch = make_batch()
    cancel_case(batch=batch, case=Case.objects.get(batch_id=batch.pk, index=1))
    assert run(engine, batch) == 3
    rows = read_table(batch)
    assert (rows[1]["state"], rows[1]["twice_kwh"]) == ("cancelled", None)
    assert rows[2]["twice_kwh"] == 2 * rows[2]["x"]
    counts = queries.count_cases(batch)
    assert (counts.succeeded, counts.cancelled) == (9, 1)


def test_an_engine_that_cannot_answer_fails_its_batch_with_the_reason(
    make_batch: Callable[..., Batch], engine: Doubling
) -> None:
    batch = make_batch()
    engine.fault = "Doubling v1 was deleted."
    assert run(engine, batch) == 0
    batch.refresh_from_db()
    assert (batch.state, batch.failure) == (BatchState.FAILED, "Doubling v1 was deleted.")


def test_it_has_a_place_in_a_line_of_its_own(make_batch: Callable[..., Batch], api: APIClient) -> None:
    make_batch()
    batch = make_batch()
    queue = api.get(f"/api/batches/{batch.pk}/").json()["queue"]
    assert (queue["position"], queue["cases_ahead"], queue["expected_start_at"]) == (2, 10, None)


def test_preview_shows_values_and_promises_no_time(engine: Doubling, api: APIClient) -> None:
    shown = api.post("/api/batches/preview/", STUDY, format="json")
    assert shown.status_code == 200, shown.content
    (case, *_) = shown.json()["cases"]
    assert case["summary"][0].startswith("x = ")
    assert shown.json()["estimate"] is None


def test_an_ended_batch_grows_by_points_of_ones_own(
    make_batch: Callable[..., Batch], engine: Doubling, api: APIClient
) -> None:
    batch = make_batch()
    run(engine, batch)
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    rows = [{"x": 3.0, "fuel": "gas"}]
    answer = api.post(f"/api/batches/{batch.pk}/extend/", {"rows": rows}, format="json")
    assert answer.status_code == 202, answer.content
    assert expand_batch(batch.pk)
    assert run(engine, batch) == 1
    last = read_table(Batch.objects.get(pk=batch.pk))[-1]
    assert (last["case"], last["twice_kwh"], last["inside_domain"]) == (10, 6.0, 0)
