"""Refuses request bodies over a limit while they arrive: an ASGI application in, one out; `config.asgi` calls it.

Django would write the whole body to disk before any view could look at its size.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class BodyTooLargeError(Exception):
    """More has arrived than the limit allows."""


def limit_body(application: Application, limit_bytes: int) -> Application:
    """Return `application` behind a limit on the size of request bodies, in bytes; beyond it the answer is 413."""

    async def limited(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        if announced_bytes(scope) > limit_bytes:
            return await refuse(send, limit_bytes)
        try:
            await application(scope, count_body(receive, limit_bytes), send)
        except BodyTooLargeError:  # Django reads the body before it answers, so nothing has been sent yet
            await refuse(send, limit_bytes)

    return limited


def announced_bytes(scope: MutableMapping[str, Any]) -> int:
    """Return the size that the client announces; 0 where it announces none or nonsense."""
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    return int(announced) if announced.isdigit() else 0


def count_body(receive: Receive, limit_bytes: int) -> Receive:
    """Return `receive`, which raises `BodyTooLargeError` once more than the limit has arrived."""
    arrived_bytes = 0

    async def counted() -> Message:
        nonlocal arrived_bytes
        message = await receive()
        arrived_bytes += len(message.get("body", b""))
        if arrived_bytes > limit_bytes:
            raise BodyTooLargeError
        return message

    return counted


async def refuse(send: Send, limit_bytes: int) -> None:
    """Answer 413 with a problem document and close the connection: nobody reads the rest."""
    detail = f"The request is too large: at most {limit_bytes / 1024**2:g} MB."
    problem = {"type": "about:blank", "title": "Content Too Large", "status": 413, "detail": detail, "errors": []}
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
