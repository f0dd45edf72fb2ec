"""Verifications over HTTP: points of a surrogate are simulated with one call. Enqueues after the commit."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import representation
from batches import tasks as batch_tasks
from batches.scheduling import pressure
from problems.parsers import JsonParser
from surrogates.comparison import compare_points, summarise
from surrogates.models import Surrogate, Verification
from surrogates.ownership import find_ready, find_surrogate
from surrogates.prediction import Question, ask
from surrogates.verification import Verified, find_parent, gather_inputs, read_points, record_verification
from surrogates.verification_serializers import (
    VerificationReceiptSerializer,
    VerificationSerializer,
    VerifySerializer,
)


class VerifyView(APIView):
    """`POST /api/surrogates/{id}/verify/`."""

    parser_classes = [JsonParser]

    @extend_schema(
        operation_id="verify_surrogate", request=VerifySerializer, responses={202: VerificationReceiptSerializer}
    )
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Simulate points as a batch of the study that the surrogate was trained on, and remember what it predicted."""
        surrogate = find_ready(request, surrogate_id)
        asked = VerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        verification = verify(surrogate, asked.validated_data)
        receipt = {
            **representation.describe_receipt(verification.batch),
            "verifications_url": reverse("surrogate-verifications", kwargs={"surrogate_id": surrogate.pk}),
        }
        return Response(VerificationReceiptSerializer(receipt).data, status=status.HTTP_202_ACCEPTED)


def verify(surrogate: Surrogate, asked: dict[str, Any]) -> Verification:
    """Ask a surrogate for points, record the batch that simulates them, and enqueue it once it is committed.

    Raises:
        Problem: the points are wrong; every mistake with its path.
        Conflict: the surrogate has no study, or it is not what it was.
        TooMuch: the farm or the owner's quota has no room for them.
        AnswersUnavailable: no worker says what the surrogate predicts.
    """
    pressure.require_calm()
    parent = find_parent(surrogate)
    points = read_points(surrogate, asked)
    said = ask(surrogate, Question(gather_inputs(surrogate, points), level=asked["level"]))
    with transaction.atomic():
        made = record_verification(surrogate=surrogate, parent=parent, verified=Verified(points, said, asked["level"]))
        message = batch_tasks.expand_batch.signature((str(made.batch_id),), task_id=str(made.batch.task_id))
        transaction.on_commit(message.apply_async)
    return made


class VerificationsView(APIView):
    """`GET /api/surrogates/{id}/verifications/`."""

    @extend_schema(operation_id="list_verifications", responses=VerificationSerializer(many=True))
    def get(self, request: Request, surrogate_id: UUID) -> Response:
        """Set predicted against simulated, point by point, with how often the intervals held and what they promise."""
        surrogate = find_surrogate(request, surrogate_id)
        found = surrogate.verifications.filter(batch__deleted_at=None).select_related("batch")
        described = [describe_verification(verification) for verification in found]
        return Response(VerificationSerializer(described, many=True).data)


def describe_verification(verification: Verification) -> dict[str, Any]:
    """Return a verification as the API shows it."""
    points = compare_points(verification)
    return {
        "id": verification.pk,
        "batch": verification.batch_id,
        "batch_url": reverse("batch", kwargs={"batch_id": verification.batch_id}),
        "state": verification.batch.state,
        "level": verification.level,
        "created_at": verification.created_at,
        "summary": summarise(verification, points),
        "points": points,
    }
