"""A file of cases in, rows for a table design out: CSV, Parquet or the first sheet of an Excel workbook.

Called where a table is uploaded, and by those who read one on their own machine.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studies.definition import MAX_PARAMETERS, MAX_ROWS
from studies.designs.columns import Value
from studies.designs.dimensions import MODEL, WEATHER

MAX_COLUMNS = MAX_PARAMETERS + 2
MAX_BYTES = 50 * 2**20
MAX_UNPACKED_BYTES = 300 * 2**20
"""How large a compressed file may be once unpacked."""
MAX_FAULTS = 50
MAX_CELL = 200


@dataclass(frozen=True)
class TableFault:
    """One thing that is wrong with a table.

    Attributes:
        path: Where: `rows[4].lighting`, counted from 0 as in a study; `columns[1]`; blank for the file as a whole.
        message: What is wrong and what to do, with the line or row as the file's own program counts it.
        found: What stands there.
    """

    path: str
    message: str
    found: str | None = None


class TableError(ValueError):
    """A file that is no table of cases.

    Attributes:
        faults: What is wrong, at most `MAX_FAULTS`.
    """

    def __init__(self, faults: Sequence[TableFault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}".lstrip(": ") for fault in faults[:3]))
        self.faults = tuple(faults[:MAX_FAULTS])


@dataclass(frozen=True)
class Table:
    """A table of cases.

    Attributes:
        columns: Names of the columns: parameters, `model`, `weather`.
        rows: A value for each column in each row; whole numbers as integers; models and weathers as texts.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Value], ...]


