"""Training and keeping surrogates over HTTP: checks who asks and for what, records, enqueues after the commit."""

import time
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.models import Batch
from batches.queries import list_batches
from batches.results.streaming import stream_pieces
from filestore.store import files
from problems.exceptions import Conflict, Problem, ProblemEntry
from problems.parsers import JsonParser
from surrogates import registry, submission, tasks
from surrogates.datasets import Choice
from surrogates.errors import SurrogateRefused
from surrogates.models import Surrogate
from surrogates.ownership import find_ready, find_surrogate, list_surrogates, signed_in
from surrogates.states import OPEN_SURROGATE_STATES
from surrogates.storage import SUFFIX, model_path
from surrogates.training_serializers import (
    FileUploadSerializer,
    SurrogateSerializer,
    SurrogateSummarySerializer,
    TableTrainingSerializer,
    TrainingSerializer,
    read_form,
)

LONGEST_WAIT_S = 60.0
LOOK_EVERY_S = 0.1
WAIT = OpenApiParameter(
    "wait", float, description=f"Wait up to so many seconds for its end, {LONGEST_WAIT_S:g} at most."
)
ENDED = {200: SurrogateSerializer, 202: SurrogateSerializer}


class SurrogatePages(CursorPagination):
    """Pages of surrogates, newest first."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ("-created_at", "-id")


class SurrogateListView(GenericAPIView[Surrogate]):
    """`GET` and `POST /api/surrogates/`."""

    parser_classes = [JsonParser, MultiPartParser]
    pagination_class = SurrogatePages
    serializer_class = SurrogateSummarySerializer
    queryset = Surrogate.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("name", str, description="Only the versions of this name.")],
        responses=SurrogateSummarySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List one's surrogates, newest first."""
        page = self.paginate_queryset(self._find(request)) or []
        rows = [registry.describe_summary(surrogate) for surrogate in page]
        return self.get_paginated_response(SurrogateSummarySerializer(rows, many=True).data)

    def _find(self, request: Request) -> "QuerySet[Surrogate]":
        found = list_surrogates(signed_in(request)).prefetch_related("parents")
        name = request.query_params.get("name")
        return found.filter(name=name) if name else found

    @extend_schema(
        operation_id="train_surrogate",
        parameters=[WAIT],
        request={"application/json": TrainingSerializer, "multipart/form-data": TableTrainingSerializer},
        responses=ENDED,
    )
    def post(self, request: Request) -> Response:
        """Train a surrogate on batches, or on a table that comes with the request; it is trained in the background."""
        wait_s = read_wait(request)
        is_form = (request.content_type or "").startswith("multipart/")
        train = train_on_table if is_form else train_on_batches
        return answer(send_training(partial(train, request)), wait_s)


class SurrogateUploadView(APIView):
    """`POST /api/surrogates/upload/`."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="upload_surrogate",
        parameters=[WAIT],
        request={"multipart/form-data": FileUploadSerializer},
        responses=ENDED,
    )
    def post(self, request: Request) -> Response:
        """Bring a surrogate's file from another farm; a worker reads it with distrust before it is ready."""
        wait_s = read_wait(request)
        form = FileUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file, name = form.validated_data["file"], form.validated_data["name"]
        record = partial(submission.record_upload, signed_in(request), file, file.name or "", name)
        return answer(send_training(record), wait_s)


def train_on_batches(request: Request) -> Surrogate:
    """Record a training on the caller's batches."""
    asked = TrainingSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return submission.record_training(
        signed_in(request), find_batches(request, asked.validated_data["batches"]), read_order(asked.validated_data)
    )


def train_on_table(request: Request) -> Surrogate:
    """Record a training on the table that comes with a request."""
    asked = TableTrainingSerializer(data=read_form(request.data, ("metrics", "inputs")))
    asked.is_valid(raise_exception=True)
    file = asked.validated_data["table"]
    order = read_order(asked.validated_data)
    return submission.record_training_on_table(signed_in(request), file, file.name or "", order)


def read_order(told: dict[str, Any]) -> submission.Order:
    """Return what is asked for, of checked fields."""
    metrics, inputs = told.get("metrics"), told.get("inputs")
    return submission.Order(
        name=told["name"],
        kind=told["kind"],
        choice=Choice(None if metrics is None else tuple(metrics), told["keep_suspect"]),
        level=told["level"],
        seed=told["seed"],
        time_limit_s=told.get("time_limit_s"),
        inputs=tuple(inputs) if inputs else None,
    )


def find_batches(request: Request, ids: list[UUID]) -> list[Batch]:
    """Return the caller's batches with these ids, in their order.

    Raises:
        Problem: there is none of an id, or it is another user's.
    """
    found = {batch.pk: batch for batch in list_batches(signed_in(request)).filter(pk__in=ids)}
    entries = [
        ProblemEntry(f"batches.{place}", "There is no such batch.", str(batch_id), "the id of a batch of yours")
        for place, batch_id in enumerate(ids)
        if batch_id not in found
    ]
    if entries:
        raise Problem("A batch was not found.", entries)
    return [found[batch_id] for batch_id in ids]


