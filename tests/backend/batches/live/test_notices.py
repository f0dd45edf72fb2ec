"""Telling that a batch has changed: costs next to nothing, never fails, and is heard once for many changes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.conf import settings as service_settings
from django.db import transaction
from pytest_django import Settings
from redis import Redis
from redis.client import PubSub

from batches.live.notices import CHANNEL, Teller, tell_change

LIMIT_S = 60


@pytest.fixture
def heard() -> Iterator[PubSub]:
    """What web processes hear."""
    with Redis.from_url(service_settings.REDIS_URL) as redis, redis.pubsub() as subscription:
        subscription.subscribe(CHANNEL)
        assert subscription.get_message(timeout=LIMIT_S)
        yield subscription


def next_ids(heard: PubSub, known: set[UUID]) -> list[UUID]:
    """Return what the next message that names one of some batches says of them."""
    while True:
        message = heard.get_message(timeout=LIMIT_S)
        assert message, "nothing was heard"
        if found := [UUID(word) for word in message["data"].decode().split() if UUID(word) in known]:
            return found


def test_many_changes_are_one_message(heard: PubSub) -> None:
    teller, ids = Teller(), {uuid4(), uuid4()}
    teller._thread = sys  # type: ignore[assignment]  # nobody sends before this test does
    for _ in range(1000):
        for batch_id in ids:
            teller.add(batch_id)
    teller.flush()
    assert sorted(next_ids(heard, ids)) == sorted(ids)
    teller.flush()
    last = uuid4()
    teller.add(last)
    teller.flush()
    assert next_ids(heard, {*ids, last}) == [last]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_when_it_is_committed_and_not_when_it_is_taken_back(heard: PubSub) -> None:
    kept, dropped = uuid4(), uuid4()
    with transaction.atomic():
        tell_change(dropped)
        transaction.set_rollback(True)
    with transaction.atomic():
        tell_change(kept)
    assert next_ids(heard, {kept, dropped}) == [kept]


def test_a_broker_that_is_away_costs_the_message_and_a_line_in_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture, heard: PubSub
) -> None:
    here, lost, later = settings.REDIS_URL, uuid4(), uuid4()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    teller = Teller()
    teller._thread = sys  # type: ignore[assignment]
    for _ in range(3):
        teller.add(lost)
        teller.flush()
    assert caplog.text.count("live events come late") == 1
    settings.REDIS_URL, teller._redis = here, None
    teller.add(later)
    teller.flush()
    assert next_ids(heard, {lost, later}) == [later]


TELL_AND_LEAVE = """
import os, sys, uuid
import django
django.setup()
from batches.live.notices import teller
parent, child = map(uuid.UUID, sys.argv[1:])
teller.add(parent)
teller.flush()
pid = os.fork()
teller.add(child if pid == 0 else parent)
if pid:
    os.waitpid(pid, 0)
"""


def test_what_was_noted_last_is_sent_when_a_process_ends_forked_or_not(heard: PubSub) -> None:
    parent, child = uuid4(), uuid4()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", TELL_AND_LEAVE, str(parent), str(child)], env=environment, check=True)
    told = [next_ids(heard, {parent, child}) for _ in range(3)]
    assert sorted(told) == sorted([[parent], [child], [parent]])
