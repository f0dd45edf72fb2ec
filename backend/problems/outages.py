"""Tells errors that pass by themselves, because PostgreSQL does not answer now, from those of a statement.

Called by `handler` for errors of views and by `views` for those of middleware.
"""

from django.db import OperationalError

from problems.exceptions import DatabaseUnavailable

# Of the connection, of the server's resources, of its shutdown or start: what it says of itself, not of a statement.
AWAY_CLASSES = ("08", "53", "57P")


def find_outage(error: BaseException | None) -> DatabaseUnavailable | None:
    """Return the problem for an error that says that the database is away, or that no connection came free in time."""
    if not isinstance(error, OperationalError):
        return None
    code = getattr(error.__cause__, "sqlstate", None)  # none where no server was there to give one
    if code is not None and not code.startswith(AWAY_CLASSES):
        return None
    return DatabaseUnavailable("The farm's database does not answer at present; nothing is lost. Ask again later.")
