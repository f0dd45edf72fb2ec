"""What every worker answers about itself: its queues, its threads and what it is doing; asked by `operations.workers`.

One question of our own instead of Celery's `stats`, `active` and `active_queues`: each of those waits its full timeout.
"""

import os
import socket
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import psutil
from celery.worker.control import inspect_command
from celery.worker.state import active_requests, total_count

from batches.messages import copy_of
from operations.sandbox import describe_sandbox

RELEASE = version("casefarm")
STARTED_AT = time.monotonic()


@inspect_command()
def describe_worker(state: Any) -> dict[str, Any]:
    """Answer with plain JSON, as `workers.Worker` has it; runs in the worker."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "release": RELEASE,
        "memory_bytes": psutil.Process().memory_info().rss,
        "uptime_s": time.monotonic() - STARTED_AT,
        "concurrency": state.consumer.pool.num_processes or 1,
        "queues": sorted(queue.name for queue in state.consumer.task_consumer.queues),
        "processed": sum(total_count.values()),
        "tasks": [describe_request(request.info()) for request in copy_of(active_requests)],
        "sandbox": describe_sandbox(),
    }


def describe_request(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a task at work; the first argument of a batch's task is the batch's id."""
    arguments = [value for value in info["args"] if isinstance(value, str | int)]
    return {"id": info["id"], "name": info["name"], "args": arguments, "time_start": info["time_start"]}
