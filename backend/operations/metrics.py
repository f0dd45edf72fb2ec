"""What Prometheus reads of the farm as a whole at `/metrics`: what waits, what runs, how many could run.

Asked of PostgreSQL and Redis at most once in two seconds per web process, whoever reads. What cannot be asked is left
out, so that a database that is away does not take the other metrics with it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from time import monotonic

from django.db import Error as DatabaseError
from django.db.models import Min
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import RedisError

from batches.broker import count_waiting
from batches.case_counts import Tally, tally_batches
from batches.models import Batch, ReconcilerAction
from batches.scheduling.lanes import list_case_queues
from batches.scheduling.slots import count_slots
from batches.states import ACTIVE_BATCH_STATES

log = logging.getLogger(__name__)

KEPT_S = 2


def read_queues() -> Iterator[Metric]:
    """Yield how many messages of cases wait in each queue of the broker, and how many slots there are."""
    waiting = GaugeMetricFamily("casefarm_waiting_cases", "Cases in a queue of the broker.", labels=["queue"])
    for queue, count in count_waiting(list_case_queues()).items():
        waiting.add_metric([queue], count)
    yield waiting
    yield GaugeMetricFamily("casefarm_slots", "Cases that all workers can run at a time.", value=count_slots())


def read_batches() -> Iterator[Metric]:
    """Yield how many cases of all batches at work are pending and running, and since when the oldest batch waits."""
    active = Batch.objects.filter(state__in=ACTIVE_BATCH_STATES)
    batches = list(active.only("case_count", "baseline_count"))
    tallies = tally_batches(batches)
    pending = {batch.pk: count_pending(batch, tallies[batch.pk]) for batch in batches if batch.pk in tallies}
    running = sum(tally.running for tally in tallies.values())
    idle = [batch_id for batch_id, count in pending.items() if count and not tallies[batch_id].running]
    since = Batch.objects.filter(pk__in=idle).aggregate(oldest=Min("waiting_since"))["oldest"]
    age_s = max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
    yield GaugeMetricFamily(
        "casefarm_pending_cases", "Cases that nobody has begun, sent or not.", value=sum(pending.values())
    )
    yield GaugeMetricFamily("casefarm_running_cases", "Cases that a worker holds.", value=running)
    yield GaugeMetricFamily("casefarm_active_batches", "Batches that have not ended.", value=len(batches))
    yield GaugeMetricFamily(
        "casefarm_oldest_waiting_seconds",
        "How long the batch waits that waits longest with no case running.",
        value=age_s,
    )


def count_pending(batch: Batch, tally: Tally) -> int:
    """Return how many of a batch's cases are neither final nor held by a worker."""
    return batch.total - tally.running - tally.succeeded - tally.failed - tally.cancelled


def read_reconciler() -> Iterator[Metric]:
    """Yield how often the reconciler had to send something again."""
    actions = CounterMetricFamily("casefarm_reconciler_actions", "What had lost its message.", labels=["kind"])
    for kind, count in ReconcilerAction.objects.values_list("kind", "count"):
        actions.add_metric([kind], count)
    yield actions


class FarmCollector(Collector):
    """Gives Prometheus the metrics of the farm, read at most once in a while."""

    def __init__(self, *readers: Callable[[], Iterable[Metric]]) -> None:
        self._readers = readers
        self._lock = Lock()
        self._kept: list[Metric] = []
        self._read_at = float("-inf")

    def describe(self) -> list[Metric]:
        """Return nothing: otherwise registering would ask database and broker."""
        return []

    def collect(self) -> list[Metric]:
        """Return the metrics, those of a moment ago where they have just been read."""
        with self._lock:
            if monotonic() - self._read_at >= KEPT_S:
                self._kept = [metric for reader in self._readers for metric in self._read(reader)]
                self._read_at = monotonic()
            return self._kept

    def _read(self, reader: Callable[[], Iterable[Metric]]) -> list[Metric]:
        try:
            return list(reader())
        except (DatabaseError, RedisError, OSError) as error:
            log.warning("metrics of the farm: %s: %s", reader.__name__, error)
            return []


def register_collector() -> None:
    """Have the farm's metrics told beside those of the process."""
    REGISTRY.register(FarmCollector(read_queues, read_batches, read_reconciler))
