"""What errands answer over HTTP, field by field: read by the views and by the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from surrogates.states import ErrandKind, ErrandState

Plain = serializers.Serializer[Any]


class ErrandReceiptSerializer(Plain):
    """An errand that was taken."""

    id = serializers.UUIDField()
    task_id = serializers.UUIDField()
    surrogate = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ErrandKind.choices)
    state = serializers.ChoiceField(choices=ErrandState.choices)
    status_url = serializers.CharField(help_text="The task's state and progress.")
    result_url = serializers.CharField(help_text="The errand, with its answer when it is done.")


class ErrandProgressSerializer(Plain):
    """How far an errand is."""

    current = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.FloatField()
    message = serializers.CharField()


class ErrandSummarySerializer(ErrandReceiptSerializer):
    """An errand as it stands in a list."""

    progress = ErrandProgressSerializer()
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ErrandSerializer(ErrandSummarySerializer):
    """An errand, with what was asked and answered."""

    wish = serializers.DictField(help_text="The question as it was understood, with all that was left out.")
    answer = serializers.DictField(
        allow_null=True,
        help_text="When it is done; `points` has the first 2,000, `points_url` all of them.",
    )
    points_url = serializers.CharField(
        allow_null=True, help_text="All points as a Parquet file, where the answer holds only the first of them."
    )
