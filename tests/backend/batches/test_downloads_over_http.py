"""Downloads from the real server: what becomes of the reading when a client goes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.conf import settings
from django.contrib.auth.models import User

from batches import storage
from batches.cases import kept_files
from tests.backend.batches.finished_batches import finish, record
from tests.backend.batches.web_process import LIMIT_S, run_web, wait_for

STUDY: dict[str, Any] = {
    "name": "Download",
    "model": "warehouse",
    "weather": "chicago",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "values": [1.0, 2.0, 3.0, 4.0, 5.0],
        }
    ],
    "design": {"method": "grid"},
}
LARGE = "eplusout.parquet"
MORE_THAN_SOCKETS_HOLD = 48 << 20


@pytest.mark.django_db(transaction=True)
def test_a_client_that_goes_ends_the_reading_of_its_archive(owner: User, tmp_path: Path) -> None:
    batch = finish(record(owner, STUDY), lambda _: {"heating_kwh": 1.0})
    (tmp_path / LARGE).write_bytes(os.urandom(MORE_THAN_SOCKETS_HOLD))
    kept_files.keep_files(tmp_path, [LARGE], storage.case_folder(batch.pk, 0, 0, 1))
    with run_web(CASEFARM_FILES=str(settings.CASEFARM_FILES)) as web, httpx.Client(timeout=LIMIT_S) as client:
        is_read = reads_large_file(web.process.pid)
        answer = client.send(web.ask(owner, f"/api/batches/{batch.pk}/archive/"), stream=True)
        pieces = answer.iter_raw()
        assert next(pieces).startswith(b"PK")
        for _ in pieces:
            if is_read():
                break
        answer.close()
        wait_for(lambda: not is_read())
        assert client.send(web.ask(owner, f"/api/batches/{batch.pk}/")).status_code == 200


def reads_large_file(pid: int) -> Callable[[], bool]:
    """Return what says whether a process has the large file open."""
    process = psutil.Process(pid)
    return lambda: any(LARGE in file.path for file in process.open_files())
