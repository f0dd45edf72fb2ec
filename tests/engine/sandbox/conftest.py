import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.engine.sandbox.engine_client import SealedEngine
from tests.engine.sandbox.sealed import NOBODY


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an unprivileged child can reach and write, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-test-"))
    folder.chmod(0o777)
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    rmtree(folder)


@pytest.fixture(scope="session")
def sealed_engine() -> Iterator[SealedEngine]:
    """The real engine, loaded once; every run is a sealed fork of it."""
    with SealedEngine() as engine:
        yield engine


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody who listens on 127.0.0.1, and hears who connected."""
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        stream.listen()
        stream.settimeout(0)
        yield stream
