"""Server-sent events as they go over the wire. Called by `events_api.py`; what is told comes from `watches.py`."""

import random
from collections.abc import AsyncIterator, Callable

from django.http import StreamingHttpResponse

from batches.live.hub import Key, find_hub
from batches.live.looks import Reader, Since

KEEP_ALIVE_S = 15.0  # proxies take a longer silence for the end
SOONEST_RETRY_MS = 1000
LATEST_RETRY_MS = 3000


def answer_with_stream(key: Key, make_reader: Callable[[], Reader], since: Since) -> StreamingHttpResponse:
    """Return an endless answer that tells a listener what happens from `since` on."""
    response = StreamingHttpResponse(stream_events(key, make_reader, since), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def stream_events(key: Key, make_reader: Callable[[], Reader], since: Since) -> AsyncIterator[str]:
    """Yield events, and a comment where there are none for long; until nothing can follow or the client is gone."""
    hub = find_hub()
    listener = hub.join(key, make_reader, since)
    try:
        # Drawn, so that not all come back in the same moment after a restart.
        hint = f"retry: {random.randint(SOONEST_RETRY_MS, LATEST_RETRY_MS)}\n\n"  # noqa: S311 - not a secret
        while not listener.is_over:
            text = await listener.take(KEEP_ALIVE_S)
            if listener.was_behind():
                hub.heed(key)
            if text:
                yield text + hint
                hint = ""
            elif not listener.is_over:
                yield ": still here\n\n"
    finally:
        hub.leave(key, listener)
