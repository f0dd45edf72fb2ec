"""A real worker process for what only a worker can answer."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from threading import Event
from time import monotonic
from typing import Any

import pytest

from operations import workers

START_LIMIT_S = 60


def wait_for(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer and return it; fail after a generous limit."""
    limit = monotonic() + START_LIMIT_S
    while not (answer := ask()):
        assert monotonic() < limit
        Event().wait(0.05)
    return answer


@pytest.fixture(scope="module")
def worker_name() -> Iterator[str]:
    """Start a worker with two threads on queue `simulations`; give its name; stop it."""
    name = f"test-{uuid.uuid4().hex[:8]}@here"
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-n", name, "-P", "threads", "-c", "2"]
    command += ["-Q", "simulations", "-l", "WARNING", "--include", "tests.backend.operations.tasks_that_wait"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["backend", ".", os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: name in workers.ask_workers() or process.poll() is not None)
        assert process.poll() is None, "the worker did not start"
        yield name
    finally:
        process.terminate()
        process.wait(90)  # a task at work has CASEFARM_DRAIN_S to finish
