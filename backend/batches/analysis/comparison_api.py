"""Two batches side by side over HTTP: checks whose they are, streams the table, tells what was paired."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.analysis import comparison
from batches.analysis.pairing import MATCHES, Match
from batches.api import find_batch, read_choice
from batches.results import table_streams
from problems.exceptions import Problem, ProblemEntry

_METRICS = OpenApiParameter("metric", OpenApiTypes.STR, many=True, description="What is compared; again for more.")


class UnmatchedSerializer(serializers.Serializer[Any]):
    """Cases without a partner, for one reason."""

    reason = serializers.ChoiceField(choices=[match.value for match in MATCHES if match != Match.MATCHED])
    count = serializers.IntegerField()
    cases = serializers.ListField(child=serializers.IntegerField(), help_text="The first of them.")


class ComparisonSummarySerializer(serializers.Serializer[Any]):
    """What of two batches was paired."""

    matched = serializers.IntegerField()
    unmatched = UnmatchedSerializer(many=True, help_text="Of this batch.")
    other_unmatched = UnmatchedSerializer(many=True, help_text="Of the other.")
    metrics = serializers.ListField(child=serializers.CharField())
    parameters = serializers.ListField(child=serializers.CharField(), help_text="That both vary.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What else differs.")


class ComparisonView(APIView):
    """`GET /api/batches/{id}/comparison/{other_id}/`."""

    @extend_schema(
        parameters=[OpenApiParameter("as", enum=list(table_streams.FORMATS), default="csv"), _METRICS],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/json"): {"type": "array", "items": {"type": "object", "additionalProperties": True}},
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, batch_id: UUID, other_id: UUID) -> HttpResponseBase:
        """Stream the cases of two batches side by side, paired by equal model, weather and parameters."""
        form = read_choice(request, "as", list(table_streams.FORMATS)) or "csv"
        return table_streams.answer_with_table(compare(request, batch_id, other_id), form, f"{batch_id}-{other_id}")


class ComparisonSummaryView(APIView):
    """`GET /api/batches/{id}/comparison/{other_id}/summary/`."""

    @extend_schema(parameters=[_METRICS], responses=ComparisonSummarySerializer)
    def get(self, request: Request, batch_id: UUID, other_id: UUID) -> Response:
        """Tell how many cases of two batches are paired, how many are not and why."""
        return Response(ComparisonSummarySerializer(compare(request, batch_id, other_id).summarise()).data)


def compare(request: Request, batch_id: UUID, other_id: UUID) -> comparison.Comparison:
    """Return two of the caller's batches side by side.

    Raises:
        Http404: one of them is not the caller's.
        Problem: a metric is not known in both.
    """
    batch, other = find_batch(request, batch_id), find_batch(request, other_id)
    try:
        return comparison.open_comparison(batch, other, request.query_params.getlist("metric"))
    except comparison.UnknownMetricError as error:
        entry = ProblemEntry("metric", str(error), error.name, list(error.accepted))
        raise Problem(f"metric={error.name} is not accepted.", [entry]) from error
