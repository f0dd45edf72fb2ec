"""Lanes as a real worker and a real broker have them: who is served when, and what is counted."""

import os
import subprocess
import sys
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from kombu import Connection
from pytest_django import Settings
from redis import Redis

from batches import broker
from batches.dispatch import claim_shards
from batches.models import Batch, Shard
from batches.scheduling.lanes import address_shard, choose_lane, list_case_queues, merge_lanes
from batches.scheduling.levels import FAST, HIGH, LOW, NORMAL
from batches.scheduling.slots import count_slots

from .tasks_that_note import NOTES, simulate_noted

LIMIT_S = 60


def send(whose: str, count: int, lane: int, level: int) -> None:
    """Let cases of somebody wait in a lane."""
    address = address_shard(Shard(lane=lane, level=level))
    for _ in range(count):
        simulate_noted.apply_async((whose,), **address)


def run_worker(cases: int) -> tuple[list[str], dict[str, Any]]:
    """Have a worker that is told `-Q simulations` take what waits; return whose turns there were, and what it says."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "threads", "-c", "1"]
    command += ["-Q", "simulations", "-n", "lanes@here", "-l", "WARNING", "--without-gossip", "--without-mingle"]
    command += ["--include", "tests.backend.batches.scheduling.tasks_that_note"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["backend", ".", os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    limit = monotonic() + LIMIT_S
    try:
        with Redis.from_url(os.environ["REDIS_URL"]) as redis:
            while redis.llen(NOTES) < cases:
                assert monotonic() < limit
                assert process.poll() is None
                Event().wait(0.05)
            inspect = current_app.control.inspect(["lanes@here"], timeout=5, limit=1)
            queues = inspect.active_queues() or {}
            told = {"queues": {queue["name"] for queue in queues.get("lanes@here", ())}, "slots": count_slots()}
            return [note.decode() for note in redis.lrange(NOTES, 0, -1)], told  # type: ignore[union-attr]
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.stack
def test_slots_are_shared_case_by_case_and_what_is_urgent_goes_first(settings: Settings) -> None:
    """A queued a lot and C does later; B has one case, D a small batch, E is in a hurry, F has time."""
    send("A", 200, 0, NORMAL)
    send("F", 5, 1, LOW)
    send("B", 1, 2, NORMAL)
    send("C", 40, 3, NORMAL)
    send("E", 10, 4, HIGH)
    send("D", 2, 5, FAST)
    assert broker.count_waiting_cases() == 258
    notes, told = run_worker(258)
    assert set(notes[:2]) == {"D"}
    assert set(notes[2:12]) == {"E"}
    assert "B" in notes[12:15]
    shared = notes[15:75]
    assert abs(shared.count("A") - shared.count("C")) <= 1
    assert notes[-5:] == ["F"] * 5
    assert told == {"queues": set(list_case_queues()), "slots": 1}


def test_messages_are_counted_in_all_lanes_and_at_all_levels() -> None:
    for lane, level in ((0, FAST), (0, LOW), (3, NORMAL), (7, HIGH)):
        send("A", 2, lane, level)
    simulate_noted.apply_async(("A",))  # without a lane, as older releases sent them
    assert broker.count_waiting_cases() == 9
    assert broker.count_waiting(["simulations", "simulations-00"]) == {"simulations": 1, "simulations-00": 4}


def test_the_names_of_lists_are_kombu_s(settings: Settings) -> None:
    with Connection(settings.CELERY_BROKER_URL, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS) as link:
        channel: Any = link.default_channel
        assert broker.list_keys("simulations-03") == [
            channel._q_for_pri("simulations-03", step) for step in channel.priority_steps
        ]
        assert channel.queue_order_strategy == "round_robin"


def test_shards_of_older_releases_and_of_lanes_there_are_no_longer_have_an_address(settings: Settings) -> None:
    assert address_shard(Shard()) == {"queue": "simulations"}
    settings.CASEFARM_LANES = 4
    assert address_shard(Shard(lane=7, level=NORMAL)) == {"queue": "simulations-03", "priority": NORMAL}


def test_to_everybody_outside_all_lanes_are_one_queue() -> None:
    assert merge_lanes(["simulations-00", "aggregation", "simulations-07"]) == ["aggregation", "simulations"]


def test_a_lane_is_that_which_fewest_use_then_the_emptiest() -> None:
    assert choose_lane({0: 1, 1: 1}, {0: 5, 1: 3}, 3) == 2
    assert choose_lane({0: 1, 1: 1}, {0: 5, 1: 3}, 2) == 1


def test_a_single_case_is_claimed_before_the_large_batch_is_through(
    user: User, other_user: User, queue_batch: Callable[..., Batch]
) -> None:
    """L4 without a worker: 500 cases wait, a single one comes, and stands before all of them."""
    large = queue_batch(user, 500, shard_size=100)
    claim_shards()
    single = queue_batch(other_user, 1)
    (shard,) = claim_shards()
    assert (shard.batch_id, shard.level) == (single.pk, FAST)
    assert set(large.shards.exclude(level=None).values_list("level", flat=True)) == {NORMAL}
