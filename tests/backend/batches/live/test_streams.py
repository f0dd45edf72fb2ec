"""What a listener is told: all that happened, in few events, whatever becomes of Redis, clients and processes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django import Settings

from batches.aggregation import aggregate_shard, begin_finish, finish_batch
from batches.cancellation import cancel_batch, cancel_pending_cases
from batches.live import hub, outcomes
from batches.live.looks import BatchReader
from batches.live.outcomes import has_seen_batch
from batches.live.positions import NOWHERE, Position, parse_position
from batches.live.streams import stream_events
from batches.live.watches import Watch
from batches.models import Batch, Case
from casefarm.local.valkey import ValkeyServer
from tests.backend.batches.live.listening import LIMIT_S, Event, beside, finish, has, listen, told, until


def all_told(*indices: int) -> Callable[[list[Event]], bool]:
    """Say whether these outcomes have been told, and the progress after them."""
    return lambda seen: set(indices) <= set(told(seen)) and seen[-1].kind == "progress"


def test_a_listener_is_told_where_the_batch_stands_and_then_what_happens(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            first = await until(events, has("progress"))
            await beside(finish, batch, 0, 1)
            return first + await until(events, all_told(0, 1))

    first, *later = asyncio.run(scenario())
    assert (first.data["state"], first.data["progress"]["finished"]) == ("running", 0)
    assert sorted(told(later)) == [0, 1]
    assert later[0].data["outcomes"][0] == {"index": 0, "state": "succeeded", "verdict": "valid", "attempt": 1}
    assert later[-1].data["progress"]["finished"] == 2
    assert first.id
    assert later[-1].id


def test_a_batch_that_ends_is_told_to_its_end_and_no_further(batch: Batch, files: Path) -> None:
    def carry_through() -> None:
        finish(batch, *range(12))
        for number in range(3):
            assert aggregate_shard(batch.pk, number, 1)
        assert begin_finish(batch.pk)
        finish_batch(batch.pk)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            first = await until(events, has("progress"))
            await beside(carry_through)
            return first + [event async for event in events]

    seen = asyncio.run(scenario())
    assert sorted(set(told(seen))) == list(range(12))
    states = [event for event in seen if event.kind == "state"]
    assert states[-1].data["state"] == "completed"
    assert [event.kind for event in seen[-2:]] == ["progress", "end"]
    assert seen[-1].data["state"] == "completed"
    finished = [event.data["progress"]["finished"] for event in seen if event.kind == "progress"]
    assert finished == sorted(finished)


def test_a_thousand_outcomes_at_once_come_in_few_events(start_batch: Callable[..., Batch]) -> None:
    batch = start_batch(cases=1000, shard_size=250)

    def succeed_at_once() -> None:
        with transaction.atomic():
            Case.objects.filter(batch_id=batch.pk).update(state="succeeded", verdict="valid", attempt=1)
            batch.shards.update(succeeded=250)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            await beside(succeed_at_once)
            return await until(events, all_told(*range(1000)))

    seen = asyncio.run(scenario())
    assert len(seen) < 10
    assert sorted(told(seen)) == list(range(1000))
    assert [event.id != "" for event in seen] == [False] * (len(seen) - 1) + [True]


@pytest.mark.usefixtures("impatient")
def test_outcomes_whose_message_was_lost_are_told_all_the_same(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batches.live.notices.teller.add", lambda batch_id: None)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            await beside(finish, batch, 4)
            return await until(events, all_told(4))

    assert told(asyncio.run(scenario())) == [4]


@pytest.mark.usefixtures("impatient")
def test_streams_go_on_without_redis_and_listen_to_it_again(
    batch: Batch, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "RETURN_S", 0.05)
    server = ValkeyServer(tmp_path / "valkey", fallback=tmp_path / "fallback")
    server.start()
    port = server.port
    settings.REDIS_URL = server.url

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            seen = await until(events, has("progress"))
            await asyncio.to_thread(server.stop)
            await beside(finish, batch, 0)
            seen += await until(events, all_told(0))
            await asyncio.to_thread(server.start, port)
            await beside(finish, batch, 1)
            return seen + await until(events, all_told(1))

    try:
        assert told(asyncio.run(scenario())) == [0, 1]
    finally:
        server.stop()


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            before = await until(events, has("progress"))
            await beside(finish, batch, 0, 5)
            before += await until(events, all_told(0, 5))
        await beside(finish, batch, 2, 9)
        async with aclosing(listen(batch, parse_position(before[-1].id))) as events:
            return await until(events, has("progress"))

    after = asyncio.run(scenario())
    assert told(after) == [2, 9]
    assert "gap" not in after[-1].data
    assert after[-1].data["progress"]["finished"] == 4


def test_an_outcome_that_was_not_committed_when_others_were_told_is_told_later(batch: Batch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def scenario() -> list[Event]:
        loop = asyncio.get_running_loop()

        def finish_slowly() -> None:
            with transaction.atomic():
                finish(batch, 0)
                loop.call_soon_threadsafe(begun.set)
                asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(LIMIT_S)

        async with aclosing(listen(batch)) as events:
            seen = await until(events, has("progress"))
            slow = asyncio.ensure_future(beside(finish_slowly))
            await begun.wait()
            await beside(finish, batch, 4)
            seen += await until(events, all_told(4))
            position = parse_position(seen[-1].id)
            go_on.set()
            await slow
            seen += await until(events, all_told(0))
        async with aclosing(listen(batch, position)) as events:
            return seen + await until(events, has("progress"))

    assert told(asyncio.run(scenario())) == [4, 0, 0]


def test_a_position_that_nobody_can_read_is_a_gap(batch: Batch) -> None:
    finish(batch, 0)

    async def scenario(text: str) -> list[Event]:
        async with aclosing(listen(batch, parse_position(text))) as events:
            return await until(events, has("progress"))

    for text in ("7", "running-5:4:", "running-5:9:7,6", "running-1:99999999999999:", f"running-1:2:{'1,' * 9000}"):
        seen = asyncio.run(scenario(text))
        assert seen[-1].data["gap"] is True
        assert told(seen) == []


def test_more_outcomes_than_are_told_at_once_are_counted_and_marked_as_a_gap(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST_OUTCOMES", 5)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            (first,) = await until(events, has("progress"))
        await beside(finish, batch, *range(12))
        async with aclosing(listen(batch, parse_position(first.id))) as events:
            return await until(events, has("progress"))

    outcome_event, progress = asyncio.run(scenario())
    assert len(outcome_event.indices) == 5
    assert outcome_event.data["left_out"] == 7
    assert progress.data["gap"] is True


def test_too_many_cases_to_look_at_are_a_gap(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    since = Position("running", "3:3:")
    monkeypatch.setattr(outcomes, "MOST_LOOKED_AT", 11)
    look = BatchReader(batch.pk, batch.owner_id).read([since])
    assert "event: outcomes" not in look.texts[since]
    assert '"gap":true' in look.texts[since]


def test_a_slow_client_holds_one_text_and_is_told_the_rest_when_it_has_taken_it(batch: Batch) -> None:
    async def scenario() -> tuple[list[str], list[str]]:
        reader = BatchReader(batch.pk, batch.owner_id)
        key = (str(batch.pk), batch.owner_id)
        slow = hub.find_hub().join(key, lambda: reader, None)
        try:
            async with aclosing(listen(batch)) as events:
                await until(events, has("progress"))
                for index in range(4):
                    await beside(finish, batch, index)
                    await until(events, all_told(index))
            waiting = [await slow.take(LIMIT_S)]
            assert slow.was_behind()
            hub.find_hub().heed(key)
            return waiting, [await slow.take(LIMIT_S)]
        finally:
            hub.find_hub().leave(key, slow)

    waiting, rest = asyncio.run(scenario())
    assert waiting[0].count("event: ") == 1
    assert rest[0].count('"index":') == 4


def test_listeners_of_a_batch_share_its_looks(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    read = BatchReader.read

    def count(self: BatchReader, sinces: list[Position | None]) -> object:
        looks.append(len(sinces))
        return read(self, sinces)

    monkeypatch.setattr(BatchReader, "read", count)

    everybody_listens = asyncio.Barrier(201)

    async def follow() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            await everybody_listens.wait()
            return await until(events, all_told(*range(12)))

    async def scenario() -> list[list[Event]]:
        everybody = [asyncio.create_task(follow()) for _ in range(200)]
        await everybody_listens.wait()
        assert hub.count_listeners(batch.owner_id) == 200
        await beside(finish, batch, *range(12))
        return await asyncio.gather(*everybody)

    seen = asyncio.run(scenario())
    assert all(sorted(told(events)) == list(range(12)) for events in seen)
    assert len(looks) < 30


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("loss", ["deleted", "disabled"])
def test_a_listener_who_may_not_see_the_batch_any_more_is_sent_away(batch: Batch, loss: str) -> None:
    def lose() -> None:
        if loss == "deleted":
            Batch.objects.filter(pk=batch.pk).delete()
        else:
            User.objects.filter(pk=batch.owner_id).update(is_active=False)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            await beside(lose)
            return [event async for event in events]

    (end,) = asyncio.run(scenario())
    assert (end.kind, end.data["state"]) == ("end", None)


def test_a_cancelled_batch_ends_at_once_and_settles(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            await beside(lambda: cancel_batch(batch=batch))
            return [event async for event in events]

    seen = asyncio.run(scenario())
    assert [event.kind for event in seen] == ["state", "progress", "end"]
    assert seen[-1].data["counts"]["cancelled"] == 12
    position = parse_position(seen[-1].id)
    assert position
    assert has_seen_batch(position, batch.pk)
    cancel_pending_cases(batch.pk)
    assert len(Case.objects.filter(batch_id=batch.pk, state="cancelled")) == 12
    Batch.objects.filter(pk=batch.pk).update(name="renamed")
    assert not has_seen_batch(position, batch.pk)
    assert not has_seen_batch(NOWHERE, batch.pk)


def test_streams_end_when_the_process_is_asked_to_stop(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            seen = await until(events, has("progress"))
            hub.find_hub().end()
            return seen + [event async for event in events]

    assert [event.kind for event in asyncio.run(scenario())] == ["progress"]


def test_a_database_that_does_not_answer_leaves_listeners_where_they_are(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    read, failures = BatchReader.read, iter([True])

    def fail_once(self: BatchReader, sinces: list[Position | None]) -> object:
        if next(failures, False):
            raise ConnectionError
        return read(self, sinces)

    async def scenario() -> list[Event]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            monkeypatch.setattr(BatchReader, "read", fail_once)
            await beside(finish, batch, 3)
            return await until(events, all_told(3))

    assert told(asyncio.run(scenario())) == [3]


def test_a_silent_stream_says_that_it_is_still_there(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batches.live.streams.KEEP_ALIVE_S", 0.01)

    async def scenario() -> str:
        key = (str(batch.pk), batch.owner_id)
        stream: AsyncIterator[str] = stream_events(key, lambda: BatchReader(batch.pk, batch.owner_id), None)
        async with aclosing(stream):
            async for text in stream:
                if text.startswith(":"):
                    return text
        raise AssertionError

    assert asyncio.run(scenario()).endswith("\n\n")


def test_a_client_that_has_gone_frees_its_place(batch: Batch) -> None:
    async def scenario() -> tuple[int, int, list[Watch]]:
        async with aclosing(listen(batch)) as events:
            await until(events, has("progress"))
            during = hub.count_listeners(batch.owner_id)
        return during, hub.count_listeners(), list(hub.find_hub()._watches.values())

    assert asyncio.run(scenario()) == (1, 0, [])
