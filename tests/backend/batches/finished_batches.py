"""Batches whose cases have reported what a test says, without an engine: rows, parts of the table, time series."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import aggregation, storage
from batches.case_counts import fold_shard
from batches.cases import kept_files
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import claim_shards
from batches.expansion import expand_batch
from batches.models import Batch, Diagnosis
from batches.plans import forget_plans, load_plan
from batches.states import CaseState, ShardState, Verdict
from energyplus.outputs import SERIES_FILE
from energyplus.results.timeseries import SERIES_SCHEMA, write_timeseries
from studies.definition import Study
from studies.designs.points import CasePoint, Points

Report = Callable[[CasePoint], Mapping[str, Any] | None]
"""What a case reports: its metrics; None for a case that fails, {"suspect": …} for a suspect one."""


def record(owner: User, study: Mapping[str, Any], **changes: Any) -> Batch:
    """Record a batch as submission would, in shards of four; models and weathers of a name have the same content."""
    read = Study.model_validate(study)
    points = Points(read)
    forget_plans()
    return Batch.objects.create(
        **{
            "owner": owner,
            "name": read.name,
            "study": read.model_dump(mode="json"),
            "inputs": {
                "models": {ref: {"id": "1", "sha256": f"model {ref}", "name": ref} for ref in read.models},
                "weathers": {ref: {"id": "1", "sha256": f"weather {ref}", "name": ref} for ref in read.weathers},
            },
            "parameters": [{"name": parameter.name, "unit": None} for parameter in read.parameters],
            "design_digest": points.digest,
            "case_count": points.case_count,
            "baseline_count": points.baseline_count,
            "shard_size": 4,
            **changes,
        }
    )


def finish(batch: Batch, report: Report, series: Callable[[CasePoint], pa.Table] | None = None) -> Batch:
    """Give every case of a batch what it reports, and close all shards but the last, which stays open."""
    expand_batch(batch.pk)
    last = (batch.total - 1) // batch.shard_size
    claim_shards()
    while shards := list(batch.shards.filter(state=ShardState.DISPATCHED).order_by("number")):
        for shard in shards:
            for index in shard.indices:
                finish_one(batch, index, report, series)
            if shard.number == last:
                return batch
            assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
        claim_shards()
    return batch


def close_shards(batch: Batch) -> None:
    """Make all shards of a batch finished as aggregation does, without parts of a table."""
    for shard in batch.shards.exclude(state=ShardState.FINISHED):
        batch.shards.filter(number=shard.number).update(state=ShardState.FINISHED)
        fold_shard(shard)


def finish_one(batch: Batch, index: int, report: Report, series: Callable[[CasePoint], pa.Table] | None = None) -> None:
    """Give one case what it reports."""
    attempt = claim_case(batch.pk, index, 1)
    assert attempt
    shard = batch.shard_of(index)
    point = load_plan(batch.pk, index).points[index]
    metrics = report(point)
    if metrics is None:
        why = Diagnosis(kind="fatal", message="It failed.")
        assert finish_case(attempt, Final(CaseState.FAILED, Verdict.FAILED, {}, why=why))
        return
    if series is not None:
        folder = storage.case_folder(batch.pk, shard, index, attempt.number)
        plain = Path(storage.scratch_folder(batch.pk)) / str(index)
        plain.mkdir(parents=True)
        write_timeseries([series(point)], plain / SERIES_FILE)
        kept_files.keep_files(plain, [SERIES_FILE], folder)
    found = dict(metrics)
    verdict, why = Verdict.VALID, None
    if found.pop("suspect", False):
        verdict, why = Verdict.SUSPECT, Diagnosis(kind="suspect", message="It is doubtful.", reasons=["doubtful"])
    assert finish_case(attempt, Final(CaseState.SUCCEEDED, verdict, found, why=why))


def make_series(meter: str, kwh: np.ndarray, start: str = "2017-01-02") -> pa.Table:
    """A meter by the hour, in J."""
    count = len(kwh)
    ends = (np.datetime64(start, "s") + (np.arange(count) + 1) * np.timedelta64(3600, "s")).astype("datetime64[ms]")
    words = {
        "kind": "meter", "name": meter, "key": "", "unit": "J", "frequency": "hourly", "environment": "RUN",
        "environment_type": "weather_run",
    }  # fmt: skip
    columns = {name: pa.array([word] * count, pa.string()) for name, word in words.items()}
    columns |= {"interval_end": pa.array(ends), "interval_end_local": pa.array(ends)}
    columns |= {"utc_offset_h": pa.array(np.full(count, -6.0)), "interval_min": pa.array(np.full(count, 60))}
    columns["value"] = pa.array(kwh * 3.6e6)
    return pa.table([columns[field.name].cast(field.type) for field in SERIES_SCHEMA], schema=SERIES_SCHEMA)


async def collect(response: Any) -> bytes:
    """Return the body of a streamed answer."""
    return b"".join(
        [piece if isinstance(piece, bytes) else piece.encode() async for piece in response.streaming_content]
    )


def read_body(response: Any) -> bytes:
    """Return the body of an answer, streamed or not."""
    return async_to_sync(collect)(response) if response.streaming else response.content


def read_rows(api: APIClient, address: str, document: Any = None, **query: Any) -> list[dict[str, Any]]:
    """Ask for a table in Parquet, with a document if there is one, and return its rows."""
    address = f"{address}?as=parquet" + "".join(f"&{name}={value}" for name, value in query.items())
    response = api.get(address) if document is None else api.post(address, document, format="json")
    body = read_body(response)
    assert response.status_code == 200, body
    return pq.read_table(io.BytesIO(body)).to_pylist()
