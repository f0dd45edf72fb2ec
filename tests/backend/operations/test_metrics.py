"""`GET /metrics`: what waits, what runs and what the reconciler did; a server that is away is left out."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from batches.models import Batch, ReconcilerAction
from batches.reconciliation import count_action
from batches.states import BatchState
from operations.metrics import FarmCollector, read_batches, read_queues, read_reconciler

pytestmark = pytest.mark.django_db


def read(*readers: object) -> dict[str, float]:
    """Return what a fresh collector tells, by name and label."""
    samples = [sample for metric in FarmCollector(*readers).collect() for sample in metric.samples]  # type: ignore[arg-type]
    return {f"{sample.name}{''.join(sample.labels.values())}": sample.value for sample in samples}


@pytest.fixture
def batch(user: User) -> Batch:
    """A batch at work of which four cases have ended."""
    numbers = {"case_count": 10, "baseline_count": 0, "shard_size": 4, "closed_shards": 1, "closed_succeeded": 4}
    state = BatchState.RUNNING
    return Batch.objects.create(
        owner=user, name="b", study={}, inputs={}, parameters=[], design_digest="0" * 64, state=state, **numbers
    )


def test_what_waits_and_runs_is_told(batch: Batch) -> None:
    Batch.objects.update(waiting_since="2020-01-01T00:00:00Z")
    told = read(read_batches)
    assert (told["casefarm_pending_cases"], told["casefarm_running_cases"]) == (6, 0)
    assert told["casefarm_active_batches"] == 1
    assert told["casefarm_oldest_waiting_seconds"] > 86_400


def test_queues_and_slots_are_told() -> None:
    told = read(read_queues)
    assert told["casefarm_waiting_casessimulations-00"] == 0
    assert told["casefarm_slots"] > 0


def test_what_the_reconciler_did_is_told_as_a_counter() -> None:
    count_action("resent_cases", 3)
    count_action("resent_cases")
    assert read(read_reconciler)["casefarm_reconciler_actions_totalresent_cases"] == 4
    assert ReconcilerAction.objects.get().last_at is not None


def test_who_reads_often_asks_once(batch: Batch) -> None:
    collector = FarmCollector(read_batches)
    collector.collect()
    with CaptureQueriesContext(connection) as asked:
        assert len(list(collector.collect())) == 4
    assert not asked.captured_queries


def test_a_broker_that_is_away_takes_no_other_metrics_with_it(batch: Batch, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    told = read(read_queues, read_batches)
    assert "casefarm_slots" not in told
    assert told["casefarm_active_batches"] == 1


def test_prometheus_is_given_them(client: Client) -> None:
    page = client.get("/metrics").content.decode()
    assert "# TYPE casefarm_waiting_cases gauge" in page
    assert "# TYPE casefarm_reconciler_actions_total counter" in page
