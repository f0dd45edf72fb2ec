"""Series of cases → parts of shards → one long table: whole at any time, by case, filtered, and never all in memory."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework.test import APIClient

from batches import aggregation, storage
from batches.cases import kept_files
from batches.cases.attempts import Final, claim_case, finish_case
from batches.clean_up import removal
from batches.dispatch import claim_shards
from batches.expansion import expand_batch
from batches.models import Batch
from batches.plans import forget_plans
from batches.states import BatchState, CaseState, Verdict
from energyplus.outputs import SERIES_FILE
from energyplus.results.timeseries import SERIES_SCHEMA, write_timeseries
from filestore.operations import Key
from tests.backend.stored import stored

OUTPUTS = [
    {"meter": "Electricity:Facility", "frequency": "hourly"},
    {"variable": "Zone Mean Air Temperature", "frequency": "daily"},
]


def make_series(index: int, hours: int = 3) -> pa.Table:
    """A meter by the hour, and the daily means of two zones; the values tell the case."""
    start = np.datetime64("2017-07-01T00:00:00")
    meter = [("meter", "Electricity:Facility", "", "J", "hourly", start + 3600 * hour, 60) for hour in range(hours)]
    zones = [("variable", "Zone Mean Air Temperature", zone, "C", "daily", start, 1440) for zone in ("HALL", "OFFICE")]
    rows = [
        dict(
            zip(("kind", "name", "key", "unit", "frequency"), row[:5], strict=True),
            environment="ANNUAL",
            environment_type="weather_run",
            interval_end=row[5],
            interval_end_local=row[5],
            utc_offset_h=-6.0,
            interval_min=row[6],
            value=index + number / 10,
        )
        for number, row in enumerate(meter + zones)
    ]
    return pa.Table.from_pandas(pd.DataFrame(rows), schema=SERIES_SCHEMA, preserve_index=False)


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A running batch that asks for series; its first two shards of four are dispatched."""
    batch = make_batch()
    batch.study = {**batch.study, "outputs": OUTPUTS}
    batch.save()
    forget_plans()
    expand_batch(batch.pk)
    claim_shards()
    return batch


def finish(batch: Batch, index: int, tmp_path: Path, state: CaseState = CaseState.SUCCEEDED) -> None:
    attempt = claim_case(batch.pk, index, 1)
    assert attempt
    shard = batch.shard_of(index)
    if state == CaseState.SUCCEEDED:
        write_timeseries([make_series(index)], tmp_path / SERIES_FILE)
        kept_files.keep_files(tmp_path, [SERIES_FILE], storage.case_folder(batch.pk, shard, index, attempt.number))
    verdict = Verdict.VALID if state == CaseState.SUCCEEDED else Verdict.FAILED
    assert finish_case(attempt, Final(state, verdict, {}))


@pytest.fixture
def finished(batch: Batch, tmp_path: Path) -> Batch:
    """The batch with its first shard closed, one case of it failed, and one case of the second shard done."""
    for index in (-2, -1, 1):
        finish(batch, index, tmp_path)
    finish(batch, 0, tmp_path, CaseState.FAILED)
    assert aggregation.aggregate_shard(batch.pk, 0, 1)
    finish(batch, 2, tmp_path)
    return batch


