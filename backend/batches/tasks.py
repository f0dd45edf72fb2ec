"""The table of contents of a batch: a task per background stage; each calls its stage and enqueues the next.

Messages carry ids; PostgreSQL holds the truth. The chord of a shard is a hint that its cases are done: whether they
are, `aggregate_shard` asks the database.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from inspect import signature
from typing import Any
from uuid import UUID

from celery import Task, chord, current_app, group, shared_task
from celery.exceptions import Reject, Retry
from celery.signals import worker_ready
from django.db import Error as DatabaseError
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

from batches import aggregation, cancellation, dispatch, execution, expansion, messages, reconciliation
from batches.cases import resources
from batches.cases.faults import FARM_FAULTS
from batches.clean_up import removal, reports
from batches.errors import CleanUpBusyError, HandedBackError, RunningElsewhereError, WorkerEndsError
from batches.growth import added_outputs, generations, retries, rounds
from batches.models import Batch, Shard
from batches.scheduling import lanes
from batches.shard_engines import ShardEngine, engine_of, find_engine, list_tasks

log = logging.getLogger(__name__)

FULL_DISK_PAUSE_S = 20
CLEAN_UP_PAUSE_S = 15
PASSING_FAULTS = (*FARM_FAULTS, RedisError, BrokerError)  # of no batch: a broker that is away while a task sends others
LABEL_LENGTH = 60
LONGEST_PAUSE_S = 5  # of a case that waits for an identical one; reconciliation takes a longer silence for a loss


class StageTask(Task):  # type: ignore[type-arg]  # generic for type checkers only
    """A task that tries again while the database or a disk is away, at first after a second, then ever less often."""

    autoretry_for = (DatabaseError, OSError)
    retry_backoff = True
    max_retries = 8
    ignore_result = True

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Close a batch that cannot go on, with the reason; a fault of the farm passes, and the reconciler goes on."""
        if not takes(self, args, kwargs):
            log.warning("%s%r is a message of another release: it is dropped, and the work sent anew", self.name, args)
        elif not isinstance(exc, PASSING_FAULTS):
            aggregation.fail_batch(UUID(args[0]), f"{self.name} failed: {type(exc).__name__}: {exc}")


def takes(task: "Task[Any, Any]", args: Any, kwargs: Any) -> bool:
    """Return whether a task of this release has the arguments of a message, which may have been sent by another."""
    try:
        signature(task.run).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


class FarmTask(StageTask):
    """Likewise, for what is done for all batches at once: the reconciler's next round tries again."""

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Close no batch: it is the fault of none."""


class AdditionTask(StageTask):
    """Likewise, for the adding of outputs to a batch, which has ended and stays as it is."""

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """End an addition that cannot go on, with the reason."""
        if takes(self, args, kwargs) and not isinstance(exc, PASSING_FAULTS):
            added_outputs.fail_addition(args[0], f"{self.name} failed: {type(exc).__name__}: {exc}")


@shared_task(name="batches.expand_batch", base=StageTask)
def expand_batch(batch_id: str) -> None:
    """Write the rows of a batch, then send its first shards."""
    if expansion.expand_batch(UUID(batch_id)):
        go_on(batch_id)


def go_on(batch_id: str) -> None:
    """Begin a search's next generation, send the next shards, or have a batch closed that has had all its cases."""
    step = generations.begin_generation(UUID(batch_id))
    dispatch_shards.delay()
    if step is generations.Step.GROWING:
        send_growth(UUID(batch_id))
    elif step is generations.Step.OVER and aggregation.begin_finish(UUID(batch_id)):
        finish_batch.delay(batch_id)


def send_growth(batch_id: UUID) -> None:
    """Tell who grows adaptive batches that one has all its cases."""
    grower, batch = rounds.find_grower(), Batch.objects.get(pk=batch_id)
    label = f"{batch_id} ({batch.name[:LABEL_LENGTH]})"
    current_app.send_task(grower.task, (str(batch_id), batch.case_count), queue=grower.queue, argsrepr=label)


@shared_task(name="batches.continue_batch", base=StageTask)
def continue_batch(batch_id: str) -> None:
    """Have a batch go on whose next message was lost."""
    go_on(batch_id)


@shared_task(name="batches.dispatch_shards", base=FarmTask)
def dispatch_shards(*_: str) -> None:
    """Send the shards whose turn it is, of all batches; older messages name one, which matters no more."""
    for shard in (*dispatch.claim_whole_shards(), *dispatch.claim_shards()):
        send_shard(shard)
    for shard in dispatch.claim_outgrown_shards():
        send_shard(shard)


