"""The Celery application: workers and beat are started with `celery -A config`."""

import logging
import os
import time
from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from celery.signals import (
    before_task_publish,
    celeryd_after_setup,
    heartbeat_sent,
    task_received,
    worker_shutting_down,
)
from redis import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("casefarm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)
PAUSE_HEADER = "casefarm_pause_s"


@before_task_publish.connect(dispatch_uid="config.note_pause")
def note_pause(headers: dict[str, Any], **_: Any) -> None:
    """Have a message that is to wait say for how long, in s: what Celery writes is a time by its sender's clock."""
    headers.pop(PAUSE_HEADER, None)  # a message that comes again brings that of before
    if headers["eta"]:
        headers[PAUSE_HEADER] = (datetime.fromisoformat(headers["eta"]) - app.now()).total_seconds()


@task_received.connect(dispatch_uid="config.begin_pause")
def begin_pause(request: Any, **_: Any) -> None:
    """Have a message wait from now on by the clock of the worker that has taken it, whose timer asks that one.

    The clocks of two machines may differ by an hour. A message from one that is ahead would lie with a worker for that
    hour, which is no loss that the reconciler could find; one from behind would come again and again without a pause.
    """
    pause_s = request.request_dict.get(PAUSE_HEADER)
    if pause_s is not None:
        request._eta = app.now() + timedelta(seconds=pause_s)  # noqa: SLF001 - has no setter


@celeryd_after_setup.connect(dispatch_uid="config.prepare_simulation_worker")
def prepare_simulation_worker(sender: str, instance: Any, **_: Any) -> None:
    """Have a worker that was told to take cases take them from every lane, and say now and then how many at a time.

    What a worker before it left on this machine when it was killed goes first.
    """
    from batches import storage
    from batches.scheduling import lanes, slots

    queues = instance.app.amqp.queues
    if lanes.CASE_QUEUE not in queues.consume_from:
        return
    if abandoned := storage.remove_abandoned_scratch():
        log.info("removed %d run folders that nobody holds any more", abandoned)
    for name in lanes.list_case_queues():
        queues.select_add(name)
    said_at = float("-inf")

    def report(**_: Any) -> None:
        nonlocal said_at
        if time.monotonic() - said_at < slots.REPORT_EVERY_S:
            return
        said_at = time.monotonic()
        try:
            slots.report_slots(sender, instance.concurrency)
        except RedisError as error:  # the next one may come through; a worker without a broker has other worries
            log.warning("slots could not be reported: %s", error)

    heartbeat_sent.connect(report, weak=False, dispatch_uid="config.report_slots")


@celeryd_after_setup.connect(dispatch_uid="config.prepare_surrogate_worker")
def prepare_surrogate_worker(instance: Any, **_: Any) -> None:
    """Have a worker for surrogates compute with as many threads as it may: torch reads that when it is imported."""
    from django.conf import settings

    if "surrogates" in instance.app.amqp.queues.consume_from:
        os.environ["OMP_NUM_THREADS"] = str(settings.CASEFARM_SURROGATE_THREADS)


@worker_shutting_down.connect(dispatch_uid="config.drain_worker")
def drain_worker(how: str, **_: Any) -> None:
    """Give the cases of a worker that was told to end (SIGTERM) `CASEFARM_DRAIN_S` more; then they are handed back.

    Trainings, which keep what they have done, are handed back at once.

    Celery itself takes no more messages from now on and waits for the tasks at work; its own soft shutdown belongs to
    SIGQUIT and cannot end what runs in threads. Called in a signal handler: nothing here may wait for a lock.
    """
    from django.conf import settings

    from batches.cases.keeper import KEEPER
    from surrogates.leases import drain_trainings

    drain_trainings()
    if how == "Warm":
        KEEPER.drain(settings.CASEFARM_DRAIN_S)
