"""`manage.py wait_for_services`: waits until database and broker answer; containers and `casefarm up` call it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.health import check_broker, check_database

PAUSE_S = 0.3


class Command(BaseCommand):
    """Waits for what the service needs before it can start."""

    help = "Wait until PostgreSQL and Redis answer."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--timeout`."""
        parser.add_argument("--timeout", type=float, default=60.0, help="seconds to wait at most (default 60)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Return as soon as both answer.

        Raises:
            CommandError: one of them did not answer within `--timeout` seconds.
        """
        ends_at = time.monotonic() + options["timeout"]
        while True:
            checks = {"PostgreSQL (DATABASE_URL)": check_database(), "Redis (REDIS_URL)": check_broker()}
            missing = [name for name, check in checks.items() if not check.ok]
            if not missing:
                return
            if time.monotonic() > ends_at:
                waited = f"did not answer within {options['timeout']:g} s: check the setting."
                raise CommandError(f"{' and '.join(missing)} {waited}")
            time.sleep(PAUSE_S)
