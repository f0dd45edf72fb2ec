"""An adaptive batch in the database: rounds of cases until its error will do, recorded on its row alone."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from rest_framework.test import APIClient

from batches import aggregation, plans, queries, reconciliation
from batches.cancellation import cancel_batch
from batches.expansion import expand_batch
from batches.growth import rounds
from batches.growth.generations import Step, begin_generation
from batches.models import Batch, Case
from batches.states import BatchState, CaseState, ShardState, Verdict
from studies.definition import Adaptive, Study
from surrogates import growing
from surrogates.leases import take_turn
from surrogates.models import Surrogate
from tests.backend.batches.finished_batches import record

METRIC = "heating_kwh"
TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
BUDGET = 96


def compute(x: float, y: float, z: float) -> float:
    """Smooth and curved, with a term of two inputs, as heating is in insulation and glass."""
    return 1000.0 / (0.2 + x) + 300.0 * y * z + 400.0 * np.sin(3 * z)


def make_study(**adaptive: Any) -> dict[str, Any]:
    wish = {"budget": BUDGET, "target": {"metric": METRIC, "cvrmse": 0.03}, "batch": 16, **adaptive}
    return {
        "name": "As few as will do",
        "model": "warehouse",
        "weather": "chicago",
        "parameters": [{"name": name, "target": TARGET, "uniform": [0.1, 1.0]} for name in "xyz"],
        "design": {"method": "sobol", "samples": 20},
        "adaptive": wish,
    }


@pytest.fixture(autouse=True)
def fresh_plans() -> Iterator[None]:
    yield
    plans.forget_plans()


@pytest.fixture(autouse=True)
def plain_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parameters do to a model is not looked up: there is no library here."""
    from surrogates import datasets
    from surrogates.emulator.inputs import InputColumn

    def describe(tables: Any, rows: Any) -> tuple[InputColumn, ...]:
        return tuple(InputColumn(name, "number", "1") for name in "xyz")

    monkeypatch.setattr(datasets, "describe_inputs", describe)


