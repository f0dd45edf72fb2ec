"""The valued baselines of a batch, one for each model and weather: cases are compared with them by `savings`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batches.analysis.valuation import ValuationPlan
from batches.analysis.valued_cases import value_rows, value_shard
from batches.download import ResultTable
from batches.states import CaseState, Verdict

Numbers = NDArray[np.float64]
Place = tuple[str, str]


@dataclass(frozen=True)
class Baselines:
    """The valued baselines of a batch.

    Attributes:
        positions: by model and weather, which of the baselines it is.
        indices: of the cases that they are, (b,).
        amounts: by column, (b,), float64; NaN where a number is missing, or the baseline is not to be trusted.
        flaws: why not, "" where it is.
    """

    positions: Mapping[Place, int]
    indices: NDArray[np.int64]
    amounts: Mapping[str, Numbers]
    flaws: tuple[str, ...]


def value_baselines(results: ResultTable, how: ValuationPlan | None) -> Baselines:
    """Return the baselines of a batch with what they come to; the shards that hold them are read."""
    shards = results.batch.shards.filter(first_index__lt=0).order_by("number")
    parts = [value_shard(results, shard, how) for shard in shards]
    parts.append(value_rows(results, results.schema.empty_table(), (), how))  # has every column, even before the first
    masks = [part.rows.column("case").to_numpy() < 0 for part in parts]
    rows = pa.concat_tables(part.rows.filter(pa.array(mask)) for part, mask in zip(parts, masks, strict=True))
    flaws = tuple(describe_flaw(row) for row in rows.select(["case", "state", "verdict"]).to_pylist())
    sound = np.array([not flaw for flaw in flaws], bool)
    amounts = {
        name: np.concatenate([part.amounts[name][mask] for part, mask in zip(parts, masks, strict=True)])
        for name in parts[-1].amounts
    }
    return Baselines(
        positions={place: position for position, place in enumerate(list_places(results, rows))},
        indices=rows.column("case").to_numpy(),
        amounts={name: np.where(sound, found, np.nan) for name, found in amounts.items()},
        flaws=flaws,
    )


def list_places(results: ResultTable, rows: pa.Table) -> list[Place]:
    """Return model and weather of each row, as the study writes them."""
    only = results.plan.study.models[0]
    models = rows.column("model").to_pylist() if "model" in rows.column_names else [only] * rows.num_rows
    weathers = (weather or "" for weather in rows.column("weather").to_pylist())
    return list(zip(models, weathers, strict=True))


def describe_flaw(row: Mapping[str, object]) -> str:
    """Say why nothing can be counted against a baseline; "" where it can."""
    what = f"its baseline, case {row['case']},"
    if row["state"] in (CaseState.PENDING, CaseState.RUNNING):
        return f"{what} has not finished"
    if row["state"] == CaseState.CANCELLED:
        return f"{what} was cancelled"
    if row["state"] == CaseState.FAILED:
        return f"{what} has failed"
    return f"{what} is suspect" if row["verdict"] != Verdict.VALID else ""
