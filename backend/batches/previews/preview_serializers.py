"""What a preview answers and a pilot takes, field by field: read by the views and by the OpenAPI document."""

from rest_framework import serializers

from batches.serializers import Plain


class NoteSerializer(Plain):
    """Something to know about a study that is no error."""

    path = serializers.CharField()
    message = serializers.CharField()


class PreviewedCaseSerializer(Plain):
    """A case as it would run."""

    index = serializers.IntegerField()
    model = serializers.CharField(allow_null=True, help_text="Null where a declared program runs without one.")
    weather = serializers.CharField(allow_null=True, help_text="Likewise.")
    parameters = serializers.DictField(child=serializers.JSONField())
    summary = serializers.ListField(child=serializers.CharField(), help_text="What each parameter does, a line each.")
    changes = serializers.ListField(child=serializers.CharField(), help_text="Every change to the model, a line each.")
    error = serializers.CharField(allow_null=True, help_text="Why the case cannot be made; null where it can.")


class TouchedTargetSerializer(Plain):
    """What one parameter touches in one model, of one class and field."""

    parameter = serializers.CharField()
    model = serializers.CharField()
    class_name = serializers.CharField()
    field = serializers.CharField(help_text="Blank where whole objects are added or removed.")
    objects = serializers.IntegerField(help_text="How many objects.")
    names = serializers.ListField(child=serializers.CharField(), help_text="Names of the first few.")


class EstimateSerializer(Plain):
    """What the cases that are not known would cost, from runs of these models on this farm.

    Each number has an interval that most recorded runs lie in, wider the fewer there are.
    """

    wall_s = serializers.FloatField(help_text="Until the last case has ended, on all slots, s; expected.")
    wall_low_s = serializers.FloatField()
    wall_high_s = serializers.FloatField()
    cpu_s = serializers.FloatField(help_text="Of the engine, all cases together, s; expected.")
    cpu_low_s = serializers.FloatField()
    cpu_high_s = serializers.FloatField()
    stored_bytes = serializers.FloatField(
        allow_null=True, help_text="Of the files that the cases keep; null where no cases with such outputs have run."
    )
    stored_low_bytes = serializers.FloatField(allow_null=True)
    stored_high_bytes = serializers.FloatField(allow_null=True)
    slots = serializers.IntegerField(help_text="Cases that run at a time.")
    runs = serializers.IntegerField(help_text="Recorded runs that the times come from.")
    same_run_period = serializers.BooleanField(
        help_text="Whether these were over the same run period; times are scaled by days where not."
    )


class KnownSampleSerializer(Plain):
    """How many cases would not run, as a sample of them tells."""

    cases = serializers.IntegerField(help_text="Of all, about.")
    looked_at = serializers.IntegerField()
    total = serializers.IntegerField(help_text="Cases of the study, baselines included.")


class PreviewSerializer(Plain):
    """What a study would become."""

    case_count = serializers.IntegerField(help_text="Cases of the design after constraints; of a search, at most.")
    baseline_count = serializers.IntegerField()
    candidate_count = serializers.IntegerField(help_text="Cases of the design before constraints.")
    lost_share = serializers.FloatField(help_text="Share of these that the constraints leave out, 0 to 1.")
    duplicate_count = serializers.IntegerField(
        allow_null=True, help_text="Cases that have the same values as an earlier one; null where it was not counted."
    )
    known_cases = serializers.IntegerField(
        allow_null=True,
        help_text="Cases that would not run because an identical one has; null where not every case was looked up.",
    )
    known_sample = KnownSampleSerializer(allow_null=True, help_text="In its place there.")
    estimate = EstimateSerializer(allow_null=True, help_text="Null where one of the models has not run here before.")
    series_values_per_case = serializers.IntegerField(
        help_text="Values of asked-for time series that a case reports, about; the most of any model."
    )
    cases = PreviewedCaseSerializer(many=True)
    touched = TouchedTargetSerializer(many=True)
    notes = NoteSerializer(many=True)


class PilotSerializer(Plain):
    """A study whose first cases are to be run."""

    study = serializers.DictField()
    cases = serializers.IntegerField(min_value=1, max_value=50, default=3)
