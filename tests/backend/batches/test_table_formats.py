"""The result table as CSV, Parquet, Arrow, JSON and Excel: the same values in each, in bounded pieces."""

import asyncio
import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.models import Batch
from batches.results import byte_streams, pieces, workbooks
from batches.results.byte_streams import write_csv_header, write_csv_lines, write_parquet
from batches.results.streaming import stream_pieces
from studies.designs.points import CasePoint
from tests.backend.batches.finished_batches import finish, read_body, record

TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Formats",
    "model": "warehouse",
    "weather": "chicago",
    "baseline": True,
    "parameters": [{"name": "lighting", "target": TARGET, "values": [0.1, 1.0, 1e21, 2 / 3, 5.0, 6.0]}],
    "design": {"method": "grid"},
}


@pytest.fixture
def batch(owner: User) -> Batch:
    """Seven cases in two shards, the second of them open; one failed, and large numbers come from the database."""

    def report(point: CasePoint) -> dict[str, Any] | None:
        return None if point.index == 1 else {"heating_kwh": 1 / 3 + point.index, "huge_kwh": 1e300}

    return finish(record(owner, STUDY), report)


def download(api: APIClient, batch: Batch, form: str) -> bytes:
    answer = api.get(f"/api/batches/{batch.pk}/results/?as={form}")
    assert answer.status_code == 200, answer.content
    return read_body(answer)


def read_csv(content: bytes) -> list[dict[str, Any]]:
    return [
        {
            name: (value or None) if name in ("state", "verdict", "weather") else _number(value)
            for name, value in row.items()
        }
        for row in csv.DictReader(io.StringIO(content.decode(), newline=""))
    ]


def _number(text: str) -> float | None:
    return float(text) if text else None


def read_workbook(content: bytes) -> list[dict[str, Any]]:
    rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    names = next(rows)
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


def _shorten(value: Any) -> Any:
    return float(f"{value:.16g}") if isinstance(value, float) else value


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "csv": read_csv,
    "json": json.loads,
    "parquet": lambda content: pq.read_table(io.BytesIO(content)).to_pylist(),
    "arrow": lambda content: pyarrow.ipc.open_stream(content).read_all().to_pylist(),
    "xlsx": read_workbook,
}


def test_every_format_has_the_same_values(batch: Batch, log_in: Callable[[User], APIClient]) -> None:
    api = log_in(batch.owner)
    found = {form: read(download(api, batch, form)) for form, read in READERS.items()}
    expected = found["json"]
    assert [row["case"] for row in expected] == list(range(-1, 6))
    assert 1e21 in [row["lighting"] for row in expected]
    assert (expected[2]["state"], expected[2]["heating_kwh"], expected[0]["lighting"]) == ("failed", None, None)
    assert expected[6]["huge_kwh"] == expected[0]["huge_kwh"] == 1e300
    workbook = found.pop("xlsx")  # Excel's numbers have fewer digits
    assert workbook == [{name: _shorten(value) for name, value in row.items()} for row in expected]
    assert {form: rows == expected for form, rows in found.items()} == dict.fromkeys(found, True)


def test_every_number_in_a_csv_reads_back_to_the_same_bits() -> None:
    bits = np.random.default_rng(0).integers(0, 2**64, 50_000, dtype=np.uint64)
    edges = np.array([0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1e21, 1e22, 2.0**53 + 2])
    numbers = np.concatenate([bits.view(np.float64)[np.isfinite(bits.view(np.float64))], edges])
    lines = write_csv_lines(pa.table({"x": numbers})).decode().splitlines()
    back = np.array([float(line) for line in lines])
    assert (back.view(np.uint64) == numbers.view(np.uint64)).all()


def test_text_is_quoted_where_it_has_to_be_and_null_is_nothing() -> None:
    plain = pa.table({"n": [1, None], "x": [2.0, None], "t": ["chicago", None]})
    assert write_csv_lines(plain) == b"1,2,chicago\n,,\n"
    awkward = pa.table({"n": [1, 2, 3], "t": ['a, "b"', "two\nlines", None]})
    text = (write_csv_header(["n", "a, b"]) + write_csv_lines(awkward)).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["n", "a, b"],
        ["1", 'a, "b"'],
        ["2", "two\nlines"],
        ["3", ""],
    ]


def test_parquet_has_row_groups_of_one_size_whatever_the_parts() -> None:
    parts = (pa.table({"x": np.arange(start, start + 700, dtype=np.float64)}) for start in range(0, 7000, 700))
    schema = pa.schema([pa.field("x", pa.float64(), metadata={"unit": "m"})])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_streams, "GROUP_ROWS", 2000)
        content = b"".join(write_parquet(parts, schema))
    file = pq.ParquetFile(io.BytesIO(content))
    assert [file.metadata.row_group(number).num_rows for number in range(4)] == [2000, 2000, 2000, 1000]
    assert file.read().column("x").to_pylist() == list(np.arange(7000.0))
    assert file.schema_arrow.field("x").metadata == {b"unit": b"m"}


def test_no_more_is_read_ahead_than_was_said() -> None:
    begun: list[int] = []

    def read(number: int) -> int:
        begun.append(number)
        return number

    reading = pieces.read_ahead((lambda n=number: read(n)) for number in range(50))
    assert next(reading) == 0
    assert len(begun) <= pieces.READERS + 1
    reading.close()
    assert len(begun) <= pieces.READERS + 1


def test_what_reads_ahead_tells_what_failed() -> None:
    def fail() -> int:
        raise OSError("the disk is away")

    with pytest.raises(OSError, match="the disk is away"):
        list(pieces.read_ahead([lambda: 1, fail]))


def test_a_client_that_goes_ends_the_reading() -> None:
    closed = threading.Event()

    def read() -> Iterator[bytes]:
        try:
            while True:
                yield b"piece"
        finally:
            closed.set()

    async def take_one() -> None:
        stream = stream_pieces(read())
        assert await anext(stream) == b"piece"
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(take_one())
    assert closed.is_set()


def test_text_of_a_workbook_is_no_formula_and_has_no_control_characters() -> None:
    table = pa.table({"t": ["=1+1", "a\x07b", None], "n": [1, 2, 3]})
    rows = read_workbook(b"".join(workbooks.write_workbook(["t", "n"], iter([table]))))
    assert [row["t"] for row in rows] == ["=1+1", "a\N{REPLACEMENT CHARACTER}b", None]


def test_a_workbook_of_more_rows_than_excel_reads_is_refused(
    batch: Batch, log_in: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 5)
    answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/results/?as=xlsx")
    assert answer.status_code == 400
    assert "csv" in json.dumps(answer.json()["errors"])


def test_a_format_that_there_is_not_is_told_with_those_there_are(
    batch: Batch, log_in: Callable[[User], APIClient]
) -> None:
    answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/results/?as=ods")
    assert (answer.status_code, answer.json()["errors"][0]["accepted"]) == (400, list(READERS))
