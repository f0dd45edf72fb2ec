"""Adds the problem document to every operation of the OpenAPI schema. Named in `REST_FRAMEWORK`."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class ProblemEntrySerializer(serializers.Serializer[Any]):
    """One finding of a problem."""

    path = serializers.CharField(help_text="Where in the request: `parameters[1].target.object`.")
    message = serializers.CharField(help_text="What is wrong and what to do.")
    found = serializers.JSONField(allow_null=True, help_text="What was found.")
    accepted = serializers.JSONField(allow_null=True, help_text="What would be accepted.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemEntrySerializer(many=True)  # type: ignore[assignment]  # RFC 9457's member, DRF's property


class ProblemAutoSchema(AutoSchema):
    """drf-spectacular's view inspector, with the problem document as answer to every refusal."""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
                ProblemSerializer, "4XX", ["application/problem+json"]
            )
            bodies.setdefault("4XX", problem)
        return bodies
