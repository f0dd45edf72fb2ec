"""What is asked for when a surrogate is trained, and surrogates as the API shows them."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from batches.serializers import Plain
from surrogates.states import WANTED_KINDS, SurrogateState

MOST_PARENTS = 50


class OrderSerializer(Plain):
    """What a surrogate is to be."""

    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    kind = serializers.ChoiceField(
        choices=WANTED_KINDS,
        default="auto",
        help_text="`auto` tries what suits the number of cases and keeps what predicts best; `all` tries everything.",
    )
    metrics = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=200,
        help_text="Columns of the result table; all that vary and that every case has if left out.",
    )
    level = serializers.FloatField(
        min_value=0.5, max_value=0.99, default=0.9, help_text="Of the intervals that the report tells of."
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    keep_suspect = serializers.BooleanField(default=False, help_text="Learn from suspect cases, too.")
    time_limit_s = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, help_text="Longest training, s; at most the farm's own limit."
    )

    def validate_time_limit_s(self, value: int | None) -> int | None:
        """Refuse more than the farm gives."""
        longest = settings.CASEFARM_SURROGATE_TIME_LIMIT_S
        if value is not None and value > longest:
            raise serializers.ValidationError(f"The farm trains for at most {longest:,} s: write less.")
        return value


class TrainingSerializer(OrderSerializer):
    """A surrogate to be trained on batches."""

    batches = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=MOST_PARENTS,
        help_text="Of one study; what has ended.",
    )


class TableTrainingSerializer(OrderSerializer):
    """A surrogate to be trained on a table."""

    table = serializers.FileField(help_text="CSV or Parquet, with a header.")
    metrics = serializers.ListField(
        child=serializers.CharField(max_length=200), min_length=1, max_length=200, help_text="Columns to answer for."
    )
    inputs = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=200,
        help_text="Columns to be asked by; all others if left out.",
    )


class FileUploadSerializer(Plain):
    """A surrogate's file, as another farm gave it for download."""

    file = serializers.FileField()
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class SurrogateProgressSerializer(Plain):
    """How far a training is."""

    current = serializers.IntegerField(help_text="Steps of the part that is at work.")
    total = serializers.IntegerField()
    percent = serializers.FloatField(help_text="Of the whole training; it never goes back.")
    message = serializers.CharField()


class ParentSerializer(Plain):
    """A batch that a surrogate learnt from."""

    batch = serializers.UUIDField(allow_null=True, help_text="null: deleted since.")
    name = serializers.CharField()
    cases_used = serializers.IntegerField()


class SurrogateMetricSerializer(Plain):
    """A metric that a surrogate answers for."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, named as DRF's attribute
    unit = serializers.CharField(allow_blank=True)


class SurrogateSummarySerializer(Plain):
    """A surrogate as it stands in a list."""

    id = serializers.UUIDField()
    task_id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField(help_text="Among the surrogates of its name.")
    owner = serializers.CharField()
    state = serializers.ChoiceField(choices=SurrogateState.choices)
    error = serializers.CharField(allow_null=True)
    kind = serializers.CharField(allow_null=True, help_text="Of the regressor that was kept; null before.")
    cases_used = serializers.IntegerField(allow_null=True)
    worst_cvrmse = serializers.FloatField(
        allow_null=True, help_text="Largest error of its metrics over their mean, on cases not learnt from."
    )
    metrics = SurrogateMetricSerializer(many=True)
    progress = SurrogateProgressSerializer()
    parents = ParentSerializer(many=True)
    file_bytes = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    status_url = serializers.CharField()
    cancel_url = serializers.CharField()
    predict_url = serializers.CharField()
    file_url = serializers.CharField(allow_null=True)


class SurrogateInputSerializer(Plain):
    """An input that a surrogate is asked by."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="How it enters: number, thickness, angle, weather, …")
    unit = serializers.CharField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Lowest value that was learnt from, in the unit.")
    high = serializers.FloatField(allow_null=True)
    values = serializers.ListField(child=serializers.CharField(), help_text="Texts that were learnt from.")


class SurrogateVersionSerializer(Plain):
    """A surrogate of the same name."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=SurrogateState.choices)


class SurrogateSerializer(SurrogateSummarySerializer):
    """A surrogate with its report and where it comes from."""

    wish = serializers.DictField()
    inputs = SurrogateInputSerializer(many=True)
    report = serializers.DictField(
        allow_null=True,
        help_text="`accuracy` by metric on cases not learnt from; `candidates`, best first; `curve`; `warnings`.",
    )
    curves = serializers.DictField(help_text="By part of the training: [[step, loss], …].")
    provenance = serializers.DictField(help_text="Batches, cases used and left out and why, releases.")
    file_sha256 = serializers.CharField(allow_null=True)
    versions = SurrogateVersionSerializer(many=True)


def read_form(data: Any, lists: tuple[str, ...]) -> dict[str, Any]:
    """Return a form's fields as plain values; its `lists` may be repeated, or written with commas."""
    told: dict[str, Any] = {name: data.get(name) for name in data}
    for name in lists:
        if name in told:
            written = data.getlist(name)
            told[name] = [word.strip() for text in written for word in text.split(",") if word.strip()]
    return told
