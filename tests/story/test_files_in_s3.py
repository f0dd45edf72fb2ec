"""A farm that keeps its files in S3 gives what one with a local folder gives, and leaves nothing in a folder."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.farm import Farm, start_farm
from tests.s3_server import SECRET_KEY, S3Server

pytestmark = [pytest.mark.stack, pytest.mark.engine]

STUDY = {
    "name": "Warehouse lighting, wherever its files lie",
    "model": "warehouse",
    "weather": "san_francisco",
    "run_period": "design_days",
    "baseline": True,
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.55, 0.85],
        }
    ],
    "outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}],
}
MEASURED = {"simulation_s"}  # differs from run to run
ALIKE = ("model.idf", "model.diff", "changes.json", "timeseries.parquet")  # the engine's own bear the time of their run


@pytest.fixture(scope="module")
def prefix() -> str:
    """Where the farm's files lie in the bucket."""
    return "farms/story"


@pytest.fixture(scope="module")
def s3_farm(s3_server: S3Server, prefix: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A farm with its files in S3."""
    with start_farm(tmp_path_factory.mktemp("s3-farm"), **s3_server.environment(prefix)) as running:
        yield running


@pytest.fixture(scope="module")
def local_batch(farm: Farm) -> dict[str, Any]:
    """What the farm with a folder makes of the study."""
    return farm.wait_for_end(farm.submit(STUDY)["id"])


@pytest.fixture(scope="module")
def s3_batch(s3_farm: Farm) -> dict[str, Any]:
    """What the farm with a bucket makes of it."""
    return s3_farm.wait_for_end(s3_farm.submit(STUDY)["id"])


def read_file(farm: Farm, batch: dict[str, Any], index: int, name: str) -> bytes:
    """Return a file of a case, as it was before it was compressed."""
    return farm.http.get(f"/api/batches/{batch['id']}/cases/{index}/files/{name}").raise_for_status().content


def list_names(farm: Farm, batch: dict[str, Any], index: int) -> list[str]:
    """Return the names of a case's files."""
    case = farm.http.get(f"/api/batches/{batch['id']}/cases/{index}/").raise_for_status().json()
    return sorted(file["name"] for file in case["files"])


def test_the_tables_are_equal_to_the_last_digit(
    farm: Farm, s3_farm: Farm, local_batch: dict[str, Any], s3_batch: dict[str, Any]
) -> None:
    assert s3_batch["state"] == local_batch["state"] == "completed"
    there, here = s3_farm.rows(s3_batch["id"]), farm.rows(local_batch["id"])
    assert len(there) == 3
    assert [{name: row[name] for name in row if name not in MEASURED} for row in there] == [
        {name: row[name] for name in row if name not in MEASURED} for row in here
    ]


def test_the_files_of_cases_are_the_same_to_the_last_byte(
    farm: Farm, s3_farm: Farm, local_batch: dict[str, Any], s3_batch: dict[str, Any]
) -> None:
    for index in (-1, 0, 1):
        names = list_names(s3_farm, s3_batch, index)
        assert names == list_names(farm, local_batch, index)
        for name in set(names) & set(ALIKE):
            assert read_file(s3_farm, s3_batch, index, name) == read_file(farm, local_batch, index, name)
        there, here = (
            json.loads(read_file(kept, batch, index, "manifest.json"))
            for kept, batch in ((s3_farm, s3_batch), (farm, local_batch))
        )
        assert there["results_digest"] == here["results_digest"]


def test_time_series_and_the_whole_table_stream_from_there(
    farm: Farm, s3_farm: Farm, local_batch: dict[str, Any], s3_batch: dict[str, Any]
) -> None:
    for kind in ("csv", "parquet"):
        there, here = (
            kept.http.get(f"/api/batches/{batch['id']}/timeseries/", params={"as": kind}).raise_for_status().content
            for kept, batch in ((s3_farm, s3_batch), (farm, local_batch))
        )
        assert there == here


def test_what_ran_is_taken_over_by_a_copy_within_the_service(s3_farm: Farm, s3_batch: dict[str, Any]) -> None:
    again = s3_farm.wait_for_end(s3_farm.submit({**STUDY, "name": "The same again"})["id"])
    assert again["cached"] == 3
    assert s3_farm.rows(again["id"]) == s3_farm.rows(s3_batch["id"])
    for name in list_names(s3_farm, s3_batch, 0):
        assert read_file(s3_farm, again, 0, name) == read_file(s3_farm, s3_batch, 0, name)


def test_the_library_takes_an_upload_and_runs_it(s3_farm: Farm, s3_batch: dict[str, Any]) -> None:
    model = read_file(s3_farm, s3_batch, 0, "model.idf")
    uploaded = s3_farm.http.post("/api/models/", files={"file": ("mine.idf", model)}).raise_for_status().json()
    study = {"name": "Mine", "model": uploaded["id"], "weather": "san_francisco", "run_period": "design_days"}
    batch = s3_farm.wait_for_end(s3_farm.submit(study)["id"])
    assert (batch["state"], batch["counts"]["succeeded"]) == ("completed", 1)


def test_a_deleted_batch_leaves_nothing_in_the_bucket(s3_farm: Farm, s3_server: S3Server, prefix: str) -> None:
    batch = s3_farm.wait_for_end(s3_farm.submit({**STUDY, "name": "To be deleted"})["id"])
    with s3_server.client() as client:

        def count() -> int:
            found = client.list_objects_v2(Bucket=s3_server.bucket, Prefix=f"{prefix}/batches/{batch['id']}/")
            return int(found["KeyCount"])

        assert count() > 0
        s3_farm.http.delete(f"/api/batches/{batch['id']}/").raise_for_status()
        s3_farm.wait_until(count, lambda left: left == 0)


def test_no_folder_of_files_is_made_and_no_key_is_told(s3_farm: Farm, s3_batch: dict[str, Any]) -> None:
    assert not (s3_farm.home / "files").exists()
    assert SECRET_KEY not in (s3_farm.home.parent / "up.log").read_text()
    health = s3_farm.http.get("/api/health/").raise_for_status()
    assert "S3 bucket" in health.json()["storage"]["detail"]
    assert SECRET_KEY not in health.text