def send_training(record: "partial[Surrogate]") -> Surrogate:
    """Record a surrogate and enqueue its training once the row is committed.

    Raises:
        Problem: it cannot be trained; nothing is recorded.
    """
    try:
        with transaction.atomic():
            surrogate = record()
            message = tasks.train_surrogate.signature((str(surrogate.pk),), task_id=str(surrogate.task_id))
            transaction.on_commit(message.apply_async)
    except SurrogateRefused as refusal:
        raise refuse(refusal) from refusal
    return surrogate


def refuse(refusal: SurrogateRefused) -> Problem:
    """Return the answer to what cannot be done."""
    entries = [ProblemEntry(*problem) for problem in refusal.problems]
    return Problem(entries[0].message if len(entries) == 1 else f"There are {len(entries)} problems.", entries)


def read_wait(request: Request) -> float:
    """Return for how long the caller waits for the end, s.

    Raises:
        Problem: it is no number from 0 to the longest.
    """
    raw = request.query_params.get("wait", "0")
    try:
        wait_s = float(raw)
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s <= LONGEST_WAIT_S:
        accepted = f"seconds from 0 to {LONGEST_WAIT_S:g}"
        raise Problem("`wait` is not accepted.", [ProblemEntry("wait", f"Write {accepted}.", raw, accepted)])
    return wait_s


def answer(surrogate: Surrogate, wait_s: float) -> Response:
    """Return a surrogate when it has ended, or when the caller has waited long enough."""
    ends_at = time.monotonic() + wait_s
    while surrogate.state in OPEN_SURROGATE_STATES and time.monotonic() < ends_at:
        if not connection.in_atomic_block:
            connection.close()  # back to the pool: who waits needs none
        time.sleep(LOOK_EVERY_S)
        surrogate.refresh_from_db()
    code = status.HTTP_202_ACCEPTED if surrogate.state in OPEN_SURROGATE_STATES else status.HTTP_200_OK
    return Response(SurrogateSerializer(registry.describe_surrogate(surrogate)).data, status=code)


class SurrogateView(APIView):
    """`GET` and `DELETE /api/surrogates/{id}/`."""

    @extend_schema(operation_id="show_surrogate", responses=SurrogateSerializer)
    def get(self, request: Request, surrogate_id: UUID) -> Response:
        """Show a surrogate: state, progress with curves of losses, report, inputs, where it comes from."""
        return Response(SurrogateSerializer(registry.describe_surrogate(find_surrogate(request, surrogate_id))).data)

    @extend_schema(operation_id="delete_surrogate", responses={204: None})
    def delete(self, request: Request, surrogate_id: UUID) -> Response:
        """Delete a surrogate with its file; a training is stopped. What it was trained on stays."""
        surrogate = find_surrogate(request, surrogate_id)
        user = registry.find_user_of(surrogate.pk)
        if user is not None:
            raise Conflict(f"The batch '{user.name}' is at work with this surrogate; cancel it, or wait for its end.")
        with transaction.atomic():
            registry.delete_surrogate(surrogate)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SurrogateCancelView(APIView):
    """`POST /api/surrogates/{id}/cancel/`."""

    @extend_schema(operation_id="cancel_surrogate", request=None, responses=SurrogateSerializer)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Stop a training now; nothing of it is left but its row."""
        surrogate = find_surrogate(request, surrogate_id)
        cancel_or_refuse(surrogate)
        return Response(SurrogateSerializer(registry.describe_surrogate(surrogate)).data)


def cancel_or_refuse(surrogate: Surrogate) -> None:
    """Stop a training.

    Raises:
        Conflict: it has ended by itself.
    """
    with transaction.atomic():
        cancelled = registry.cancel_surrogate(surrogate.pk)
    surrogate.refresh_from_db()
    if not cancelled:
        raise Conflict(f"The training has ended: {surrogate.state}.")


class SurrogateFileView(APIView):
    """`GET /api/surrogates/{id}/file/`."""

    @extend_schema(
        operation_id="download_surrogate", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, surrogate_id: UUID) -> StreamingHttpResponse:
        """Download a trained surrogate: a zip of safetensors and JSON that another farm can take in."""
        surrogate = find_ready(request, surrogate_id)
        chunks = files.read_chunks(model_path(surrogate.pk, surrogate.attempt))
        response = StreamingHttpResponse(stream_pieces(chunks), content_type="application/octet-stream")
        response["Content-Length"] = str(surrogate.file_bytes)
        response["Content-Disposition"] = f'attachment; filename="surrogate-{surrogate.pk}{SUFFIX}"'
        response["ETag"] = f'"{surrogate.file_sha256}"'
        return response
