"""`GET /api/batches/{id}/cases/{index}/files/{name}`: a file, packed where the client can unpack it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import storage
from batches.cases import kept_files
from batches.expansion import expand_batch
from batches.models import Batch
from batches.results.streaming import takes_zstd

SQL = b"SQLite format 3\0" + b"meter " * 10_000


@pytest.fixture
def client(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as the batch's owner."""
    return log_in(owner)


@pytest.fixture
def url(make_batch: Callable[..., Batch], tmp_path: Path) -> str:
    """The address of a file of a case that has kept it."""
    batch = make_batch()
    expand_batch(batch.pk)
    (tmp_path / "eplusout.sql").write_bytes(SQL)
    kept_files.keep_files(tmp_path, ["eplusout.sql"], storage.case_folder(batch.pk, 0, 0, 0))
    return f"/api/batches/{batch.pk}/cases/0/files/eplusout.sql"


def read_body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if not response.is_async else read_async(response)


def read_async(response: Any) -> bytes:
    from asgiref.sync import async_to_sync

    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(collect)()


def test_a_client_that_knows_no_zstd_gets_the_plain_file_and_its_length(client: APIClient, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(SQL))
    assert read_body(response) == SQL


def test_a_client_that_takes_zstd_gets_the_file_as_it_lies(client: APIClient, url: str) -> None:
    response = client.get(url, headers={"Accept-Encoding": "gzip, zstd"})
    assert (response["Content-Encoding"], response["Vary"]) == ("zstd", "Accept-Encoding")
    body = read_body(response)
    assert response["Content-Length"] == str(len(body))
    assert zstandard.ZstdDecompressor().decompress(body) == SQL


def test_the_listing_tells_plain_names_and_sizes(client: APIClient, url: str) -> None:
    files = client.get(url.rpartition("files/")[0]).json()["files"]
    assert files == [{"name": "eplusout.sql", "size_bytes": len(SQL), "url": url}]


def test_a_stored_name_is_no_file(client: APIClient, url: str) -> None:
    assert client.get(f"{url}.zst").status_code == 404


@pytest.mark.parametrize(
    ("header", "taken"),
    [("", False), ("gzip", False), ("zstd", True), ("br, ZSTD;q=0.5", True), ("zstd;q=0", False), ("*", False)],
)
def test_only_a_client_that_names_zstd_takes_it(header: str, taken: bool) -> None:
    assert takes_zstd(header) == taken
