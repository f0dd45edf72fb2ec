#!/usr/bin/env python3
"""Exits 0 while beat writes down that it sends periodic tasks; called by the health check of the beat container.

Beat saves the time of its last run at least every 3 minutes; one that has saved none for 10 minutes hangs.
"""

import os
import sys
from pathlib import Path

import psycopg

LIMIT_S = 600
SINCE_LAST_RUN = """
    SELECT extract(epoch FROM now() - max(last_run_at))
    FROM django_celery_beat_periodictask
    WHERE enabled
"""


def read_container_age_s() -> float:
    """Return for how long the first process of this container has run, in seconds."""
    fields_after_name = Path("/proc/1/stat").read_text().rpartition(")")[2].split()
    started_s = int(fields_after_name[19]) / os.sysconf("SC_CLK_TCK")
    return float(Path("/proc/uptime").read_text().split()[0]) - started_s


def check_beat() -> None:
    """End the process with a message when beat has run for longer than the limit and sent nothing meanwhile."""
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
        row = connection.execute(SINCE_LAST_RUN).fetchone()
    if read_container_age_s() < LIMIT_S:
        return
    if row is None or row[0] is None or row[0] > LIMIT_S:
        sys.exit(f"beat sent no periodic task for {LIMIT_S} s")


if __name__ == "__main__":
    check_beat()
