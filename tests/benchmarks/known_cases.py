"""Known cases per second through the whole farm – message, claim, key, verified files, table – beside a no-op task.

One case is simulated; its outcome stands for every other one's, so that a batch of thousands has nothing to run. A
worker like that of `casefarm up` then takes the batch, and as many no-op tasks in chords of the same size.
Runs on a database of its own: `python -m casefarm.local.services -- python tests/benchmarks/known_cases.py [CASES]`.
"""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import django

CASES = 2000
REPEATS = 3
POLL_S = 0.02
QUEUES = {"simulations": os.cpu_count() or 2, "aggregation,maintenance": 2}


def prepare() -> Any:
    """Make the tables, load the library and return a user."""
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_bundled_library", stdout=StringIO())
    return User.objects.create_user("bench")


def make_study(cases: int, lowest: float) -> dict[str, Any]:
    """Return a study of the warehouse over one day with so many cases."""
    lights = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
    values = [lowest + position / 1e6 for position in range(cases)]
    return {
        "name": f"{cases} known cases",
        "model": "warehouse",
        "weather": "chicago",
        "run_period": {"start": "01-14", "end": "01-14"},
        "parameters": [{"name": "lighting", "target": lights, "change": "scale", "values": values}],
    }


def make_known(batch: Any) -> None:
    """Let the outcome of the batch's first case, which is simulated, stand for every case of it."""
    from batches import storage
    from batches.cases.known_cases import make_key
    from batches.cases.staging import make_recipe
    from batches.models import KnownCase
    from batches.plans import load_plan
    from filestore.store import files

    plan = load_plan(batch.pk)
    keys = [make_key(make_recipe(plan, index)) for index in range(batch.case_count)]
    ran = KnownCase.objects.get(key=simulate_once(plan))
    for key in keys:
        row = KnownCase(key=key, holder=uuid.uuid4(), outcome=ran.outcome, size_bytes=ran.size_bytes)
        with files.fill_folder(storage.known_case_folder(key, row.holder)) as draft:
            draft.link_files(storage.known_case_folder(ran.key, ran.holder), ran.outcome["files"])
        row.save(force_insert=True)
    assert KnownCase.objects.filter(key=keys[-1], outcome__isnull=False).exists()


def simulate_once(plan: Any) -> str:
    """Run one case of a batch of its own, unless that has happened; return its key."""
    from django.contrib.auth.models import User

    from batches.dispatch import claim_shards
    from batches.execution import execute_case
    from batches.expansion import expand_batch
    from batches.models import Batch, KnownCase
    from batches.submission import submit_batch

    if not KnownCase.objects.exists():
        batch: Batch = submit_batch(user=User.objects.get(), document=make_study(1, lowest=3.0))
        expand_batch(batch.pk)
        claim_shards()
        execute_case(batch.pk, 0, 1)
        Batch.objects.filter(pk=batch.pk).update(state="cancelled")
    return str(KnownCase.objects.order_by("created_at").values_list("key", flat=True)[0])


@contextmanager
def run_workers() -> Iterator[list[int]]:
    """Start the workers of a farm of one machine; give their process ids; stop them."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--include", "tests.benchmarks.noop_task"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["backend", "."])}
    started = [
        subprocess.Popen([*command, "-n", f"bench{slots}-{number}@%h", "-c", str(slots), "-Q", queues], env=environment)
        for number, (queues, slots) in enumerate(QUEUES.items())
    ]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def cpu_s(processes: list[int]) -> float:
    """Return the processor time that processes have used so far, s."""
    ticks = os.sysconf("SC_CLK_TCK")
    texts = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in processes]
    return sum(int(fields[11]) + int(fields[12]) for fields in texts) / ticks


def time_batch(batch: Any) -> float:
    """Return how long a batch takes from its submission to its table, s."""
    from batches.tasks import expand_batch

    started = monotonic()
    expand_batch.delay(str(batch.pk))
    while batch.state not in ("completed", "failed"):
        sleep(POLL_S)
        batch.refresh_from_db()
    seconds = monotonic() - started
    cached = sum(batch.shards.values_list("cached", flat=True))
    assert (batch.state, cached) == ("completed", batch.case_count), (batch.failure, cached)
    return seconds


def time_nothing(cases: int, shard_size: int) -> float:
    """Return how long as many no-op tasks take in chords of the same size, s."""
    from celery import chord, group
    from django.core.cache import cache

    from tests.benchmarks.noop_task import finish_nothing, simulate_nothing

    name, starts = str(uuid.uuid4()), range(0, cases, shard_size)
    cache.set(f"nothing-{name}", 0)
    started = monotonic()
    for start in starts:
        header = group(simulate_nothing.si(name, index, 1) for index in range(start, min(cases, start + shard_size)))
        chord(header)(finish_nothing.si(name))
    while cache.get(f"nothing-{name}") < len(starts):
        sleep(POLL_S)
    return monotonic() - started


def main(cases: int) -> None:
    """Print the table."""
    from django.conf import settings

    user = prepare()
    from batches.submission import submit_batch

    batches = [submit_batch(user=user, document=make_study(cases, lowest=0.5 + n / 10)) for n in range(REPEATS + 1)]
    for batch in batches:
        make_known(batch)
    rows = []
    with run_workers() as processes:
        time_batch(batches[0])  # workers load models and engine
        time_nothing(cases, settings.CASEFARM_SHARD_SIZE)
        for batch in batches[1:]:
            marks = [cpu_s(processes)]
            taken = time_batch(batch)
            marks.append(cpu_s(processes))
            nothing = time_nothing(cases, settings.CASEFARM_SHARD_SIZE)
            marks.append(cpu_s(processes))
            rows.append((taken, marks[1] - marks[0], nothing, marks[2] - marks[1]))
    print("| run | known cases/s | worker CPU per case, ms | no-op tasks/s | worker CPU per task, ms |")
    print("|---|---|---|---|---|")
    for number, (taken, cpu, nothing, nothing_cpu) in enumerate(rows, start=1):
        cells = (
            f"{cases / taken:.0f} | {1000 * cpu / cases:.2f} | {cases / nothing:.0f} | {1000 * nothing_cpu / cases:.2f}"
        )
        print(f"| {number} | {cells} |")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory(prefix="known-cases-") as home:
        os.environ |= {"CASEFARM_FILES": f"{home}/files", "CASEFARM_SCRATCH": f"{home}/scratch"}
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
