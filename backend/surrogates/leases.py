"""Who works on a surrogate or an errand: rows are claimed, held and given back here, and told of while one works.

Enters: the id of a row. Leaves: a `Claim`, and for as long as `hold` lasts a `Hold`, which the emulator's watch is made
of. A claim is an attempt's number: each write is a conditional update, so that an attempt which has lost its row
changes nothing whatever it believes. The lease says when a row is worth claiming anew. A database that is silent means
nothing for who works: nobody can claim the row meanwhile. Called by the stages of this room.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from threading import Event, Lock, Thread, get_native_id
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Case, F, PositiveSmallIntegerField, QuerySet, When
from django.db.models.functions import Coalesce, Now

from batches.database import from_now
from surrogates.checkpoints import Checkpoints
from surrogates.emulator.errors import TrainingStopped
from surrogates.models import Errand, Surrogate
from surrogates.progress import Progress
from surrogates.states import OPEN_ERRAND_STATES, OPEN_SURROGATE_STATES, ErrandState, SurrogateState

if TYPE_CHECKING:
    from surrogates.emulator.watching import Watch

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
WRITE_EVERY_S = 0.5
RENEW_EVERY_S = 5.0
LEASE_S = 15
MOST_LOSSES = 3
NICENESS = 10

Row = Surrogate | Errand
Result = TypeVar("Result")
_DRAINED = Event()
_TURNS = {Surrogate: Lock(), Errand: Lock()}


class Reason(Enum):
    """Why work is to stop."""

    LOST = "it is not wanted any more"  # cancelled or deleted, or another attempt has it
    DRAINED = "the worker ends"
    LATE = "its time is over"


@dataclass(frozen=True)
class Kind:
    """What the rows of a table are called while they wait and while they are worked on."""

    waiting: str
    working: str
    failed: str
    open: tuple[str, ...]


KINDS: dict[type[Row], Kind] = {
    Surrogate: Kind(SurrogateState.QUEUED, SurrogateState.TRAINING, SurrogateState.FAILED, OPEN_SURROGATE_STATES),
    Errand: Kind(ErrandState.QUEUED, ErrandState.RUNNING, ErrandState.FAILED, OPEN_ERRAND_STATES),
}


@dataclass(frozen=True)
class Claim:
    """An attempt at a row."""

    table: type[Row]
    id: UUID
    attempt: int

    @property
    def rows(self) -> "QuerySet[Any]":
        """The row, as long as it is this attempt's; none afterwards."""
        return self.table.objects.filter(pk=self.id, attempt=self.attempt, state=KINDS[self.table].working)


def claim(table: type[Row], row_id: UUID) -> Claim | None:
    """Return a claim of a row that waits, or whose worker has vanished; None where it is held, ended or gone.

    A row that workers have vanished with `MOST_LOSSES` times ends as failed: it is likely to be what killed them.
    """
    kind = KINDS[table]
    free = table.objects.filter(pk=row_id, state__in=kind.open).exclude(leased_until__gte=Now())
    claimed = free.update(
        losses=Case(
            When(state=kind.working, then=F("losses") + 1),
            default=F("losses"),
            output_field=PositiveSmallIntegerField(),
        ),
        state=kind.working,
        attempt=F("attempt") + 1,
        leased_until=from_now(LEASE_S),
        started_at=Coalesce("started_at", Now()),
    )
    if not claimed:
        return None
    row = table.objects.only("attempt", "losses").get(pk=row_id)
    mine = Claim(table, row_id, row.attempt)
    if row.losses < MOST_LOSSES:
        return mine
    fail(mine, f"{row.losses} workers ended while they were at it, as they do when memory is short.")
    return None


def finish(mine: Claim, state: str, **more: Any) -> bool:
    """End a row in a state, with more of its columns; return False where it is not this attempt's any more."""
    return bool(mine.rows.update(state=state, leased_until=None, finished_at=Now(), **more))


def fail(mine: Claim, why: str) -> bool:
    """End a row as failed; return False where it is not this attempt's any more."""
    return finish(mine, KINDS[mine.table].failed, failure=why)


def hand_back(mine: Claim) -> bool:
    """Have a row wait for another worker; return False where it is not this attempt's any more."""
    return bool(mine.rows.update(state=KINDS[mine.table].waiting, leased_until=None))


