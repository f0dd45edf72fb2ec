"""Follows a batch: by its event stream, and by asking where no stream comes through. Called by `client`.

A thread listens; whoever follows looks in several times a second. A stream that breaks – the service restarts, a proxy
cuts long answers – is taken up where it ended; while there is none the batch is asked for once a second.
"""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import httpx

ASK_EVERY_S = 1.0
SILENCE_S = 40.0  # the service says that it is there every 15 s
CONNECT_S = 10.0
RETURN_S = 2.0  # where the service does not say when to come back
REFUSED_S = 30.0
GONE = frozenset({404, 405, 406, 501})  # a service, or something before it, that has no streams


class Follower:
    """What is new of a batch, with `look()`; a context manager.

    Args:
        url: of the service.
        path: of the batch: `/api/batches/ID/`.
        headers: that say who asks.
        ask: asks for the batch in full.
    """

    def __init__(self, url: str, path: str, headers: dict[str, str], ask: Callable[[], dict[str, Any]]) -> None:
        self._address = f"{url}{path}events/"
        self._headers = headers
        self._ask = ask
        self._asked_at = float("-inf")
        self._lock = Lock()
        self._told: dict[str, Any] | None = None
        self._heard_at = float("-inf")
        self._last_id = ""
        self._return_s = RETURN_S
        self._left = Event()
        self._socket: socket.socket | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *error: object) -> None:
        self._left.set()
        with contextlib.suppress(OSError), self._lock:
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread; closing alone does not
        if self._thread is not None:
            self._thread.join(1)

    def look(self) -> dict[str, Any] | None:
        """Return the batch where something is new: as a list shows it, or in full after its end; else None.

        Raises:
            ServiceRefused, ServiceUnreachable: it had to be asked for, and that failed.
        """
        with self._lock:
            told, self._told = self._told, None
        if told is not None and not told["is_last"]:
            return dict(told["batch"])
        now = monotonic()
        if told is not None or (now - self._heard_at > SILENCE_S and now - self._asked_at >= ASK_EVERY_S):
            self._asked_at = now
            batch = self._ask()
            if self._thread is None:  # not before: most batches that are asked for have ended
                self._thread = Thread(target=self._listen, name="events", daemon=True)
                self._thread.start()
            return batch
        return None

    def _listen(self) -> None:
        with httpx.Client(timeout=httpx.Timeout(CONNECT_S, read=SILENCE_S)) as http:
            while not self._left.is_set():
                pause_s = self._return_s
                with contextlib.suppress(httpx.HTTPError):
                    headers = {**self._headers, "Accept": "text/event-stream"}
                    headers |= {"Last-Event-ID": self._last_id} if self._last_id else {}
                    with http.stream("GET", self._address, headers=headers) as response:
                        pause_s = self._hear(response)
                self._heard_at, self._socket = float("-inf"), None
                self._left.wait(pause_s)

    def _hear(self, response: httpx.Response) -> float:
        """Take in what a stream says, until it ends; return when to come back, in s."""
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if response.status_code in GONE or (response.is_success and not is_stream):
            self._left.set()
        if not response.is_success or not is_stream:
            return REFUSED_S
        self._socket = response.extensions["network_stream"].get_extra_info("socket")
        for event in read_events(response.iter_lines(), self._heard):
            self._return_s = float(event.get("retry", 1000 * self._return_s)) / 1000
            self._last_id = event.get("id", self._last_id)
            if event.get("event") in ("progress", "end"):
                self._tell(json.loads(event["data"]), is_last=event["event"] == "end")
        return self._return_s

    def _heard(self) -> None:
        self._heard_at = monotonic()

    def _tell(self, batch: dict[str, Any], *, is_last: bool) -> None:
        batch.pop("gap", None)  # cases are not listed here: nothing is missing
        with self._lock:
            self._told = {"batch": batch, "is_last": is_last}
        if is_last:
            self._left.set()


def read_events(lines: Iterator[str], heard: Callable[[], None]) -> Iterator[dict[str, str]]:
    """Yield the events of a stream as their fields.

    Args:
        lines: of the stream.
        heard: called for each line once an event has come: before that a proxy may hold everything back.
    """
    fields: dict[str, str] = {}
    has_begun = False
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif not line and fields:
            has_begun = has_begun or "event" in fields
            yield fields
            fields = {}
        if has_begun:
            heard()
