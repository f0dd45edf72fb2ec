"""Results as one number: out of eplusout.sql comes a digest that is equal for runs that are equal to the last bit.

Everything the engine computed counts: time series, meters with their peaks, tables, sizes and geometry, row by row in
the order in which the engine wrote them, every number with all its bits. What says when and by which build it was
computed does not: a manifest has that beside the digest.
"""

import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from energyplus.errors import ResultsError

Value = bytes | float | int | None

_ROWS_AT_A_TIME = 10_000
_LEFT_OUT = {
    "Simulations": "version and time of the run",
    "Errors": "the messages are in the .err file",
    "Strings": "numbered names, read with the table rows",
    "StringTypes": "likewise",
    "TabularData": "likewise",
}
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_TABLE_ROWS = (
    "SELECT ReportName, ReportForString, TableName, RowName, ColumnName, Units, Value FROM TabularDataWithStrings"
    " WHERE RowName <> 'Program Version and Build' ORDER BY TabularDataIndex"
)


def digest_results(path: Path) -> str:
    """The digest of a run's results, sha256 in hex.

    Args:
        path: its eplusout.sql.

    Raises:
        ResultsError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.text_factory = bytes
            for name, query in _list_queries(database):
                digest.update(f"\ntable {name}\n".encode())
                for rows in _read_in_blocks(database, query):
                    digest.update(b"".join(encode_value(value) for row in rows for value in row))
    except sqlite3.Error as error:
        raise ResultsError(f"{path.name} cannot be read: {error}.") from error
    return digest.hexdigest()


def encode_value(value: Value) -> bytes:
    """A value of a table with its type and, of a text, its length, so that no two rows can look alike."""
    if isinstance(value, float):
        return b"f" + struct.pack("<d", value)
    if isinstance(value, int):
        return b"i%d;" % value
    return b"n" if value is None else b"t%d;%b" % (len(value), value)


def _list_queries(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for name in [found.decode() for (found,) in database.execute(_TABLES)]:
        if name not in _LEFT_OUT:
            quoted = name.replace('"', '""')
            yield name, f'SELECT * FROM "{quoted}" ORDER BY rowid'  # noqa: S608 - a name of the file's own schema
    yield "TabularDataWithStrings", _TABLE_ROWS


def _read_in_blocks(
    database: sqlite3.Connection, query: str
) -> Iterator[Iterable[tuple[bytes | float | int | None, ...]]]:
    cursor = database.execute(query)
    while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
        yield rows
