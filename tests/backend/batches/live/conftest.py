"""A running batch that somebody listens to."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User

from batches.expansion import expand_batch
from batches.live import watches
from batches.models import Batch
from batches.plans import forget_plans
from tests.backend.batches.finished_batches import record


@pytest.fixture
def listener(transactional_db: None) -> User:
    """Whose batches they are."""
    return User.objects.create_user("listener", password="correct horse battery")


@pytest.fixture
def start_batch(listener: User) -> Callable[..., Batch]:
    """Record a batch of some cases, all of them with the broker."""

    def start(cases: int = 12, shard_size: int = 4) -> Batch:
        values = [float(number) for number in range(cases)]
        target = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
        study = {
            "name": "Live",
            "model": "warehouse",
            "weather": "chicago",
            "parameters": [{"name": "x", "target": target, "values": values}],
            "design": {"method": "grid"},
        }
        batch = record(listener, study, shard_size=shard_size)
        expand_batch(batch.pk)
        batch.shards.update(state="dispatched", epoch=1)
        batch.refresh_from_db()
        return batch

    return start


@pytest.fixture
def batch(start_batch: Callable[..., Batch]) -> Batch:
    """A running batch of twelve cases in three shards."""
    return start_batch()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have streams look by themselves soon, where a test would otherwise wait for it."""
    monkeypatch.setattr(watches, "SLOW_S", 0.3)


@pytest.fixture(autouse=True)
def _no_plans_of_others() -> Iterator[None]:
    yield
    forget_plans()
