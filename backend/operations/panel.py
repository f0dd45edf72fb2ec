"""What every worker answers about itself: its queues, its threads and what it is doing; asked by `operations.workers`.

One question of our own instead of Celery's `stats`, `active` and `active_queues`: each of those waits its full timeout.
"""

import os
import time
from typing import Any

from celery.worker.control import inspect_command
from celery.worker.state import active_requests, total_count

from operations.sandbox import describe_sandbox

STARTED_AT = time.monotonic()


@inspect_command()
def describe_worker(state: Any) -> dict[str, Any]:
    """Answer with plain JSON: `{pid, uptime_s, concurrency, queues, processed, tasks, sandbox}`; runs in the worker."""
    return {
        "pid": os.getpid(),
        "uptime_s": time.monotonic() - STARTED_AT,
        "concurrency": state.consumer.pool.num_processes or 1,
        "queues": sorted(queue.name for queue in state.consumer.task_consumer.queues),
        "processed": sum(total_count.values()),
        "tasks": [describe_request(request.info()) for request in active_requests],
        "sandbox": describe_sandbox(),
    }


def describe_request(info: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a task at work; the first argument of a batch's task is the batch's id."""
    arguments = [value for value in info["args"] if isinstance(value, str | int)]
    return {"id": info["id"], "name": info["name"], "args": arguments, "time_start": info["time_start"]}
