"""`GET /api/quota/`: what a user may have of the farm, and what he has."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.quotas import find_limits
from accounts.selectors import user_of
from batches.scheduling.quotas import measure_cases, measure_stored
from library.quotas import measure_uploads


class UseSerializer(serializers.Serializer[Any]):
    """How much of a quota is used."""

    name = serializers.ChoiceField(choices=["cases_in_flight", "stored_files", "uploads"])
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True, help_text="Null: no limit.")
    unit = serializers.ChoiceField(choices=["cases", "bytes"])


class QuotaView(APIView):
    """`GET /api/quota/`."""

    @extend_schema(operation_id="show_quota", responses=UseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Show what one has of each quota, and how much one may have."""
        user = user_of(request)
        limits = find_limits(user)
        uses = [measure(user, limits) for measure in (measure_cases, measure_stored, measure_uploads)]
        return Response(UseSerializer([asdict(use) for use in uses], many=True).data)
