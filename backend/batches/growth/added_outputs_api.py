"""Adding outputs to an ended batch over HTTP: checks who asks and for what, records, enqueues after the commit."""

from functools import partial
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import representation, serializers, tasks
from batches.api import find_batch, refuse_study
from batches.errors import NotExtensibleError, StillActiveError
from batches.growth import added_outputs
from batches.growth.added_outputs_checks import check_added_outputs
from batches.models import Batch, OutputAddition
from batches.parsers import YamlParser
from problems.exceptions import Conflict, Problem
from problems.parsers import JsonParser
from studies.problems import InvalidStudy


class AddedOutputsView(APIView):
    """`GET` and `POST /api/batches/{id}/outputs/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(operation_id="list_added_outputs", responses=serializers.AdditionSerializer(many=True))
    def get(self, request: Request, batch_id: UUID) -> Response:
        """List what was added to a batch's outputs after it had ended, or is being added."""
        found = find_batch(request, batch_id).additions.all()
        return Response([describe(addition) for addition in found])

    @extend_schema(
        operation_id="add_outputs",
        request=serializers.OutputsSerializer,
        responses={202: serializers.AdditionSerializer},
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add time series to an ended batch from the SQLite files that its cases kept; nothing is simulated again."""
        batch = find_batch(request, batch_id)
        raw = request.data.get("outputs") if isinstance(request.data, dict) else None
        addition = add_or_refuse(batch, raw)
        return Response(describe(addition), status=status.HTTP_202_ACCEPTED)


def add_or_refuse(batch: Batch, raw: object) -> OutputAddition:
    """Record an addition and enqueue its first shard once the row is committed.

    Raises:
        Conflict: the batch is at work, or its files are gone.
        Problem: an output cannot be added.
    """
    try:
        if batch.study.get("engine", "energyplus") != "energyplus":
            raise NotExtensibleError("The cases of a declared program keep no file with time series.")
        added_outputs.refuse_unready(batch)
        outputs = check_added_outputs(batch, raw)
        with transaction.atomic():
            addition = added_outputs.record_addition(batch=batch, outputs=outputs)
            transaction.on_commit(partial(tasks.add_outputs.delay, addition.pk, 0))
    except (StillActiveError, NotExtensibleError) as error:
        raise Conflict(str(error)) from error
    except InvalidStudy as error:
        entries = refuse_study(error).entries
        raise Problem("These outputs cannot be added.", entries) from error
    return addition


def describe(addition: OutputAddition) -> object:
    """Return an addition as the API shows it."""
    return serializers.AdditionSerializer(representation.describe_addition(addition)).data
