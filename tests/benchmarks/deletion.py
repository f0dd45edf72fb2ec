"""What deleting a batch of a million cases costs those who work meanwhile: claims, finishes, status of another batch.

Another process removes as the task does, in steps with rests; this one works on the other batch as fast as it can,
before and meanwhile. Runs on a database of its own:
`python -m casefarm.local.services -- python tests/benchmarks/deletion.py [CASES [FOLDERS]]`; prints two tables.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from statistics import quantiles
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from tests.benchmarks.batch_scale import make_study, prepare

CASES = 1_000_000
FOLDERS = 1_000  # of cases, with the files of a usual one
FILES_OF_A_CASE = 8
DIAGNOSED_SHARE = 50  # every fiftieth case has a diagnosis
IDLE_ROUNDS = 2_000
WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event <> 'advisory'
"""


def make_batch(user: Any, cases: int) -> Any:
    """Record a batch and write its rows."""
    from batches import expansion, submission

    batch = submission.submit_batch(user=user, document=make_study(cases))
    expansion.expand_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def fill_batch(batch: Any, folders: int) -> None:
    """Give an ended batch diagnoses, and files of its first cases."""
    from django.conf import settings
    from django.db import connection

    from batches.models import Batch

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO batches_diagnosis (batch_id, index, kind, message, reasons)"
            " SELECT batch_id, index, 'severe', 'A message of usual length, as the engine writes it.', '[]'"
            ' FROM batches_case WHERE batch_id = %s AND "index" %% %s = 0',
            [batch.pk, DIAGNOSED_SHARE],
        )
    root = settings.CASEFARM_FILES / "batches" / str(batch.pk) / "cases"
    for index in range(folders):
        folder = root / f"{batch.shard_of(index):06d}" / str(index) / "1"
        folder.mkdir(parents=True)
        for number in range(FILES_OF_A_CASE):
            (folder / f"{number}.zst").write_bytes(b"x" * 4096)
    Batch.objects.filter(pk=batch.pk).update(state="completed")


class Worker:
    """Works on a batch's cases one after the other, and times each kind of step."""

    def __init__(self, batch: Any) -> None:
        from batches.models import Batch, Shard

        Shard.objects.filter(batch=batch).update(state="dispatched", epoch=1)
        Batch.objects.filter(pk=batch.pk).update(state="running")
        batch.refresh_from_db()
        self.batch, self.index = batch, 0
        self.times: dict[str, list[float]] = {}

    def work(self, goes_on: Callable[[int], bool]) -> dict[str, list[float]]:
        """Claim, finish and show until told otherwise; return the seconds of each, by what was done."""
        from batches.cases.attempts import Final, claim_case, finish_case
        from batches.representation import describe_batch
        from batches.states import CaseState, Verdict

        final = Final(CaseState.SUCCEEDED, verdict=Verdict.VALID, metrics={"electricity_kwh": 1.5}, stored_bytes=1000)
        self.times, rounds = {"claim": [], "finish": [], "status": []}, 0
        while goes_on(rounds) and self.index < self.batch.case_count:
            attempt = self.timed("claim", partial(claim_case, self.batch.pk, self.index, 1))
            self.timed("finish", partial(finish_case, attempt, final))
            if rounds % 10 == 0:
                self.timed("status", partial(describe_batch, self.batch))
            self.index, rounds = self.index + 1, rounds + 1
        return self.times

    def timed(self, what: str, step: Callable[[], Any]) -> Any:
        """Do a step and note how long it took."""
        began_at = monotonic()
        result = step()
        self.times[what].append(monotonic() - began_at)
        return result


def remove(batch_id: UUID) -> None:
    """Remove a deleted batch as the task does; print the longest step and statement in ms. For a process of its own."""
    import django

    django.setup()
    from django.db import connection

    from batches.clean_up import removal

    steps: list[float] = []
    statements: list[tuple[float, str]] = []
    take_step = removal.take_step

    def timed_step(*place: Any) -> None:
        began_at = monotonic()
        take_step(*place)
        steps.append(monotonic() - began_at)

    def timed_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began_at = monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            statements.append((monotonic() - began_at, sql))

    removal.take_step = timed_step
    began_at = monotonic()
    with connection.execute_wrapper(timed_statement):
        removal.finish(batch_id)
    longest, sql = max(statements)
    print(f"{monotonic() - began_at:.1f}|{1000 * max(steps):.0f}|{1000 * longest:.0f}|{sql.split(' WHERE')[0][:60]}")


class Watch:
    """Counts, twenty times a second, how many sessions wait for a lock."""

    def __init__(self) -> None:
        self.looks = self.waiting = 0
        self._over = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            while not self._over.is_set():
                cursor.execute(WAITING)
                self.waiting += cursor.fetchone()[0]
                self.looks += 1
                sleep(0.05)
        connection.close()


def measure_wal() -> int:
    """Return how many bytes of write-ahead log there have been."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def show(title: str, times: dict[str, list[float]]) -> None:
    """Print a row for each kind of step."""
    for what, seconds in times.items():
        cuts = quantiles(seconds, n=100)
        row = [1000 * value for value in (cuts[49], cuts[94], cuts[98], max(seconds))]
        print(f"| {what}, {title} | {len(seconds):,} | {' | '.join(f'{value:.1f}' for value in row)} |")


def main(cases: int = CASES, folders: int = FOLDERS) -> None:
    """Print the tables."""
    user = prepare()
    from batches.clean_up import removal
    from batches.models import Batch, Case

    large, other = make_batch(user, cases), make_batch(user, 100_000)
    fill_batch(large, folders)
    worker = Worker(other)
    print("| another batch's | times | p50, ms | p95, ms | p99, ms | longest, ms |")
    print("|---|---|---|---|---|---|")
    show("nothing else going on", worker.work(lambda rounds: rounds < IDLE_ROUNDS))
    began_at = monotonic()
    removal.delete_batch(batch=Batch.objects.get(pk=large.pk))
    answered_s, wal = monotonic() - began_at, measure_wal()
    command = [sys.executable, __file__, "--remove", str(large.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as remover, Watch() as watch:
        during = worker.work(lambda _: remover.poll() is None)
        told = (remover.stdout or sys.stdin).read().strip().split("|")
    show(f"while {cases:,} cases are deleted", during)
    assert not Case.objects.filter(batch_id=large.pk).exists()
    print()
    print("| deleting, resting half of the time | |")
    print("|---|---|")
    print(f"| until nobody sees the batch | {1000 * answered_s:.0f} ms |")
    print(f"| until rows and {folders * FILES_OF_A_CASE:,} files are gone | {told[0]} s |")
    print(f"| longest step | {told[1]} ms |")
    print(f"| longest statement | {told[2]} ms ({told[3]}) |")
    print(f"| sessions seen waiting for a lock | {watch.waiting} in {watch.looks} looks |")
    print(f"| write-ahead log of both | {(measure_wal() - wal) / 1e6:.0f} MB |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--remove"]:
        remove(UUID(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
