"""How this room writes: the database's clock, and transactions that may be lost in a crash without harm."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import DateTimeField, ExpressionWrapper, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from psycopg import Cursor

QUICKLY = "set_config('synchronous_commit', 'off', true)"


@contextmanager
def quick_transaction() -> Iterator[None]:
    """Commit without waiting for the disk: twenty times faster, and right for the steps of a case.

    What a crash of the server takes away is at worst the last half second of them; those cases are run again.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
        yield


def execute_quickly(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement as a quick transaction of its own, or within the one that is open; return its rows.

    One question to the database instead of six, and none of Django's making up of SQL, which costs more than the
    database's work.
    """
    with connection.cursor() as cursor:
        # Sent as one text, which PostgreSQL takes as one transaction.
        cursor.execute(f"SET LOCAL synchronous_commit TO OFF; {statement}", parameters)
        cursor.nextset()
        return list(cursor.fetchall())


def execute_step(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute likewise one of the two statements that every case has: its parameters are sent beside it as they are.

    Nobody makes a text of each and puts it into the statement; that took as long as the rest. A statement that is sent
    so stands alone: to be quick it asks for it by itself, with a column that is `QUICKLY`, the last one.

    Returns:
        The rows without that column.
    """
    connection.ensure_connection()
    with CursorWrapper(Cursor(connection.connection), connection) as cursor:
        cursor.execute(statement, parameters)
        return [row[:-1] for row in cursor.fetchall()]


def from_now(seconds: float) -> Combinable:
    """Return the database's own time plus `seconds`: clocks of workers are never compared."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())
