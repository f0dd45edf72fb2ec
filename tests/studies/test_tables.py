"""Tables of cases from files."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studies.definition import MAX_ROWS, Study
from studies.designs import table_files, tables
from studies.designs.points import Points
from studies.designs.tables import TableError, read_table

COLUMNS = ("lighting", "glazing", "weather", "count")
ROWS = (
    {"lighting": 0.5, "glazing": "Double, clear".replace(",", ""), "weather": "chicago", "count": 3},
    {"lighting": 1e-3, "glazing": "Autosize", "weather": "12345", "count": -4},
)


def make_parquet(frame: pd.DataFrame, **options: Any) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink, **options)
    return sink.getvalue()


def make_workbook(rows: list[list[Any]], change: Callable[[Any], None] = lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


FILES = {
    "a.csv": b"lighting,glazing,weather,count\n0.5,Double clear,chicago,3\n1e-3,Autosize,12345,-4\n",
    "bom.csv": b"\xef\xbb\xbflighting;glazing;weather;count\r\n0,5;Double clear;chicago;3\r\n,001;Autosize;12345;-4\r",
    "quoted.CSV": b'"lighting","glazing",weather,count\n"0.5","Double clear",chicago ,3\n.001,Autosize,"12345",-4\n\n',
    "tabs.tsv": b"lighting\tglazing\tweather\tcount\n5e-1\tDouble clear\tchicago\t3\n0.001\tAutosize\t12345\t-4\n",
    "a.parquet": make_parquet(pd.DataFrame(list(ROWS))),
    "numbers.parquet": make_parquet(pd.DataFrame([ROWS[0], {**ROWS[1], "weather": "12345"}], index=[5, 9])),
    "a.xlsx": make_workbook([list(COLUMNS), [0.5, "Double clear", "chicago", 3], [0.001, "Autosize", 12345, -4.0]]),
    "ragged.xlsx": make_workbook(
        [list(COLUMNS), [0.5, " Double clear", "chicago", 3], [0.001, "Autosize", "12345", -4], [None] * 4, [None]]
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_table_is_the_same_in_whatever_kind_of_file(name: str) -> None:
    table = read_table(FILES[name], name)
    assert table.columns == COLUMNS
    assert table.rows == ROWS
    assert [type(value) for value in table.rows[1].values()] == [float, str, str, int]


def test_a_table_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(FILES["a.csv"])
    assert read_table(path, path.name).rows == ROWS


def fault_of(content: bytes, name: str) -> tuple[str, str, str | None]:
    with pytest.raises(TableError) as refusal:
        read_table(content, name)
    fault = refusal.value.faults[0]
    return fault.path, fault.message, fault.found


@pytest.mark.parametrize(
    ("content", "path", "message", "found"),
    [
        (b"", "", "Write the names of the columns in the first line.", "an empty file"),
        (b" \n\n", "", "Write the names of the columns in the first line.", "an empty file"),
        (b"a,b\n", "", "Write a row for each case below the names of the columns.", "no rows"),
        (b"a,b\n1,\n", "rows[0].b", "Write a value: the cell is empty. (line 2)", None),
        (b"a,b\n1,2\n3, \n", "rows[1].b", "Write a value: the cell is empty. (line 3)", None),
        (b"a,b\n1,2,3\n", "rows[0]", "Write 2 cells, as there are names; this line has 3.", "line 2"),
        (b"a,b\n1,2\n3\n", "rows[1]", "Write 2 cells, as there are names; this line has 1.", "line 3"),
        (b"a,A\n1,2\n", "columns[1]", "Leave it out: column 1 has the same name.", "A"),
        (b"a,,c\n1,2,3\n", "columns[1]", "Name column 2: the first row holds the names.", None),
        (b"1,2\n3,4\n", "columns[0]", "Write the names of the columns in the first row; this is a number.", "1"),
        (b"a;b\n1,5;2.5\n", "", "Write all numbers with decimal points, or all with decimal commas.", "1,5 and 2.5"),
        (b"a\n1\nH\xf6he\n", "", "Save the file as UTF-8.", "line 3"),
        (b"a\n1e999\n", "rows[0].a", "Write a finite number. (line 2)", "inf"),
        (b"a\n" + b"x" * 201 + b"\n", "rows[0].a", "Write at most 200 signs. (line 2)", "x" * 50 + "…"),
        (b",".join(b"c%d" % k for k in range(300)) + b"\n", "", "Send fewer columns.", "300 columns"),
    ],
)
def test_what_is_wrong_with_a_text_is_told_with_its_line(
    content: bytes, path: str, message: str, found: str | None
) -> None:
    assert fault_of(content, "cases.csv") == (path, message, found)


def test_every_fault_of_a_table_is_told_at_once_up_to_a_bound() -> None:
    with pytest.raises(TableError) as refusal:
        read_table(b"a,b\n" + b",\n" * 500 + b"1,2\n", "cases.csv")
    assert [fault.path for fault in refusal.value.faults[:3]] == ["rows[0].a", "rows[0].b", "rows[1].a"]
    assert len(refusal.value.faults) == tables.MAX_FAULTS
    assert str(refusal.value).startswith("rows[0].a: Write a value")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cases.xls", "Save the table as .xlsx or .csv: this kind of workbook is not read."),
        ("cases.json", "Send a .csv, .parquet or .xlsx file."),
        ("cases", "Send a .csv, .parquet or .xlsx file."),
    ],
)
def test_other_kinds_of_files_are_refused(name: str, message: str) -> None:
    assert fault_of(b"a\n1\n", name) == ("", message, name)


@pytest.mark.parametrize("name", ["cases.parquet", "cases.xlsx"])
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str) -> None:
    assert "The file" in fault_of(b"a,b\n1,2\n", name)[1]
    assert "The file" in fault_of(FILES["a.xlsx"][:-30], "a.xlsx")[1]
    assert "The file" in fault_of(FILES["a.parquet"][:-30], "a.parquet")[1]


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert fault_of(sink.getvalue(), "a.xlsx")[1] == "The file cannot be read as an Excel workbook."


def test_what_would_unpack_to_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MAX_UNPACKED_BYTES + 1))
    assert len(sink.getvalue()) < 2**20
    assert fault_of(sink.getvalue(), "a.xlsx")[:2] == ("", "Send a smaller workbook.")
    monkeypatch.setattr(table_files, "MAX_UNPACKED_BYTES", 10)
    assert fault_of(FILES["a.parquet"], "a.parquet")[:2] == ("", "Send a smaller table.")


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 2**20)
    assert fault_of(b"a\n" + b"1\n" * 2**20, "a.csv")[1] == "Send at most 1 MB."


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_too_many_rows_are_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (tables, table_files):
        monkeypatch.setattr(module, "MAX_ROWS", 3)
    content = {
        "csv": b"a\n1\n2\n3\n4\n",
        "parquet": make_parquet(pd.DataFrame({"a": [1, 2, 3, 4]})),
        "xlsx": make_workbook([["a"], [1], [2], [3], [4]]),
    }[kind]
    assert fault_of(content, f"a.{kind}") == ("", "Send at most 3 rows.", "4 rows")
    assert MAX_ROWS == 100_000


@pytest.mark.parametrize(
    ("frame", "path", "message"),
    [
        (pd.DataFrame({"a": [1.0, None]}), "rows[1].a", "Write a value: the cell is empty. (row 2)"),
        (pd.DataFrame({"a": ["x", None]}), "rows[1].a", "Write a value: the cell is empty. (row 2)"),
        (pd.DataFrame({"a": [True]}), "rows[0].a", "Write a number or a text: yes and no go as texts. (row 1)"),
        (pd.DataFrame({"a": [float("inf")]}), "rows[0].a", "Write a finite number. (row 1)"),
        (
            pd.DataFrame({"a": [pd.Timestamp("2020-01-01")]}), "rows[0].a",
            "Write a number or a text; dates and times are neither. (row 1)",
        ),
    ],
)  # fmt: skip
def test_what_a_parquet_file_lacks_is_told(frame: pd.DataFrame, path: str, message: str) -> None:
    assert fault_of(make_parquet(frame), "a.parquet")[:2] == (path, message)


def test_parquet_columns_of_any_kind_of_number_and_text_are_read() -> None:
    sink = io.BytesIO()
    columns = {
        "a": pa.array([1, 2], pa.int8()), "b": pa.array([1.5, 2], pa.float32()),
        "c": pa.array(["x", "y"]).dictionary_encode(), "d": pa.array([1, 2]).cast(pa.decimal128(25, 2)),
        "model": pa.array([7, 8]),
    }  # fmt: skip
    pq.write_table(pa.table(columns), sink)
    assert read_table(sink.getvalue(), "a.parquet").rows[1] == {"a": 2, "b": 2.0, "c": "y", "d": 2.0, "model": "8"}


def test_a_formula_that_was_never_computed_is_told_and_not_taken_for_empty() -> None:
    path, message, found = fault_of(make_workbook([["a", "b"], [1, "=A2*2"], [None, 3]]), "a.xlsx")
    assert (path, found) == ("rows[0].b", "=A2*2")
    assert message == "Open and save the file in a program that computes this formula. (row 2)"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("#DIV/0!", "Mend the formula: it gives an error. (row 2)"),
        (True, "Write a number or a text: yes and no go as texts. (row 2)"),
        (pd.Timestamp("2020-01-01").to_pydatetime(), "Write a number or a text; dates and times are neither. (row 2)"),
        (None, "Write a value: the cell is empty. (row 2)"),
    ],
)
def test_what_a_workbook_lacks_is_told(cell: Any, message: str) -> None:
    assert fault_of(make_workbook([["a", "b"], [cell, 1]]), "a.xlsx")[:2] == ("rows[0].a", message)


def test_only_the_first_sheet_of_a_workbook_is_read() -> None:
    content = make_workbook([["a"], [1]], lambda book: book.create_sheet().append(["b"]))
    assert read_table(content, "a.xlsx").columns == ("a",)


def test_a_cell_beyond_the_names_is_told() -> None:
    assert fault_of(make_workbook([["a"], [1, 2]]), "a.xlsx")[:2] == (
        "rows[0]",
        "Name the column of every cell. (row 2)",
    )


def test_a_table_becomes_the_cases_of_a_study() -> None:
    rows = read_table(FILES["bom.csv"], "bom.csv").rows
    target = {"class": "Material", "object": "*", "field": "Thickness"}
    parameters = [{"name": name, "target": target} for name in COLUMNS if name != "weather"]
    study = {
        "name": "n", "model": "m", "weather": ["chicago", "12345"], "parameters": parameters,
        "design": {"method": "table", "rows": rows},
    }  # fmt: skip
    points = list(Points(Study.model_validate(study)))
    assert [{**point.values, "weather": point.weather} for point in points] == list(ROWS)
