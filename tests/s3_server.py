"""A server that speaks S3, as a process of its own: moto's, with a bucket. Started once per test session.

`s3_server` is the fixture; `start_s3_server` gives one that listens where it is told, for farms on several hosts.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest
from botocore.config import Config

START_LIMIT_S = 60
POLL_S = 0.05
BUCKET = "casefarm-tests"
ACCESS_KEY, SECRET_KEY, REGION = "tester", "never-in-a-log-3f9c", "eu-central-1"


@dataclass(frozen=True)
class S3Server:
    """A running server and its bucket."""

    endpoint: str
    bucket: str = BUCKET

    def environment(self, prefix: str = "") -> dict[str, str]:
        """Return the settings of a farm that keeps its files here, below a prefix of its own."""
        return {
            "CASEFARM_STORAGE": f"s3://{self.bucket}/{prefix or uuid4().hex}",
            "CASEFARM_S3_ENDPOINT": self.endpoint,
            "CASEFARM_S3_REGION": REGION,
            "CASEFARM_S3_ACCESS_KEY": ACCESS_KEY,
            "CASEFARM_S3_SECRET_KEY": SECRET_KEY,
        }

    def storage(self, prefix: str = "") -> dict[str, Any]:
        """Return the entry of Django's STORAGES for the same."""
        options = {
            "bucket_name": self.bucket,
            "location": prefix or uuid4().hex,
            "endpoint_url": self.endpoint,
            "region_name": REGION,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
        }
        return {"BACKEND": "filestore.s3.S3Files", "OPTIONS": options}

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Give a client of its own to look at, or spoil, what lies there."""
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=config,
        )
        with closing(client):
            yield client


@contextmanager
def start_s3_server(host: str = "127.0.0.1", port: int = 0, launcher: tuple[str, ...] = ()) -> Iterator[S3Server]:
    """Start a server, give it with an empty bucket, stop it.

    Args:
        host: an address of this machine, or 0.0.0.0.
        port: 0 for any free one.
        launcher: command that the server's is given to, for example to have it in a network namespace.
    """
    port = port or find_free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [*launcher, sys.executable, "-W", "ignore", "-m", "moto.server", "-H", host, "-p", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        wait_for_server(process, endpoint)
        server = S3Server(endpoint)
        with server.client() as client:
            client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield server
    finally:
        process.terminate()
        process.wait(30)


def wait_for_server(process: "subprocess.Popen[bytes]", endpoint: str) -> None:
    """Return once the server answers."""
    import time

    limit = monotonic() + START_LIMIT_S
    while True:
        assert process.poll() is None, "the S3 server has ended"
        assert monotonic() < limit, "the S3 server does not answer"
        try:
            httpx.get(f"{endpoint}/moto-api/", timeout=5)
        except httpx.HTTPError:
            time.sleep(POLL_S)
        else:
            return


def find_free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server on this machine, for the whole session."""
    with start_s3_server() as server:
        yield server
