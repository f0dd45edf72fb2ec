"""Streams over HTTP, from the real server: who may listen, how many, and what becomes of them when it is restarted."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from batches.cancellation import cancel_batch
from batches.models import Batch
from tests.backend.batches.live.listening import LIMIT_S, Event, finish, parse_event
from tests.backend.batches.web_process import Web, run_web, wait_for

LISTENERS, LISTENERS_PER_USER = 2, 1


@contextmanager
def listening(request: httpx.Request) -> Iterator[tuple[httpx.Response, Iterator[Event]]]:
    """Give an open stream: the answer and its events."""
    with httpx.Client(timeout=LIMIT_S) as client:
        response = client.send(request, stream=True)
        try:
            yield response, read_events(response)
        finally:
            response.close()


def read_events(response: httpx.Response) -> Iterator[Event]:
    """Yield the events of a stream."""
    block: list[str] = []
    for line in response.iter_lines():
        if line:
            block.append(line)
            continue
        if event := parse_event("\n".join(block)):
            yield event
        block.clear()


def take_until(events: Iterator[Event], kind: str) -> list[Event]:
    """Return the events up to the first of a kind."""
    seen: list[Event] = []
    for event in events:
        seen.append(event)
        if event.kind == kind:
            return seen
    raise AssertionError(f"the stream ended with {seen}")


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    """A web process with room for two listeners, one of each user, and one connection to the database for all."""
    limits = {"CASEFARM_LISTENERS": str(LISTENERS), "CASEFARM_LISTENERS_PER_USER": str(LISTENERS_PER_USER)}
    with run_web(**limits, CASEFARM_DATABASE_POOL="1") as running:
        yield running


@pytest.fixture
def events_url(batch: Batch) -> str:
    """The address of the stream."""
    return f"/api/batches/{batch.pk}/events/"


def test_a_stream_is_neither_kept_nor_held_up_on_its_way(web: Web, listener: User, events_url: str) -> None:
    with listening(web.ask(listener, events_url)) as (response, events):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-cache, no-transform"
        assert response.headers["x-accel-buffering"] == "no"
        assert next(events).kind == "progress"


def test_another_users_stream_is_not_found(web: Web, events_url: str) -> None:
    with listening(web.ask(User.objects.create_user("other"), events_url)) as (response, _):
        assert response.status_code == 404


def test_who_has_been_told_the_end_is_told_to_ask_no_more(
    web: Web, listener: User, batch: Batch, events_url: str
) -> None:
    cancel_batch(batch=batch)
    with listening(web.ask(listener, events_url)) as (_, events):
        end = take_until(events, "end")[-1]
    with listening(web.ask(listener, events_url, **{"Last-Event-ID": end.id})) as (response, _):
        assert response.status_code == 204


def test_listeners_beyond_the_limits_are_advised_to_poll_until_there_is_room(
    web: Web, start_batch: Callable[..., Batch], listener: User, events_url: str
) -> None:
    other, third = User.objects.create_user("other"), User.objects.create_user("third")
    others = f"/api/batches/{hand_to(start_batch(), other)}/events/"
    thirds = f"/api/batches/{hand_to(start_batch(), third)}/events/"
    wait_for(lambda: status_of(web.ask(listener, events_url)) == 200)  # the listener of the test before has gone
    with listening(web.ask(listener, events_url)) as (_, events):
        take_until(events, "progress")
        refusal = refused(web.ask(listener, events_url), 429)
        assert "GET /api/batches/{id}/" in refusal["detail"]
        with listening(web.ask(other, others)) as (_, other_events):
            take_until(other_events, "progress")
            refused(web.ask(third, thirds), 503)
    wait_for(lambda: status_of(web.ask(third, thirds)) == 200)


def hand_to(batch: Batch, user: User) -> str:
    """Make a batch somebody's; return its id."""
    Batch.objects.filter(pk=batch.pk).update(owner=user)
    return str(batch.pk)


def status_of(request: httpx.Request) -> int:
    """Return the status of an answer."""
    with listening(request) as (response, _):
        return response.status_code


def refused(request: httpx.Request, status: int) -> dict[str, Any]:
    """Return the problem that an answer is."""
    with listening(request) as (response, _):
        assert response.status_code == status
        assert int(response.headers["retry-after"]) > 0
        assert response.headers["content-type"] == "application/problem+json"
        response.read()
        return response.json()


def test_a_position_may_come_in_the_address(web: Web, listener: User, events_url: str) -> None:
    wait_for(lambda: status_of(web.ask(listener, events_url)) == 200)
    with listening(web.ask(listener, f"{events_url}?last_event_id=unreadable")) as (_, events):
        assert next(events).data["gap"] is True


def test_a_restart_ends_streams_at_once_and_another_process_goes_on_from_there(
    web: Web, listener: User, batch: Batch, events_url: str
) -> None:
    with run_web() as first, listening(first.ask(listener, events_url)) as (_, events):
        take_until(events, "progress")
        finish(batch, 0, 7)
        before: list[Event] = []
        while not {0, 7} <= {index for event in before if event.kind == "outcomes" for index in event.indices}:
            before += take_until(events, "progress")
        first.process.send_signal(signal.SIGTERM)
        assert "end" not in [event.kind for event in events]
        first.process.wait(LIMIT_S)
    finish(batch, 3, 11)
    with listening(web.ask(listener, events_url, **{"Last-Event-ID": before[-1].id})) as (_, events):
        outcomes, progress = take_until(events, "progress")
    assert outcomes.indices == [3, 11]
    assert progress.data["progress"]["finished"] == 4
    assert "gap" not in progress.data
