"""A web process on the database of the tests, for what only a real server shows."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.contrib.auth.models import User
from knox.models import AuthToken

from tests.farm import free_port

LIMIT_S = 60.0  # for what must come; nothing waits for it to pass


@dataclass(frozen=True)
class Web:
    """A running web process."""

    url: str
    process: "subprocess.Popen[bytes]"

    def ask(self, user: User, path: str, **headers: str) -> httpx.Request:
        """Return a request of somebody."""
        token = AuthToken.objects.create(user=user)[1]
        return httpx.Request("GET", f"{self.url}{path}", headers={"Authorization": f"Token {token}", **headers})


@contextmanager
def run_web(**changes: str) -> Iterator[Web]:
    """Run a web process on the database of the tests."""
    database = settings.DATABASES["default"]["NAME"]
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        **changes,
    }
    # A stream that did not end by itself would keep the process for ten minutes.
    options = ["--port", str(port), "--timeout-graceful-shutdown", "600", "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, "-m", "uvicorn", "config.asgi:application", *options], env=environment)
    try:
        wait_for(lambda: is_open(port) or process.poll() is not None)
        yield Web(f"http://127.0.0.1:{port}", process)
    finally:
        process.kill()
        process.wait()


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(happened: Callable[[], bool]) -> None:
    """Ask until something has happened."""
    limit = monotonic() + LIMIT_S
    while not happened():
        assert monotonic() < limit
        sleep(0.05)
