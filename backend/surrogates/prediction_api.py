"""Predictions over HTTP: checks who asks and for what, asks a worker, answers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from problems.parsers import JsonParser
from surrogates.models import Surrogate
from surrogates.ownership import find_ready
from surrogates.prediction import Question, ask
from surrogates.prediction_serializers import PredictionSerializer, QuestionSerializer


class PredictView(APIView):
    """`POST /api/surrogates/{id}/predict/`."""

    parser_classes = [JsonParser]

    @extend_schema(operation_id="predict", request=QuestionSerializer, responses=PredictionSerializer)
    def post(self, request: Request, surrogate_id: UUID) -> Response:
        """Ask a trained surrogate for up to 10,000 points: means, intervals, and whether it may be believed there."""
        surrogate = find_ready(request, surrogate_id)
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        question = Question(**asked.validated_data)
        # Numbers by the ten thousand: the serializer describes them, and is not run over each of them.
        return Response(describe_answer(surrogate, question, ask(surrogate, question)))


def describe_answer(surrogate: Surrogate, question: Question, said: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with what its numbers are."""
    facts = {metric["name"]: metric for metric in surrogate.metrics}
    metrics = {
        name: {"label": facts[name]["label"], "unit": facts[name]["unit"], **numbers}
        for name, numbers in said["metrics"].items()
    }
    rows = len(said["inside"])
    return {"surrogate": surrogate.pk, "level": question.level, "rows": rows, **said, "metrics": metrics}
