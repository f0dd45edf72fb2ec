"""What reading a batch costs over HTTP at a thousand and at a million cases: status, lists, pages, downloads.

By itself on a database and a web service of its own, over batches whose cases were written by SQL and whose tables by
Arrow: `python -m casefarm.local.services -- python tests/benchmarks/reads.py [--cases 1000 1000000]`. Others call
`time_reads` and `measure_download` with a client of a running service.
"""

import argparse
import contextlib
import logging
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, sleep
from typing import Any

import django
import httpx
import numpy as np
import pyarrow as pa

CASES = (1_000, 1_000_000)
READS = {
    "status": "",
    "task status": "TASK",
    "a page of cases": "cases/",
    "a page in the middle": "cases/?cursor=MIDDLE",
    "two failed cases": "cases/?state=failed&page_size=2",
    "two suspect cases": "cases/?verdict=suspect&page_size=2",
    "a page of running cases": "cases/?state=running",
    "a page of cases that succeeded": "cases/?state=succeeded",
    "one case": "cases/7/",
    "columns": "columns/",
}
METRICS = [f"metric_{number:02d}_kwh" for number in range(18)] + ["site_eui_kwh_m2", "run_time_s"]
FORMATS = ("csv", "parquet", "arrow", "json")
FAILED_EVERY, SUSPECT_EVERY = 401, 301


def prepare() -> Any:
    """Make the tables, load the library and return a user."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("load_bundled_library", stdout=nowhere)
    return User.objects.create_user("bench")


def make_token(user: Any) -> str:
    """Return a token that asks as a user."""
    from knox.models import AuthToken

    return str(AuthToken.objects.create(user)[1])


def make_finished_batch(user: Any, cases: int) -> Any:
    """Record a completed batch of so many cases, with a table; every 401st failed, every 301st is suspect."""
    from django.db.models.functions import Now

    from batches import submission
    from batches.models import Batch
    from tests.benchmarks.batch_scale import make_study

    batch = submission.submit_batch(user=user, document=make_study(cases))
    write_rows(batch)
    write_table(batch)
    closed = {"closed_shards": batch.shards.count(), "metric_names": sorted(METRICS)}
    failed = len(range(0, cases, FAILED_EVERY))
    suspect = sum(index % FAILED_EVERY != 0 for index in range(0, cases, SUSPECT_EVERY))
    Batch.objects.filter(pk=batch.pk).update(
        state="completed",
        started_at=Now(),
        finished_at=Now(),
        closed_succeeded=cases - failed,
        closed_failed=failed,
        closed_suspect=suspect,
        **closed,
    )
    batch.refresh_from_db()
    return batch


def write_rows(batch: Any) -> None:
    """Write the shards of a batch and its cases as they are after the last has ended."""
    from django.db import connection

    from batches.case_rows import write_shards

    write_shards(batch, -batch.baseline_count)
    metrics = ", ".join(f"'{name}', position * {0.1 + number}" for number, name in enumerate(METRICS))
    statement = f"""
        WITH written AS (
            INSERT INTO batches_case (batch_id, "index", state, attempt, verdict, metrics, started_at, finished_at)
            SELECT %(batch)s, position, CASE WHEN position %% {FAILED_EVERY} = 0 THEN 'failed' ELSE 'succeeded' END, 1,
                   CASE WHEN position %% {FAILED_EVERY} = 0 THEN 'failed'
                        WHEN position %% {SUSPECT_EVERY} = 0 THEN 'suspect' ELSE 'valid' END,
                   jsonb_build_object({metrics}), now(), now()
              FROM generate_series(0, %(cases)s - 1) AS position
            RETURNING "index", state, verdict
        ), diagnosed AS (
            INSERT INTO batches_diagnosis (batch_id, "index", kind, message, reasons)
            SELECT %(batch)s, "index", 'severe', 'A severe error.', '[]' FROM written WHERE verdict <> 'valid'
        ), counted AS (
            SELECT "index" / %(size)s AS number, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
                   count(*) FILTER (WHERE state = 'failed') AS failed,
                   count(*) FILTER (WHERE verdict = 'suspect') AS suspect
              FROM written GROUP BY 1
        )
        UPDATE batches_shard AS shard
           SET state = 'finished', epoch = 1, succeeded = counted.succeeded, failed = counted.failed,
               suspect = counted.suspect, metric_names = %(names)s::jsonb
          FROM counted WHERE shard.batch_id = %(batch)s AND shard.number = counted.number
    """
    import json

    with connection.cursor() as cursor:
        names = json.dumps(sorted(METRICS))
        cursor.execute(
            statement, {"batch": batch.pk, "cases": batch.case_count, "size": batch.shard_size, "names": names}
        )
        cursor.execute("VACUUM (ANALYZE) batches_case, batches_shard, batches_batch, batches_diagnosis")


def write_table(batch: Any) -> None:
    """Write the parts of a batch's table with numbers that nobody simulated."""
    from batches import storage
    from batches.plans import plan_of
    from batches.results import tables
    from batches.results.metric_facts import list_columns

    plan = plan_of(batch)
    names = list_columns(plan, METRICS)
    schema = tables.table_schema(plan, names)
    random = np.random.default_rng(0)
    for shard in batch.shards.order_by("number"):
        points = plan.points.columns(shard.indices.start, shard.indices.stop)
        columns = {"case": np.arange(shard.indices.start, shard.indices.stop), **points}
        columns |= {"state": ["succeeded"] * shard.size, "verdict": ["valid"] * shard.size}
        columns |= {name: random.uniform(0, 1e5, shard.size) for name in names}
        arrays = [pa.array(columns[name]).cast(schema.field(name).type, safe=False) for name in schema.names]
        part = pa.table(arrays, schema=schema)
        tables.write_part(storage.part_path(batch.pk, shard.number), part)