def test_a_shard_that_is_being_closed_asks_the_database_something_for_every_case(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in (-2, -1, 0, 1):
        finish(batch, index, tmp_path)
    asked_at: list[datetime] = []
    find_file = kept_files.find_file
    other = connection.copy()
    with connection.cursor() as own, other.cursor() as onlooker:
        own.execute("SELECT pg_backend_pid()")
        (backend,) = own.fetchall()[0]

        def find_and_look(folder: Key, name: str) -> object:
            onlooker.execute("SELECT query_start FROM pg_stat_activity WHERE pid = %s", [backend])
            asked_at.append(onlooker.fetchall()[0][0])
            return find_file(folder, name)

        monkeypatch.setattr(kept_files, "find_file", find_and_look)
        assert aggregation.aggregate_shard(batch.pk, 0, 1)
    other.close()
    assert len(set(asked_at)) == len(asked_at) == 4


@pytest.fixture
def owner_api(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    return log_in(owner)


async def collect(response: object) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def get(api: APIClient, batch: Batch, of_case: int | None = None, **query: object) -> tuple[int, bytes]:
    """Ask for series and return the status and the whole body."""
    from asgiref.sync import async_to_sync

    place = f"/api/batches/{batch.pk}/{'' if of_case is None else f'cases/{of_case}/'}timeseries/"
    response = api.get(place, query)
    return response.status_code, async_to_sync(collect)(response) if response.streaming else response.content


def read(api: APIClient, batch: Batch, of_case: int | None = None, **query: object) -> list[dict]:
    status, body = get(api, batch, of_case, **{"as": "parquet", **query})
    assert status == 200, body
    return pq.read_table(io.BytesIO(body)).to_pylist()


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_closed_shard_has_one_part_with_the_row_groups_of_its_cases(finished: Batch) -> None:
    with pq.ParquetFile(stored(storage.series_part_path(finished.pk, 0))) as part:
        assert [part.read_row_group(number)["case"][0].as_py() for number in range(part.num_row_groups)] == [-2, -1, 1]


def test_the_table_joins_closed_and_open_shards(finished: Batch, owner_api: APIClient) -> None:
    rows = read(owner_api, finished)
    assert [(row["case"], row["value"]) for row in rows] == [
        (case, case + number / 10) for case in (-2, -1, 1, 2) for number in range(5)
    ]


CHOICES = [
    ({"name": "electricity:facility", "case": 1}, [1.0, 1.1, 1.2]),
    ({"key": "office"}, [-2 + 0.4, -1 + 0.4, 1.4, 2.4]),
    ({"frequency": "daily", "case": 2}, [2.3, 2.4]),
    ({"name": "Zone Mean Air Temperature", "key": "HALL", "case": -1}, [-1 + 0.3]),
    ({"case": 0}, []),
    ({"case": 7}, []),
    ({"key": "nobody"}, []),
]


def test_rows_are_chosen_by_name_key_frequency_and_case(finished: Batch, owner_api: APIClient) -> None:
    for query, values in CHOICES:
        assert [row["value"] for row in read(owner_api, finished, **query)] == values, query


def test_one_cases_series_have_an_address_of_their_own(finished: Batch, owner_api: APIClient) -> None:
    assert {row["case"] for row in read(owner_api, finished, of_case=1)} == {1}
    assert get(owner_api, finished, of_case=99)[0] == 404
    for nowhere in (99, -99, 10**30):
        assert get(owner_api, finished, case=nowhere)[0] == 404


def test_the_same_rows_come_as_csv_parquet_and_arrow(finished: Batch, owner_api: APIClient) -> None:
    rows = read(owner_api, finished)
    arrow = pa.ipc.open_stream(get(owner_api, finished, **{"as": "arrow"})[1]).read_all()
    assert arrow.to_pylist() == rows
    lines = pd.read_csv(io.BytesIO(get(owner_api, finished, **{"as": "csv"})[1]), keep_default_na=False)
    assert lines["value"].tolist() == [row["value"] for row in rows]
    assert lines["interval_end_local"][0] == "2017-07-01 00:00:00"
    assert lines["interval_end"][0] == "2017-07-01 00:00:00Z"


def test_a_batch_that_asked_for_nothing_says_so(
    make_batch: Callable[..., Batch], owner_api: APIClient, tmp_path: Path
) -> None:
    batch = make_batch()
    status, body = get(owner_api, batch)
    assert (status, b"asks for no time series" in body) == (404, True)


def test_a_name_that_was_not_asked_for_is_refused_with_those_that_were(finished: Batch, owner_api: APIClient) -> None:
    status, body = get(owner_api, finished, name="Gas:Facility")
    assert status == 400
    (entry,) = json.loads(body)["errors"]
    assert (entry["path"], entry["found"]) == ("name", "Gas:Facility")
    assert entry["accepted"] == ["Electricity:Facility", "Zone Mean Air Temperature"]


def test_a_query_that_means_nothing_is_refused(finished: Batch, owner_api: APIClient) -> None:
    for query in ({"as": "xlsx"}, {"frequency": "weekly"}, {"case": "first"}):
        assert get(owner_api, finished, **query)[0] == 400, query


def test_another_users_series_are_not_found(finished: Batch, other_api: APIClient) -> None:
    assert get(other_api, finished)[0] == 404
    assert get(other_api, finished, of_case=1)[0] == 404


def test_retention_removes_series_with_the_files_of_cases_and_says_so(finished: Batch, owner_api: APIClient) -> None:
    Batch.objects.filter(pk=finished.pk).update(state=BatchState.COMPLETED, finished_at=timezone.now())
    finished.refresh_from_db()
    Batch.objects.filter(pk=finished.pk).update(outputs_removed_at=Now(), removal_alive_at=Now())
    removal.finish(finished.pk)
    assert not stored(storage.series_part_path(finished.pk, 0)).parent.exists()
    assert stored(storage.part_path(finished.pk, 0)).exists()
    finished.refresh_from_db()
    status, body = get(owner_api, finished)
    assert (status, b"were removed" in body) == (410, True)


def test_a_part_is_read_in_pieces_whatever_the_number_of_cases(finished: Batch, monkeypatch: object) -> None:
    from batches.results import timeseries

    monkeypatch.setattr(timeseries, "ROWS_PER_PIECE", 4)
    sizes = [piece.num_rows for piece in timeseries.open_series(finished, timeseries.SeriesChoice())]
    assert sum(sizes) == 20
    assert max(sizes) <= 4
