"""Background tasks by their id, whatever they do: a batch, outputs that are added to one, or what rooms above do."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import queries
from batches.api import cancel_or_refuse, signed_in
from batches.growth.added_outputs import cancel_addition
from batches.models import Batch, OutputAddition
from batches.representation import describe_addition_task, describe_batch, describe_task
from batches.serializers import BatchSerializer, TaskStatusSerializer
from batches.states import ACTIVE_BATCH_STATES, OPEN_ADDITION_STATES
from batches.task_kinds import find_kind
from problems.exceptions import Conflict


def find_batch_task(request: Request, task_id: UUID) -> Batch:
    """Return the caller's batch that runs as this task.

    Raises:
        Http404: there is none, or it is another user's.
    """
    return get_object_or_404(queries.list_batches(signed_in(request)), task_id=task_id)


def find_task(request: Request, task_id: UUID) -> Batch | OutputAddition:
    """Return the caller's batch, or what is added to one, that runs as this task.

    Raises:
        Http404: there is none, or it is another user's.
    """
    batches = queries.list_batches(signed_in(request))
    addition = OutputAddition.objects.filter(task_id=task_id, batch__in=batches).select_related("batch__owner").first()
    return addition or find_batch_task(request, task_id)


def show_task(task: Batch | OutputAddition) -> Response:
    """Return the answer that tells how far a task is."""
    described = describe_addition_task(task) if isinstance(task, OutputAddition) else describe_task(task)
    return Response(TaskStatusSerializer(described).data)


def cancel_addition_or_refuse(addition: OutputAddition) -> None:
    """Stop adding outputs to a batch.

    Raises:
        Conflict: it has ended by itself.
    """
    if not cancel_addition(addition):
        addition.refresh_from_db()
        raise Conflict(f"The task has ended: {addition.state}.")
    addition.refresh_from_db()


class TaskView(APIView):
    """`DELETE /api/tasks/{task_id}/`."""

    @extend_schema(responses=TaskStatusSerializer)
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Revoke a task: its batch is cancelled, no more outputs are added to it, or no surrogate comes of it."""
        if found := find_kind(signed_in(request), task_id):
            kind, row = found
            kind.cancel(row)
            return Response(TaskStatusSerializer(kind.describe(row)).data)
        task = find_task(request, task_id)
        if isinstance(task, OutputAddition):
            cancel_addition_or_refuse(task)
        else:
            cancel_or_refuse(task)
        return show_task(task)


class TaskStatusView(APIView):
    """`GET /api/tasks/{task_id}/status/`."""

    @extend_schema(responses=TaskStatusSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Tell how far a task is."""
        if found := find_kind(signed_in(request), task_id):
            kind, row = found
            return Response(TaskStatusSerializer(kind.describe(row)).data)
        return show_task(find_task(request, task_id))


class TaskResultView(APIView):
    """`GET /api/tasks/{task_id}/result/`."""

    @extend_schema(responses=BatchSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Return what a finished task gave: its batch with the address of the table, or what another kind gives."""
        if found := find_kind(signed_in(request), task_id):
            kind, row = found
            result = kind.tell_result(row)
            if result is None:
                raise Conflict(f"The task has not ended: {kind.describe(row)['message']}.")
            return Response(result)
        task = find_task(request, task_id)
        described = describe_addition_task(task) if isinstance(task, OutputAddition) else describe_task(task)
        if task.state in (*ACTIVE_BATCH_STATES, *OPEN_ADDITION_STATES):
            raise Conflict(f"The task has not ended: {described['message']}.")
        batch = task.batch if isinstance(task, OutputAddition) else task
        return Response(BatchSerializer(describe_batch(batch)).data, status=status.HTTP_200_OK)