@shared_task(name="batches.apply_priority", base=FarmTask)
def apply_priority(batch_id: str) -> None:
    """Have what waits of a batch whose priority has changed wait at its new level."""
    for shard in dispatch.claim_misplaced_shards(UUID(batch_id)):
        send_shard(shard)
    dispatch_shards.delay()


def send_shard(shard: Shard) -> None:
    """Enqueue a shard: its open cases as a chord whose body closes it, or as a whole where its engine takes that."""
    engine = engine_of(shard.batch)
    if engine is not None:
        send_whole(engine, shard)
        return
    send_cases(shard, dispatch.list_open_indices(shard))


def send_whole(engine: ShardEngine, shard: Shard) -> None:
    """Enqueue a shard as one message, to the queue of its engine."""
    place = (str(shard.batch_id), shard.number, shard.epoch)
    label = f"shard {shard.number} of {place[0][:8]} ({shard.batch.name[:LABEL_LENGTH]})"
    current_app.send_task(engine.task, place, queue=engine.queue, argsrepr=label)


def send_cases(shard: Shard, indices: Sequence[int]) -> None:
    """Enqueue cases of a shard as a chord whose body closes the shard, if they were the last."""
    place = (str(shard.batch_id), shard.number, shard.epoch)
    if not indices:
        finish_shard.delay(*place)
        return
    name, address = shard.batch.name, lanes.address_shard(shard)
    header = [
        simulate_case.si(place[0], index, shard.epoch).set(argsrepr=label_case(place[0], index, name), **address)  # type: ignore[call-arg]
        for index in indices
    ]
    chord(group(header))(finish_shard.si(*place))


def label_case(batch_id: str, index: int, name: str) -> str:
    """Return what Flower and `celery inspect` show for a case's arguments."""
    return f"case {index} of {batch_id[:8]} ({name[:LABEL_LENGTH]})"


@shared_task(name="batches.simulate_case", bind=True, ignore_result=True)
def simulate_case(self: "Task[Any, Any]", batch_id: str, index: int, epoch: int, waits: int = 0) -> bool:
    """Run one case. Whatever happens is recorded; a chord's header never fails, or its body would not run.

    `waits` counts the times that the case had to wait. How often the farm failed it is counted on its row.
    """
    try:
        execution.execute_case(UUID(batch_id), index, epoch)
    except WorkerEndsError as error:
        raise Reject(error, requeue=True) from error
    except RunningElsewhereError as error:
        raise wait(self, waits, min(1 + waits, LONGEST_PAUSE_S)) from error
    except HandedBackError as error:
        raise wait(self, waits, error.pause_s) from error
    except PASSING_FAULTS as error:
        log.warning("case %s of %s waits: %s", index, batch_id, error)
        pause_s = FULL_DISK_PAUSE_S if resources.has_to_wait(error) else min(1 + waits, LONGEST_PAUSE_S)
        raise wait(self, waits, pause_s) from error
    return True


def wait(task: "Task[Any, Any]", waits: int, pause_s: float) -> Retry:
    """Send a case's message again after a pause, during which its slot is free; return what the task then raises."""
    return come_again(task, pause_s, kwargs={"waits": waits + 1}, throw=False)


def come_again(task: "Task[Any, Any]", pause_s: float, **options: Any) -> Retry:
    """Send a task's message again after a pause, under the name that it is shown by."""
    options["argsrepr"] = getattr(task.request, "argsrepr", None)
    return task.retry(countdown=pause_s, max_retries=sys.maxsize, **options)


@shared_task(name="batches.finish_shard", base=StageTask)
def finish_shard(batch_id: str, number: int, epoch: int) -> None:
    """Write a shard's part of the table; send the next one, begin a search's next generation or close the batch."""
    if aggregation.aggregate_shard(UUID(batch_id), number, epoch):
        go_on(batch_id)


@shared_task(name="batches.finish_batch", base=StageTask)
def finish_batch(batch_id: str) -> None:
    """Close a batch all of whose shards are finished."""
    aggregation.finish_batch(UUID(batch_id))


@shared_task(name="batches.cancel_pending_cases", base=StageTask)
def cancel_pending_cases(batch_id: str) -> None:
    """Make the cases of a cancelled batch that nobody has begun final."""
    cancellation.cancel_pending_cases(UUID(batch_id))


@shared_task(name="batches.retry_cases", base=StageTask)
def retry_cases(batch_id: str) -> None:
    """Open the failed cases of a batch that are to be run again, send those of shards at work, and have it go on."""
    for shard, indices in retries.open_failed_cases(UUID(batch_id)):
        send_cases(shard, indices)
    go_on(batch_id)


