"""The operations API: whether the service is well, who works, and on what."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from redis import RedisError
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import user_of
from operations import workers
from operations.health import check_health
from operations.serializers import HealthSerializer, RunningTasksSerializer, WorkersSerializer
from problems.exceptions import Problem


class HealthView(APIView):
    """Whether the service has what it needs. Open to everybody: container health checks have no account."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="show_health",
        auth=[],
        responses={
            200: OpenApiResponse(HealthSerializer, "The service takes work; `degraded` where work waits for workers."),
            503: OpenApiResponse(HealthSerializer, "The service cannot take work."),
        },
    )
    def get(self, request: Request) -> Response:
        """Check database, broker, storage, engine, workers and scheduler."""
        health = check_health()
        failing = health["status"] == "failing"
        return Response(health, status=status.HTTP_503_SERVICE_UNAVAILABLE if failing else status.HTTP_200_OK)


class BrokerView(APIView):
    """What is asked of the workers through the broker."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer 503 where the broker does not answer, whatever library says so."""
        if isinstance(exc, RedisError | OSError):
            exc = Problem("The broker does not answer.", status_code=status.HTTP_503_SERVICE_UNAVAILABLE)
        return super().handle_exception(exc)


class WorkersView(BrokerView):
    """The workers."""

    @extend_schema(operation_id="list_workers", responses=WorkersSerializer)
    def get(self, request: Request) -> Response:
        """List the workers that answer, and how many tasks wait in each queue."""
        queues = [{"name": name, "waiting": waiting} for name, waiting in workers.count_waiting().items()]
        found = {"workers": workers.list_workers(), "queues": queues}
        return Response(WorkersSerializer(found).data)


class RunningTasksView(BrokerView):
    """The tasks at work."""

    @extend_schema(operation_id="list_running_tasks", responses=RunningTasksSerializer)
    def get(self, request: Request) -> Response:
        """List what the workers are doing: the tasks of one's own batches, all of them for administrators."""
        running = workers.list_running_tasks()
        visible = workers.list_tasks_for(user_of(request), running)
        return Response(RunningTasksSerializer({"active": len(running), "tasks": visible}).data)
