"""Rows of cases become columns of a table, each of its type."""

import pyarrow as pa

from batches.results import tables

LARGE = 20_814_556_853_155_080  # the database gives 2.081455685315508e16 back as a whole number
SCHEMA = pa.schema([("case", pa.int64()), ("square", pa.float64()), ("name", pa.string())])


def test_a_large_number_is_a_float_where_its_column_has_floats() -> None:
    table = tables.make_table([{"case": 0, "square": LARGE, "name": 3, "other": 1}, {"case": 1}], SCHEMA)
    assert table.to_pylist() == [
        {"case": 0, "square": 2.081455685315508e16, "name": "3"},
        {"case": 1, "square": None, "name": None},
    ]


def test_so_it_is_in_columns_of_metrics() -> None:
    assert pa.array(tables._pick([{"square": LARGE}, {}], SCHEMA.field("square")), pa.float64()).to_pylist() == [
        2.081455685315508e16,
        None,
    ]
