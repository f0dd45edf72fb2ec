"""Refuses work while the farm has no room for more: full disks, a full broker, a long line. Called by the API.

Asked before anything is read or written, so that nothing is half done. Reading, cancelling and deleting go on.
"""

from django.conf import settings
from redis import RedisError

from batches import broker
from batches.cases.resources import find_full_disk
from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES
from problems.exceptions import ProblemEntry, TooMuch

RETRY_FULL_S = 300  # a disk or a long line
RETRY_BROKER_S = 30


def require_calm() -> None:
    """Do nothing where the farm takes work.

    Raises:
        TooMuch: 429 with the reason and the time after which to ask again.
    """
    _require_disk()
    _require_broker()
    _require_short_line()


def _require_disk() -> None:
    problem = find_full_disk()
    if problem:
        message = "The farm has hardly any room left for files. Delete batches, or ask an administrator."
        _refuse("disk", message, problem)


def _require_broker() -> None:
    limit_mb = settings.CASEFARM_REDIS_LIMIT_MB
    try:
        used_mb = broker.measure_memory_bytes() / 1e6 if limit_mb else 0.0
    except RedisError as error:
        message = "The broker does not answer, so nothing could be sent to the workers. Try again in a while."
        _refuse("broker", message, type(error).__name__, retry_after_s=RETRY_BROKER_S)
        return
    if used_mb > limit_mb:
        message = "The broker holds as many messages as it may. Try again when some cases have run."
        _refuse("broker", message, f"{used_mb:.0f} MB", f"at most {limit_mb} MB", retry_after_s=RETRY_BROKER_S)


def _require_short_line() -> None:
    limit = settings.CASEFARM_QUEUE_BATCHES
    active = Batch.objects.filter(state__in=ACTIVE_BATCH_STATES).count() if limit else 0
    if limit and active >= limit:
        message = "As many batches are at work or wait as the farm takes. Try again when some have ended."
        _refuse("batches", message, f"{active} active batches", f"fewer than {limit}")


def _refuse(
    path: str, message: str, found: str, accepted: str | None = None, retry_after_s: int = RETRY_FULL_S
) -> None:
    entry = ProblemEntry(path, message, found, accepted)
    raise TooMuch("The farm takes no new work at the moment.", [entry], retry_after_s=retry_after_s)
