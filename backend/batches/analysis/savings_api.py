"""Valuations, costs and savings of a batch over HTTP: checks who asks, reads a valuation, streams a table."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.analysis import savings, valuation
from batches.api import find_batch, read_choice
from batches.models import Batch
from batches.parsers import YamlParser
from batches.plans import plan_of
from batches.results import table_streams
from problems.exceptions import Conflict, Problem, ProblemEntry
from problems.parsers import JsonParser
from studies.economics.definition import Valuation
from studies.economics.flows import plan_series
from studies.economics.reading import InvalidValuation, read_valuation
from studies.problems import Problem as Finding

_TABLE = {
    (200, "text/csv"): OpenApiTypes.STR,
    (200, "application/json"): {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
}
_FORM = [OpenApiParameter("as", enum=list(table_streams.FORMATS), default="csv")]


class UsedSeriesSerializer(serializers.Serializer[Any]):
    """Time series that a valuation goes by."""

    meter = serializers.CharField()
    frequency = serializers.CharField()


class KeptValuationSerializer(serializers.Serializer[Any]):
    """The valuation that a batch keeps, and how it is applied."""

    valuation = serializers.JSONField(allow_null=True, help_text="Null where none is kept.")
    period = serializers.CharField(help_text="What costs and emissions are of: `annual`, or the simulated days.")
    series = UsedSeriesSerializer(many=True, help_text="Those it reads; none where metrics are enough.")


class ValuationView(APIView):
    """`GET`, `PUT` and `DELETE /api/batches/{id}/valuation/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(responses=KeptValuationSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Show the valuation that a batch keeps."""
        return Response(describe_kept(find_batch(request, batch_id)))

    @extend_schema(request=Valuation, responses=KeptValuationSerializer)
    def put(self, request: Request, batch_id: UUID) -> Response:
        """Keep a valuation in place of any other; nothing is simulated."""
        batch = find_batch(request, batch_id)
        found = read_or_refuse(request.data)
        try:
            valuation.keep_valuation(batch, found)
        except valuation.UnfitValuationError as error:
            raise refuse_valuation(error.problems, status.HTTP_409_CONFLICT) from error
        return Response(describe_kept(batch))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, batch_id: UUID) -> Response:
        """Keep no valuation any more."""
        valuation.keep_valuation(find_batch(request, batch_id), None)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SavingsView(APIView):
    """`GET` and `POST /api/batches/{id}/savings/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(parameters=_FORM, responses=_TABLE)
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream what each case saves against the baseline of its own weather and model, by the kept valuation."""
        batch = find_batch(request, batch_id)
        return stream_savings(request, batch, valuation.read_kept(batch))

    @extend_schema(parameters=_FORM, request=Valuation, responses=_TABLE)
    def post(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream the same by a valuation that is sent along and not kept."""
        batch = find_batch(request, batch_id)
        return stream_savings(request, batch, read_or_refuse(request.data))


class CostsView(APIView):
    """`GET` and `POST /api/batches/{id}/costs/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(parameters=_FORM, responses=_TABLE)
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream what each case costs and emits by the kept valuation; no baseline is needed."""
        batch = find_batch(request, batch_id)
        found = valuation.read_kept(batch)
        if found is None:
            raise Conflict("This batch keeps no valuation: PUT one to `valuation/`, or POST one here.")
        return stream_costs(request, batch, found)

    @extend_schema(parameters=_FORM, request=Valuation, responses=_TABLE)
    def post(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream the same by a valuation that is sent along and not kept."""
        batch = find_batch(request, batch_id)
        return stream_costs(request, batch, read_or_refuse(request.data))


def read_or_refuse(document: Any) -> Valuation:
    """Return the valuation of a request.

    Raises:
        Problem: with every mistake in it.
    """
    try:
        return read_valuation(document)
    except InvalidValuation as error:
        raise refuse_valuation(error.problems) from error


def refuse_valuation(problems: tuple[Finding, ...], status_code: int = status.HTTP_400_BAD_REQUEST) -> Problem:
    """Return the answer to a valuation with problems, or to one that does not fit the batch."""
    entries = [ProblemEntry(found.path, found.message, found.found, found.accepted) for found in problems]
    count = "1 problem" if len(entries) == 1 else f"{len(entries)} problems"
    return Problem(f"The valuation has {count}.", entries, status_code)


def describe_kept(batch: Batch) -> dict[str, Any]:
    """Return the valuation that a batch keeps, and how it is applied."""
    found = valuation.read_kept(batch)
    plan = plan_of(batch)
    needs = plan_series(found, plan.study.output_requests).needs if found is not None else ()
    return {
        "valuation": batch.valuation,
        "period": valuation.find_span(plan).text,
        "series": [{"meter": need.meter, "frequency": need.frequency} for need in needs],
    }


def stream_savings(request: Request, batch: Batch, found: Valuation | None) -> HttpResponseBase:
    """Return the table of savings as a download.

    Raises:
        Problem: there is no baseline, or the cases do not report what the valuation needs.
    """
    form = read_choice(request, "as", list(table_streams.FORMATS)) or "csv"
    try:
        table = savings.open_savings(batch, found)
    except savings.NoBaselineError as error:
        raise Conflict(str(error)) from error
    except valuation.UnfitValuationError as error:
        raise refuse_valuation(error.problems, status.HTTP_409_CONFLICT) from error
    return table_streams.answer_with_table(table, form, f"{batch.pk}-savings")


def stream_costs(request: Request, batch: Batch, found: Valuation) -> HttpResponseBase:
    """Return the table of costs and emissions as a download.

    Raises:
        Problem: the cases do not report what the valuation needs.
    """
    form = read_choice(request, "as", list(table_streams.FORMATS)) or "csv"
    try:
        table = savings.open_costs(batch, found)
    except valuation.UnfitValuationError as error:
        raise refuse_valuation(error.problems, status.HTTP_409_CONFLICT) from error
    return table_streams.answer_with_table(table, form, f"{batch.pk}-costs")
