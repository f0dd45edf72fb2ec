"""The result table as an Excel workbook: pieces of the table in, pieces of the file out. Called by `download`.

A workbook is a zip whose sheet cannot be sent before it is complete: it is written to a temporary file, row by row.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from filestore.operations import CHUNK_BYTES

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # that Excel reads below the line of names
ROWS_AT_ONCE = 1000


def write_workbook(names: list[str], tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """Yield tables as a workbook of one sheet: numbers in 16 digits, null as an empty cell.

    Args:
        names: of the columns.
        tables: of `MOST_ROWS` rows together at most.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("results")
    sheet.append(names)
    for table in tables:
        for rows in table.to_batches(max_chunksize=ROWS_AT_ONCE):
            for row in zip(*(_as_cells(column, sheet) for column in rows.columns), strict=True):
                sheet.append(row)
        yield b""  # a moment for whoever waits to look whether the client is still there
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.xlsx"
        book.save(path)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def _as_cells(column: pa.Array, sheet: Any) -> list[object]:
    values: list[Any] = column.to_pylist()
    if column.type != pa.string():
        return values
    return [value if value is None else _as_text(value, sheet) for value in values]


def _as_text(value: str, sheet: Any) -> object:
    cleaned: str = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)  # Excel takes no control characters
    if not cleaned.startswith("="):
        return cleaned
    cell = WriteOnlyCell(sheet, cleaned)
    cell.data_type = "s"  # a text, not a formula
    return cell
