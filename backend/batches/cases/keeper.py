"""Keeps the attempts that a worker process holds: one thread renews all leases, asks which are still wanted.

Enters: attempts, for as long as `hold` lasts. Leaves: a `Sign` for each, which goes up when its case is to stop.
Called by `execution`, and by the worker when it is to end.

A lease says that somebody works on a case; a worker that has vanished lets it run out, and another begins the case
anew. What an attempt may write does not hang on its lease but on its number: each write is a conditional update, so an
an attempt that has lost its case changes nothing whatever it believes. The lease says when a run is worth doing again.

Hence what a database that does not answer means for the runs at work: nothing. Nobody can take a case over while the
database is away for all; where it is away for this machine only, others may, and this run is then one too many, which
costs processor time on a machine that could do nothing else. To stop runs because nobody can be asked would throw away
the work of the whole farm at every restart of the database. So a sign goes up when the database says that an attempt is
not wanted, and then within one look, never for silence. When it answers again, one statement renews every lease that
nobody has taken meanwhile, run out or not, by the database's clock alone.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from threading import Condition, Thread
from time import monotonic

from django.db import Error as DatabaseError
from django.db import connection

from batches.cases.attempts import Attempt
from batches.cases.known_cases import LEASE_S, Claim
from batches.database import execute_quickly
from batches.states import ACTIVE_BATCH_STATES

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
RENEW_EVERY_S = 5.0  # a lease lasts for three of them

HELD = """
    unnest(%(batch_ids)s::uuid[], %(indices)s::int[], %(numbers)s::int[])
    WITH ORDINALITY AS held (batch_id, "index", number, position)
"""
WANTED = """
    mine.batch_id = held.batch_id AND mine."index" = held."index" AND mine.attempt = held.number
    AND mine.state = 'running' AND batch.id = held.batch_id AND batch.state = ANY(%(active)s)
"""
LOOK = f"SELECT held.position FROM {HELD}, batches_case AS mine, batches_batch AS batch WHERE {WANTED}"  # noqa: S608
RENEW = f"""
    UPDATE batches_case AS mine SET leased_until = now() + %(lease_s)s * interval '1 second'
      FROM {HELD}, batches_batch AS batch WHERE {WANTED}
    RETURNING held.position
"""  # noqa: S608 - no words of strangers
# A statement of its own: with the cases' rows it would take locks in another order than whoever makes a case final.
RENEW_CLAIMS = """
    UPDATE batches_knowncase AS row SET leased_until = now() + %(lease_s)s * interval '1 second'
      FROM unnest(%(keys)s::text[], %(holders)s::uuid[]) AS held (key, holder)
     WHERE row.key = held.key AND row.holder = held.holder AND row.outcome IS NULL
    RETURNING 1
"""


class Reason(Enum):
    """Why a case is to be stopped."""

    LOST = "lost"  # its batch, or the case itself, was cancelled, or another attempt has it
    DRAINED = "drained"  # the worker ends; the case is for another


class Sign:
    """Tells a running case to stop. Asked several times a second by the thread that waits for the engine."""

    def __init__(self) -> None:
        self.reason: Reason | None = None

    def is_up(self) -> bool:
        """Return whether the run is to be stopped."""
        return self.reason is not None


class Keeper:
    """What a process holds. Its thread begins with the first attempt and rests, without a connection, while none is.

    The lock is held for changes of the list only, never while somebody waits for the database or starts a process.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._changed = Condition()
        self.held: dict[Attempt, tuple[Sign, Claim | None]] = {}
        self._thread: Thread | None = None
        self._rests = False
        self.renew_at = 0.0
        self._drain_at: float | None = None

    @property
    def is_drained(self) -> bool:
        """Whether the worker is to begin no case any more, and to have none at work."""
        return self._drain_at is not None and monotonic() >= self._drain_at

    def drain(self, grace_s: float) -> None:
        """Put up every sign after so many seconds. Takes no lock: a signal handler may call it in the middle of one."""
        self._drain_at = monotonic() + grace_s

    @contextmanager
    def hold(self, attempt: Attempt, claim: Claim | None = None) -> Iterator[Sign]:
        """Keep an attempt, and the claim that it has, until the block ends; give its sign."""
        sign = Sign()
        with self._changed:
            if not self.held:
                self.renew_at = monotonic() + RENEW_EVERY_S  # leased a moment ago
            self.held[attempt] = (sign, claim)
            self._begin()
        try:
            yield sign
        finally:
            with self._changed:
                self.held.pop(attempt, None)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._keep, name="keeper", daemon=True)
            self._thread.start()
        elif self._rests:
            self._changed.notify()

    def _keep(self) -> None:
        while True:
            with self._changed:
                self._changed.wait(LOOK_EVERY_S)
                held = dict(self.held)
                if not held:
                    connection.close()  # back to the pool, for as long as nothing is held
                    self._rests = True
                    self._changed.wait()
                    self._rests = False
            if held:
                self.look_after(held)

    def look_after(self, held: dict[Attempt, tuple[Sign, Claim | None]]) -> None:
        """Renew leases where it is time, and put up the signs of what is not wanted."""
        if self.is_drained:
            for sign, _claim in held.values():
                sign.reason = sign.reason or Reason.DRAINED
        attempts = list(held)
        try:
            wanted = self._ask(attempts, [claim for _sign, claim in held.values() if claim])
        except DatabaseError as error:
            log.warning("leases are not renewed while the database does not answer: %s", error)
            connection.close()  # it may be broken
            return
        for position, attempt in enumerate(attempts, start=1):
            if position not in wanted:
                held[attempt][0].reason = Reason.LOST

    def _ask(self, attempts: Sequence[Attempt], claims: Sequence[Claim]) -> set[int]:
        """Return the positions, from 1, of the attempts that are still wanted."""
        asked = {
            "batch_ids": [attempt.batch_id for attempt in attempts],
            "indices": [attempt.index for attempt in attempts],
            "numbers": [attempt.number for attempt in attempts],
            "active": list(ACTIVE_BATCH_STATES),
            "lease_s": LEASE_S,
        }
        if monotonic() < self.renew_at:
            return {position for (position,) in execute_quickly(LOOK, asked)}
        wanted = {position for (position,) in execute_quickly(RENEW, asked)}
        if claims:
            keys, holders = [claim.key for claim in claims], [claim.holder for claim in claims]
            execute_quickly(RENEW_CLAIMS, {"keys": keys, "holders": holders, "lease_s": LEASE_S})
        self.renew_at = monotonic() + RENEW_EVERY_S
        return wanted

    def forget(self) -> None:
        """Hold nothing and have no thread: in a child of this process, which has none of its parent's attempts."""
        self.__init__()  # type: ignore[misc]


KEEPER = Keeper()
os.register_at_fork(after_in_child=KEEPER.forget)
