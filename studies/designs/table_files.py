"""The kinds of files that tables come in: what is in them as plain cells, bounded before anything is unpacked."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from studies.definition import MAX_ROWS
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.tables import (
    MAX_COLUMNS,
    MAX_UNPACKED_BYTES,
    BadCell,
    RawTable,
    TableError,
    TableFault,
    list_texts,
    refuse,
    refuse_many_rows,
)

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_PANDAS_INDEX = "__index_level_0__"


def read_csv(content: bytes) -> RawTable:
    """Read a text with commas, semicolons or tabs between cells; beside semicolons and tabs a comma may be decimal."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse("Save the file as UTF-8.", f"line {line}") from error
    if not text.strip():
        raise refuse("Write the names of the columns in the first line.", "an empty file")
    delimiter = _find_delimiter(text)
    columns = _parse(text, delimiter)
    is_comma_decimal = delimiter != "," and _has_decimal_commas(columns[1])
    cells = [
        column if name.strip() in (MODEL, WEATHER) else _read_numbers(column, is_comma_decimal=is_comma_decimal)
        for name, column in zip(columns[0], columns[1], strict=True)
    ]
    rows = list(zip(*cells, strict=True))
    return RawTable(columns[0], rows, range(2, len(rows) + 2), "line")


def _find_delimiter(text: str) -> str:
    """Return the sign that stands between the names of the first line, quoted texts aside."""
    first = re.sub(r'"[^"]*"', "", next(line for line in text.splitlines() if line.strip()))
    return max(",;\t", key=first.count)


def _parse(text: str, delimiter: str) -> tuple[list[str], list[list[str | None]]]:
    faults: list[TableFault] = []

    def refuse_row(row: Any) -> str:
        message = f"Write {row.expected_columns} cells, as there are names; this line has {row.actual_columns}."
        found = f"line {row.number}" if row.number is not None else str(row.text)
        faults.append(TableFault("" if row.number is None else f"rows[{row.number - 2}]", message, found))
        return "skip"

    options = pyarrow.csv.ParseOptions(delimiter=delimiter, invalid_row_handler=refuse_row)
    reading = pyarrow.csv.ReadOptions(use_threads=False, block_size=max(len(text) * 4, 1 << 16))
    kinds = pyarrow.csv.ConvertOptions(strings_can_be_null=False, check_utf8=False)
    try:
        names = pyarrow.csv.open_csv(io.BytesIO(text.encode()), reading, options).schema.names
        kinds.column_types = dict.fromkeys(names, pa.string())
        faults.clear()
        table = pyarrow.csv.read_csv(io.BytesIO(text.encode()), reading, options, kinds)
    except pa.ArrowInvalid as error:
        raise refuse("The file cannot be read as a table.", str(error).splitlines()[0][:200]) from error
    if faults:
        raise TableError(faults)
    refuse_many_rows(table.num_rows)
    if table.num_columns > MAX_COLUMNS:
        raise refuse("Send fewer columns.", f"{table.num_columns} columns")
    return names, [list_texts(column.to_pylist()) for column in table.columns]


def _has_decimal_commas(columns: Sequence[Sequence[str | None]]) -> bool:
    """Tell whether numbers have decimal commas.

    Raises:
        TableError: Some have and others have points: what is 1.234 then?
    """
    cells = [cell for column in columns for cell in column if cell is not None]
    commas = next((cell for cell in cells if _COMMA.fullmatch(cell)), None)
    points = next((cell for cell in cells if "." in cell and _POINT.fullmatch(cell)), None)
    if commas and points:
        raise refuse("Write all numbers with decimal points, or all with decimal commas.", f"{commas} and {points}")
    return commas is not None


def _read_numbers(column: Sequence[str | None], *, is_comma_decimal: bool) -> list[Any]:
    return [None if cell is None else _read_cell(cell, is_comma_decimal=is_comma_decimal) for cell in column]


def _read_cell(cell: str, *, is_comma_decimal: bool) -> int | float | str:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    if is_comma_decimal and _COMMA.fullmatch(cell):
        return float(cell.replace(",", "."))
    return float(cell) if _POINT.fullmatch(cell) else cell


def read_parquet(content: bytes) -> RawTable:
    """Read a Parquet file; columns of numbers and of texts."""
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        refuse_many_rows(file.metadata.num_rows)
        unpacked = sum(file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups))
        if unpacked > MAX_UNPACKED_BYTES:
            raise refuse("Send a smaller table.", f"{unpacked / 2**20:.0f} MB unpacked")
        names = [name for name in file.schema_arrow.names if name != _PANDAS_INDEX]
        columns = [_read_column(file.read([name]).column(0)) for name in names]
    except (pa.ArrowException, OSError) as error:
        raise refuse("The file cannot be read as Parquet.", str(error).splitlines()[0][:200]) from error
    rows = list(zip(*columns, strict=True))
    return RawTable(names, rows, range(1, len(rows) + 1), may_end_empty=False)


def _read_column(column: Any) -> list[Any]:
    cells = column.to_pylist()
    if pa.types.is_decimal(column.type):
        return [None if cell is None else float(cell) for cell in cells]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_dictionary(column.type):
        return [(cell.strip() or None) if isinstance(cell, str) else cell for cell in cells]
    # pandas writes what is missing among numbers as NaN
    return [None if isinstance(cell, float) and cell != cell else cell for cell in cells]  # noqa: PLR0124


def read_workbook(content: bytes) -> RawTable:
    """Read the first sheet of an Excel workbook: values, those that its formulas had when it was saved."""
    _check_archive(content)
    rows = list(_read_sheet(content, with_values=True))
    # an empty cell may be a formula that no program has computed
    if any(cell is None for row in rows for cell in row):
        for row, formulas in zip(rows, _read_sheet(content, with_values=False), strict=False):
            for k, formula in enumerate(formulas[: len(row)]):
                if row[k] is None and isinstance(formula, str) and formula.startswith("="):
                    row[k] = BadCell("Open and save the file in a program that computes this formula.", formula[:50])
    return RawTable(rows[0] if rows else [], rows[1:], range(2, len(rows) + 1))


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise refuse("The file is no Excel workbook (.xlsx).", str(error)) from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise refuse("Send a smaller workbook.", f"{unpacked / 2**20:.0f} MB unpacked")


def _read_sheet(content: bytes, *, with_values: bool) -> Iterator[list[Any]]:
    import openpyxl  # few tables are workbooks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that have nothing to do with cells
        try:
            workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=with_values)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # some programs write wrong ones
            found = list(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1))
        except Exception as error:
            raise refuse("The file cannot be read as an Excel workbook.", str(error)[:200]) from error
        yield from ([_read_workbook_cell(cell) for cell in row] for row in found)
        workbook.close()


def _read_workbook_cell(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "e":
        return BadCell("Mend the formula: it gives an error.", str(value))
    if isinstance(value, str):
        return value.strip() or None
    # Excel knows no whole numbers: 3 is 3.0 there
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