def drain_trainings() -> None:
    """Have all that this process holds stop and be handed back. Takes no lock of ours: a signal handler calls it."""
    _DRAINED.set()


def is_drained() -> bool:
    """Return whether this worker was told to end."""
    return _DRAINED.is_set()


@contextmanager
def take_turn(table: type[Row]) -> Iterator[bool]:
    """Give whether this process may begin work of a kind: it does one training and one errand at a time.

    So a thread is left for predictions, which somebody waits for.
    """
    turn = _TURNS[table]
    taken = turn.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            turn.release()


class Hold:
    """What an attempt holds while it works: says when it is to stop, and how far it is. For any thread.

    Attributes:
        claim: the attempt.
        progress: what is shown of it.
        checkpoints: what it keeps for whoever goes on after it; None where nothing is kept.
        reason: why it is to stop; None while it is not.
    """

    def __init__(self, mine: Claim, progress: Progress, checkpoints: Checkpoints | None, limit_s: float | None) -> None:
        self.claim, self.progress, self.checkpoints = mine, progress, checkpoints
        self.reason: Reason | None = None
        self._ends_at = None if limit_s is None else monotonic() + limit_s

    def check(self) -> None:
        """Do nothing while the work is wanted.

        Raises:
            TrainingStopped: it is to stop; `reason` says why.
        """
        if self.reason is None and _DRAINED.is_set():
            self.reason = Reason.DRAINED
        if self.reason is None and self._ends_at is not None and monotonic() > self._ends_at:
            self.reason = Reason.LATE
        if self.reason is not None:
            raise TrainingStopped(self.reason.value)

    def make_watch(self) -> "Watch":
        """Return the watch that the emulator is given."""
        from surrogates.emulator.watching import Watch

        if self.checkpoints is None:
            return Watch(tell=self.progress.tell, check=self.check)
        return Watch(self.progress.tell, self.check, self._keep, self.checkpoints.recall)

    def _keep(self, name: str, state: dict[str, Any]) -> None:
        self.check()  # of what nobody wants nothing is written any more
        assert self.checkpoints is not None  # noqa: S101 - make_watch asks
        self.checkpoints.keep(name, state)


@contextmanager
def hold(
    mine: Claim, *, parts: int = 1, checkpoints: Checkpoints | None = None, limit_s: float | None = None
) -> Iterator[Hold]:
    """Hold a row until the block ends: a thread renews its lease, writes its progress and asks whether it is wanted.

    Args:
        mine: the attempt.
        parts: how many parts the work is expected to have, for the percentage.
        checkpoints: what is kept for whoever goes on.
        limit_s: how long it may last.
    """
    held = Hold(mine, Progress(parts), checkpoints, limit_s)
    ended = Event()
    thread = Thread(target=_look_after, args=(held, ended), name="surrogate-lease", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


def _look_after(held: Hold, ended: Event) -> None:
    renewed_at = written_at = monotonic()
    try:
        while not ended.wait(LOOK_EVERY_S):
            now = monotonic()
            news = held.progress.take_news() if now - written_at >= WRITE_EVERY_S else None
            more = {"leased_until": from_now(LEASE_S)} if now - renewed_at >= RENEW_EVERY_S else {}
            try:
                wanted = _write(held.claim, more if news is None else {**more, "progress": news})
            except DatabaseError as error:
                log.warning("%s is worked on while the database does not answer: %s", held.claim.id, error)
                connection.close()  # it may be broken
                continue
            if not wanted:
                held.reason = held.reason or Reason.LOST
            renewed_at, written_at = (now if more else renewed_at), (written_at if news is None else now)
    finally:
        connection.close()  # of this thread


def _write(mine: Claim, changes: dict[str, Any]) -> bool:
    return bool(mine.rows.update(**changes)) if changes else mine.rows.exists()


def run_nicely(work: Callable[[], Result]) -> Result:
    """Do long work in a thread of its own that gives way to simulations and predictions; return what it gives.

    The threads of linear algebra that it starts are as patient as it is. A thread's priority can be lowered and never
    raised again, so that it must not be one of the worker's own.
    """
    result: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)
        finally:
            connection.close()

    thread = Thread(target=run, name="surrogate-work", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return result[0]
