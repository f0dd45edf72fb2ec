"""What live events cost: listeners of one batch on one web process, cases that end meanwhile, and telling a change.

Runs on servers of its own, without an engine: this process ends the cases, as a worker does.
`PYTHONPATH=. python -m casefarm.local.services -- python tests/benchmarks/listeners.py [LISTENERS]`
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from subprocess import Popen
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep
from typing import Any
from uuid import uuid4

import django
import httpx
import psutil

from casefarm.local.ports import find_free_port

LISTENERS = 200
SINGLE_CASES = 40  # each ends alone, and everybody must hear of it before the next
STEADY_CASES, STEADY_PER_S = 1500, 150
PATIENCE_S = 120
CASES, SHARD_SIZE = 10_000, 250
TOLD = 200_000
INDEX = re.compile(r'"index":(\d+)')


def prepare() -> tuple[Any, str]:
    """Make the tables and a running batch; return it and a token of its owner."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from knox.models import AuthToken

    from batches.expansion import expand_batch
    from tests.backend.batches.finished_batches import record

    call_command("migrate", verbosity=0)
    user = User.objects.create_user("bench")
    target = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
    parameter = {"name": "x", "target": target, "uniform": [1.0, 9.0]}
    study = {
        "name": "listeners", "model": "warehouse", "weather": "chicago", "parameters": [parameter],
        "design": {"method": "lhs", "samples": CASES},
    }  # fmt: skip
    batch = record(user, study, shard_size=SHARD_SIZE)
    expand_batch(batch.pk)
    batch.shards.update(state="dispatched", epoch=1)
    batch.refresh_from_db()
    return batch, str(AuthToken.objects.create(user=user)[1])


@contextmanager
def run_web(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run a web process; give its port and itself."""
    port = find_free_port()
    address = ["--port", str(port), "--timeout-graceful-shutdown", "3", "--log-level", "warning", "--no-access-log"]
    with (folder / "web.log").open("wb") as log:
        process = Popen([sys.executable, "-m", "uvicorn", "config.asgi:application", *address], stdout=log, stderr=log)
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/study-schema/", timeout=5)
                break
            except httpx.TransportError:
                sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


class Audience:
    """Listeners that note when they hear of a case."""

    def __init__(self) -> None:
        self.heard: list[dict[int, float]] = []
        self.events = 0

    async def listen(self, port: int, path: str, token: str, ready: asyncio.Event) -> None:
        """Listen until the stream is cut."""
        heard: dict[int, float] = {}
        self.heard.append(heard)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.events += 1
                    now = monotonic()
                    for found in INDEX.findall(line.decode()):
                        heard.setdefault(int(found), now)
                    ready.set()
        finally:
            writer.close()

    def missing(self, index: int) -> int:
        """Return how many have not heard of a case."""
        return sum(index not in heard for heard in self.heard)


def end_cases(batch: Any, indices: range, per_s: float = 0) -> dict[int, float]:
    """End cases as a worker does, at a pace; return when each was written."""
    from django.db import connection

    from batches.cases.attempts import Final, claim_case, finish_case
    from batches.states import CaseState, Verdict

    written: dict[int, float] = {}
    began = monotonic()
    for number, index in enumerate(indices):
        if per_s:
            sleep(max(0.0, began + number / per_s - monotonic()))
        attempt = claim_case(batch.pk, index, 1)
        assert attempt
        finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {"kwh": 1.0}))
        written[index] = monotonic()
    connection.close()
    return written


async def measure(batch: Any, token: str, port: int, web: psutil.Process, listeners: int) -> None:
    """Print what listening costs."""
    audience, ready = Audience(), [asyncio.Event() for _ in range(listeners)]
    before = web.memory_info().rss
    path = f"/api/batches/{batch.pk}/events/"
    streams = [asyncio.create_task(audience.listen(port, path, token, event)) for event in ready]
    started = monotonic()
    await until(lambda: all(event.is_set() for event in ready))
    show("until all listen", f"{monotonic() - started:.2f} s")
    show("resident memory of the web process, alone / with them", f"{mb(before)} / {mb(web.memory_info().rss)} MB")
    everybody, last = await measure_latency(audience, batch)
    show("from a case's commit to a listener, p50 / p99", f"{of(everybody, 50)} / {of(everybody, 99)} ms")
    show("from a case's commit to the last of them, p50 / p99", f"{of(last, 50)} / {of(last, 99)} ms")
    events, cpu, began = audience.events, cpu_s(web), monotonic()
    written = await asyncio.to_thread(
        end_cases, batch, range(SINGLE_CASES, SINGLE_CASES + STEADY_CASES), float(STEADY_PER_S)
    )
    await until(lambda: not any(audience.missing(index) for index in list(written)[-SHARD_SIZE:]))
    took = monotonic() - began
    lost = sum(audience.missing(index) for index in written)
    show(f"{STEADY_PER_S} cases/s for {took:.1f} s: web process", f"{100 * (cpu_s(web) - cpu) / took:.0f} % of a core")
    show("the same: events to each listener", f"{(audience.events - events) / listeners / took:.1f} per s")
    show("the same: outcomes that a listener has not heard of", str(lost))
    show("resident memory of the web process, then", f"{mb(web.memory_info().rss)} MB")
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)


async def measure_latency(audience: Audience, batch: Any) -> tuple[list[float], list[float]]:
    """End cases one by one; return the delays of everybody, and of the last to hear, in s."""
    everybody: list[float] = []
    last: list[float] = []
    for index in range(SINGLE_CASES):
        written = (await asyncio.to_thread(end_cases, batch, range(index, index + 1)))[index]
        await until(lambda index=index: not audience.missing(index))
        delays = [heard[index] - written for heard in audience.heard]
        everybody += delays
        last.append(max(delays))
        await asyncio.sleep(0.3)  # the next is news by itself: nothing is still held back by the pace
    return everybody, last


async def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    limit = monotonic() + PATIENCE_S
    while not happened():
        if monotonic() > limit:
            raise TimeoutError
        await asyncio.sleep(0.02)


def measure_telling() -> None:
    """Print what it costs a worker to say that a case has ended."""
    from batches.live.notices import tell_change

    batch_id = uuid4()
    tell_change(batch_id)
    sleep(1)
    began = process_time()
    for _ in range(TOLD):
        tell_change(batch_id)
    show("telling a change, CPU of the worker", f"{1e6 * (process_time() - began) / TOLD:.2f} µs")
    messages, began = 20, process_time()
    for _ in range(messages):
        tell_change(batch_id)
        sleep(0.3)
    show("a change that is told alone, its message included", f"{1e6 * (process_time() - began) / messages:.0f} µs")


def of(values: list[float], percent: int) -> str:
    """Return a percentile in ms."""
    return f"{1000 * quantiles(values, n=100, method='inclusive')[percent - 1]:.0f}"


def mb(size: int) -> str:
    """Return bytes in MB."""
    return f"{size / 1e6:.0f}"


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def show(what: str, value: str) -> None:
    """Print a row of the table."""
    print(f"| {what:<58} | {value:>22} |", flush=True)


def main() -> None:
    """Run the benchmark and print its table."""
    listeners = int(sys.argv[1]) if len(sys.argv) > 1 else LISTENERS
    batch, token = prepare()
    print(json.dumps({"listeners": listeners, "cores": os.cpu_count()}))
    with TemporaryDirectory() as folder, run_web(Path(folder)) as (port, web):
        asyncio.run(measure(batch, token, port, web, listeners))
    measure_telling()


if __name__ == "__main__":
    main()
