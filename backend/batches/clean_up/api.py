"""Clean-ups over HTTP, for administrators: ask for one, look at what came of it."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import tasks
from batches.api import signed_in
from batches.clean_up import reports
from batches.models import CleanUpReport
from batches.states import CleanUpRule, CleanUpState

SHOWN_REPORTS = 50
Plain = serializers.Serializer[Any]


class CleanUpRequestSerializer(Plain):
    """What is asked for."""

    dry_run = serializers.BooleanField(help_text="Whether to say only what would go.")


class CleanUpCountSerializer(Plain):
    """What one rule removed, or would."""

    rule = serializers.ChoiceField(choices=CleanUpRule.choices)
    items = serializers.IntegerField()
    bytes = serializers.IntegerField(help_text="Of files as stored; what nobody has measured counts none.")


class CleanUpItemSerializer(Plain):
    """Something that went, or would."""

    rule = serializers.ChoiceField(choices=CleanUpRule.choices)
    kind = serializers.ChoiceField(
        choices=["batch", "known_case", "folder", "upload", "content"],
        help_text="Of a batch only the files of its cases go; its table stays.",
    )
    id = serializers.CharField(help_text="Of the batch or upload; key, path or sha256 of what has none.")
    name = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(allow_blank=True)
    size_bytes = serializers.IntegerField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True, help_text="When it ended or was used last.")
    why = serializers.CharField()


class CleanUpSummarySerializer(Plain):
    """A clean-up as it stands in a list."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=CleanUpState.choices)
    dry_run = serializers.BooleanField()
    rules = serializers.ListField(child=serializers.ChoiceField(choices=CleanUpRule.choices))
    requested_by = serializers.CharField(allow_null=True, help_text="Null: the farm's own schedule.")
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_s = serializers.FloatField(allow_null=True)
    counts = CleanUpCountSerializer(many=True)
    spared = serializers.IntegerField(help_text="Planned, but somebody needed it when its turn came.")
    error = serializers.CharField(allow_null=True)


class CleanUpReportSerializer(CleanUpSummarySerializer):
    """A clean-up with the first of the items."""

    items = CleanUpItemSerializer(many=True)


def describe_report(report: CleanUpReport) -> dict[str, Any]:
    """Return a clean-up as the API shows it."""
    return {
        "id": report.pk,
        "state": report.state,
        "dry_run": report.dry_run,
        "rules": report.rules,
        "requested_by": report.requested_by.get_username() if report.requested_by else None,
        "requested_at": report.requested_at,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "duration_s": measure_duration(report),
        "counts": [{"rule": rule, **count} for rule, count in report.counts.items()],
        "spared": report.spared,
        "error": report.failure or None,
        "items": report.items,
    }


def measure_duration(report: CleanUpReport) -> float | None:
    """Return how long a clean-up took, in seconds; None before it has ended."""
    if report.started_at is None or report.finished_at is None:
        return None
    return (report.finished_at - report.started_at).total_seconds()


class CleanUpListView(APIView):
    """`GET` and `POST /api/clean-up/`."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="list_clean_ups", responses=CleanUpSummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the last clean-ups, newest first; for administrators."""
        rows = [describe_report(report) for report in reports.list_reports()[:SHOWN_REPORTS]]
        return Response(CleanUpSummarySerializer(rows, many=True).data)

    @extend_schema(
        operation_id="request_clean_up", request=CleanUpRequestSerializer, responses={202: CleanUpReportSerializer}
    )
    def post(self, request: Request) -> Response:
        """Clean up in the background, or say what would go; for administrators."""
        asked = CleanUpRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            report = reports.request_clean_up(dry_run=asked.validated_data["dry_run"], requested_by=signed_in(request))
            transaction.on_commit(lambda: tasks.clean_up.delay(report.pk))
        report.refresh_from_db()
        return Response(CleanUpReportSerializer(describe_report(report)).data, status=status.HTTP_202_ACCEPTED)


class CleanUpView(APIView):
    """`GET /api/clean-up/{id}/`."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="show_clean_up", responses=CleanUpReportSerializer)
    def get(self, request: Request, report_id: int) -> Response:
        """Show what a clean-up removed, or would; for administrators."""
        report = get_object_or_404(reports.list_reports(), pk=report_id)
        return Response(CleanUpReportSerializer(describe_report(report)).data)
