"""Bodies over the limit are refused while they arrive, whether their size is announced or not."""

import asyncio
import json
from typing import Any

import pytest

from config.body_limit import limit_body

LIMIT_BYTES = 100


class Listener:
    """An application that reads the whole body, then answers with its size."""

    read_bytes = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.read_bytes += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(self.read_bytes).encode()})


def post(listener: Listener, parts: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Send a body in parts; return status and answer."""
    waiting = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(limit_body(listener, LIMIT_BYTES)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_a_body_within_the_limit_passes() -> None:
    assert post(Listener(), [b"x" * 60, b"x" * 40], [(b"content-length", b"100")]) == (200, b"100")


def test_an_announced_body_over_the_limit_is_not_read_at_all() -> None:
    listener = Listener()
    status, answer = post(listener, [b"x" * 101], [(b"content-length", b"101")])
    assert (status, listener.read_bytes) == (413, 0)
    assert json.loads(answer)["title"] == "Content Too Large"


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"nonsense")], [(b"content-length", b"1")]])
def test_a_body_that_grows_over_the_limit_is_cut_off(headers: list[tuple[bytes, bytes]]) -> None:
    listener = Listener()
    status, _ = post(listener, [b"x" * 60] * 1000, headers)
    assert (status, listener.read_bytes) == (413, 60)


def test_what_is_no_request_passes_untouched() -> None:
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(limit_body(application, LIMIT_BYTES)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
