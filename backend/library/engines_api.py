"""The engines API: what a study may write as its `engine`, and what it has to know of it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from energyplus.engines.catalogue import ENGINE_KINDS, EngineFacts
from energyplus.engines.declarations import ProgramDeclaration
from library.engines import catalogue

Plain = serializers.Serializer[Any]


class ProgramParameterSerializer(Plain):
    """A place in a program's template."""

    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True, help_text="Null where it takes texts; 1 for a pure number.")
    default = serializers.JSONField(allow_null=True, help_text="Null where every study must vary it.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)


class ProgramMetricSerializer(Plain):
    """A number that a program reports."""

    name = serializers.CharField()
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, named as DRF's attribute


class EngineSerializer(Plain):
    """Something that cases can be run with."""

    engine = serializers.CharField(help_text="What a study writes: `energyplus` or `executable:NAME`.")
    kind = serializers.ChoiceField(choices=ENGINE_KINDS)
    version = serializers.CharField(allow_null=True, help_text="Of the models that it runs; null for a program.")
    detail = serializers.CharField(help_text="Its own version and build, or the label of a program.")
    reads_weather = serializers.BooleanField(help_text="Whether a study names weather files.")
    parameters = ProgramParameterSerializer(many=True, help_text="Of a program; a model has its own.")
    metrics = ProgramMetricSerializer(many=True, help_text="Of a program; EnergyPlus reports the standard ones.")


class EngineListView(APIView):
    """`GET /api/engines/`."""

    @extend_schema(operation_id="list_engines", responses=EngineSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what a study can be run with: EnergyPlus in its versions, then the declared programs."""
        engines = catalogue()
        rows = [describe_engine(facts, engines.programs.get(facts.program or "")) for facts in engines.list_engines()]
        return Response(EngineSerializer(rows, many=True).data)


def describe_engine(facts: EngineFacts, program: ProgramDeclaration | None) -> dict[str, Any]:
    """Return an engine as the API shows it."""
    parameters = program.parameters if program else {}
    metrics = program.metrics if program else {}
    return {
        "engine": facts.name,
        "kind": facts.kind,
        "version": facts.version,
        "detail": facts.detail,
        "reads_weather": program.reads_weather if program else True,
        "parameters": [{"name": name, **found.model_dump()} for name, found in parameters.items()],
        "metrics": [
            {"name": name, "unit": found.unit, "label": found.label or name} for name, found in metrics.items()
        ],
    }
