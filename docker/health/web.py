#!/usr/bin/env python3
"""Asks the web container's own health page and exits 0 when it can serve; called by Docker's HEALTHCHECK.

Workers are left out of the verdict: without them the farm still shows its pages and hands out results.
"""

import http.client
import json
import os
import sys

NEEDED = ("database", "broker", "storage")


def choose_host_header() -> str:
    """Return a host name that the service accepts: the first of CASEFARM_ALLOWED_HOSTS."""
    first = os.environ.get("CASEFARM_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return first if first not in {"", "*"} else "localhost"


def check_web() -> None:
    """End the process with a message when the page does not answer or a server behind it is down."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=8)
    connection.request("GET", "/api/health/", headers={"Host": choose_host_header()})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in {200, 503}:
        sys.exit(f"/api/health/ answered {answer.status}")
    page = json.loads(body)
    down = [f"{name}: {page[name]['detail']}" for name in NEEDED if not page[name]["ok"]]
    if down:
        sys.exit("; ".join(down))


if __name__ == "__main__":
    check_web()
