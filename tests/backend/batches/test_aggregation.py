"""Outcomes → table: parts are written once, when every case is final, and the batch ends as its cases did."""

import io
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from batches import aggregation, storage
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import claim_shards
from batches.download import open_results, stream_parquet
from batches.expansion import expand_batch
from batches.models import Batch
from batches.plans import forget_plans
from batches.states import BatchState, CaseState, ShardState, Verdict
from studies.definition import Study
from studies.designs.points import Points
from tests.backend.stored import stored


@pytest.fixture
def batch(make_batch: Callable[..., Batch], settings: object, tmp_path: Path) -> Batch:
    """A running batch whose first two shards are dispatched under epoch 1."""
    settings.CASEFARM_FILES = tmp_path
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards()
    return batch


def finish(batch: Batch, index: int, state: CaseState, metrics: dict | None = None) -> None:
    attempt = claim_case(batch.pk, index, 1)
    assert attempt
    verdict = Verdict.VALID if state == CaseState.SUCCEEDED else Verdict.FAILED
    assert finish_case(attempt, Final(state, verdict, metrics))


def finish_all(batch: Batch, state: CaseState) -> None:
    while shards := list(batch.shards.filter(state=ShardState.DISPATCHED)):
        for shard in shards:
            for index in shard.indices:
                finish(batch, index, state, {"electricity_kwh": float(index), "extra_kwh": 1.0})
            assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
        claim_shards()


def test_a_shard_with_open_cases_is_not_closed(batch: Batch) -> None:
    finish(batch, 0, CaseState.SUCCEEDED, {})
    assert not aggregation.aggregate_shard(batch.pk, 0, 1)


def test_a_stale_message_closes_nothing(batch: Batch) -> None:
    assert not aggregation.aggregate_shard(batch.pk, 0, 0)


def test_a_batch_completes_when_its_last_shard_is_closed(batch: Batch) -> None:
    finish_all(batch, CaseState.SUCCEEDED)
    assert aggregation.begin_finish(batch.pk)
    assert not aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.finished_at is not None) == (BatchState.COMPLETED, True)


def test_a_batch_that_cannot_be_examined_completes_and_says_so(batch: Batch) -> None:
    finish_all(batch, CaseState.SUCCEEDED)
    stored(storage.part_path(batch.pk, 0)).write_bytes(b"no Parquet")
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.COMPLETED
    assert [found["kind"] for found in batch.findings] == ["not_examined"]


def test_a_batch_all_of_whose_cases_failed_is_failed(batch: Batch) -> None:
    finish_all(batch, CaseState.FAILED)
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert "Every case failed" in batch.failure


def test_the_table_joins_closed_and_open_shards(batch: Batch) -> None:
    for index in (-2, -1, 0, 1):
        finish(batch, index, CaseState.SUCCEEDED, {"electricity_kwh": index + 0.1, "extra_kwh": 1.0})
    assert aggregation.aggregate_shard(batch.pk, 0, 1)
    finish(batch, 2, CaseState.SUCCEEDED, {"electricity_kwh": 2.1, "other_kwh": 2.0})
    rows = [row for part in open_results(batch).parts() for row in part.to_pylist()]
    assert [row["case"] for row in rows] == list(range(-2, 8))
    assert [row["electricity_kwh"] for row in rows] == [-1.9, -0.9, 0.1, 1.1, 2.1, None, None, None, None, None]
    assert (rows[0]["extra_kwh"], rows[0]["other_kwh"], rows[4]["extra_kwh"], rows[4]["other_kwh"]) == (
        1.0,
        None,
        None,
        2.0,
    )
    assert (rows[0]["lighting"], rows[2]["lighting"], rows[2]["weather"]) == (None, 5.0, "chicago")


def test_a_parameter_without_a_unit_gets_none_from_its_name(batch: Batch) -> None:
    study = {**batch.study, "parameters": [{**batch.study["parameters"][0], "name": "shade_w"}]}
    Batch.objects.filter(pk=batch.pk).update(
        study=study,
        parameters=[{"name": "shade_w", "unit": None}],
        design_digest=Points(Study.model_validate(study)).digest,
    )
    forget_plans()
    batch.refresh_from_db()
    table = pq.read_table(io.BytesIO(b"".join(stream_parquet(open_results(batch)))))
    assert table.schema.field("shade_w").metadata is None
    assert table.schema.field("electricity_kwh").metadata == {b"unit": b"kWh"}
    forget_plans()
