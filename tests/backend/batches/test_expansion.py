"""Study → rows: all of them, once."""

from collections.abc import Callable

from batches.expansion import expand_batch
from batches.models import Batch, Case
from batches.states import BatchState


def test_every_case_gets_a_row_and_every_row_a_shard(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert expand_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.shards.count()) == (BatchState.RUNNING, 10, 3)
    indices = list(Case.objects.filter(batch_id=batch.pk).values_list("index", flat=True))
    assert indices == list(range(-2, 8))
    assert [index for shard in batch.shards.all() for index in shard.indices] == indices


def test_a_case_knows_its_shard(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    expand_batch(batch.pk)
    assert all(batch.shard_of(index) == shard.number for shard in batch.shards.all() for index in shard.indices)


def test_a_second_message_writes_nothing(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert expand_batch(batch.pk)
    assert not expand_batch(batch.pk)
    assert Case.objects.filter(batch_id=batch.pk).count() == 10


def test_a_cancelled_batch_is_not_expanded(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(state=BatchState.CANCELLED)
    assert not expand_batch(batch.pk)
    assert not Case.objects.filter(batch_id=batch.pk).exists()
