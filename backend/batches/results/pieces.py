"""The result table in pieces of thousands of rows: shards are read ahead of who asks, a bounded number at a time.

Enters: a batch's table and its shards. Leaves: Arrow tables by index. Called by `download.ResultTable`. Finished shards
are read from their parts by threads, which Arrow lets run beside whoever writes what was read before; open ones come
from the database, in the thread that asks.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

from batches.models import Batch, Shard
from batches.states import OPEN_SHARD_STATES

Read = TypeVar("Read")
PIECE_ROWS = 8192
READERS = 2
SHARDS_PER_QUESTION = 500


def list_shards(batch: Batch) -> Iterator[Shard]:
    """Yield a batch's shards by number, some hundreds in memory; no cursor is left open between them."""
    number = -1
    while found := _list_shards_after(batch, number):
        yield from found
        number = found[-1].number


def _list_shards_after(batch: Batch, number: int) -> list[Shard]:
    shards = list(batch.shards.filter(number__gt=number).order_by("number").defer("metric_names")[:SHARDS_PER_QUESTION])
    for shard in shards:
        shard.batch = batch  # who reads its cases asks for the batch of each
    return shards


def group_shards(shards: Iterable[Shard]) -> Iterator[list[Shard]]:
    """Yield neighbouring shards together that make a piece; each open shard by itself."""
    group: list[Shard] = []
    for shard in shards:
        is_open = shard.state in OPEN_SHARD_STATES
        if group and (is_open or sum(known.size for known in group) + shard.size > PIECE_ROWS):
            yield group
            group = []
        if is_open:
            yield [shard]
        else:
            group.append(shard)
    if group:
        yield group


def read_ahead(tasks: Iterable[Callable[[], Read]]) -> Iterator[Read]:
    """Yield what tasks return, in their order, while threads work on the next ones.

    Ends with the last of the few tasks that are under way where nobody asks any more (`Generator.close`).
    """
    with ThreadPoolExecutor(READERS, "reader") as pool:
        waiting: deque[Future[Read]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(task))
                if len(waiting) > READERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def cut_pieces(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Yield tables put together and cut so that each but the last has exactly so many rows."""
    kept: list[pa.Table] = []
    for table in tables:
        kept.append(table)
        while sum(part.num_rows for part in kept) >= rows:
            joined = pa.concat_tables(kept)
            yield joined.slice(0, rows)
            kept = [joined.slice(rows)] if joined.num_rows > rows else []
    if kept:
        yield pa.concat_tables(kept)
