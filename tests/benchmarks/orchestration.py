"""What the farm itself costs for each case, in processor time of all its processes, beside a no-op task of Celery.

A worker for cases and one for everything else take batches of a program that does nothing: as an engine that starts no
process (`noop_engine`), and as a program that is executed in the sandbox; and as many no-op tasks in chords of the same
size. Publishing and tables are part of it; engines, PostgreSQL and Valkey are shown apart. Runs on a database of its
own: `python -m casefarm.local.services -- python tests/benchmarks/orchestration.py [CASES]`.
"""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import django
import psutil

from tests.benchmarks.nothing import declare_nothing, study_of_nothing

CASES = 2000
REPEATS = 3
POLL_S = 0.05
QUEUES = {"simulations": 4, "aggregation,maintenance": 2}
NOOP, EXECUTABLE = "tests.benchmarks.noop_engine", "tests.benchmarks.noop_task"


@contextmanager
def run_workers(include: str) -> Iterator[list[psutil.Process]]:
    """Start the workers of a farm, which import `include`; give them; stop them."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--include", f"tests.benchmarks.noop_task,{include}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["backend", "."])}
    started = [
        subprocess.Popen(
            [*command, "-n", f"bench{number}-{uuid.uuid4().hex[:6]}@%h", "-c", str(slots), "-Q", queues],
            env=environment,
        )
        for number, (queues, slots) in enumerate(QUEUES.items())
    ]
    try:
        yield [psutil.Process(process.pid) for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def list_servers() -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Return the processes of PostgreSQL and of Valkey that `casefarm.local.services` has started."""
    services = psutil.Process().parent()
    found = services.children(recursive=True) if services else []
    postgres = [process for process in found if process.name().startswith("postgres")]
    valkey = [process for process in found if "valkey" in process.name() or "redis" in process.name()]
    return postgres, valkey


def read_cpu_s(processes: list[psutil.Process], *, children: bool = False) -> float:
    """Return the processor time that processes have used so far, s, or their ended children have."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.children_user + times.children_system if children else times.user + times.system
    return total


def measure(work: Callable[[], None], workers: list[psutil.Process], cases: int) -> dict[str, float]:
    """Return what a piece of work costs for each case: ms of processor time of farm, engines, servers; cases/s."""

    def read() -> list[float]:
        postgres, valkey = list_servers()
        return [
            read_cpu_s(workers),
            read_cpu_s(workers, children=True),
            read_cpu_s(postgres) + read_cpu_s(postgres, children=True),
            read_cpu_s(valkey),
        ]

    before, started = read(), monotonic()
    work()
    taken, after = monotonic() - started, read()
    farm, engines, postgres, valkey = (1000 * (b - a) / cases for a, b in zip(before, after, strict=True))
    return {"farm": farm, "engines": engines, "postgres": postgres, "valkey": valkey, "per_s": cases / taken}


def run_batch(user: Any, cases: int, lowest: float) -> None:
    """Submit a batch of nothing and wait for its table."""
    from batches.models import Diagnosis
    from batches.submission import submit_batch
    from batches.tasks import expand_batch

    batch = submit_batch(user=user, document=study_of_nothing(cases, lowest))
    expand_batch.delay(str(batch.pk))
    while batch.state not in ("completed", "failed"):
        sleep(POLL_S)
        batch.refresh_from_db()
    why = list(Diagnosis.objects.filter(batch_id=batch.pk).values("index", "kind", "message")[:3])
    assert (batch.state, batch.closed_succeeded) == ("completed", cases), (batch.failure, batch.closed_succeeded, why)


def run_nothing(cases: int, shard_size: int) -> None:
    """Have as many no-op tasks done in chords of the same size, sent by the same worker that sends cases."""
    from django.core.cache import cache

    from tests.benchmarks.noop_task import send_nothing

    name, chords = str(uuid.uuid4()), -(-cases // shard_size)
    cache.set(f"nothing-{name}", 0, 600)
    send_nothing.delay(name, cases, shard_size)
    while cache.get(f"nothing-{name}") < chords:
        sleep(POLL_S)


def main(cases: int) -> None:
    """Print the table."""
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    user, size = User.objects.create_user("bench"), settings.CASEFARM_SHARD_SIZE
    kinds: dict[str, list[dict[str, float]]] = {"Celery's no-op task": [], "no-op engine": [], "no-op program": []}
    lowest = 0.0
    for kind, include, share in (("no-op engine", NOOP, 1), ("no-op program", EXECUTABLE, 10)):
        with run_workers(include) as workers:
            run_batch(user, 20, lowest := lowest + 1)
            run_nothing(100, size)
            for _ in range(REPEATS):
                lowest += 1
                work = partial(run_batch, user, cases // share, lowest)
                kinds[kind].append(measure(work, workers, cases // share))
                if kind == "no-op engine":
                    kinds["Celery's no-op task"].append(measure(partial(run_nothing, cases, size), workers, cases))
    bare = median(row["farm"] for row in kinds["Celery's no-op task"])
    print(
        "| per case, median of runs | farm CPU, ms | × Celery | engines, ms | PostgreSQL, ms | Valkey, ms | cases/s |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind, rows in kinds.items():
        found = {name: median(row[name] for row in rows) for name in rows[0]}
        cells = " | ".join(f"{found[name]:.2f}" for name in ("engines", "postgres", "valkey"))
        print(f"| {kind} | {found['farm']:.2f} | {found['farm'] / bare:.2f} | {cells} | {found['per_s']:.0f} |")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory(prefix="orchestration-") as home:
        os.environ |= {"CASEFARM_FILES": f"{home}/files", "CASEFARM_SCRATCH": f"{home}/scratch"}
        os.environ["CASEFARM_PROGRAMS"] = str(declare_nothing(Path(home) / "programs"))
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
