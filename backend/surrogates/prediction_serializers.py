"""What predictions take and answer over HTTP, field by field: read by the views and by the OpenAPI document."""

from typing import Any

from rest_framework import serializers

Plain = serializers.Serializer[Any]
OUTSIDE = ("widen", "flag", "refuse")


class QuestionSerializer(Plain):
    """Points that a surrogate is asked for."""

    inputs = serializers.DictField(
        help_text="By input, in the surrogate's units: a list of values, or one value for all points."
    )
    level = serializers.FloatField(
        required=False,
        default=0.9,
        min_value=0.5,
        max_value=0.99,
        help_text="Probability with which an interval is to hold the simulated value.",
    )
    outside = serializers.ChoiceField(
        required=False,
        default="widen",
        choices=OUTSIDE,
        help_text="What becomes of points outside of what was trained on: wider intervals, a flag alone, or a refusal.",
    )
    units = serializers.DictField(
        required=False, child=serializers.CharField(), help_text="In which inputs are written; checked, not converted."
    )


class MetricAnswerSerializer(Plain):
    """What is said of a metric, point by point."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, named as DRF's attribute
    unit = serializers.CharField(allow_null=True)
    mean = serializers.ListField(child=serializers.FloatField())
    low = serializers.ListField(child=serializers.FloatField())
    high = serializers.ListField(child=serializers.FloatField())


class PredictionSerializer(Plain):
    """What a surrogate says of points."""

    surrogate = serializers.UUIDField()
    level = serializers.FloatField()
    rows = serializers.IntegerField()
    metrics = serializers.DictField(child=MetricAnswerSerializer())
    inside = serializers.ListField(
        child=serializers.BooleanField(), help_text="Whether a point lies in the domain that the surrogate learnt."
    )
    strays = serializers.DictField(
        child=serializers.IntegerField(), help_text="Points outside of the range of each input that has any."
    )
