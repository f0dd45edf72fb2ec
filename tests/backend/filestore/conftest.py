"""A store of each kind: a local folder, and S3 served by a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from filestore.operations import FileStore


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[FileStore]:
    """The store that the settings name, empty."""
    settings.CASEFARM_CACHE = tmp_path / "cache"
    if request.param == "local":
        settings.CASEFARM_FILES = tmp_path / "files"
        yield storages["files"]
        return
    server = request.getfixturevalue("s3_server")
    settings.STORAGES = {**settings.STORAGES, "files": server.storage()}
    found = storages["files"]
    yield found
    found.close()
