"""A plugin of pytest: where tests run in several processes (pytest-xdist), each has a broker of its own.

pytest-django gives each a database of its own on the one PostgreSQL; Redis has no such walls for messages. Loaded with
`-p`, before the settings are read.

Files of tests are put into an order, too, that xdist is told to keep (`--no-loadscope-reorder`): what needs no farm
first, then what has farms of its own, which takes minutes, and last what shares one farm, file by file in seconds. So
the shared farms do not run all the time, and no process ends long before the others.
"""

import os
import tempfile
from collections import Counter
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files into their order; within a part those with many tests first."""
    sizes = Counter(item.path for item in items)
    parts: dict[Path, int] = {}
    for item in items:
        parts[item.path] = max(parts.get(item.path, 0), find_part(item))
    items.sort(key=lambda item: (parts[item.path], -sizes[item.path], str(item.path)))


def find_part(item: pytest.Item) -> int:
    """Return which part of the run a test belongs to."""
    if "farm" in getattr(item, "fixturenames", ()):
        return 2
    return int(item.get_closest_marker("stack") is not None)


def pytest_unconfigure() -> None:
    """Stop it."""
    if _running is not None:
        _running.__exit__(None, None, None)
