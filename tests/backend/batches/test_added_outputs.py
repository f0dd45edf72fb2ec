"""Series are added to an ended batch out of files that were kept: nothing runs again, all of it appears at once."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import aggregation, storage
from batches.clean_up import removal
from batches.clean_up.plan import removable_batches
from batches.dispatch import claim_shards, list_open_indices
from batches.download import find_case_folder
from batches.errors import NotExtensibleError, StillActiveError
from batches.execution import execute_case
from batches.expansion import expand_batch
from batches.growth import added_outputs
from batches.growth.extension import extend_batch
from batches.models import Batch, Case, OutputAddition
from batches.states import AdditionState, BatchState
from energyplus.bundled import list_bundled_models, list_bundled_weather
from filestore.hashing import hash_file
from library.storage import path_of
from studies.definition import MoreRows, Output, Study
from studies.designs.points import Points
from tests.backend.stored import stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

STUDY: dict[str, Any] = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-14", "end": "01-14"},
    "keep": "full",
    "outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}],
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 0.7, 0.9],
        }
    ],
}
AIR = {"variable": "Zone Mean Air Temperature", "frequency": "hourly"}


def store(path: Path) -> str:
    sha256 = hash_file(path)
    path_of(sha256).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, path_of(sha256))
    return sha256


@pytest.fixture
def run_batch(owner: User, files: Path) -> Callable[..., Batch]:
    """Runs a study of three cases in shards of two, to its end."""
    model = store(next(entry.path for entry in list_bundled_models() if entry.alias == "warehouse"))
    weather = store(next(entry.path for entry in list_bundled_weather() if entry.alias == "chicago"))

    def run(**changes: Any) -> Batch:
        study = Study.model_validate({**STUDY, **changes})
        points = Points(study)
        batch = Batch.objects.create(
            owner=owner,
            name=study.name,
            study=study.model_dump(mode="json"),
            inputs={
                "models": {"warehouse": {"id": "1", "sha256": model, "name": "warehouse"}},
                "weathers": {"chicago": {"id": "2", "sha256": weather, "name": "chicago", "facts": {}}},
            },
            parameters=[{"name": "lighting", "unit": None}],
            design_digest=points.digest,
            case_count=points.case_count,
            baseline_count=points.baseline_count,
            shard_size=2,
        )
        expand_batch(batch.pk)
        return finish(batch)

    return run


def finish(batch: Batch) -> Batch:
    while shards := claim_shards():
        for shard in shards:
            for index in list_open_indices(shard):
                execute_case(batch.pk, index, shard.epoch)
            assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.COMPLETED
    return batch


@pytest.fixture
def owner_api(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    return log_in(owner)


def record(batch: Batch, *outputs: dict[str, Any]) -> OutputAddition:
    found = [Output.model_validate(output) for output in outputs]
    return added_outputs.record_addition(batch=batch, outputs=found)


def work(addition: OutputAddition) -> OutputAddition:
    """Handle the messages of an addition, one after the other."""
    number: int | None = 0
    while number is not None:
        number = added_outputs.add_to_shard(addition.pk, number)
    addition.refresh_from_db()
    return addition


async def collect(response: Any) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def read(api: APIClient, batch: Batch, of_case: int | None = None, **query: Any) -> list[dict[str, Any]]:
    place = f"/api/batches/{batch.pk}/{'' if of_case is None else f'cases/{of_case}/'}timeseries/"
    response = api.get(place, {"as": "parquet", **query})
    assert response.status_code == 200, response.content
    return pq.read_table(io.BytesIO(async_to_sync(collect)(response))).to_pylist()


def contents(batch: Batch) -> dict[str, bytes]:
    """Everything that the cases of a batch keep."""
    root = stored(storage.batch_folder(batch.pk)) / "cases"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_added_series_equal_those_of_a_batch_that_asked_for_them(
    run_batch: Callable[..., Batch], owner_api: APIClient
) -> None:
    late, early = run_batch(), run_batch(outputs=[*STUDY["outputs"], AIR])
    before = list(Case.objects.filter(batch_id=late.pk).order_by("index").values())
    files = contents(late)
    meter = read(owner_api, late)
    addition = work(record(late, AIR))
    assert (addition.state, addition.cases_read, addition.lacking_count) == (AdditionState.SUCCEEDED, 3, 0)
    assert list(Case.objects.filter(batch_id=late.pk).order_by("index").values()) == before
    assert contents(late).items() >= files.items()
    assert read(owner_api, late, name="Zone Mean Air Temperature") == read(
        owner_api, early, name="Zone Mean Air Temperature"
    )
    assert read(owner_api, late, name="Electricity:Facility") == meter
    assert read(owner_api, late, of_case=1) == read(owner_api, early, of_case=1)
    late.refresh_from_db()
    assert late.study["outputs"] == early.study["outputs"]


def test_nothing_is_seen_before_the_last_shard_is_read(run_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    batch = run_batch()
    before = read(owner_api, batch)
    addition = record(batch, AIR)
    assert added_outputs.add_to_shard(addition.pk, 0) == 1
    assert read(owner_api, batch) == before
    assert read(owner_api, batch, of_case=0) == [row for row in before if row["case"] == 0]
    shown = owner_api.get(f"/api/batches/{batch.pk}/cases/0/").json()["files"]
    assert "timeseries-added-1.parquet" not in [file["name"] for file in shown]
    status = owner_api.get(f"/api/tasks/{addition.task_id}/status/").json()
    assert (status["state"], status["current"], status["total"]) == ("PROGRESS", 2, 3)
    assert owner_api.get(f"/api/simulation/task/{addition.task_id}/status/").status_code == 404  # no batch
    assert added_outputs.add_to_shard(addition.pk, 1) == 2
    assert added_outputs.add_to_shard(addition.pk, 2) is None
    assert len(read(owner_api, batch)) > len(before)
    assert owner_api.get(f"/api/tasks/{addition.task_id}/status/").json()["state"] == "SUCCESS"


def test_messages_may_come_twice_or_get_lost(run_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    batch = run_batch()
    addition = record(batch, AIR)
    assert added_outputs.add_to_shard(addition.pk, 0) == 1
    assert added_outputs.add_to_shard(addition.pk, 0) is None
    assert added_outputs.list_open_additions() == [(addition.pk, 1)]
    for number in (1, 2, 2):
        added_outputs.add_to_shard(addition.pk, number)
    addition.refresh_from_db()
    assert (addition.state, addition.cases_read) == (AdditionState.SUCCEEDED, 3)
    batch.refresh_from_db()
    assert len(batch.study["outputs"]) == 2


def test_a_later_extension_reports_added_outputs_too(run_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    batch = run_batch()
    work(record(batch, AIR))
    batch.refresh_from_db()
    extend_batch(batch=batch, more=MoreRows(rows=({"lighting": 0.6},)))
    expand_batch(batch.pk)
    before = read(owner_api, batch)
    finish(batch)
    after = read(owner_api, batch)
    assert after[: len(before)] == before
    assert {(row["case"], row["name"]) for row in after if row["case"] == 3} == {
        (3, "Electricity:Facility"),
        (3, "Zone Mean Air Temperature"),
    }


def test_what_was_asked_for_by_one_name_is_not_there_twice_by_all(
    run_batch: Callable[..., Batch], owner_api: APIClient
) -> None:
    zone = {**AIR, "key": "Zone1 Office"}
    batch = run_batch(outputs=[zone])
    work(record(batch, AIR))
    rows = read(owner_api, batch)
    keys = [(row["case"], row["key"], row["interval_end"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert len({row["key"] for row in rows}) == 3


def test_a_case_without_its_file_is_counted_and_the_others_get_theirs(
    run_batch: Callable[..., Batch], owner_api: APIClient
) -> None:
    batch = run_batch()
    lost = Case.objects.get(batch_id=batch.pk, index=1)
    (stored(find_case_folder(batch, lost)) / "eplusout.sql.zst").unlink()
    addition = work(record(batch, AIR))
    assert (addition.state, addition.lacking_count, addition.cases_lacking) == (AdditionState.SUCCEEDED, 1, [1])
    assert {row["case"] for row in read(owner_api, batch, name="Zone Mean Air Temperature")} == {0, 2}


def test_a_cancelled_addition_leaves_the_batch_as_it_was(run_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    batch = run_batch()
    before = read(owner_api, batch)
    addition = record(batch, AIR)
    added_outputs.add_to_shard(addition.pk, 0)
    assert owner_api.delete(f"/api/tasks/{addition.task_id}/").json()["state"] == "REVOKED"
    assert added_outputs.add_to_shard(addition.pk, 1) is None
    assert read(owner_api, batch) == before
    assert owner_api.delete(f"/api/tasks/{addition.task_id}/").status_code == 409
    assert work(record(batch, AIR)).state == AdditionState.SUCCEEDED
    assert len(read(owner_api, batch)) > len(before)


def test_a_worker_whose_addition_was_cancelled_writes_nothing_into_the_next(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch()
    stale = record(batch, AIR)
    OutputAddition.objects.filter(pk=stale.pk).update(state=AdditionState.RUNNING)
    assert added_outputs.cancel_addition(stale)
    shard = batch.shards.get(number=0)
    before = contents(batch)
    assert list(added_outputs.read_shard(stale, shard)) == []
    assert contents(batch) == before
    assert not stored(storage.series_part_path(batch.pk, 0, 1)).exists()


def test_a_batch_that_is_read_is_neither_extended_nor_tidied(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch()
    record(batch, AIR)
    with pytest.raises(StillActiveError, match="being added"):
        record(batch, AIR)
    with pytest.raises(StillActiveError, match="being added"):
        extend_batch(batch=batch, more=MoreRows(rows=({"lighting": 0.6},)))
    assert batch not in removable_batches()


def test_an_addition_goes_with_its_batch(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch()
    addition = record(batch, AIR)
    removal.delete_batch(batch=batch)
    removal.finish(batch.pk)
    assert added_outputs.add_to_shard(addition.pk, 0) is None
    assert not stored(storage.batch_folder(batch.pk)).exists()


def test_files_that_are_gone_are_not_read(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch()
    Batch.objects.filter(pk=batch.pk).update(outputs_removed_at="2026-01-01T00:00:00Z")
    with pytest.raises(NotExtensibleError, match="2026-01-01"):
        record(batch, AIR)


def test_outputs_that_no_file_has_are_refused_with_what_comes_nearest(
    run_batch: Callable[..., Batch], owner_api: APIClient
) -> None:
    batch = run_batch()
    refused = [
        {"variable": "Zone Mean Air Temperatur", "frequency": "hourly"},
        {"variable": "Zone Mean Air Temperature", "frequency": "monthly"},
        {"variable": "Zone Mean Air Temperature", "key": "Zone9", "frequency": "hourly"},
        {"meter": "Electricity:Facility", "frequency": "hourly"},
    ]
    answer = owner_api.post(f"/api/batches/{batch.pk}/outputs/", {"outputs": refused}, format="json")
    assert answer.status_code == 400
    errors = {error["path"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"outputs[0].variable", "outputs[1].frequency", "outputs[2].key", "outputs[3]"}
    assert errors["outputs[0].variable"]["accepted"][0] == "Zone Mean Air Temperature"
    assert errors["outputs[1].frequency"]["accepted"] == ["hourly"]
    assert "asks for it already" in errors["outputs[3]"]["message"]
    assert not OutputAddition.objects.exists()


@pytest.mark.parametrize(
    ("outputs", "path"),
    [
        (None, "outputs"),
        ([], "outputs"),
        ("hourly", "outputs"),
        ([{"frequency": "hourly"}], "outputs[0]"),
        ([{"meter": "Electricity:Facility"}], "outputs[0].frequency"),
        ([AIR, AIR], "outputs[1]"),
    ],
)
def test_a_malformed_list_of_outputs_is_refused(
    make_batch: Callable[..., Batch], owner_api: APIClient, outputs: Any, path: str
) -> None:
    batch = make_batch(state=BatchState.COMPLETED)
    answer = owner_api.post(f"/api/batches/{batch.pk}/outputs/", {"outputs": outputs}, format="json")
    assert (answer.status_code, path in [error["path"] for error in answer.json()["errors"]]) == (400, True)


def test_a_batch_at_work_gets_no_outputs(make_batch: Callable[..., Batch], owner_api: APIClient) -> None:
    answer = owner_api.post(f"/api/batches/{make_batch().pk}/outputs/", {"outputs": [AIR]}, format="json")
    assert answer.status_code == 409
