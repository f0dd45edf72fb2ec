"""The event streams of the API: checks who asks and how many listen already, then hands over to `streams.py`."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from batches.api import find_batch, signed_in
from batches.live.hub import count_listeners
from batches.live.list_looks import ListReader
from batches.live.looks import BatchReader
from batches.live.outcomes import has_seen_batch
from batches.live.positions import LIST, Position, parse_position
from batches.live.streams import answer_with_stream
from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES
from problems.exceptions import Problem

ADVICE = "Ask for the batch every few seconds instead (GET /api/batches/{id}/), or try again later."
LAST_EVENT_ID = [
    OpenApiParameter(
        "Last-Event-ID",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="The id of the last event that arrived; the stream goes on from there.",
    ),
    OpenApiParameter(
        "last_event_id",
        OpenApiTypes.STR,
        description="The same, for clients that cannot set the header, which comes first.",
    ),
]


class TooManyStreams(Problem):
    """No room for one more listener."""

    wait = 30  # s; REST framework answers with it as `Retry-After`


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for `text/event-stream`; the view itself writes the stream, this class only refusals."""

    media_type = "text/event-stream"
    format = "events"


class EventsView(APIView):
    """`GET /api/batches/{id}/events/`."""

    renderer_classes = [EventStreamRenderer, JSONRenderer]

    @extend_schema(
        parameters=LAST_EVENT_ID,
        responses={(200, "text/event-stream"): OpenApiTypes.STR, 204: None},
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream what happens to a batch until it ends: `progress`, `state`, `outcomes`, `end`.

        `progress` has the batch as the list shows it, first at once and then whenever it changed, and `"gap": true`
        where outcomes were left out since the last event: read the cases again. `outcomes` lists cases that have become
        final, `state` says that the batch's state has changed. An `end` event is the last; who comes back after it is
        answered 204, without content.
        """
        batch = find_batch(request, batch_id)
        since = read_position(request)
        if since is not None and is_settled(batch, since):
            return HttpResponse(status=status.HTTP_204_NO_CONTENT)
        user = signed_in(request)
        refuse_too_many(user.pk)
        give_connection_back()
        return answer_with_stream((str(batch.pk), user.pk), partial(BatchReader, batch.pk, user.pk), since)


class ListEventsView(APIView):
    """`GET /api/events/`."""

    renderer_classes = [EventStreamRenderer, JSONRenderer]

    @extend_schema(responses={(200, "text/event-stream"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponseBase:
        """Stream what changes in the list of your batches: `list`, `batch`, `removed`.

        `list` comes first, and whenever too much has changed to be told one by one: read the list. Then `batch` has
        each batch that changed, as the list shows it, and `removed` the id of one that was deleted.
        """
        user = signed_in(request)
        refuse_too_many(user.pk)
        give_connection_back()
        return answer_with_stream((LIST, user.pk), partial(ListReader, user.pk), None)


def read_position(request: Request) -> Position | None:
    """Return how far the listener says it is."""
    return parse_position(request.headers.get("Last-Event-ID", "") or request.query_params.get("last_event_id", ""))


def is_settled(batch: Batch, since: Position) -> bool:
    """Return whether a listener has been told that a batch has ended, and how; a browser stops asking then."""
    ended = batch.state not in ACTIVE_BATCH_STATES and since.state == batch.state
    return ended and has_seen_batch(since, batch.pk)


def give_connection_back() -> None:
    """Let others have the connection to the database: Django itself would keep it until the stream ends."""
    if not connection.in_atomic_block:
        connection.close()


def refuse_too_many(user_id: int) -> None:
    """Do nothing while there is room for one more listener.

    Raises:
        Problem: there are too many of this user, or in this process.
    """
    if count_listeners(user_id) >= settings.CASEFARM_LISTENERS_PER_USER:
        raise TooManyStreams(
            f"You have {settings.CASEFARM_LISTENERS_PER_USER} event streams open here: close some. {ADVICE}",
            status_code=status.HTTP_429_TOO_MANY_REQUESTS,
        )
    if count_listeners() >= settings.CASEFARM_LISTENERS:
        raise TooManyStreams(
            f"This service has {settings.CASEFARM_LISTENERS} event streams open, as many as it may. {ADVICE}",
            status_code=status.HTTP_503_SERVICE_UNAVAILABLE,
        )
