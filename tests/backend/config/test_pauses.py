"""A message that is to wait does so for as long as its sender said, whatever the sender's clock shows."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery.worker.strategy import default
from kombu import Message

from batches.tasks import simulate_case
from config.celery import app

PAUSE_S = 5.0


class Consumer(SimpleNamespace):
    """What the strategy asks of a worker; signals remember their senders by hash."""

    __hash__ = object.__hash__


def send(monkeypatch: pytest.MonkeyPatch, *, clock_is_ahead: timedelta, **options: Any) -> Message:
    """Send a case as a process does whose clock is wrong; return the message as a worker takes it."""
    queue = f"pauses-{uuid.uuid4()}"
    with monkeypatch.context() as sender:
        sender.setattr(app, "now", lambda: datetime.now(UTC) + clock_is_ahead)
        simulate_case.apply_async(("batch", 0, 1), queue=queue, **options)
    with app.connection_for_read() as connection, connection.SimpleQueue(queue) as waiting:
        message = waiting.get(timeout=10)
        message.ack()
        return message


def take(message: Message) -> list[float]:
    """Take a message through Celery's own strategy; return for how long its timer keeps it, in s."""
    kept: list[float] = []
    consumer = Consumer(
        hostname="worker",
        connection_errors=(),
        event_dispatcher=None,
        timer=SimpleNamespace(call_at=lambda eta, *_, **__: kept.append(eta - time.monotonic())),
        apply_eta_task=None,
        disable_rate_limits=True,
        task_buckets={},
        on_task_request=lambda request: None,
        _limit_task=None,
        _limit_post_eta=None,
        pool=SimpleNamespace(apply_async=None),
        controller=SimpleNamespace(state=SimpleNamespace(revoked=set())),
        qos=SimpleNamespace(increment_eventually=lambda: None),
    )
    default(simulate_case, app, consumer)(message, None, message.ack_log_error, message.reject_log_error, ())
    return kept


@pytest.mark.parametrize("hours", [1, 0, -1])
def test_a_message_waits_as_long_as_its_sender_said_not_until_its_clock(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    message = send(monkeypatch, clock_is_ahead=timedelta(hours=hours), countdown=PAUSE_S)
    (kept_s,) = take(message)
    assert 0 < kept_s <= PAUSE_S


def test_a_message_without_a_pause_is_begun_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # What an earlier sending of it had to wait for is over.
    message = send(monkeypatch, clock_is_ahead=timedelta(hours=1), headers={"casefarm_pause_s": 60.0})
    assert take(message) == []
