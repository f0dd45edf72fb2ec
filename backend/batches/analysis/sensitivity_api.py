"""Which parameters of a batch matter, over HTTP: checks who asks and for what, answers with indices or the reason why
there are none."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.analysis.sensitivity import analyse_batch, describe_answer
from batches.api import find_batch, read_choice
from problems.exceptions import Problem, ProblemEntry
from studies.sensitivity.analysis import Wish
from studies.sensitivity.answers import METHODS, SensitivityRefused

AUTO = "auto"
SUSPECT_CHOICES = ("leave_out", "keep")
Plain = serializers.Serializer[Any]


class SensitivityIndexSerializer(Plain):
    """An index of the method: what the numbers under its name in `values` and `conf` are."""

    name = serializers.CharField()
    label = serializers.CharField(help_text="Its usual sign.")  # type: ignore[assignment]  # named as DRF's attribute
    meaning = serializers.CharField()
    unit = serializers.CharField(allow_null=True, help_text="That of the metric, or null for a bare number.")


class SensitivityFactorSerializer(Plain):
    """A parameter, several that are linked, the weather or the model, with its indices."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # named as DRF's attribute
    parameters = serializers.ListField(child=serializers.CharField(), help_text="Columns of the result table.")
    values = serializers.DictField(child=serializers.FloatField(), help_text="Each index by its name.")
    conf = serializers.DictField(
        child=serializers.FloatField(), help_text="Half width of the 95 % confidence interval of indices that have one."
    )


class SensitivityPairSerializer(Plain):
    """The Sobol' index of second order of two factors."""

    first = serializers.CharField()
    second = serializers.CharField()
    s2 = serializers.FloatField()
    s2_conf = serializers.FloatField()


class SensitivitySerializer(Plain):
    """Which factors matter for a metric."""

    method = serializers.ChoiceField(choices=list(METHODS))
    metric = serializers.CharField()
    label = serializers.CharField(help_text="The metric in words.")  # type: ignore[assignment]  # named as DRF's attribute
    unit = serializers.CharField(allow_null=True, help_text="Of the metric.")
    weather = serializers.CharField(allow_null=True, help_text="That all cases share; null where it is a factor.")
    model = serializers.CharField(allow_null=True, help_text="Likewise.")
    cases_used = serializers.IntegerField()
    cases_left_out = serializers.IntegerField()
    is_complete = serializers.BooleanField(help_text="False while cases have not finished: the answer is so far.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why cases were left out, with numbers.")
    sorted_by = serializers.CharField(help_text="The index by which the factors are sorted.")
    indices = SensitivityIndexSerializer(many=True)
    factors = SensitivityFactorSerializer(many=True, help_text="The most important first.")
    pairs = SensitivityPairSerializer(many=True, help_text="The strongest first; only of second order.")
    fit = serializers.DictField(child=serializers.FloatField(), help_text="R² of each regression, by index.")
    noise = serializers.FloatField(
        allow_null=True, help_text="PAWN: the median that a factor without any influence would show."
    )
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know when reading the numbers.")


class SensitivityView(APIView):
    """`GET /api/batches/{id}/sensitivity/`."""

    @extend_schema(
        parameters=[
            OpenApiParameter("metric", required=True, description="A metric of the result table."),
            OpenApiParameter("method", enum=[AUTO, *METHODS], default=AUTO),
            OpenApiParameter("weather", description="Only cases of this weather."),
            OpenApiParameter("model", description="Only cases of this model."),
            OpenApiParameter(
                "suspect", enum=SUSPECT_CHOICES, default="leave_out", description="What becomes of suspect cases."
            ),
        ],
        responses=SensitivitySerializer,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Tell which parameters matter for a metric, from the cases that have finished so far.

        Answers 400 with the reason where the design of the batch or its cases cannot bear the method.
        """
        batch = find_batch(request, batch_id)
        try:
            answer = analyse_batch(batch, read_wish(request), keep_suspect=_read_suspect(request))
        except SensitivityRefused as refusal:
            raise refuse_analysis(request, refusal) from refusal
        return Response(SensitivitySerializer(describe_answer(answer)).data)


def read_wish(request: Request) -> Wish:
    """Return what a query asks for.

    Raises:
        Problem: it asks for a method that does not exist.
    """
    method = read_choice(request, "method", [AUTO, *METHODS])
    query = request.query_params
    return Wish(
        metric=query.get("metric", ""),
        method=method if method in METHODS else None,
        weather=query.get("weather") or None,
        model=query.get("model") or None,
    )


def _read_suspect(request: Request) -> bool:
    return read_choice(request, "suspect", list(SUSPECT_CHOICES)) == "keep"


def refuse_analysis(request: Request, refusal: SensitivityRefused) -> Problem:
    """Return the answer to an analysis that the cases cannot bear."""
    found = request.query_params.get(refusal.path, AUTO if refusal.path == "method" else "")
    entry = ProblemEntry(refusal.path, refusal.message, found, list(refusal.accepted))
    return Problem(refusal.message, [entry])
