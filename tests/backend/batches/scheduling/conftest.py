"""Batches that wait for a turn, of any size and owner, without anything of them having been expanded in earnest."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from redis import Redis

from batches.case_rows import write_missing_rows
from batches.models import Batch
from batches.states import BatchState, Priority


@pytest.fixture
def queue_batch(make_batch: Callable[..., Batch]) -> Callable[..., Batch]:
    """Record a running batch of so many cases in shards of `shard_size`, none of which has gone."""

    def queue(
        owner: User, cases: int = 8, *, shard_size: int = 250, priority: str = Priority.NORMAL, **more: Any
    ) -> Batch:
        batch = make_batch(priority=priority)
        Batch.objects.filter(pk=batch.pk).update(
            owner=owner, case_count=cases, baseline_count=0, shard_size=shard_size, state=BatchState.RUNNING, **more
        )
        batch.refresh_from_db()
        write_missing_rows(batch)
        return batch

    return queue


@pytest.fixture(autouse=True)
def _empty_broker(settings: Any) -> Iterator[None]:
    """Leave nothing of other tests in the broker: how much waits there is part of what is decided."""
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()
        yield
        broker.flushdb()


def move_back(table: str, column: str, minutes: float, **where: Any) -> None:
    """Let a moment in the database lie further back."""
    condition = " AND ".join(f"{name} = %s" for name in where)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = {column} - %s * interval '1 minute' WHERE {condition}",
            [minutes, *where.values()],
        )
