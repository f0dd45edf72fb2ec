"""Whose fault it is that a case could not be run: everybody's servers, this machine, or nobody. For `execution`.

Three kinds are told apart, because they are answered otherwise:

- an *outage* – the database, the broker or the storage does not answer – hits every case alike. Cases wait, and nothing
  is counted: else the first long outage would fail all of them;
- a *fault of the farm* – the engine's server died, a file cannot be read, the worker vanished – may lie in the case. It
  is counted on the case's row, whoever runs it, and the fourth ends the case;
- whatever else is raised is a mistake in the farm that another try would only repeat. It ends the case at once.

A server that dies of one case looks like an outage while it lasts. It is none for ever: whoever lost the connection
hands the case back when the server answers again, and what it says against the case itself is no outage.
"""

import errno
import logging
from collections.abc import Callable
from random import uniform
from time import sleep
from typing import TypeVar

import redis
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection

from energyplus.errors import EngineError
from filestore.operations import StorageUnavailableError

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 4.0  # between two questions to a database that does not answer
FARM_FAULTS = (DatabaseError, OSError, EngineError)
# What PostgreSQL says of itself rather than of a statement: connection, resources, an operator's hand, a broken disk,
# and transactions that stood in each other's way.
OUTAGE_CLASSES = ("08", "53", "57", "58", "40", "55")
AWAY_ERRORS = (
    InterfaceError,
    StorageUnavailableError,
    ConnectionError,
    TimeoutError,
    redis.ConnectionError,
    redis.TimeoutError,
)
AWAY = frozenset(
    {
        errno.ESTALE,
        errno.ENOTCONN,
        errno.ENODEV,
        errno.EROFS,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EREMOTEIO,
    }
)


def is_outage(error: BaseException) -> bool:
    """Return whether an error says that a server or a storage is away for everybody, not only for this case.

    Only the error itself is asked: what the engine's server complains of may have a broken connection as its cause.
    """
    if isinstance(error, AWAY_ERRORS):
        return True
    if isinstance(error, OperationalError):
        code = getattr(error.__cause__, "sqlstate", None)
        return code is None or code.startswith(OUTAGE_CLASSES)
    return isinstance(error, OSError) and error.errno in AWAY


def insist(write: Callable[[], Answer]) -> Answer:
    """Return what a statement gives, which is made again for as long as the database is away: outcomes are not lost.

    Args:
        write: may be made twice, for the answer to the first may have been lost with the connection.

    Raises:
        django.db.Error: the statement is refused, or is part of a transaction that is lost with it.
    """
    # Without an end: a worker that is to stop meanwhile is killed by whoever stops it, and its leases run out.
    pause_s = SHORTEST_PAUSE_S
    while True:
        try:
            return write()
        except DatabaseError as error:
            if not is_outage(error) or connection.in_atomic_block:
                raise
            log.warning("the database does not answer; asking again in %g s: %s", pause_s, error)
        connection.close()  # it may be broken
        sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def pause_after(faults: int) -> float:
    """Return how long a case waits after so many faults, s: 1, 2, 4 …, and a little more or less.

    Cases that failed together would else come back together, to what they failed of together.
    """
    return float(2 ** (faults - 1)) * uniform(0.75, 1.25)  # noqa: S311 - no secret


def describe(error: BaseException) -> str:
    """Return an error in words."""
    return f"{type(error).__name__}: {error}"
