"""Errands over HTTP: checks who asks and for what, records, enqueues after the commit; shows, cancels, gives files."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.results.byte_streams import PARQUET_TYPE
from batches.results.streaming import stream_pieces
from filestore.store import files
from problems.exceptions import Conflict, Problem, ProblemEntry, TooMuch
from problems.parsers import JsonParser
from studies.problems import InvalidStudy
from surrogates import errands, questions, tasks
from surrogates.errand_serializers import (
    ErrandReceiptSerializer,
    ErrandSerializer,
    ErrandSummarySerializer,
)
from surrogates.models import Errand, Surrogate
from surrogates.ownership import find_errand, find_ready, find_surrogate
from surrogates.question_checks import read_question
from surrogates.states import OPEN_ERRAND_STATES, ErrandKind
from surrogates.storage import points_path

MOST_OPEN = 100  # errands of a surrogate that wait or run
SHOWN = 100  # of a list, the newest
NOT_BEGUN = {"current": 0, "total": 0, "percent": 0.0, "message": "it waits for a worker"}
RECEIPT = {202: ErrandReceiptSerializer}


class ErrandView(APIView):
    """What the addresses have in common that send a surrogate on an errand."""

    parser_classes = [JsonParser]
    kind: ClassVar[ErrandKind]

    def send(self, request: Request, surrogate_id: UUID) -> Response:
        """Record an errand and answer with where its state and its answer can be had."""
        errand = send_errand(find_ready(request, surrogate_id), self.kind, request.data)
        return Response(ErrandReceiptSerializer(describe_receipt(errand)).data, status=status.HTTP_202_ACCEPTED)


class ScreenView(ErrandView):
    """`POST /api/surrogates/{id}/screen/`."""

    kind = ErrandKind.SCREENING

    @extend_schema(operation_id="screen", request=questions.ScreeningQuestion, responses=RECEIPT)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Look through up to 10,000,000 designs in the background, and keep the front or the best."""
        return self.send(request, surrogate_id)


class OptimiseView(ErrandView):
    """`POST /api/surrogates/{id}/optimise/`."""

    kind = ErrandKind.OPTIMISATION

    @extend_schema(operation_id="optimise", request=questions.SearchQuestion, responses=RECEIPT)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Search for the Pareto front by NSGA-II in the background."""
        return self.send(request, surrogate_id)


class SensitivityView(ErrandView):
    """`POST /api/surrogates/{id}/sensitivity/`."""

    kind = ErrandKind.SENSITIVITY

    @extend_schema(operation_id="surrogate_sensitivity", request=questions.SensitivityQuestion, responses=RECEIPT)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Find out in the background which inputs matter."""
        return self.send(request, surrogate_id)


