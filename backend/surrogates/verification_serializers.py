"""What verifications take and answer over HTTP, field by field: read by the views and by the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from batches.serializers import ReceiptSerializer
from batches.states import BatchState, CaseState, Verdict

Plain = serializers.Serializer[Any]


class VerifySerializer(Plain):
    """Points that are to be simulated: `points`, or those of an errand's answer."""

    points = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="A value for each input of the surrogate, by name."
    )
    errand = serializers.UUIDField(required=False, help_text="Instead: an errand whose answer has points.")
    top = serializers.IntegerField(required=False, min_value=1, help_text="So many of the errand's best points.")
    indices = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Or those of these places, from 0."
    )
    level = serializers.FloatField(
        required=False, default=0.9, min_value=0.5, max_value=0.99, help_text="Of the intervals that are held to it."
    )


class VerificationReceiptSerializer(ReceiptSerializer):
    """The batch that simulates the points, and where predicted and simulated will stand side by side."""

    verifications_url = serializers.CharField()


class ComparedMetricSerializer(Plain):
    """A metric of a point, in its unit."""

    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    simulated = serializers.FloatField(allow_null=True)
    error = serializers.FloatField(allow_null=True, help_text="Predicted mean less simulated.")
    within = serializers.BooleanField(allow_null=True, help_text="Whether the interval holds what was simulated.")


class ComparedPointSerializer(Plain):
    """A point, predicted and simulated."""

    case = serializers.IntegerField()
    state = serializers.ChoiceField(choices=CaseState.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    inputs = serializers.DictField()
    inside = serializers.BooleanField(help_text="Whether it lies in the domain: outside nothing is promised.")
    metrics = serializers.DictField(child=ComparedMetricSerializer())


class MetricRateSerializer(Plain):
    """How a metric was met by valid points inside of the domain."""

    compared = serializers.IntegerField()
    within = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    mean_error = serializers.FloatField(allow_null=True, help_text="In the metric's unit.")
    rmse = serializers.FloatField(allow_null=True, help_text="In the metric's unit.")


class HitRateSerializer(Plain):
    """How often intervals held, against what they promise; of valid points inside of the domain."""

    promised = serializers.FloatField()
    rate = serializers.FloatField(allow_null=True)
    within = serializers.IntegerField()
    compared = serializers.IntegerField(help_text="Values: points by metrics.")
    points = serializers.IntegerField()
    points_compared = serializers.IntegerField()
    points_outside = serializers.IntegerField()
    points_suspect = serializers.IntegerField()
    points_failed = serializers.IntegerField()
    metrics = serializers.DictField(child=MetricRateSerializer())


class VerificationSerializer(Plain):
    """A batch of points that a surrogate has answered for."""

    id = serializers.IntegerField()
    batch = serializers.UUIDField()
    batch_url = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    level = serializers.FloatField()
    created_at = serializers.DateTimeField()
    summary = HitRateSerializer()
    points = ComparedPointSerializer(many=True)
