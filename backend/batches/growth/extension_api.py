"""Extending an ended batch over HTTP: checks who asks and for what, records, enqueues after the commit."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import representation, serializers, tasks
from batches.api import find_batch, refuse_study
from batches.errors import NotExtensibleError, StillActiveError
from batches.growth import extension
from batches.growth.promotion import examine_rows
from batches.models import Batch
from batches.parsers import YamlParser
from batches.scheduling import pressure
from problems import exceptions
from problems.exceptions import ProblemEntry
from problems.parsers import JsonParser
from studies.checks.pieces import read_fields
from studies.definition import MoreSamples, Study
from studies.designs.errors import DesignError
from studies.designs.making import explain_extension
from studies.problems import InvalidStudy, Problem, make_problem


class ExtendView(APIView):
    """`POST /api/batches/{id}/extend/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(
        operation_id="extend_batch",
        request=serializers.ExtensionSerializer,
        responses={202: serializers.ReceiptSerializer},
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add cases to an ended batch: more samples of its design, or points of one's own. What there is stays."""
        batch = find_batch(request, batch_id)
        grown = extend_or_refuse(batch, request.data)
        receipt = serializers.ReceiptSerializer(representation.describe_receipt(grown))
        return Response(receipt.data, status=status.HTTP_202_ACCEPTED)


def extend_or_refuse(batch: Batch, asked: Any) -> Batch:
    """Record an extension and enqueue the writing of its rows once it is committed.

    Raises:
        Conflict: the batch is at work, or cannot grow.
        Problem: what is asked for is wrong; every mistake with its path.
        TooMuch: the farm or the owner's quota has no room for it.
    """
    pressure.require_calm()
    try:
        extension.refuse_unfinished(batch)
        with transaction.atomic():
            grown = extend(batch, asked)
            transaction.on_commit(lambda: tasks.expand_batch.delay(str(grown.pk)))
    except (StillActiveError, NotExtensibleError) as error:
        raise exceptions.Conflict(str(error)) from error
    except DesignError as error:
        entry = ProblemEntry(error.path, error.message, error.found, error.accepted)
        raise exceptions.Problem("The batch cannot be extended so.", [entry]) from error
    except InvalidStudy as error:
        raise exceptions.Problem("The batch cannot be extended so.", refuse_study(error).entries) from error
    return grown


def extend(batch: Batch, asked: Any) -> Batch:
    """Check what a batch is to be extended by, and record it.

    Raises:
        InvalidStudy: it is wrong.
        StillActiveError, NotExtensibleError: as `extension.extend_batch`.
    """
    keys = sorted({"samples", "rows"} & asked.keys()) if isinstance(asked, dict) else []
    if len(keys) != 1 or len(asked) != 1:
        message = "Write one of the two: `samples`, how many more, or `rows`, points of your own."
        raise InvalidStudy([make_problem("", message, keys or asked, ["samples", "rows"])])
    if keys == ["rows"]:
        extension.refuse_lost_inputs(batch)
        promotion = examine_rows(batch, asked["rows"], settings.CASEFARM_MAX_CASES)
        return extension.extend_batch(batch=batch, more=promotion.more, findings=promotion.findings)
    more = read_samples(batch, asked)
    extension.refuse_lost_inputs(batch)
    return extension.extend_batch(batch=batch, more=more)


def read_samples(batch: Batch, asked: Any) -> MoreSamples:
    """Return how many samples more of its design a batch is to have.

    Raises:
        InvalidStudy: that is no number, or the design does not go on.
    """
    problems: list[Problem] = []
    fields = read_fields(MoreSamples, asked, "", problems)
    if problems:
        raise InvalidStudy(problems)
    more = MoreSamples(**fields)
    reason = explain_extension(Study.model_validate(batch.study), more)
    if reason is not None:
        raise InvalidStudy([make_problem("samples", reason, more.samples, ["rows"])])
    return more
