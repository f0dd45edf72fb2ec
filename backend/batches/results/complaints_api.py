"""The messages of the engine in a case over HTTP: checks who asks, answers."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import serializers
from batches.api import find_batch, find_case
from batches.errors import OutputsRemovedError
from batches.results import complaints
from problems.exceptions import Problem


class CaseMessagesView(APIView):
    """`GET /api/batches/{id}/cases/{index}/messages/`."""

    @extend_schema(responses=serializers.CaseMessagesSerializer)
    def get(self, request: Request, batch_id: UUID, index: int) -> Response:
        """List what the engine complained of: fatal and severe messages first, each once with how often it came."""
        batch = find_batch(request, batch_id)
        try:
            found = complaints.read_complaints(batch, find_case(batch, index))
        except OutputsRemovedError as error:
            raise Problem(str(error), status_code=status.HTTP_410_GONE) from error
        described = {
            "warnings": found.warnings,
            "severe_errors": found.severe_errors,
            "total": found.message_count,
            "is_complete": found.is_complete and len(found.messages) == found.message_count,
            "messages": [asdict(message) for message in found.messages],
        }
        return Response(serializers.CaseMessagesSerializer(described).data)
