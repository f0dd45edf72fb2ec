"""A plugin of pytest: where tests run in several processes (pytest-xdist), each has a broker of its own.

pytest-django gives each a database of its own on the one PostgreSQL; Redis has no such walls for messages. Loaded with
`-p`, before the settings are read.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casefarm.local.valkey import ValkeyServer

_running = None


@contextmanager
def own_broker() -> Iterator[str]:
    """Give the address of a Valkey that is this process's own."""
    with tempfile.TemporaryDirectory(prefix="casefarm-") as folder:
        server = ValkeyServer(Path(folder) / "valkey", fallback=Path(folder) / "fallback")
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the broker of a process that is one of several."""
    global _running  # noqa: PLW0603 - pytest knows no object that lives as long as the process
    if "PYTEST_XDIST_WORKER" in os.environ and "REDIS_URL" in os.environ:
        _running = own_broker()
        os.environ["REDIS_URL"] = _running.__enter__()


def pytest_unconfigure() -> None:
    """Stop it."""
    if _running is not None:
        _running.__exit__(None, None, None)
