"""What lanes cost: time of a message at the broker by the number of lanes, and bytes of a case's message in Redis.

`python -m casefarm.local.services -- python tests/benchmarks/queue_costs.py`, on a broker of its own.
"""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

from redis import Redis

LEVELS = (0, 3, 6, 9)
MESSAGES = 6_000
MESSAGE_BYTES = 1_600


def measure_lanes(broker: Redis, lanes: int) -> str:
    """Take messages from the last of all lists, as a worker does with so many lanes; return a row of the table."""
    keys = [f"lane{lane}:{level}" for level in LEVELS for lane in range(lanes)]
    broker.delete(*keys)
    for _ in range(MESSAGES):
        broker.lpush(keys[-1], b"x" * MESSAGE_BYTES)
    began_s, server_s = time.process_time(), use_cpu(broker)
    for _ in range(MESSAGES):
        broker.brpop(keys, 1)
    worker_us = (time.process_time() - began_s) / MESSAGES * 1e6
    server_us = (use_cpu(broker) - server_s) / MESSAGES * 1e6
    return f"| {lanes} | {len(keys)} | {server_us:.0f} µs | {worker_us:.0f} µs |"


def use_cpu(broker: Redis) -> float:
    """Return the processor time that the broker has used, in s."""
    found = broker.info("cpu")
    return float(found["used_cpu_user"] + found["used_cpu_sys"])


def measure_message(broker: Redis, shard_size: int, shards: int) -> str:
    """Send shards as the farm does; return a row of the table with the bytes of a case in Redis."""
    from celery import chord, group

    from batches import tasks

    broker.flushdb()
    before = broker.info("memory")["used_memory"]
    for number in range(shards):
        batch = str(uuid4())
        cases = [tasks.simulate_case.si(batch, index, 1).set(queue="simulations-00") for index in range(shard_size)]
        chord(group(cases))(tasks.finish_shard.si(batch, number, 1))
    used = broker.info("memory")["used_memory"] - before
    return f"| {shard_size} | {shards} | {used / (shard_size * shards):,.0f} B |"


def main() -> None:
    """Print both tables."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "backend"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    with Redis.from_url(os.environ["REDIS_URL"]) as broker:
        rows = [measure_lanes(broker, lanes) for lanes in (1, 9, 17, 33)]
        print(
            "| lanes | lists | broker CPU per message | worker CPU per message |", "|---|---|---|---|", *rows, sep="\n"
        )
        rows = [measure_message(broker, size, shards) for size, shards in ((250, 4), (5, 200), (1, 500))]
        print("\n| cases of a shard | shards | Redis per case |", "|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
