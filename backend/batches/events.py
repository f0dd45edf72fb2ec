"""Server-sent events of a batch: its representation whenever it changed, until it ends; asked for once a second."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from batches.api import find_batch
from batches.models import Batch
from batches.representation import describe_summary
from batches.serializers import BatchSummarySerializer
from batches.states import ACTIVE_BATCH_STATES

PAUSE_S = 1.0


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for `text/event-stream`; the view itself writes the stream, this class only refusals."""

    media_type = "text/event-stream"
    format = "events"


class EventsView(APIView):
    """`GET /api/batches/{id}/events/`."""

    renderer_classes = [EventStreamRenderer, JSONRenderer]

    @extend_schema(responses={(200, "text/event-stream"): OpenApiTypes.STR})
    def get(self, request: Request, batch_id: UUID) -> StreamingHttpResponse:
        """Stream `progress` events, each with the batch as the list shows it, then one `end` event."""
        batch = find_batch(request, batch_id)
        response = StreamingHttpResponse(stream_events(batch.pk), content_type="text/event-stream")
        response["Cache-Control"] = "no-cache"
        response["X-Accel-Buffering"] = "no"
        return response


async def stream_events(batch_id: UUID) -> AsyncIterator[str]:
    """Yield an event whenever the batch has changed since the last one."""
    last = ""
    while True:
        state, text = await sync_to_async(read_snapshot)(batch_id)
        if text != last:
            yield f"event: progress\ndata: {text}\n\n"
            last = text
        if state not in ACTIVE_BATCH_STATES:
            yield f"event: end\ndata: {text}\n\n"
            return
        await asyncio.sleep(PAUSE_S)


def read_snapshot(batch_id: UUID) -> tuple[str, str]:
    """Return a batch's state and its representation as one line of JSON."""
    batch = Batch.objects.select_related("owner").get(pk=batch_id)
    data = BatchSummarySerializer(describe_summary(batch)).data
    connection.close()  # between two questions others may have it: a listener stays for hours
    return batch.state, JSONRenderer().render(data).decode()
