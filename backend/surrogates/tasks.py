"""The table of contents of surrogates: a task per background stage. What they do is told in the modules they call.

Messages carry ids; PostgreSQL holds the truth. Answers to questions alone, which nobody needs later, are no rows.
"""

from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.exceptions import Reject

from batches import shard_runs
from batches.growth import rounds
from batches.shard_engines import SURROGATE, find_engine
from batches.tasks import StageTask, come_again, go_on, look_after
from surrogates import answers, errands, growing, reconciliation, replies, training_stage

BUSY_PAUSE_S = 1  # until a message looks again whether its worker is free


@shared_task(name="surrogates.predict", ignore_result=True, acks_late=False)
def predict(question_id: str, surrogate_id: str, question: dict[str, Any]) -> None:
    """Answer a question for whoever waits; a message that is lost with its worker is asked again by him, not by us."""
    try:
        answer = answers.answer_question(UUID(surrogate_id), question)
    except Exception as error:
        replies.send_reply(question_id, {"fault": f"{type(error).__name__}: {error}"})
        raise
    replies.send_reply(question_id, answer)


@shared_task(name="surrogates.predict_shard", base=StageTask)
def predict_shard(batch_id: str, number: int, epoch: int) -> None:
    """Answer for a shard of a batch whose engine is a surrogate, then have the batch go on."""
    if shard_runs.run_shard(find_engine(SURROGATE), UUID(batch_id), number, epoch):
        go_on(batch_id)


class ErrandTask(StageTask):
    """A task that tries again while the database or the file store is away; the errand's row says what came of it."""

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Do nothing: the stage has ended the errand with the reason, or the reconciler sends it again."""


@shared_task(name="surrogates.run_errand", bind=True, base=ErrandTask)
def run_errand(self: "Task[Any, Any]", errand_id: str) -> None:
    """Carry an errand out; where the worker is at another one, or ends, the message comes again."""
    if errands.run_errand(UUID(errand_id)).has_to_wait:
        raise come_again(self, BUSY_PAUSE_S)


@shared_task(name="surrogates.train_surrogate", bind=True, base=ErrandTask)
def train_surrogate(self: "Task[Any, Any]", surrogate_id: str) -> None:
    """Train a surrogate; where the worker trains another one the message comes again, where it ends it goes back."""
    outcome = training_stage.train_surrogate(UUID(surrogate_id))
    if outcome is training_stage.Outcome.BUSY:
        raise come_again(self, BUSY_PAUSE_S)
    if outcome is training_stage.Outcome.HANDED_BACK:
        raise Reject(requeue=True)


@shared_task(name="surrogates.grow_batch", bind=True, base=StageTask)
def grow_batch(self: "Task[Any, Any]", batch_id: str, cases: int) -> None:
    """Give an adaptive batch its next round, or have it end with a surrogate of its cases."""
    step = growing.grow_batch(UUID(batch_id), cases)
    if step.has_to_wait:
        raise come_again(self, BUSY_PAUSE_S)
    if step.surrogate_id:
        train_surrogate.delay(str(step.surrogate_id))
    if step.has_moved:
        go_on(batch_id)


look_after(grow_batch, rounds.list_due)
look_after(train_surrogate, reconciliation.list_waiting_surrogates)
look_after(run_errand, reconciliation.list_waiting_errands)
