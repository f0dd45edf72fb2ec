#!/usr/bin/env python3
"""Pings this container's Celery worker through the broker and exits 0 when it replies; called by Docker's HEALTHCHECK.

It makes an application of its own, so that a check costs an import of Celery and not of the whole service.
"""

import os
import socket
import sys

from celery import Celery


def check_worker() -> None:
    """End the process with a message when no worker of this host replies within 5 s."""
    application = Celery(broker=os.environ["REDIS_URL"])
    replies = application.control.ping(timeout=5, pattern=f"*@{socket.gethostname()}", matcher="glob", limit=1)
    if not replies:
        sys.exit("the worker did not reply within 5 s")


if __name__ == "__main__":
    check_worker()
