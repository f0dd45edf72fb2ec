"""The stream of a user's list: what changes in it, and nothing of others."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest
from django.contrib.auth.models import User

from batches.expansion import expand_batch
from batches.live import list_looks
from batches.models import Batch
from tests.backend.batches.live.listening import Event, beside, finish, has, listen_to_list, until


def tells(batch: Batch, finished: int) -> Callable[[list[Event]], bool]:
    """Say whether the last event has a batch with so many finished cases."""
    return lambda seen: (
        seen[-1].kind == "batch"
        and seen[-1].data["id"] == str(batch.pk)
        and seen[-1].data["progress"]["finished"] == finished
    )


def test_a_list_is_told_each_batch_that_changed_and_none_that_did_not(
    batch: Batch, start_batch: Callable[..., Batch]
) -> None:
    other = start_batch()

    async def scenario() -> list[Event]:
        async with aclosing(listen_to_list(batch.owner_id)) as events:
            seen = await until(events, has("list"))
            await beside(finish, batch, 0, 1)
            seen += await until(events, tells(batch, 2))
            new = await beside(start_batch)
            await beside(expand_batch, new.pk)
            return seen + await until(events, tells(new, 0))

    seen = asyncio.run(scenario())
    assert seen[0].data == {"gap": True}
    assert str(other.pk) not in [event.data.get("id") for event in seen]


def test_a_list_is_told_nothing_of_the_batches_of_others(batch: Batch, start_batch: Callable[..., Batch]) -> None:
    other = User.objects.create_user("other")
    own = start_batch()
    Batch.objects.filter(pk=own.pk).update(owner=other)

    async def scenario() -> list[Event]:
        async with aclosing(listen_to_list(other.pk)) as events:
            await until(events, has("list"))
            await beside(finish, batch, 0)
            await beside(finish, own, 0)
            return await until(events, tells(own, 1))

    assert {event.data["id"] for event in asyncio.run(scenario())} == {str(own.pk)}


@pytest.mark.usefixtures("impatient")
def test_a_batch_that_was_deleted_is_told_as_removed(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen_to_list(batch.owner_id)) as events:
            await until(events, has("list"))
            await beside(lambda: Batch.objects.filter(pk=batch.pk).update(deleted_at="2026-11-21T00:00:00Z"))
            return await until(events, has("removed"))

    assert asyncio.run(scenario())[-1].data == {"id": str(batch.pk)}


def test_more_changes_than_are_told_one_by_one_have_the_list_read_again(
    batch: Batch, start_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_looks, "MOST_BATCHES", 1)
    other = start_batch()

    def change_both() -> None:
        Batch.objects.filter(pk__in=[batch.pk, other.pk]).update(name="renamed")
        finish(batch, 0)

    async def scenario() -> list[Event]:
        async with aclosing(listen_to_list(batch.owner_id)) as events:
            await until(events, has("list"))
            await beside(change_both)
            return await until(events, has("list"))

    assert asyncio.run(scenario())[-1].data == {"gap": True}


@pytest.mark.usefixtures("impatient")
def test_a_user_who_was_disabled_is_sent_away(batch: Batch) -> None:
    async def scenario() -> list[Event]:
        async with aclosing(listen_to_list(batch.owner_id)) as events:
            await until(events, has("list"))
            await beside(lambda: User.objects.filter(pk=batch.owner_id).update(is_active=False))
            return [event async for event in events]

    assert [event.kind for event in asyncio.run(scenario())] == ["end"]
