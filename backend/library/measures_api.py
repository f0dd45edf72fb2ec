"""The measures API: what a study's parameters may write as their `measure`, for the form and for clients."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from energyplus.measures.base import describe_measure
from energyplus.measures.registry import list_measures

Plain = serializers.Serializer[Any]


class MeasureValueSerializer(Plain):
    """What the values of a parameter with this measure mean."""

    kind = serializers.ChoiceField(choices=["number", "choice", "text"])
    description = serializers.CharField()
    unit = serializers.CharField(allow_null=True, help_text="1 for a number without unit; null for words.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    exclusive_minimum = serializers.FloatField(allow_null=True)
    exclusive_maximum = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(
        child=serializers.CharField(), help_text="Accepted words; empty where the arguments say them."
    )
    example = serializers.JSONField(allow_null=True, help_text="A value as one would write it.")


class MeasureSerializer(Plain):
    """A measure: a change of a model that is more than one field."""

    name = serializers.CharField(help_text="What a parameter writes as its `measure`.")
    title = serializers.CharField()
    description = serializers.CharField(help_text="What it does and where its formulas come from, in Markdown.")
    openstudio = serializers.CharField(allow_null=True, help_text="The OpenStudio measure whose meaning it follows.")
    value = MeasureValueSerializer()
    arguments = serializers.DictField(help_text="JSON schema of what a parameter writes as its `arguments`.")


class MeasureListView(APIView):
    """`GET /api/measures/`."""

    @extend_schema(operation_id="list_measures", responses=MeasureSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the measures in the order of their names."""
        described = [describe_measure(measure) for measure in list_measures().values()]
        return Response(MeasureSerializer(described, many=True).data)
