"""Tables that people bring to be learnt from: CSV or Parquet goes in, `Rows` come out. For `submission`, training.

A table downloaded from a batch is read as it is: its failed and suspect rows are left out, its keys are no inputs.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from batches.states import CaseState, Verdict
from energyplus.results.metrics import metric_label, metric_unit
from studies.problems import nearest_names, shorten
from surrogates.datasets import Choice, Dataset, Rows, keep_usable, read_values, split_metrics
from surrogates.emulator.inputs import InputColumn
from surrogates.errors import SurrogateRefused

MOST_ROWS, MOST_COLUMNS = 2_000_000, 500
KEYS = ("case", "state", "verdict")
PARQUET_SIGN = b"PAR1"


def read_table(file: IO[bytes], file_name: str) -> pa.Table:
    """Return the table in a file, told apart by its first bytes.

    Raises:
        SurrogateRefused: it is neither CSV nor Parquet, or too large.
    """
    head = file.read(len(PARQUET_SIGN))
    file.seek(0)
    try:
        table = pq.read_table(file) if head == PARQUET_SIGN else pa_csv.read_csv(file)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        message = f"The table cannot be read: {shorten(str(error))}"
        raise SurrogateRefused([("table", message, file_name, "a CSV or Parquet file with a header")]) from error
    if len(set(table.column_names)) < table.num_columns:
        raise SurrogateRefused([("table", "Give each column a name of its own.", table.column_names, None)])
    if table.num_rows > MOST_ROWS or table.num_columns > MOST_COLUMNS:
        found = f"{table.num_rows:,} rows and {table.num_columns:,} columns"
        accepted = f"up to {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns"
        raise SurrogateRefused([("table", "The table is too large.", found, accepted)])
    return table


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table for the worker that learns from it."""
    pq.write_table(table, path)


def read_rows(table: pa.Table, choice: Choice, inputs: Sequence[str] | None) -> Rows:
    """Return the usable rows of a table.

    Args:
        table: as it was brought.
        choice: `metrics` says which columns are metrics.
        inputs: which columns are inputs; all others if None.

    Raises:
        SurrogateRefused: a column is missing or cannot be what it is said to be.
    """
    names = list(table.column_names)
    metrics = list(choice.metrics or ())
    if not metrics:
        raise SurrogateRefused([("metrics", "Write which columns of the table are metrics.", None, names)])
    wanted = [name for name in names if name not in (*metrics, *KEYS)] if inputs is None else list(inputs)
    refuse_columns(table, metrics, wanted)
    left_out: Counter[str] = Counter()
    kept = keep_usable(add_keys(table), left_out, keep_suspect=choice.keep_suspect)
    kept = drop_gaps(kept, wanted, left_out)
    whole, gaps = split_metrics(kept, metrics)
    facts = {name: {"label": metric_label(name), "unit": find_unit(table, name)} for name in metrics}
    values = {name: read_values(kept, name) for name in wanted}
    return Rows(values, whole, facts, dict(left_out), (kept.num_rows,), gaps)


def read_dataset(table: pa.Table, choice: Choice, inputs: Sequence[str]) -> Dataset:
    """Return what can be learnt from a table; see `read_rows`."""
    rows = read_rows(table, choice, inputs)
    columns = tuple(describe_column(table, name, values) for name, values in rows.inputs.items())
    return Dataset(columns, rows, tuple(choice.metrics or ()))


def describe_column(table: pa.Table, name: str, values: "np.ndarray[Any, Any]") -> InputColumn:
    """Return the input that a column is: a number in the unit that its field tells, or a category."""
    if values.dtype.kind == "f":
        return InputColumn(name, "number", find_unit(table, name) or "1")
    return InputColumn(name, "category")


def find_unit(table: pa.Table, name: str) -> str:
    """Return the unit of a column, which a Parquet file of ours has with its field; else what its name ends in."""
    told = (table.schema.field(name).metadata or {}).get(b"unit")
    return told.decode(errors="replace") if told else metric_unit(name)


def add_keys(table: pa.Table) -> pa.Table:
    """Return a table with the columns that say what its rows are worth: those of strangers are all valid."""
    usual: dict[str, Any] = {"case": 0, "state": CaseState.SUCCEEDED.value, "verdict": Verdict.VALID.value}
    for name, value in usual.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(pa.scalar(value), table.num_rows))
    return table


def drop_gaps(table: pa.Table, inputs: Sequence[str], left_out: "Counter[str]") -> pa.Table:
    """Return the rows that have all inputs; count the others."""
    complete = np.ones(table.num_rows, bool)
    for name in inputs:
        complete &= table[name].is_valid().to_numpy()
    if not complete.all():
        left_out["without an input"] += int((~complete).sum())
    return table.filter(pa.array(complete))


def refuse_columns(table: pa.Table, metrics: Sequence[str], inputs: Sequence[str]) -> None:
    """Do nothing where all columns are there and metrics are numbers.

    Raises:
        SurrogateRefused: it is not so.
    """
    problems: list[tuple[str, str, object, object]] = []
    for path, names in (("metrics", metrics), ("inputs", inputs)):
        for name in names:
            if name not in table.column_names:
                near = list(nearest_names(name, table.column_names))
                problems.append((path, f"The table has no column '{name}'.", name, near))
    if not inputs:
        problems.append(("inputs", "The table has no column beside the metrics.", None, "at least one"))
    present = [name for name in metrics if name in table.column_names]
    texts = [name for name in present if not is_numeric(table.schema.field(name).type)]
    problems += [("metrics", f"'{name}' holds texts; a metric is a number.", name, None) for name in texts]
    both = sorted(set(metrics) & set(inputs))
    if both:
        problems.append(("inputs", "A column is either an input or a metric.", both, None))
    if problems:
        raise SurrogateRefused(problems)


def is_numeric(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds numbers."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))
