"""Renews leases from a case's claim to its outcome, in a thread beside the one that works. Called by `execution.py`.

Nobody asks anything while results are judged, digested and compressed, and of a gigabyte that takes longer than a lease
lasts: the case would be taken for lost, sent again, and never come to an end.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import Error as DatabaseError
from django.db import connection

log = logging.getLogger(__name__)

RENEW_EVERY_S = 5


@contextmanager
def keep_alive(*renewals: Callable[[], object]) -> Iterator[None]:
    """Have every lease renewed every few seconds until the block ends.

    A renewal that the database does not take is left to the next one: a lease lasts for three of them.

    Args:
        renewals: each puts the end of one lease off, and does nothing where that was lost.
    """
    ended = Event()
    thread = Thread(target=_renew_until, args=(ended, renewals), name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew_until(ended: Event, renewals: tuple[Callable[[], object], ...]) -> None:
    while not ended.wait(RENEW_EVERY_S):
        try:
            for renew in renewals:
                renew()
        except DatabaseError as error:
            log.warning("a lease was not renewed: %s", error)
        finally:
            connection.close()  # of this thread; between renewals the pool has it
