"""What happens when S3 does not answer, or says no: an error of the operating system, in time, that tells no secret."""

import errno
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from pytest_django import Settings
from rest_framework.test import APIClient

from batches.cases import resources
from filestore.operations import FileStore, Key, StorageUnavailableError
from filestore.s3_errors import translated
from filestore.s3_requests import make_config
from problems.handler import handle_exception
from tests.s3_server import SECRET_KEY, S3Server

KEY = Key("blobs/aa/content")


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def use_store(settings: Settings, entry: dict[str, Any], **options: Any) -> FileStore:
    settings.STORAGES = {**settings.STORAGES, "files": {**entry, "OPTIONS": {**entry["OPTIONS"], **options}}}
    return storages["files"]


@pytest.fixture
def away(settings: Settings, tmp_path: Path) -> Iterator[FileStore]:
    """A store whose service is not there."""
    settings.CASEFARM_CACHE = tmp_path / "cache"
    entry = S3Server("http://127.0.0.1:9").storage("away")
    store = use_store(settings, entry, client_config=make_config(connect_s=1, read_s=1, tries=1))
    yield store
    store.close()


def test_a_service_that_is_away_is_a_fault_of_the_farm_and_no_try(away: FileStore) -> None:
    for ask in (
        lambda: away.has_file(KEY),
        lambda: list(away.read_chunks(KEY)),
        lambda: list(away.list_files(KEY)),
        lambda: away.remove(KEY),
        lambda: away.read_head(KEY, 18),
    ):
        with pytest.raises(StorageUnavailableError) as found:
            ask()
        assert resources.has_to_wait(found.value)
        assert SECRET_KEY not in str(found.value)


def test_nothing_stays_on_this_machine_of_what_could_not_be_stored(away: FileStore, settings: Settings) -> None:
    with pytest.raises(StorageUnavailableError), away.fill_file(KEY) as path:
        path.write_bytes(b"content")
    assert list(away.passing_folder().iterdir()) == []


def test_the_keys_refused_by_the_service_are_told_as_such(s3_server: S3Server, settings: Settings) -> None:
    from botocore.exceptions import ClientError

    error = ClientError({"Error": {"Code": "AccessDenied", "Message": f"of {SECRET_KEY}"}}, "GetObject")
    with pytest.raises(PermissionError, match="AccessDenied") as found, translated("blobs/aa"):
        raise error
    assert SECRET_KEY not in str(found.value)


def test_a_full_bucket_is_a_full_disk() -> None:
    from botocore.exceptions import ClientError

    error = ClientError({"Error": {"Code": "XMinioStorageFull", "Message": ""}}, "PutObject")
    with pytest.raises(OSError, match="no room") as found, translated("blobs/aa"):
        raise error
    assert found.value.errno == errno.ENOSPC
    assert resources.is_disk_full(found.value)


def test_a_bucket_that_is_not_there_is_told_by_the_health_page(
    anonymous_api: APIClient, s3_server: S3Server, settings: Settings
) -> None:
    use_store(settings, s3_server.storage(), bucket_name="no-such-bucket")
    storage = anonymous_api.get("/api/health/").json()["storage"]
    assert storage["ok"] is False
    assert SECRET_KEY not in storage["detail"]


def test_a_silent_service_is_told_by_the_health_page_within_seconds(
    anonymous_api: APIClient, silent: str, settings: Settings
) -> None:
    use_store(settings, S3Server(silent).storage())
    began = time.monotonic()
    response = anonymous_api.get("/api/health/")
    assert time.monotonic() - began < 10
    assert response.json()["storage"]["ok"] is False


def test_who_asks_for_a_file_meanwhile_is_told_to_ask_again(away: FileStore) -> None:
    with pytest.raises(StorageUnavailableError) as found:
        away.has_file(KEY)
    response = handle_exception(found.value, {})
    assert response
    assert (response.status_code, response["Retry-After"]) == (503, "20")
    assert response.data["detail"].startswith("The farm cannot reach its files at present")


def test_a_file_that_breaks_off_on_its_way_is_not_taken_for_a_whole_one(settings: Settings, tmp_path: Path) -> None:
    settings.CASEFARM_CACHE = tmp_path / "cache"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer_half() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 1_500_000)

        thread = threading.Thread(target=answer_half)
        thread.start()
        entry = S3Server(f"http://127.0.0.1:{server.getsockname()[1]}").storage()
        store = use_store(settings, entry, client_config=make_config(connect_s=1, read_s=5, tries=1))
        with pytest.raises(StorageUnavailableError), store.local_copy(KEY):
            pass
        thread.join()
        store.close()
    assert list(store.passing_folder().iterdir()) == []