class DependenceView(ErrandView):
    """`POST /api/surrogates/{id}/dependence/`."""

    kind = ErrandKind.DEPENDENCE

    @extend_schema(operation_id="surrogate_dependence", request=questions.DependenceQuestion, responses=RECEIPT)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Find out in the background what one or two inputs do, the others averaged over."""
        return self.send(request, surrogate_id)


def send_errand(surrogate: Surrogate, kind: ErrandKind, document: Any) -> Errand:
    """Record an errand and enqueue it once the row is committed.

    Raises:
        Problem: the question has mistakes; every one with its path.
        TooMuch: so many errands of this surrogate are open already.
    """
    try:
        question = read_question(surrogate, kind, document)
    except InvalidStudy as error:
        entries = [ProblemEntry(found.path, found.message, found.found, found.accepted) for found in error.problems]
        raise Problem(f"The surrogate cannot be asked so: {len(entries)} to be changed.", entries) from error
    if surrogate.errands.filter(state__in=OPEN_ERRAND_STATES).count() >= MOST_OPEN:
        raise TooMuch(f"{MOST_OPEN} errands of this surrogate are open already: wait, or cancel some of them.")
    with transaction.atomic():
        errand = errands.record_errand(surrogate=surrogate, kind=kind, question=question)
        message = tasks.run_errand.signature((str(errand.pk),), task_id=str(errand.task_id))
        transaction.on_commit(message.apply_async)
    return errand


class ErrandListView(APIView):
    """`GET /api/surrogates/{id}/errands/`."""

    @extend_schema(operation_id="list_errands", responses=ErrandSummarySerializer(many=True))
    def get(self, request: Request, surrogate_id: UUID) -> Response:
        """List what a surrogate was asked in the background: the newest 100, newest first."""
        found = find_surrogate(request, surrogate_id).errands.defer("answer", "wish")[:SHOWN]
        return Response(ErrandSummarySerializer([describe_summary(errand) for errand in found], many=True).data)


class ErrandDetailView(APIView):
    """`GET` and `DELETE /api/surrogates/errands/{errand_id}/`."""

    @extend_schema(operation_id="errand", responses=ErrandSerializer)
    def get(self, request: Request, errand_id: UUID) -> Response:
        """Show an errand: what was asked, how far it is, and its answer when it is done."""
        # A front of thousands of points: the serializer describes it, and is not run over each of them.
        return Response(describe_errand(find_errand(request, errand_id)))

    @extend_schema(operation_id="delete_errand", responses={204: None})
    def delete(self, request: Request, errand_id: UUID) -> Response:
        """Delete an errand with its answer; one that is not done stops."""
        errand = find_errand(request, errand_id)
        errands.cancel_errand(errand)
        errand.delete()
        transaction.on_commit(lambda: files.remove(points_path(errand.surrogate_id, errand_id)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CancelErrandView(APIView):
    """`POST /api/surrogates/errands/{errand_id}/cancel/`."""

    @extend_schema(operation_id="cancel_errand", request=None, responses=ErrandSummarySerializer)
    def post(self, request: Request, errand_id: UUID) -> Response:
        """Stop an errand now."""
        errand = find_errand(request, errand_id)
        cancel_or_refuse(errand)
        return Response(ErrandSummarySerializer(describe_summary(errand)).data)


def cancel_or_refuse(errand: Errand) -> None:
    """Cancel an errand.

    Raises:
        Conflict: it has ended by itself.
    """
    cancelled = errands.cancel_errand(errand)
    errand.refresh_from_db()
    if not cancelled:
        raise Conflict(f"The errand has ended: {errand.state}.")


class ErrandPointsView(APIView):
    """`GET /api/surrogates/errands/{errand_id}/points/`."""

    @extend_schema(operation_id="errand_points", responses={(200, PARQUET_TYPE): OpenApiTypes.BINARY})
    def get(self, request: Request, errand_id: UUID) -> StreamingHttpResponse:
        """Download all points of an errand as a Parquet file, where its answer holds only the first of them."""
        errand = find_errand(request, errand_id)
        if not (errand.answer or {}).get("has_file"):
            raise Http404
        pieces = files.read_chunks(points_path(errand.surrogate_id, errand.pk))
        response = StreamingHttpResponse(stream_pieces(pieces), content_type=PARQUET_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{errand.pk}.parquet"'
        return response


def describe_receipt(errand: Errand) -> dict[str, Any]:
    """Return the answer to an errand that was taken."""
    return {
        "id": errand.pk,
        "task_id": errand.task_id,
        "surrogate": errand.surrogate_id,
        "kind": errand.kind,
        "state": errand.state,
        "status_url": reverse("task-status", kwargs={"task_id": errand.task_id}),
        "result_url": reverse("errand", kwargs={"errand_id": errand.pk}),
    }


def describe_summary(errand: Errand) -> dict[str, Any]:
    """Return an errand as it stands in a list."""
    return {
        **describe_receipt(errand),
        "progress": {**NOT_BEGUN, **errand.progress},
        "error": errand.failure or None,
        "created_at": errand.created_at,
        "started_at": errand.started_at,
        "finished_at": errand.finished_at,
    }


def describe_errand(errand: Errand) -> dict[str, Any]:
    """Return an errand with what was asked and answered."""
    has_file = bool((errand.answer or {}).get("has_file"))
    address = reverse("errand-points", kwargs={"errand_id": errand.pk}) if has_file else None
    return {**describe_summary(errand), "wish": errand.wish, "answer": errand.answer, "points_url": address}
