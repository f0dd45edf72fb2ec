"""Following a batch by its events: over a restart of the service, and where proxies let no stream through."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from casefarm import Client, following

LIMIT_S = 60
RUNNING = {
    "id": "b1",
    "state": "running",
    "verdicts": {},
    "progress": {"finished": 1, "total": 4, "percent": 25.0},
    "eta_s": None,
}
COMPLETED = {**RUNNING, "state": "completed", "progress": {"finished": 4, "total": 4, "percent": 100.0}}


class Farm(ThreadingHTTPServer):
    """Answers a question for the batch with `batch`, and for its events with the next of `streams`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.batch: dict[str, Any] = RUNNING
        self.streams: list[Callable[[Handler], None]] = []
        self.positions: list[str | None] = []
        self.questions = 0


class Handler(BaseHTTPRequestHandler):
    server: Farm

    def do_GET(self) -> None:
        if self.path.endswith("/events/"):
            self.server.positions.append(self.headers.get("Last-Event-ID"))
            self.server.streams.pop(0)(self)
            return
        self.server.questions += 1
        body = json.dumps(self.server.batch).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 10\n\n")

    def tell(self, kind: str, data: dict[str, Any], position: str) -> None:
        self.wfile.write(f"id: {position}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def serve() -> Iterator[Farm]:
    with Farm() as farm:
        thread = threading.Thread(target=farm.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield farm
        finally:
            farm.shutdown()
            thread.join()


@pytest.fixture
def farm() -> Iterator[Farm]:
    """A service whose streams a test writes."""
    with serve() as running:
        yield running


def wait(farm: Farm, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Wait for the batch; return it."""
    with Client(f"http://127.0.0.1:{farm.server_address[1]}", "a-token") as client:
        return client.batch("b1").wait(progress=False, timeout_s=LIMIT_S, meanwhile=meanwhile).last


def test_a_stream_that_is_cut_is_taken_up_where_it_ended(farm: Farm) -> None:
    def cut(stream: Handler) -> None:
        stream.open_stream()
        stream.tell("progress", RUNNING, "running-5:5:")

    def end(stream: Handler) -> None:
        farm.batch = {**COMPLETED, "study": {}}
        stream.open_stream()
        stream.tell("progress", {**COMPLETED, "gap": True}, "completed-7:7:")
        stream.tell("end", COMPLETED, "completed-7:7:")

    farm.streams = [cut, end]
    assert wait(farm) == {**COMPLETED, "study": {}}
    assert farm.positions == [None, "running-5:5:"]


def test_nobody_is_asked_while_the_stream_speaks(farm: Farm) -> None:
    looks = iter(range(8))
    enough = threading.Event()

    def speak(stream: Handler) -> None:
        stream.open_stream()
        stream.tell("progress", RUNNING, "running-5:5:")
        assert enough.wait(LIMIT_S)
        farm.batch = COMPLETED
        stream.tell("end", COMPLETED, "completed-7:7:")

    def count() -> None:
        if next(looks, None) is None:
            enough.set()

    farm.streams = [speak]
    assert wait(farm, count)["state"] == "completed"
    assert farm.questions <= 3


@pytest.mark.parametrize("obstacle", ["missing", "held back", "refused"])
def test_where_no_stream_comes_through_the_batch_is_asked_for(
    farm: Farm, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ASK_EVERY_S", 0.01)
    over = threading.Event()

    def refuse(stream: Handler) -> None:
        if obstacle == "held back":
            stream.open_stream()
            over.wait(LIMIT_S)
        else:
            stream.send_error(404 if obstacle == "missing" else 429)

    def end_soon() -> None:
        if farm.questions > 3:
            farm.batch = COMPLETED

    farm.streams = [refuse]
    try:
        assert wait(farm, end_soon)["state"] == "completed"
    finally:
        over.set()
