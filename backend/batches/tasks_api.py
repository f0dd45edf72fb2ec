"""Background tasks by their id, whatever they do. Today each is a batch."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import queries
from batches.api import cancel_or_refuse, signed_in
from batches.models import Batch
from batches.representation import describe_batch, describe_task
from batches.serializers import BatchSerializer, TaskStatusSerializer
from batches.states import ACTIVE_BATCH_STATES
from problems.exceptions import Conflict


def find_task(request: Request, task_id: UUID) -> Batch:
    """Return the caller's batch that runs as this task.

    Raises:
        Http404: there is none, or it is another user's.
    """
    return get_object_or_404(queries.list_batches(signed_in(request)), task_id=task_id)


class TaskView(APIView):
    """`DELETE /api/tasks/{task_id}/`."""

    @extend_schema(responses=TaskStatusSerializer)
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Revoke a task: its batch is cancelled."""
        batch = find_task(request, task_id)
        cancel_or_refuse(batch)
        return Response(TaskStatusSerializer(describe_task(batch)).data)


class TaskStatusView(APIView):
    """`GET /api/tasks/{task_id}/status/`."""

    @extend_schema(responses=TaskStatusSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Tell how far a task is."""
        return Response(TaskStatusSerializer(describe_task(find_task(request, task_id))).data)


class TaskResultView(APIView):
    """`GET /api/tasks/{task_id}/result/`."""

    @extend_schema(responses=BatchSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Return what a finished task gave: its batch, with the address of the table."""
        batch = find_task(request, task_id)
        if batch.state in ACTIVE_BATCH_STATES:
            described: dict[str, Any] = describe_task(batch)
            raise Conflict(f"The task has not ended: {described['message']}.")
        return Response(BatchSerializer(describe_batch(batch)).data, status=status.HTTP_200_OK)