@contextlib.contextmanager
def serve() -> Iterator[tuple[str, int]]:
    """Give the address of a web service on the database at hand, and its process id; stop it afterwards."""
    from casefarm.local.ports import find_free_port

    port = find_free_port()
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--no-access-log"]
    web = subprocess.Popen([*command, "--log-level", "warning"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until = monotonic() + 60
        while monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/api/health/", timeout=5)
                break
            sleep(0.2)
        yield url, web.pid
    finally:
        web.terminate()
        web.wait()


def list_reads(batch: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of each read of a batch.

    Args:
        batch: as the API shows it: `id`, `task_id`, `case_count`.
    """
    middle = b64encode(f"p={batch['case_count'] // 2}".encode()).decode()
    addresses = {"list of batches": "/api/batches/"}
    for name, path in READS.items():
        place = f"/api/batches/{batch['id']}/{path.replace('MIDDLE', middle)}"
        addresses[name] = f"/api/tasks/{batch['task_id']}/status/" if path == "TASK" else place
    return addresses


def time_reads(api: httpx.Client, addresses: Sequence[str], repeats: int = 100) -> list[tuple[float, float]]:
    """Return median and 99th percentile of the time that each answer takes, in milliseconds.

    All are asked in turn, so that what else the machine does meets them alike; the first three times do not count.
    """
    times: list[list[float]] = [[] for _ in addresses]
    for number in range(repeats + 3):
        for address, taken in zip(addresses, times, strict=True):
            started = monotonic()
            api.get(address).raise_for_status()
            if number >= 3:
                taken.append(1000 * (monotonic() - started))
    return [(median(taken), quantiles(taken, n=100)[98]) for taken in times]


def measure_download(api: httpx.Client, address: str) -> tuple[int, float]:
    """Return how many bytes came and in how many seconds."""
    started, count = monotonic(), 0
    with api.stream("GET", address) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw(1 << 20):
            count += len(piece)
    return count, monotonic() - started


def read_memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Return the memory of a process in MB; with `VmHWM`, its peak."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise ValueError(what)


def read_cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def print_reads(api: httpx.Client, batches: Sequence[Mapping[str, Any]]) -> None:
    """Print median and p99 of every read, batch by batch, and the ratio of the last to the first."""
    heads = [f"{batch['case_count']:,} cases: median, p99 (ms)" for batch in batches]
    print(f"| read | {' | '.join(heads)} | ratio of medians |")
    print("|---|" + "---|" * (len(batches) + 1))
    addresses = [list_reads(batch) for batch in batches]
    for name in addresses[0]:
        found = time_reads(api, [known[name] for known in addresses])
        cells = [f"{middle:.1f}, {late:.1f}" for middle, late in found]
        print(f"| {name} | {' | '.join(cells)} | {found[-1][0] / found[0][0]:.2f} |", flush=True)


def print_downloads(api: httpx.Client, batch: Mapping[str, Any], pid: int, forms: Sequence[str]) -> None:
    """Print size, speed and the web service's memory of a download in each format."""
    print(
        f"| {batch['case_count']:,} rows as | MB | s | MB/s | CPU of the web service, s | its RSS before, peak (MB) |"
    )
    print("|---|---|---|---|---|---|")
    for form in forms:
        before, used = read_memory_mb(pid), read_cpu_s(pid)
        count, seconds = measure_download(api, f"/api/batches/{batch['id']}/results/?as={form}")
        peak = read_memory_mb(pid, "VmHWM")
        mb, used = count / 1e6, read_cpu_s(pid) - used
        speed = f"{mb:.0f} | {seconds:.1f} | {mb / seconds:.0f} | {used:.1f}"
        print(f"| {form} | {speed} | {before:.0f}, {peak:.0f} |", flush=True)


def print_reads_beside_downloads(api: httpx.Client, batch: Mapping[str, Any], pid: int, downloads: int = 3) -> None:
    """Print how long the status of a batch takes while others download its table."""
    address = f"/api/batches/{batch['id']}/"
    with ThreadPoolExecutor(downloads) as pool:
        under_way = [pool.submit(measure_download, api, f"{address}results/?as=csv") for _ in range(downloads)]
        (times,) = time_reads(api, [address])
        ended = sum(download.done() for download in under_way)
        peak = read_memory_mb(pid, "VmHWM")
    print(f"Status beside {downloads} downloads: median {times[0]:.0f} ms, p99 {times[1]:.0f} ms", end="")
    print(f" ({ended} had ended before the last answer); peak RSS of the web service {peak:.0f} MB")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", type=int, default=CASES)
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    chosen = parser.parse_args()
    user = prepare()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    batches = [make_finished_batch(user, cases) for cases in chosen.cases]
    headers = {"Authorization": f"Token {make_token(user)}"}
    with serve() as (url, pid), httpx.Client(base_url=url, headers=headers, timeout=600) as api:
        shown = [api.get(f"/api/batches/{batch.pk}/").json() for batch in batches]
        print_reads(api, shown)
        print_downloads(api, shown[-1], pid, chosen.formats)
        print_reads_beside_downloads(api, shown[-1], pid)


if __name__ == "__main__":
    main()
