"""The calls that clients of the older service make, on top of the same services, with exactly the fields they know."""

import json
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.api import cancel_or_refuse, find_batch, signed_in, stream_results, submit_document
from batches.representation import describe_task
from batches.scheduling import pressure
from batches.tasks_api import find_batch_task
from library.errors import GateClosedError, UploadError
from library.services import add_model, add_weather
from problems.exceptions import Problem, ProblemEntry

Plain = serializers.Serializer[Any]


class RunRequestSerializer(Plain):
    """A run: models, one weather file, and how to vary them."""

    idf_files = serializers.ListField(child=serializers.FileField(), min_length=1, help_text="IDF or epJSON.")
    attachments = serializers.ListField(
        child=serializers.FileField(), required=False, help_text="Files that the models refer to by bare name."
    )
    weather_file = serializers.FileField()
    study = serializers.JSONField(required=False, help_text="Without it each model runs once, as it is.")


class RunReceiptSerializer(Plain):
    """What a run became."""

    simulation_id = serializers.UUIDField()
    task_id = serializers.UUIDField()
    message = serializers.CharField()
    file_count = serializers.IntegerField()


class LegacyTaskStatusSerializer(Plain):
    """How far a run is, by its task."""

    task_id = serializers.UUIDField()
    state = serializers.CharField()
    status = serializers.CharField()
    progress = serializers.FloatField()
    current = serializers.IntegerField()
    total = serializers.IntegerField()
    message = serializers.CharField()
    simulation_id = serializers.UUIDField()


class CancelReceiptSerializer(Plain):
    """What cancelling did."""

    status = serializers.CharField()
    task_id = serializers.UUIDField()
    message = serializers.CharField()


class SimulationStatusSerializer(Plain):
    """How far a run is, by its own id."""

    status = serializers.CharField()
    progress = serializers.FloatField()
    simulationId = serializers.UUIDField()  # noqa: N815 - the older service's name
    error = serializers.CharField(allow_null=True)


class RunView(APIView):
    """`POST /api/simulation/run/`."""

    parser_classes = [MultiPartParser]

    @extend_schema(request=RunRequestSerializer, responses={202: RunReceiptSerializer})
    def post(self, request: Request) -> Response:
        """Upload models and a weather file and run them at once."""
        form = RunRequestSerializer(data=read_form(request))
        form.is_valid(raise_exception=True)
        pressure.require_calm()  # before anything is taken into the library
        files, user = form.validated_data["idf_files"], signed_in(request)
        add = partial(add_model, attachments=form.validated_data.get("attachments", ()))
        models = [store_upload("idf_files", add, user, file) for file in files]
        weather = store_upload("weather_file", add_weather, user, form.validated_data["weather_file"])
        study = {"name": files[0].name, "design": {"method": "grid"}, **form.validated_data.get("study", {})}
        batch = submit_document(user, {**study, "model": models, "weather": weather})
        receipt = {
            "simulation_id": batch.pk,
            "task_id": batch.task_id,
            "message": f"{batch.total} simulations submitted.",
            "file_count": len(files),
        }
        return Response(RunReceiptSerializer(receipt).data, status=status.HTTP_202_ACCEPTED)


def read_form(request: Request) -> dict[str, Any]:
    """Return the multipart fields of a run as plain data; the study is JSON text.

    Raises:
        Problem: the study is no JSON object.
    """
    form: dict[str, Any] = {"idf_files": request.FILES.getlist("idf_files")}
    if attachments := request.FILES.getlist("attachments"):
        form["attachments"] = attachments
    if "weather_file" in request.FILES:
        form["weather_file"] = request.FILES["weather_file"]
    text = request.POST.get("study")
    if not text:
        return form
    try:
        form["study"] = json.loads(text)
    except (TypeError, ValueError) as error:
        entry = ProblemEntry("study", f"The study is not JSON: {error}", str(text)[:200], "a JSON object")
        raise Problem("The study cannot be read.", [entry]) from error
    if not isinstance(form["study"], dict):
        raise Problem(
            "The study cannot be read.", [ProblemEntry("study", "Send an object.", text[:200], "a JSON object")]
        )
    return form


def store_upload(field: str, add: Any, user: User, file: "UploadedFile[bytes]") -> str:
    """Take an upload into the library and return its id.

    Raises:
        Problem: the library refuses it.
    """
    try:
        row, _ = add(owner=user, file=file)
    except UploadError as error:
        fields = {"file": field}
        entries = [
            ProblemEntry(fields.get(fault.field, fault.field), fault.message, fault.found, fault.accepted)
            for fault in error.faults
        ]
        raise Problem(f"{file.name} was refused.", entries) from error
    except GateClosedError as error:
        raise Problem(str(error), status_code=status.HTTP_503_SERVICE_UNAVAILABLE) from error
    return str(row.pk)


class TaskStatusView(APIView):
    """`GET /api/simulation/task/{task_id}/status/`."""

    @extend_schema(responses=LegacyTaskStatusSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Tell how far a run is."""
        batch = find_batch_task(request, task_id)
        task = describe_task(batch)
        described = {
            **task,
            "status": batch.state,
            "progress": task["percent"],
            "simulation_id": batch.pk,
        }
        return Response(LegacyTaskStatusSerializer(described).data)


class TaskCancelView(APIView):
    """`POST /api/simulation/task/{task_id}/cancel/`."""

    @extend_schema(request=None, responses=CancelReceiptSerializer)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Stop a run now."""
        batch = find_batch_task(request, task_id)
        cancel_or_refuse(batch)
        receipt = {"status": batch.state, "task_id": task_id, "message": "The simulation was cancelled."}
        return Response(CancelReceiptSerializer(receipt).data)


class StatusView(APIView):
    """`GET /api/simulation/{simulation_id}/status/`."""

    @extend_schema(responses=SimulationStatusSerializer)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """Tell how far a run is, by its own id."""
        batch = find_batch(request, simulation_id)
        described = {
            "status": batch.state,
            "progress": describe_task(batch)["percent"],
            "simulationId": batch.pk,
            "error": batch.failure or None,
        }
        return Response(SimulationStatusSerializer(described).data)


class ResultsView(APIView):
    """`GET /api/simulation/{simulation_id}/results/`."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, simulation_id: UUID) -> StreamingHttpResponse:
        """Return the result table as a JSON list of rows."""
        return stream_results(find_batch(request, simulation_id), "json")


class DownloadView(APIView):
    """`GET /api/simulation/{simulation_id}/download/`."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, simulation_id: UUID) -> StreamingHttpResponse:
        """Download the result table as CSV."""
        return stream_results(find_batch(request, simulation_id), "csv")
