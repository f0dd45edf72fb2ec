"""What a search has found, over HTTP: checks who asks, answers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.analysis import front
from batches.api import find_batch
from batches.errors import NoSearchError
from batches.states import CaseState, Verdict
from problems.exceptions import Conflict

Plain = serializers.Serializer[Any]


class SearchObjectiveSerializer(Plain):
    """A metric that the search makes as small, or as large, as it can."""

    metric = serializers.CharField()
    goal = serializers.ChoiceField(choices=["minimise", "maximise"])
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, named as DRF's attribute
    unit = serializers.CharField(allow_null=True)


class SearchPointSerializer(Plain):
    """A case of the search that has ended."""

    case = serializers.IntegerField()
    generation = serializers.IntegerField(help_text="0 for the first.")
    state = serializers.ChoiceField(choices=CaseState.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    on_front = serializers.BooleanField()
    parameters = serializers.DictField(child=serializers.JSONField())
    objectives = serializers.DictField(child=serializers.FloatField(allow_null=True))


class FrontSerializer(Plain):
    """Where a search stands: its Pareto front among the cases that have ended."""

    objectives = SearchObjectiveSerializer(many=True)
    limits = serializers.ListField(child=serializers.CharField())
    generations = serializers.IntegerField(help_text="How many the study wants.")
    generation = serializers.IntegerField(help_text="How many have been begun.")
    evaluated = serializers.IntegerField(help_text="Cases that have ended.")
    front = serializers.ListField(
        child=serializers.IntegerField(), help_text="Cases on the front, by the first objective; best first."
    )
    points = SearchPointSerializer(many=True, help_text="Those on the front and the latest 5,000 others.")


class FrontView(APIView):
    """`GET /api/batches/{id}/front/`."""

    @extend_schema(responses=FrontSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Show what a search has found so far: no other case is better in every objective than those on the front."""
        try:
            found = front.find_batch_front(find_batch(request, batch_id))
        except NoSearchError as error:
            raise Conflict(str(error)) from error
        return Response(FrontSerializer(front.describe_front(found)).data)
