"""Which parameters of a batch matter for a metric: the columns it takes out of the result table, and the answer as the
API shows it. Reads finished shards from their Parquet parts and open ones from the database; writes nothing. Called by
`sensitivity_api`, which has checked whose batch it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models.fields.json import KeyTextTransform

from batches import storage
from batches.models import Batch, Case, Shard
from batches.plans import Plan, plan_of, read_extensions
from batches.queries import list_metric_names
from batches.results import tables
from batches.results.metric_facts import describe_metric, list_columns
from batches.states import CaseState, ShardState, Verdict
from filestore.store import files
from studies.problems import nearest_names
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.answers import INDICES, Analysis, FactorIndices, SensitivityRefused
from studies.sensitivity.sample import Fate, Outcomes, count_readable, make_sample

_FATES = {
    CaseState.SUCCEEDED: Fate.USABLE,
    CaseState.FAILED: Fate.FAILED,
    CaseState.CANCELLED: Fate.CANCELLED,
}
SCHEMA = pa.schema(
    [("case", pa.int64()), ("state", pa.string()), ("verdict", pa.string()), ("metric", pa.float64())],
)


@dataclass(frozen=True)
class Answer:
    """An analysis of a batch, with what its metric is."""

    plan: Plan
    metric: str
    analysis: Analysis
    case_count: int
    cases_read: int


def analyse_batch(batch: Batch, wish: Wish, *, keep_suspect: bool = False) -> Answer:
    """Return which parameters of a batch matter for a metric, from the cases that have ended.

    Args:
        batch: running or ended.
        wish: what is asked for.
        keep_suspect: whether cases of verdict `suspect` are used like valid ones.

    Raises:
        SensitivityRefused: there is no such metric, or the cases cannot bear the analysis.
        OtherPointsError: the study gives other cases here than those that were run.
    """
    plan = plan_of(batch)
    known = list_columns(plan, list_metric_names(batch))
    if wish.metric not in known:
        near = tuple(nearest_names(wish.metric, known))
        message = "Write a metric of the result table." if not wish.metric else f"There is no metric '{wish.metric}'."
        raise SensitivityRefused("metric", message, near)
    # by the row in hand: the plan may know of an extension that has come since
    count = count_readable(plan.study, batch.case_count)
    columns = plan.points.columns(0, count)
    outcomes = read_outcomes(batch, wish.metric, count, keep_suspect=keep_suspect)
    analysis = analyse(make_sample(plan.study, outcomes, read_extensions(batch), columns), wish)
    return Answer(plan, wish.metric, analysis, batch.case_count, count)


def read_outcomes(batch: Batch, metric: str, count: int, *, keep_suspect: bool) -> Outcomes:
    """Return what became of the first cases of a batch, and a metric of each, in its unit.

    Args:
        batch: whose.
        metric: column of the result table.
        count: how many cases, from index 0.
        keep_suspect: whether suspect cases count as usable.
    """
    values = np.full(count, np.nan)
    fates = np.full(count, Fate.UNFINISHED, np.int8)
    for shard in batch.shards.filter(first_index__lt=count).order_by("number").iterator():
        part = _read_part(batch, shard, metric)
        index = part["case"].to_numpy()
        rows = (index >= 0) & (index < count)
        values[index[rows]] = part["metric"].to_numpy()[rows]
        fates[index[rows]] = _tell_fates(part, keep_suspect=keep_suspect)[rows]
    return Outcomes(values, fates)


def _tell_fates(part: pa.Table, *, keep_suspect: bool) -> np.ndarray[Any, np.dtype[np.int8]]:
    states, verdicts = part["state"].to_pylist(), part["verdict"].to_pylist()
    fates = [
        Fate.SUSPECT if verdict == Verdict.SUSPECT and not keep_suspect else _FATES.get(state, Fate.UNFINISHED)
        for state, verdict in zip(states, verdicts, strict=True)
    ]
    return np.array(fates, np.int8)


def _read_part(batch: Batch, shard: Shard, metric: str) -> pa.Table:
    """Return case, state, verdict and one metric of a shard's cases; of a Parquet part these columns alone."""
    if shard.state != ShardState.FINISHED:
        return pa.Table.from_pylist(list(_read_rows(batch, shard, metric)), schema=SCHEMA)
    with files.local_copy(storage.part_path(batch.pk, shard.number)) as path, pq.ParquetFile(path) as file:
        present = [name for name in ("case", "state", "verdict", metric) if name in file.schema_arrow.names]
        part = file.read(columns=present)
    found = part[metric].cast(pa.float64()) if metric in present else pa.nulls(part.num_rows, pa.float64())
    return pa.table([part["case"], part["state"], part["verdict"], found], schema=SCHEMA)


def _read_rows(batch: Batch, shard: Shard, metric: str) -> Iterator[dict[str, Any]]:
    cases = Case.objects.filter(batch_id=batch.pk, index__in=shard.indices).order_by("index")
    wanted = cases.annotate(wanted=KeyTextTransform(metric, "metrics"))
    for case in wanted.defer("metrics").iterator(chunk_size=tables.PART_ROWS):
        value = case.wanted
        yield {
            "case": case.index,
            "state": tables.shown_state(batch, case),
            "verdict": case.verdict,
            "metric": None if value is None else float(value),
        }


def describe_answer(answer: Answer) -> dict[str, Any]:
    """Return an analysis as the API shows it."""
    analysis, facts = answer.analysis, describe_metric(answer.plan, answer.metric)
    notes = list(analysis.notes)
    if answer.cases_read < answer.case_count:
        notes.insert(0, f"Of {answer.case_count:,} cases the first {answer.cases_read:,} were looked at.")
    return {
        "method": analysis.method,
        "metric": answer.metric,
        "label": facts.label,
        "unit": facts.unit or None,
        "weather": analysis.weather,
        "model": analysis.model,
        "cases_used": analysis.cases_used,
        "cases_left_out": analysis.cases_left_out,
        "is_complete": analysis.is_complete,
        "reasons": list(analysis.reasons),
        "sorted_by": analysis.sorted_by,
        "indices": [
            {
                "name": index.name,
                "label": index.label,
                "meaning": index.meaning,
                "unit": (facts.unit or None) if index.in_metric_unit else None,
            }
            for index in INDICES[analysis.method]
        ],
        "factors": [_describe_factor(found) for found in analysis.factors],
        "pairs": [vars(pair) for pair in analysis.pairs],
        "fit": dict(analysis.fit),
        "noise": analysis.noise,
        "notes": notes,
    }


def _describe_factor(found: FactorIndices) -> dict[str, Any]:
    return {
        "name": found.factor.name,
        "label": found.factor.label,
        "parameters": list(found.factor.parameters),
        "values": dict(found.values),
        "conf": dict(found.confidence),
    }