@dataclass(frozen=True)
class RawTable:
    """What a file holds before anything is made of it.

    Attributes:
        header: Names as they stand.
        rows: Cells, with None for an empty one.
        numbers: The row number of each as the file's own program counts, or lines of a text.
        what: What rows are called in that program.
        may_end_empty: Whether empty rows at the end mean nothing: programs of tables leave them there.
    """

    header: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    what: str = "row"
    may_end_empty: bool = True


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be a value, and why."""

    message: str
    found: str


def refuse(message: str, found: str | None = None, path: str = "") -> TableError:
    """Return the error of a file with one fault."""
    return TableError([TableFault(path, message, found)])


def read_table(source: Path | bytes, name: str) -> Table:
    """Read a file of cases: one line of names, then a row for each case.

    Args:
        source: The file or its content.
        name: What it is called: what it ends in tells its kind, `.csv`, `.txt`, `.tsv`, `.parquet` or `.xlsx`.

    Returns:
        Its columns and rows.

    Raises:
        TableError: It cannot be read, or cells are missing or no values; with everything that is wrong, up to a bound.
    """
    from studies.designs.table_files import read_csv, read_parquet, read_workbook  # bring pyarrow along

    readers = {".csv": read_csv, ".txt": read_csv, ".tsv": read_csv, ".parquet": read_parquet, ".xlsx": read_workbook}
    ending = Path(name).suffix.casefold()
    if ending not in readers:
        message = "Send a .csv, .parquet or .xlsx file."
        if ending in (".xls", ".xlsm", ".xlsb", ".ods"):
            message = "Save the table as .xlsx or .csv: this kind of workbook is not read."
        raise refuse(message, name)
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > MAX_BYTES:
        raise refuse(f"Send at most {MAX_BYTES // 2**20} MB.", f"{size / 2**20:.0f} MB")
    return _check(readers[ending](source.read_bytes() if isinstance(source, Path) else source))


def refuse_many_rows(count: int) -> None:
    """Do nothing where so many rows are not too many.

    Raises:
        TableError: They are.
    """
    if count > MAX_ROWS:
        raise refuse(f"Send at most {MAX_ROWS:,} rows.", f"{count:,} rows" if count < 10**7 else "more rows")


def _check(raw: RawTable) -> Table:
    columns = _check_header(raw.header)
    rows, numbers = _drop_empty_end(raw)
    if not rows:
        raise refuse("Write a row for each case below the names of the columns.", "no rows")
    refuse_many_rows(len(rows))
    faults: list[TableFault] = []
    table = []
    for k, cells in enumerate(rows):
        row, wrong = _check_row(columns, cells, k, f"{raw.what} {numbers[k]}")
        table.append(row)
        faults += wrong
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise TableError(faults)
    return Table(columns, tuple(table))


def _check_header(header: Sequence[Any]) -> tuple[str, ...]:
    names = [name.strip() if isinstance(name, str) else name for name in header]
    while names and names[-1] in (None, ""):
        names.pop()
    if not names:
        raise refuse("Write the names of the columns in the first row.", "no columns")
    if len(names) > MAX_COLUMNS:
        raise refuse("Send fewer columns.", f"{len(names)} columns")
    faults = list(_find_bad_names(names))
    if faults:
        raise TableError(faults)
    return tuple(names)


def _find_bad_names(names: Sequence[Any]) -> Iterator[TableFault]:
    seen: dict[str, int] = {}
    for k, name in enumerate(names):
        path = f"columns[{k}]"
        if name is None or name == "":
            yield TableFault(path, f"Name column {k + 1}: the first row holds the names.")
        elif not isinstance(name, str) or _is_number(name):
            yield TableFault(path, "Write the names of the columns in the first row; this is a number.", str(name))
        elif name.casefold() in seen:
            yield TableFault(path, f"Leave it out: column {seen[name.casefold()] + 1} has the same name.", name)
        else:
            seen[name.casefold()] = k


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _drop_empty_end(raw: RawTable) -> tuple[list[Sequence[Any]], list[int]]:
    last = len(raw.rows)
    while raw.may_end_empty and last and all(cell is None for cell in raw.rows[last - 1]):
        last -= 1
    return list(raw.rows[:last]), list(raw.numbers[:last])


def _check_row(
    columns: Sequence[str], cells: Sequence[Any], index: int, place: str
) -> tuple[dict[str, Value], list[TableFault]]:
    row: dict[str, Value] = {}
    faults = []
    for name, cell in zip(columns, [*cells, *[None] * (len(columns) - len(cells))], strict=False):
        value = _check_cell(cell, is_text=name in (MODEL, WEATHER))
        if isinstance(value, BadCell):
            faults.append(TableFault(f"rows[{index}].{name}", f"{value.message} ({place})", value.found or None))
        else:
            row[name] = value
    beyond = [cell for cell in cells[len(columns) :] if cell is not None]
    if beyond:
        faults.append(TableFault(f"rows[{index}]", f"Name the column of every cell. ({place})", str(beyond[0])))
    return row, faults


def _check_cell(cell: Any, *, is_text: bool) -> Value | BadCell:
    if cell is None:
        return BadCell("Write a value: the cell is empty.", "")
    if isinstance(cell, BadCell):
        return cell
    if isinstance(cell, bool):
        return BadCell("Write a number or a text: yes and no go as texts.", str(cell))
    if isinstance(cell, str):
        return cell if len(cell) <= MAX_CELL else BadCell(f"Write at most {MAX_CELL} signs.", cell[:50] + "…")
    if isinstance(cell, int | float):
        return _check_number(cell, is_text=is_text)
    return BadCell("Write a number or a text; dates and times are neither.", str(cell))


def _check_number(number: float, *, is_text: bool) -> Value | BadCell:
    if not math.isfinite(number):
        return BadCell("Write a finite number.", str(number))
    whole = isinstance(number, int) or (is_text and number.is_integer())
    if is_text:
        return str(int(number)) if whole else str(number)
    return number if whole else number + 0.0


def list_texts(cells: Iterable[Any]) -> list[str | None]:
    """Return texts without blanks around them, None for empty ones."""
    return [(cell.strip() or None) if isinstance(cell, str) else None for cell in cells]