@shared_task(name="batches.add_outputs", base=AdditionTask)
def add_outputs(addition_id: int, number: int) -> None:
    """Read the kept files of a shard's cases for outputs that are added to their batch, then those of the next."""
    following = added_outputs.add_to_shard(addition_id, number)
    if following is not None:
        add_outputs.delay(addition_id, following)


@shared_task(name="batches.remove_deleted", base=StageTask)
def remove_deleted(batch_id: str, step: int) -> None:
    """Remove files and rows of a batch that are to go, for a few seconds; send what is left to the end of the queue."""
    further = removal.go_on(UUID(batch_id), step)
    if further is not None:
        remove_deleted.apply_async((batch_id, further.step), countdown=further.pause_s)


@shared_task(name="batches.clean_up", bind=True, ignore_result=True, max_retries=None)
def clean_up(self: "Task[Any, Any]", report_id: int) -> None:
    """Do the clean-up that a report asks for, when no other is at work."""
    try:
        marked = reports.run_clean_up(report_id)
    except CleanUpBusyError as error:
        raise self.retry(exc=error, countdown=CLEAN_UP_PAUSE_S) from error
    for batch_id in marked:
        remove_deleted.delay(str(batch_id), 0)


# What may be left undone when a message is lost: how it is found, as the arguments of the task that does it.
UNFINISHED_WORK: list[tuple["Task[Any, Any]", Callable[[], Iterable[tuple[str | int, ...]]]]] = [
    (expand_batch, reconciliation.list_unexpanded_batches),
    (finish_shard, reconciliation.list_finished_shards),
    (continue_batch, reconciliation.list_idle_batches),
    (finish_batch, reconciliation.list_unclosed_batches),
    (cancel_pending_cases, reconciliation.list_half_cancelled_batches),
    (retry_cases, retries.list_open_retries),
    (add_outputs, added_outputs.list_open_additions),
    (remove_deleted, removal.list_stalled),
    (clean_up, reports.list_forgotten),
]


def look_after(task: "Task[Any, Any]", find: Callable[[], Iterable[tuple[str | int, ...]]]) -> None:
    """Have work of a room above sent again that has lost its message; called once by each process that knows the task.

    Args:
        task: what does it.
        find: returns what is due, as the arguments of the task.
    """
    UNFINISHED_WORK.append((task, find))
    messages.follow_task(task.name)


@shared_task(name="batches.reconcile_batches", ignore_result=True)
def reconcile_batches() -> None:
    """Send again what lost its message; at once where the broker has lost everything. Any number may run at a time."""
    emptied = messages.notice_loss()
    if emptied:
        for shard in reconciliation.renew_epochs():
            send_shard(shard)
            reconciliation.count_action("resent_shards")
    reconciliation.release_dead_cases()
    due = [messages.Work(task.name, arguments) for task, find in UNFINISHED_WORK for arguments in find()]
    due += (messages.Work(find_engine(prefix).task, place) for prefix, place in reconciliation.list_due_shards())
    due += (messages.Work(simulate_case.name, place, begun) for place, begun in reconciliation.list_due_cases())
    send_lost(messages.claim_lost(due, at_once=emptied))
    dispatch_shards.delay()  # who waits may have grown more urgent, and a turn whose message was lost is taken now


def send_lost(lost: list[messages.Work]) -> None:
    """Send work again whose message is lost: cases together with the others of their shard, under its epoch."""
    tasks = {task.name: task for task, _ in UNFINISHED_WORK}
    cases = [work.arguments for work in lost if work.task == simulate_case.name]
    for shard, indices in reconciliation.find_shards(cases):
        send_cases(shard, indices)
        reconciliation.count_action("resent_cases", len(indices))
    whole = list_tasks()
    for work in lost:
        if work.task in whole:
            resend_whole(work.arguments)
        elif work.task in tasks:
            tasks[work.task].delay(*work.arguments)
            reconciliation.count_action(f"resent_{work.task.removeprefix('batches.')}")


def resend_whole(place: Sequence[Any]) -> None:
    """Send a shard again that is one message, unless it has got another epoch meanwhile."""
    shard = reconciliation.find_due_shard(*place)
    if shard is not None:
        send_shard(shard)
        reconciliation.count_action("resent_shards")


@worker_ready.connect(dispatch_uid="batches.look_after_the_broker")
def look_after_the_broker(**_: Any) -> None:
    """Have the reconciler called by the first worker that finds an empty broker, whether beat runs yet or not."""
    if messages.is_loss_unnoticed():
        reconcile_batches.delay()