@pytest.fixture(autouse=True)
def quick_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn by a quadratic ridge, in a tenth of the time."""
    monkeypatch.setattr(growing, "KIND", "ridge")


@pytest.fixture
def make_batch(user: User) -> Callable[..., Batch]:
    def make(**adaptive: Any) -> Batch:
        batch = record(user, make_study(**adaptive), rounds={"rounds": []}, shard_size=50)
        assert expand_batch(batch.pk)
        return batch

    return make


def simulate(batch: Batch, failing: Callable[[dict[str, Any]], bool] = lambda _: False) -> None:
    """Have every open case of a batch end as workers would record it, and close its shards."""
    batch.refresh_from_db()
    points = plans.plan_of(batch).points
    batch.shards.exclude(state=ShardState.FINISHED).update(state=ShardState.DISPATCHED, epoch=1)
    for case in Case.objects.filter(batch_id=batch.pk, state=CaseState.PENDING):
        values = dict(points[case.index].values)
        has_failed = failing(values)
        Case.objects.filter(batch_id=batch.pk, index=case.index).update(
            state=CaseState.FAILED if has_failed else CaseState.SUCCEEDED,
            verdict=Verdict.FAILED if has_failed else Verdict.VALID,
            metrics=None if has_failed else {METRIC: float(compute(**values))},
            finished_at=Now(),
        )
    for shard in batch.shards.filter(state=ShardState.DISPATCHED):
        assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)


def grow(batch: Batch) -> growing.Step:
    batch.refresh_from_db()
    return growing.grow_batch(batch.pk, batch.case_count)


def grow_to_the_end(batch: Batch) -> Batch:
    simulate(batch)
    while grow(batch).surrogate_id is None:
        simulate(batch)
    batch.refresh_from_db()
    return batch


def test_it_reaches_its_target_with_fewer_cases_than_its_budget_and_tells_of_each_round(
    make_batch: Callable[..., Batch], api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "KIND", "gp")
    batch = grow_to_the_end(make_batch())
    told = api.get(f"/api/batches/{batch.pk}/").json()["adaptive"]
    assert (told["state"], batch.rounds["ended"]) == ("ended", "target")
    assert batch.case_count < BUDGET
    assert told["unspent"] == BUDGET - batch.case_count
    assert [found["cases"] for found in told["rounds"]] == list(range(20, batch.case_count + 1, 16))
    assert max(found["cvrmse"] for found in told["rounds"][-2:]) <= 0.03
    assert Surrogate.objects.get().pk == Surrogate.objects.get(pk=told["surrogate"]).pk
    assert begin_generation(batch.pk) is Step.OVER
    assert aggregation.begin_finish(batch.pk)


def test_it_asks_to_be_grown_once_its_cases_are_final_and_is_not_closed_before(
    make_batch: Callable[..., Batch],
) -> None:
    batch = make_batch()
    assert begin_generation(batch.pk) is Step.WAITING
    simulate(batch)
    assert begin_generation(batch.pk) is Step.GROWING
    assert (str(batch.pk), 20) in rounds.list_due()
    assert reconciliation.list_idle_batches() == []
    assert queries.count_cases(batch).total == BUDGET


def test_who_waits_for_a_worker_says_so(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert rounds.tell_state(batch)[0] == "simulating"
    simulate(batch)
    batch.refresh_from_db()
    state, message = rounds.tell_state(batch)
    assert state == "waiting"
    assert "casefarm worker --surrogates" in message
    rounds.note_learning(batch.pk, 20)
    batch.refresh_from_db()
    assert rounds.tell_state(batch)[0] == "learning"


def test_a_message_of_an_earlier_round_does_nothing(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    simulate(batch)
    assert grow(batch).has_moved
    assert growing.grow_batch(batch.pk, 20) == growing.Step(has_moved=False)
    batch.refresh_from_db()
    assert (batch.case_count, len(batch.rounds["rounds"])) == (36, 1)


def test_a_batch_that_was_cancelled_gets_no_round(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    simulate(batch)
    cancel_batch(batch=batch)
    assert grow(batch) == growing.Step(has_moved=False)
    assert rounds.list_due() == []
    assert not Surrogate.objects.exists()


def test_a_killed_worker_leaves_the_batch_as_it_was(
    make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()
    simulate(batch)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            grow(batch)
    batch.refresh_from_db()
    assert (batch.case_count, batch.rounds["rounds"], batch.state) == (20, [], BatchState.RUNNING)
    assert grow(batch).has_moved


def test_it_waits_while_its_worker_trains_another_surrogate(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    simulate(batch)
    with take_turn(Surrogate):
        assert grow(batch) == growing.Step(has_moved=False, has_to_wait=True)
    assert grow(batch).has_moved


def test_too_few_usable_cases_are_told_and_more_are_run(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    simulate(batch, failing=lambda values: values["x"] > 0.5)
    assert grow(batch).has_moved
    batch.refresh_from_db()
    (found,) = batch.rounds["rounds"]
    assert (found["cvrmse"], batch.case_count) == (None, 36)
    assert "usable cases" in found["note"]


WISH = Adaptive.model_validate({"budget": 100, "target": {"metric": METRIC, "cvrmse": 0.05}})


@pytest.mark.parametrize(
    ("errors", "cases", "why"),
    [
        ([0.2], 20, None),
        ([0.2, 0.04], 52, None),
        ([0.2, 0.04, 0.06], 84, None),
        ([0.2, 0.04, 0.05], 84, "target"),
        ([0.2, 0.1], 100, "budget"),
        ([0.2, 0.1, 0.11, 0.1, 0.099], 80, "no_gain"),
        ([0.2, 0.1, 0.11, 0.1, 0.09], 80, None),
        ([None, None], 40, None),
    ],
)
def test_why_a_batch_gets_no_more_cases(errors: list[float | None], cases: int, why: str | None) -> None:
    assert growing.decide(WISH, errors, cases) == why


def test_candidates_of_a_round_are_points_of_the_study_that_no_other_round_has() -> None:
    study = Study.model_validate({**make_study(), "constraints": ["x + y <= 1.2"]})
    first, second = (growing.draw_candidates(study, number) for number in (1, 2))
    columns = first.columns(0, first.case_count)
    assert (columns["x"] + columns["y"] <= 1.2).all()
    assert not np.isin(columns["x"], second.columns(0, second.case_count)["x"]).any()
